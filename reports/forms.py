"""Forms for the inputs of a paper."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Max

from creation.models import Campaign, Commendation, Nomination, SupervisionRound, Task, Unit, User, Visit
from creation.papers import bulletins
from creation.web.bootstrap_forms import apply_bootstrap, date_input, text_area
from creation.web.row_choices import offer_choices
from reports.word import round_facts
from reports.word.definition import PaperDefinition
from reports.word.facts import statement_tasks


class NominationField(forms.ModelChoiceField):  # type: ignore[type-arg]  # no [Nomination] at run time
    def label_from_instance(self, obj: Nomination) -> str:
        return f"{obj.shown_name}（{obj.unit.short_name}，{obj.commendation}）"


class PaperForm(forms.Form):
    """The inputs that the kind of paper needs. ``as_params`` returns them as JSON, ``read_params`` reads them in the worker."""

    issue = forms.IntegerField(
        label="期号", min_value=1, max_value=bulletins.HIGHEST_NUMBER, error_messages={"required": "请填写期号。"}
    )
    first = forms.DateField(
        label="统计期第一天", widget=date_input(), error_messages={"required": "请选择统计期第一天。"}
    )
    last = forms.DateField(
        label="统计期最后一天", widget=date_input(), error_messages={"required": "请选择统计期最后一天。"}
    )
    unit = forms.ModelChoiceField(
        Unit.objects.none(), label="单位", empty_label="请选择", error_messages={"required": "请选择单位。"}
    )
    any_unit = forms.ModelChoiceField(Unit.objects.none(), label="单位", empty_label="所有单位", required=False)
    due = forms.DateField(
        label="要求办结时限", widget=date_input(), error_messages={"required": "请选择要求办结的时限。"}
    )
    task = forms.ModelChoiceField(
        Task.objects.none(), label="任务", empty_label="请选择", error_messages={"required": "请选择任务。"}
    )
    nomination = NominationField(
        Nomination.objects.none(), label="提名", empty_label="请选择", error_messages={"required": "请选择提名。"}
    )
    commendation = forms.ModelChoiceField(
        Commendation.objects.none(),
        label="已作出决定的评选",
        empty_label="请选择",
        error_messages={"required": "请选择评选；作出决定后才能生成。"},
    )
    round = forms.ModelChoiceField(
        SupervisionRound.objects.none(),
        label="督导轮次",
        empty_label="请选择",
        error_messages={"required": "请选择督导轮次。"},
    )
    title = forms.CharField(label="标题", max_length=60, error_messages={"required": "请填写标题。"})
    practice = forms.CharField(
        label="好的做法（可不填）",
        required=False,
        max_length=5000,
        widget=text_area(5),
        help_text="从走访中“看到”并写了说明的各项写起，请改好；一行一条。",
    )
    text = forms.CharField(
        label="正文", max_length=5000, widget=text_area(6), error_messages={"required": "请填写正文。"}
    )
    stamp = forms.BooleanField(
        label="用于盖章", required=False, help_text="文件上印编号和校验码，登记到“用印文件”，盖章后把扫描件传回来。"
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        kind: PaperDefinition,
        campaign: Campaign,
        user: User,
        today: date,
    ) -> None:
        monday = today - timedelta(days=today.weekday())
        super().__init__(data, initial={"first": monday, "last": today, "due": today + timedelta(days=7)})
        self.campaign, self.user = campaign, user
        wanted = (*kind.inputs, *(("stamp",) if kind.may_be_stamped else ()))
        for name in [name for name in self.fields if name not in wanted]:
            del self.fields[name]
        tasks = Task.objects.visible_to(user).filter(campaign=campaign)
        choices: dict[str, Any] = {
            "unit": Unit.objects.filter(pk__in=tasks.values("unit")).order_by("order"),
            "any_unit": Unit.objects.filter(pk__in=tasks.values("unit")).order_by("order"),
            "task": statement_tasks(tasks),
            "nomination": nominations_of(campaign, user),
            "commendation": decided_of(campaign, user),
            "round": rounds_of(campaign, user),
        }
        offer_choices(self, **{name: rows for name, rows in choices.items() if name in self.fields})
        for name, label in kind.labels.items():
            self.fields[name].label = label
        for name in kind.optional:
            self.fields[name].required = False
        apply_bootstrap(self)

    def begin_with(self, named: Mapping[str, str]) -> None:
        """Begin with what the address names: a ``round`` and what was praised on its visits, or a ``visit`` with its feedback."""
        if "round" in self.fields:
            self._begin_with_round(named.get("round", ""))
        if "unit" in self.fields:
            self._begin_with_visit(named.get("visit", ""))

    def _begin_with_round(self, key: str) -> None:
        field: Any = self.fields["round"]
        row = field.queryset.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 10 else None
        if row:
            self.initial.update(round=row.pk, practice=round_facts.good_practice(row)[:5000])

    def _begin_with_visit(self, key: str) -> None:
        seen = Visit.objects.visible_to(self.user).filter(round__campaign=self.campaign, recorded_at__isnull=False)
        visit = seen.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 10 else None
        if visit:
            text = visit.feedback[:5000]
            self.initial.update(unit=visit.unit_id, first=visit.day, last=visit.day, text=text)

    def limit_units(self, units: Sequence[Unit]) -> None:
        """Offer only these units; the one of a person who has only one is chosen."""
        field: Any = self.fields["unit"]
        field.queryset = field.queryset.filter(pk__in=[unit.pk for unit in units])
        if len(units) == 1:
            field.initial, field.empty_label = units[0], None

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if found.get("first") and found.get("last") and found["first"] > found["last"]:
            self.add_error("last", "最后一天早于第一天，请核对。")
        return found

    def as_params(self) -> dict[str, Any]:
        return {name: _plain(value) for name, value in self.cleaned_data.items() if name != "stamp"}


class BulletinForm(PaperForm):
    """The inputs of an issue of the bulletin. Number and period follow those of the last one; a number that went out is refused."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, campaign: Campaign, today: date, **given: Any) -> None:
        super().__init__(data, campaign=campaign, today=today, **given)
        self.fields["title"].required = self.fields["text"].required = False
        self.fields["title"].initial = f"{campaign.district}法治政府建设示范创建工作简报"
        self.fields["issue"].initial = bulletins.next_number(campaign)
        before = campaign.bulletins.filter(last__lt=today).aggregate(last=Max("last"))["last"]
        self.initial["first"] = before + timedelta(days=1) if before else today - timedelta(days=6)

    def clean_issue(self) -> int:
        number: int = self.cleaned_data["issue"]
        if sentence := bulletins.taken_sentence(self.campaign, number):
            raise forms.ValidationError(sentence)
        return number

    def clean_title(self) -> str:
        return self.cleaned_data["title"] or str(self.fields["title"].initial)


