"""Forms of the office: the call, opinions of other organs, the public notice, objections, the decision."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from creation.commendation import commendations, consultations, publication
from creation.commendation.commendations import CommendationCall
from creation.models import Commendation, ConsultedOpinion, Nomination, User
from creation.web.bootstrap_forms import apply_bootstrap, date_input, text_area
from creation.web.row_choices import RowsField, offer_choices

NO_DAY = "请选择日期。"


def members_field() -> RowsField:
    return RowsField(
        label="评选委员",
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": commendations.NO_MEMBERS},
    )


def offer_members(form: forms.Form, keys: Iterable[int]) -> None:
    offer_choices(form, members=User.objects.filter(pk__in=keys).order_by("name", "pk"))


class CommendationForm(forms.Form):
    name = forms.CharField(label="名称", max_length=60, error_messages={"required": commendations.NO_NAME})
    collectives = forms.IntegerField(label="集体名额", min_value=0, max_value=999, initial=0)
    people = forms.IntegerField(label="个人名额", min_value=0, max_value=999, initial=0)
    nominate_until = forms.DateField(
        label="提名截止", widget=date_input(), help_text="这一天当天还能提名。", error_messages={"required": NO_DAY}
    )
    quorum = forms.IntegerField(
        label="投票有效人数",
        min_value=1,
        max_value=999,
        help_text="至少这么多委员投票，表决才有效。一般为三分之二以上。",
    )
    conditions = forms.CharField(
        label="评选条件",
        max_length=commendations.MAX_TEXT,
        widget=text_area(6),
        help_text="写明评选范围、条件和每个单位可以提名的数量。各单位提名时看到这段文字。",
        error_messages={"required": commendations.NO_CONDITIONS},
    )
    members = members_field()

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, people: Sequence[User], existing: Commendation | None = None
    ) -> None:
        initial: dict[str, Any] = {}
        if existing:
            names = ("name", "collectives", "people", "nominate_until", "quorum", "conditions")
            initial = {name: getattr(existing, name) for name in names}
            initial["members"] = list(existing.seats.values_list("person", flat=True))
        super().__init__(data, initial=initial)
        offer_members(self, [person.pk for person in people])
        apply_bootstrap(self)

    @property
    def call(self) -> CommendationCall:
        return CommendationCall(**self.cleaned_data)


class CommitteeForm(forms.Form):
    """The committee while the vote runs: who may be a member, and who has voted already."""

    members = members_field()

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, people: Sequence[User], existing: Commendation
    ) -> None:
        seats = dict(existing.seats.values_list("person", "voted_at"))
        super().__init__(data, initial={"members": list(seats)})
        offer_members(self, {person.pk for person in people} | {key for key, voted in seats.items() if voted})
        apply_bootstrap(self)


class ConsultForm(forms.Form):
    """Ask an organ about every nomination for which it was not asked yet."""

    organ = forms.CharField(
        label="部门",
        max_length=40,
        widget=forms.TextInput(attrs={"list": "organs"}),
        error_messages={"required": consultations.NO_ORGAN},
    )
    asked_on = forms.DateField(label="征求日期", widget=date_input(), error_messages={"required": NO_DAY})
    answer_by = forms.DateField(label="要求答复日期", widget=date_input(), error_messages={"required": NO_DAY})

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: date, answer_by: date) -> None:
        super().__init__(data, initial={"asked_on": today, "answer_by": answer_by})
        apply_bootstrap(self)


class ClearForm(forms.Form):
    """Record 无不同意见 of an organ for all that it has not answered."""

    organ = forms.ChoiceField(label="部门", error_messages={"required": consultations.NO_ORGAN})
    answered_on = forms.DateField(label="答复日期", widget=date_input(), error_messages={"required": NO_DAY})

    def __init__(self, data: Mapping[str, Any] | None = None, *, organs: Sequence[str], today: date) -> None:
        super().__init__(data, initial={"answered_on": today}, auto_id="id_clear_%s")
        offer_choices(self, organ=[(name, name) for name in organs])
        apply_bootstrap(self)


class ConsultedOpinionForm(forms.Form):
    opinion = forms.ChoiceField(label="意见", choices=ConsultedOpinion.choices)
    answered_on = forms.DateField(label="答复日期", widget=date_input(), error_messages={"required": NO_DAY})
    answer = forms.CharField(
        label="内容（有不同意见时必填）", required=False, max_length=consultations.MAX_TEXT, widget=text_area(4)
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, initial: Mapping[str, Any]) -> None:
        super().__init__(data, initial=dict(initial))
        apply_bootstrap(self)


class PublishForm(forms.Form):
    nominations = RowsField(
        label="列入公示的",
        queryset=Nomination.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": publication.NO_CHOICE},
    )
    until = forms.DateField(label="公示到", widget=date_input(), error_messages={"required": NO_DAY})

    def __init__(self, data: Mapping[str, Any] | None = None, *, nominations: Any, earliest: date) -> None:
        super().__init__(data, initial={"until": earliest})
        offer_choices(self, nominations=nominations)
        self.fields["until"].help_text = f"至少 {publication.WORKDAYS} 个工作日，最早到 {earliest:%Y-%m-%d}。"
        apply_bootstrap(self)


class NomineeObjectionForm(forms.Form):
    raised_by = forms.CharField(label="提出人（匿名的不填）", required=False, max_length=60)
    received_on = forms.DateField(label="收到日期", widget=date_input(), error_messages={"required": NO_DAY})
    text = forms.CharField(
        label="异议内容",
        max_length=publication.MAX_TEXT,
        widget=text_area(4),
        error_messages={"required": publication.NO_TEXT},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: date) -> None:
        super().__init__(data, initial={"received_on": today})
        apply_bootstrap(self)


class HandlingForm(forms.Form):
    upheld = forms.TypedChoiceField(
        label="结论",
        choices=[("", "请选择"), ("no", "异议不成立"), ("yes", "异议成立，不予表彰")],
        coerce=lambda value: value == "yes",
        error_messages={"required": "请选择结论。"},
    )
    handling = forms.CharField(
        label="核查和处理情况",
        max_length=publication.MAX_TEXT,
        widget=text_area(4),
        error_messages={"required": publication.NO_HANDLING},
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        apply_bootstrap(self)


class CommendationDecisionForm(forms.Form):
    number = forms.CharField(
        label="决定文号",
        max_length=40,
        help_text="如：源政〔2026〕12号。",
        error_messages={"required": publication.NO_NUMBER},
    )
    decided_on = forms.DateField(label="决定日期", widget=date_input(), error_messages={"required": NO_DAY})

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: date) -> None:
        super().__init__(data, initial={"decided_on": today})
        apply_bootstrap(self)


class EndForm(forms.Form):
    reason = forms.CharField(
        label="终止的原因",
        max_length=publication.MAX_REASON,
        widget=text_area(3),
        help_text="各单位会在通知里看到，请不要写个人的情况。",
        error_messages={"required": publication.NO_END},
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        apply_bootstrap(self)
