"""Forms of the register of publicity and of typical cases."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from creation.lib.filter_sets import ListFilter
from creation.models import CaseState, Publicity, PublicityKind, PublicityLevel, Task, TypicalCase, Unit
from creation.publicity import cases, register
from creation.publicity.cases import CaseText
from creation.publicity.register import NewPublicity
from creation.tasks.filters import SELECT
from creation.web.bootstrap_forms import apply_bootstrap, date_input, text_area
from creation.web.row_choices import offer_choices


class _TaskField(forms.ModelChoiceField):  # type: ignore[type-arg]  # no [Task] at run time
    def label_from_instance(self, obj: Task) -> str:
        return f"{obj.unit.short_name}：{obj}"


class PublicityEntryForm(forms.Form):
    """What was published. ``units``: those for which the person may record; with one there is nothing to choose. ``tasks``: those that
    may cite the link; without any the question is not asked."""

    unit = forms.ModelChoiceField(label="单位", queryset=Unit.objects.none(), empty_label="请选择")
    title = forms.CharField(label="标题", max_length=200, error_messages={"required": register.NO_TITLE})
    medium = forms.CharField(
        label="媒体或平台",
        max_length=80,
        error_messages={"required": register.NO_MEDIUM},
        help_text="如：法治日报、河南日报、本区公众号。",
    )
    kind = forms.ChoiceField(label="形式", choices=PublicityKind.choices)
    level = forms.ChoiceField(label="级别", choices=[("", "请选择"), *PublicityLevel.choices])
    published_on = forms.DateField(label="发布日期", widget=date_input())
    url = forms.CharField(
        label="链接", required=False, max_length=500, help_text="从浏览器地址栏完整复制。会定期自动核查能否打开。"
    )
    task = _TaskField(
        label="同时引用到任务",
        queryset=Task.objects.none(),
        required=False,
        empty_label="不引用，只登记",
        help_text="选了任务，链接就列在它的印证资料里，不用在任务页再填一次。",
        error_messages={"invalid_choice": register.NOT_OPEN},
    )
    note = forms.CharField(label="说明（可不填）", required=False, max_length=300)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        units: QuerySet[Unit],
        today: date,
        tasks: Sequence[Task] = (),
    ) -> None:
        found = list(units)
        only = tasks[0].pk if len(tasks) == 1 and len(found) == 1 else None
        super().__init__(data, initial={"published_on": today, "unit": found[0].pk if found else None, "task": only})
        if tasks:
            rows = Task.objects.filter(pk__in=[task.pk for task in tasks])
            offer_choices(self, task=rows.select_related("unit", "action").order_by("unit__order", "pk"))
        else:
            del self.fields["task"]
        offer_choices(self, unit=units)
        if len(found) == 1:
            self.fields["unit"].widget = forms.HiddenInput()
        apply_bootstrap(self)

    @property
    def new_publicity(self) -> NewPublicity:
        names = ("title", "medium", "kind", "level", "published_on", "url", "note")
        return NewPublicity(**{name: self.cleaned_data[name] for name in names}, task=self.cleaned_data.get("task"))


class PublicityFilter(ListFilter):
    search_fields = ("title", "medium")
    unit = django_filters.ModelChoiceFilter(
        label="单位", queryset=Unit.objects.none(), empty_label="全部", widget=SELECT
    )
    level = django_filters.ChoiceFilter(label="级别", choices=PublicityLevel.choices, empty_label="全部", widget=SELECT)
    kind = django_filters.ChoiceFilter(label="形式", choices=PublicityKind.choices, empty_label="全部", widget=SELECT)

    def __init__(self, data: Mapping[str, Any] | None, queryset: QuerySet[Publicity], **kwargs: Any) -> None:
        super().__init__(data, queryset, **kwargs)
        self.filters["unit"].queryset = Unit.objects.filter(pk__in=queryset.order_by().values("unit"))


class CaseFilter(ListFilter):
    search_fields = ("title", "background", "practice", "results", "insight")
    unit = django_filters.ModelChoiceFilter(
        label="单位", queryset=Unit.objects.none(), empty_label="全部", widget=SELECT
    )
    state = django_filters.ChoiceFilter(label="状态", choices=CaseState.choices, empty_label="全部", widget=SELECT)

    def __init__(self, data: Mapping[str, Any] | None, queryset: QuerySet[TypicalCase], **kwargs: Any) -> None:
        super().__init__(data, queryset, **kwargs)
        self.filters["unit"].queryset = Unit.objects.filter(pk__in=queryset.order_by().values("unit"))


class CaseForm(forms.Form):
    """A typical case. ``seen`` is the version on screen, 0 for a new one."""

    unit = forms.ModelChoiceField(label="单位", queryset=Unit.objects.none(), empty_label="请选择")
    title = forms.CharField(label="题目", max_length=100, error_messages={"required": cases.NO_TITLE})
    background = forms.CharField(label="背景（可不填）", required=False, max_length=cases.MAX_TEXT, widget=text_area(3))
    practice = forms.CharField(
        label="主要做法",
        max_length=cases.MAX_TEXT,
        widget=text_area(8),
        error_messages={"required": cases.NO_PRACTICE},
    )
    results = forms.CharField(
        label="成效", max_length=cases.MAX_TEXT, widget=text_area(5), error_messages={"required": cases.NO_RESULTS}
    )
    insight = forms.CharField(
        label="经验启示（可不填）", required=False, max_length=cases.MAX_TEXT, widget=text_area(3)
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, units: QuerySet[Unit], case: TypicalCase | None = None
    ) -> None:
        found = list(units)
        values: dict[str, Any] = {"unit": found[0].pk if found else None, "seen": 0}
        if case:
            values = {name: getattr(case, name) for name in cases.LABELS} | {"unit": case.unit_id, "seen": case.version}
        super().__init__(data, initial=values)
        offer_choices(self, unit=units)
        if case or len(found) == 1:
            self.fields["unit"].widget = forms.HiddenInput()
        apply_bootstrap(self)

    @property
    def text_of(self) -> CaseText:
        return CaseText(**{name: self.cleaned_data[name] for name in cases.LABELS})


class JudgeForm(forms.Form):
    """The office's decision on a case. ``seen`` is the version on screen."""

    comment = forms.CharField(label="审核意见（采用时可不填）", required=False, max_length=2000, widget=text_area(3))
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, case: TypicalCase) -> None:
        super().__init__(data, initial={"seen": case.version, "comment": case.comment}, auto_id="id_judge_%s")
        apply_bootstrap(self)