def form_class(kind: PaperDefinition) -> type[PaperForm]:
    return BulletinForm if kind.is_issued else PaperForm


def nominations_of(campaign: Campaign, user: User) -> Any:
    """Return the nominations that this person may see, as long as their words are kept."""
    seen = Nomination.objects.visible_to(user).filter(commendation__campaign=campaign)
    return seen.active().filter(commendation__purged_at=None).for_table()


def decided_of(campaign: Campaign, user: User) -> Any:
    """Return the commendations with a decision."""
    return Commendation.objects.visible_to(user).filter(campaign=campaign, decided_on__isnull=False)


def rounds_of(campaign: Campaign, user: User) -> Any:
    return SupervisionRound.objects.visible_to(user).filter(campaign=campaign).order_by("-number")


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return getattr(value, "pk", value)


def read_params(
    params: Mapping[str, Any], tasks: Any, nominations: Any = None, decided: Any = None, rounds: Any = None
) -> dict[str, Any]:
    """Return the inputs as objects. ``tasks``, ``nominations``, ``decided``, ``rounds``: those that the person may see. Raises LookupError
    when an object no longer exists."""
    found = dict(params)
    for name in ("first", "last", "due"):
        if name in found:
            found[name] = date.fromisoformat(found[name])
    units = Unit.objects.filter(pk__in=tasks.values("unit"))
    if key := found.get("unit") or found.pop("any_unit", None):
        found["unit"] = _one(units, key)
    if key := found.get("task"):
        found["task"] = _one(tasks.for_table(), key)
    if key := found.get("nomination"):
        found["nomination"] = _one(nominations, key)
    if key := found.get("commendation"):
        found["commendation"] = _one(decided, key)
    if key := found.get("round"):
        found["round"] = _one(rounds, key)
    return found


def _one(rows: Any, key: int) -> Any:
    row = rows.filter(pk=key).first()
    if row is None:
        raise LookupError(key)
    return row


class TemplateForm(forms.Form):
    file = forms.FileField(
        label="Word 模板（.docx）",
        widget=forms.FileInput(attrs={"accept": ".docx"}),
        error_messages={"required": "请选择模板文件。", "empty": "文件是空的，请重新选择。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        apply_bootstrap(self)
