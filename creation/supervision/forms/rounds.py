"""Forms to plan a round: the round itself, its teams, the days of its visits."""

from collections.abc import Mapping
from typing import Any

from django import forms

from creation.campaigns.forms.setup import UnitsField
from creation.models import (
    Half,
    Indicator,
    IndicatorLevel,
    InspectionTeam,
    SupervisionRound,
    Unit,
    User,
    Visit,
)
from creation.supervision import rounds
from creation.supervision.rounds import RoundText, TeamText
from creation.supervision.visit_plan import PlannedDay
from creation.web.bootstrap_forms import apply_bootstrap, date_input, text_area
from creation.web.row_choices import BoxesField, offer_choices, offered_rows


class RoundForm(forms.Form):
    """``seen`` is the version on screen."""

    name = forms.CharField(label="名称", max_length=60, error_messages={"required": rounds.NO_NAME})
    starts = forms.DateField(label="开始", widget=date_input())
    ends = forms.DateField(label="结束", widget=date_input())
    focus = forms.CharField(
        label="督导重点（可不填）",
        required=False,
        max_length=4000,
        widget=text_area(3),
        help_text="督导组在走访页看到。",
    )
    preparation = forms.CharField(
        label="请单位准备（可不填）",
        required=False,
        max_length=400,
        widget=text_area(3),
        help_text="写在给单位的通知里，如：案卷评查记录原件、现场负责人到场。通知以后再改，会告诉还没有去的单位。",
    )
    points = BoxesField(label="重点指标（可不选）", queryset=Indicator.objects.none(), required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, system: Any, row: SupervisionRound | None = None
    ) -> None:
        initial: dict[str, Any] = {}
        if row:
            names = ("name", "starts", "ends", "focus", "preparation")
            initial = {name: getattr(row, name) for name in names} | {
                "points": list(row.points.all()),
                "seen": row.version,
            }
        super().__init__(data, initial=initial)
        shown = system.indicators.filter(level__in=(IndicatorLevel.SECTION, IndicatorLevel.CHECKPOINT))
        offer_choices(self, points=shown.select_related("parent__parent").order_by("order"))
        apply_bootstrap(self)

    def point_groups(self) -> list[tuple[Indicator, bool, list[tuple[Indicator, bool]]]]:
        """Return each section with its checkpoints, ticked as submitted or as saved."""
        rows: list[Indicator] = offered_rows(self, "points")
        ticked = {str(getattr(value, "pk", value)) for value in self["points"].value() or ()}
        below: dict[int, list[tuple[Indicator, bool]]] = {}
        for row in rows:
            if row.parent and row.parent.parent_id:
                below.setdefault(row.parent.parent_id, []).append((row, str(row.pk) in ticked))
        return [(row, str(row.pk) in ticked, below.get(row.pk, [])) for row in rows if row.parent_id is None]

    @property
    def text_of(self) -> RoundText:
        names = ("name", "starts", "ends", "focus", "preparation")
        return RoundText(points=list(self.cleaned_data["points"]), **{name: self.cleaned_data[name] for name in names})


class InspectorField(forms.ModelChoiceField):  # type: ignore[type-arg]  # no [User] at run time
    def label_from_instance(self, obj: User) -> str:
        return obj.name


class TeamForm(forms.Form):
    """A team, and the units that it is to visit, besides those that it visits already."""

    name = forms.CharField(label="组名", max_length=40, error_messages={"required": rounds.NO_TEAM_NAME})
    leader = InspectorField(label="组长", queryset=User.objects.none(), empty_label="请选择")
    members = BoxesField(label="成员", queryset=User.objects.none(), required=False)
    units = UnitsField(label="走访单位", queryset=Unit.objects.none(), required=False)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, people: Any, units: Any, team: InspectionTeam | None = None
    ) -> None:
        initial = {"name": team.name, "leader": team.leader, "members": list(team.members.all())} if team else {}
        super().__init__(data, initial=initial)
        offer_choices(self, leader=people, members=people, units=units)
        apply_bootstrap(self)

    def people(self) -> list[tuple[User, bool]]:
        """Return the boxes of the members, ticked as submitted or as saved."""
        ticked = {str(getattr(value, "pk", value)) for value in self["members"].value() or ()}
        return [(person, str(person.pk) in ticked) for person in offered_rows(self, "members")]

    @property
    def text_of(self) -> TeamText:
        values = self.cleaned_data
        return TeamText(values["name"], values["leader"], list(values["members"]))


class VisitDayForm(forms.Form):
    """The day of one visit in the table of all. ``seen`` is the version on screen."""

    day = forms.DateField(label="日期", required=False, widget=date_input())
    half = forms.ChoiceField(label="时段", choices=Half.choices)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, visit: Visit) -> None:
        self.visit = visit
        initial = {"day": visit.day, "half": visit.half, "seen": visit.version}
        super().__init__(data, initial=initial, prefix=f"v{visit.pk}")
        apply_bootstrap(self)
        for name in ("day", "half"):
            self.fields[name].widget.attrs["aria-label"] = f"{visit.unit}的{self.fields[name].label}"

    @property
    def planned(self) -> PlannedDay:
        values = self.cleaned_data
        return PlannedDay(self.visit, values["day"], values["half"], values["seen"])


class NewVisitForm(forms.Form):
    """One more visit of the round."""

    team = forms.ModelChoiceField(label="督导组", queryset=InspectionTeam.objects.none(), empty_label="请选择")
    unit = forms.ModelChoiceField(label="单位", queryset=Unit.objects.none(), empty_label="请选择")
    day = forms.DateField(label="日期（可不填）", required=False, widget=date_input())
    half = forms.ChoiceField(label="时段", choices=Half.choices, initial=Half.WHOLE)

    def __init__(self, data: Mapping[str, Any] | None = None, *, row: SupervisionRound, units: Any) -> None:
        super().__init__(data)
        offer_choices(self, team=row.teams.all(), unit=units)
        apply_bootstrap(self)
