"""Forms of a mock assessment: setting it up, one line of the score sheet, a request and its answer."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms

from creation.appraisal import organizing, requests
from creation.appraisal.organizing import AppraisalChange, ExtraPoint, NewAppraisal
from creation.appraisal.score_sheet import SheetLine
from creation.campaigns.forms.setup import UnitsField
from creation.models import Appraisal, AppraisalKind, Campaign, PointEffect, Unit, User
from creation.rules import scoring
from creation.rules.policy import ROLE_NAMES, Role
from creation.web.bootstrap_forms import apply_bootstrap, date_input, text_area
from creation.web.row_choices import RowsField, offer_choices

EXTRA_EFFECTS = [(value, label) for value, label in PointEffect.choices if value != PointEffect.NORMAL]
EXTRA_ROWS = 4
RECTIFY_WITHIN = 15  # days, as proposed


class _AssessorsField(RowsField):
    """People by name, with the role in which each may score: the view prefetches these memberships."""

    def label_from_instance(self, obj: User) -> str:
        roles = dict.fromkeys(ROLE_NAMES[Role(each.role)] for each in obj.memberships.all())
        return f"{obj.name}（{'、'.join(roles)}）"


class AppraisalChangeForm(forms.Form):
    """What may be changed until the close. ``seen`` is the version on screen."""

    name = forms.CharField(label="名称", max_length=60, error_messages={"required": organizing.NO_NAME})
    ends = forms.DateField(label="结束", widget=date_input())
    note = forms.CharField(label="说明（可不填）", required=False, max_length=2000, widget=text_area(2))
    assessors = _AssessorsField(
        label="评分人",
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": organizing.NO_ASSESSORS},
        help_text="评了分或提了要求的不能移出；新加的会收到通知，评全部要点。",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, existing: Appraisal, people: Any) -> None:
        initial = {name: getattr(existing, name) for name in ("name", "ends", "note")}
        initial |= {"seen": existing.version, "assessors": list(existing.seats.values_list("person", flat=True))}
        super().__init__(data, initial=initial)
        offer_choices(self, assessors=people)
        apply_bootstrap(self)

    @property
    def change(self) -> AppraisalChange:
        return AppraisalChange(**{name: self.cleaned_data[name] for name in ("name", "ends", "note", "assessors")})


class AppraisalForm(forms.Form):
    """A new assessment. ``extras`` are rows of title, effect and points; empty rows are left out."""

    name = forms.CharField(label="名称", max_length=60, error_messages={"required": organizing.NO_NAME})
    kind = forms.ChoiceField(label="方式", choices=AppraisalKind.choices)
    starts = forms.DateField(label="开始", widget=date_input())
    ends = forms.DateField(label="结束", widget=date_input())
    default_points = forms.DecimalField(
        label="每个要点的分值",
        min_value=Decimal("0.5"),
        max_value=1000,
        decimal_places=2,
        initial=10,
        help_text="指标体系里写了分值的，用写的分值。",
    )
    everyone = forms.BooleanField(
        label="每个单位评全部要点", required=False, help_text="不勾选时，单位只评它承担任务的要点。"
    )
    sections = forms.MultipleChoiceField(label="评哪些一级指标", required=False, widget=forms.CheckboxSelectMultiple)
    assessors = _AssessorsField(
        label="评分人",
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": organizing.NO_ASSESSORS},
    )
    note = forms.CharField(label="说明（可不填）", required=False, max_length=2000, widget=text_area(2))
    units = UnitsField(label="受评单位", queryset=Unit.objects.none(), error_messages={"required": organizing.NO_UNITS})

    def __init__(self, data: Mapping[str, Any] | None = None, *, campaign: Campaign, units: Any, people: Any) -> None:
        super().__init__(data)
        for number in range(EXTRA_ROWS):
            self.fields[f"extra_title_{number}"] = forms.CharField(label="评分项", required=False, max_length=200)
            self.fields[f"extra_effect_{number}"] = forms.ChoiceField(label="性质", choices=EXTRA_EFFECTS)
            self.fields[f"extra_points_{number}"] = forms.DecimalField(
                label="分值", required=False, min_value=0, max_digits=6, decimal_places=2
            )
            self.fields[f"extra_effect_{number}"].required = False
            for name, words in (("title", "评分项，如：获得省级以上表彰"), ("points", "最高分值")):
                self.fields[f"extra_{name}_{number}"].widget.attrs["placeholder"] = words
        sections = campaign.system.indicators.choices()[0]
        offer_choices(self, assessors=people, units=units, sections=sections)
        self.fields["sections"].initial = [code for code, _ in sections]
        apply_bootstrap(self)

    @property
    def extra_rows(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        names = ("title", "effect", "points")
        return [tuple(self[f"extra_{name}_{number}"] for name in names) for number in range(EXTRA_ROWS)]  # type: ignore[misc]

    @property
    def new_appraisal(self) -> NewAppraisal:
        data = self.cleaned_data
        names = ("name", "kind", "starts", "ends", "units", "sections", "default_points", "everyone", "note")
        assessors: dict[User, Sequence[str]] = {person: [] for person in data["assessors"]}
        return NewAppraisal(**{name: data[name] for name in names}, assessors=assessors, extras=list(self._extras()))

    def _extras(self) -> Any:
        for number in range(EXTRA_ROWS):
            title, effect, points = (
                self.cleaned_data[f"extra_{name}_{number}"] for name in ("title", "effect", "points")
            )
            if title.strip():
                yield ExtraPoint(title, effect or PointEffect.BONUS, points or Decimal(0))


class ScoreForm(forms.Form):
    """One line of the sheet. ``seen`` is the version on screen."""

    value = forms.DecimalField(label="得分", required=False, min_value=0, max_digits=6, decimal_places=2)
    vetoed = forms.BooleanField(label="否决", required=False)
    remark = forms.CharField(label="评语", required=False, max_length=500)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, line: SheetLine) -> None:
        score = line.score
        values = {"value": _typed(score.value), "vetoed": score.vetoed, "remark": score.remark} if score else {}
        super().__init__(
            data, initial=values | {"seen": score.version if score else 0}, auto_id=f"id_p{line.point.pk}_%s"
        )
        self.line = line
        is_veto = line.point.effect == PointEffect.VETO
        del self.fields["value" if is_veto else "vetoed"]
        if not is_veto:
            self.fields["value"].widget.attrs |= {
                "max": f"{line.point.points:f}",
                "step": "0.5",
                "inputmode": "decimal",
            }
        apply_bootstrap(self)


def _typed(value: Decimal | None) -> str:
    """Return the number as somebody types it: 9, not the 9.00 of the database."""
    return "" if value is None else scoring.shown(value)


class WeakPointsForm(forms.Form):
    """When what is weak is to be better."""

    due_on = forms.DateField(label="整改时限", widget=date_input(), error_messages={"required": "请选择整改时限。"})

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"due_on": today + timedelta(days=RECTIFY_WITHIN)}, auto_id="id_weak_%s")
        apply_bootstrap(self)


class RequestForm(forms.Form):
    text = forms.CharField(
        label="要求单位补充",
        max_length=requests.MAX_TEXT,
        widget=text_area(2),
        error_messages={"required": requests.NO_TEXT},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, key: str = "") -> None:
        super().__init__(data, auto_id=f"id_ask{key}_%s")
        apply_bootstrap(self)


class RequestAnswerForm(forms.Form):
    answer = forms.CharField(
        label="答复",
        max_length=requests.MAX_TEXT,
        widget=text_area(4),
        error_messages={"required": requests.NO_ANSWER},
        help_text="写明材料的编号（如 4-3-3-02）或存放地点。需要新上传的，请先在任务页上传。",
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        apply_bootstrap(self)
