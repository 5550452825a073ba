"""The forms named by ``Move.form``. Each carries the task's version on screen and can render its input as text."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from creation.models import ReturnReason, Task, User, VisitCheck
from creation.tasks import effects, independent_verification, rectification_effects
from creation.tasks.drafts import InitialAnswer
from creation.tasks.forms.answer import AnswerForm
from creation.tasks.independent_verification import Verifier
from creation.tasks.workflow import Move
from creation.web.bootstrap_forms import apply_bootstrap, date_input, text_area
from creation.web.row_choices import offer_choices


class MoveForm(forms.Form):
    """Base of the forms. ``hint`` is what the person should know before pressing the button."""

    hint = ""
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, task: Task, today: date, person: User, key: str = "move"
    ) -> None:
        super().__init__(data, initial={"version": task.version}, auto_id=f"id_{key}_%s")
        self.task, self.today, self.person = task, today, person
        apply_bootstrap(self)

    def as_text(self) -> str:
        """Return the input as text, for the page that compares two texts."""
        typed = [(field.label, self._as_read(field.name)) for field in self.visible_fields()]
        return "\n\n".join(f"{label}：{text}" for label, text in typed if text)

    def _as_read(self, name: str) -> str:
        """Return the input of a field as a person reads it: of a choice its label."""
        typed = str(self.data.get(self.add_prefix(name), ""))
        choices: Any = getattr(self.fields[name], "choices", ())
        return str(dict(choices).get(typed, typed)) if typed else ""


class CommentForm(MoveForm):
    comment = forms.CharField(label="说明（可不填）", required=False, max_length=2000, widget=text_area(2))


class RequiredCommentForm(MoveForm):
    comment = forms.CharField(
        label="退回意见",
        max_length=2000,
        widget=text_area(3),
        error_messages={"required": effects.NO_CHANGES},
    )


class DatedForm(MoveForm):
    """A form that may set a new due day."""

    new_due_on = forms.DateField(label="新的完成时限（可不填）", required=False, widget=date_input())

    def clean_new_due_on(self) -> date | None:
        day: date | None = self.cleaned_data["new_due_on"]
        if sentence := effects.wrong_due_date(day, self.today):
            raise forms.ValidationError(sentence)
        return day


class ReturnForm(DatedForm):
    reason = forms.ChoiceField(
        label="退回原因",
        choices=[("", "请选择"), *ReturnReason.choices],
        error_messages={"required": effects.NO_REASON},
    )
    comment = forms.CharField(
        label="审核意见", required=False, max_length=2000, widget=text_area(3), help_text="写明缺什么、怎样补。"
    )
    field_order = ["reason", "comment", "new_due_on"]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("reason") and (sentence := effects.wrong_return(data)):
            self.add_error("comment", sentence)
        return data


class ReopenForm(DatedForm):
    comment = forms.CharField(
        label="撤销通过的原因",
        max_length=2000,
        widget=text_area(3),
        error_messages={"required": effects.NO_REOPENING},
    )
    field_order = ["comment", "new_due_on"]


class VerifyingForm(MoveForm):
    """For the moves that say of a rectification that it is done: a writer whom nobody can replace says why (``Verifier``)."""

    why_alone = forms.CharField(
        label="为什么由您本人核查",
        max_length=200,
        help_text="督导检查组没有其他人可以核查，原因会记入办理记录。",
        error_messages={"required": independent_verification.NO_REASON},
    )

    def __init__(self, *args: Any, verifier: Verifier | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = verifier or independent_verification.verifier_of(self.task, self.person, self.today)
        reason = self.fields.pop("why_alone")
        if found.must_say_why:
            self.fields["why_alone"] = reason  # last


class CloseForm(VerifyingForm):
    """How it was verified: on paper, on site, or on a visit, on which something was noted about it (offered first if it was since
    the last report)."""

    ON_SITE = "现场"
    WAYS = (("书面", "书面核查"), (ON_SITE, "现场核查"))
    how = forms.ChoiceField(
        label="核查方式",
        choices=WAYS,
        error_messages={"required": "请选择核查方式。"},
    )
    comment = forms.CharField(label="核查情况（可不填）", required=False, max_length=2000, widget=text_area(2))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.checks = {f"visit-{check.pk}": check for check in VisitCheck.objects.of_task(self.task)}
        offer_choices(
            self, how=[*self.WAYS, *((key, f"现场核查：{check.said}"[:80]) for key, check in self.checks.items())]
        )
        reported = self.task.submissions.order_by("-number").values_list("created_at", flat=True).first()
        if latest := next(
            (key for key, check in self.checks.items() if reported and check.created_at >= reported), None
        ):
            self.initial["how"] = latest

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if check := self.checks.get(data.get("how", "")):
            data |= {"how": self.ON_SITE, "visit_check": check}
        return data


class RectificationForm(MoveForm):
    """A comment and a day, both required; their labels and sentences differ by move."""

    comment_label = day_label = no_comment = ""
    comment = forms.CharField(max_length=2000, widget=text_area(3))
    new_due_on = forms.DateField(widget=date_input(), error_messages={"required": rectification_effects.NO_NEXT_DAY})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["comment"].label, self.fields["new_due_on"].label = self.comment_label, self.day_label
        self.fields["comment"].error_messages["required"] = self.no_comment


class AcceptPartForm(RectificationForm, VerifyingForm):
    comment_label, day_label = "还没有整改到位的", "继续整改的时限"
    no_comment = rectification_effects.NO_REMAINDER


class KeepForm(RectificationForm, VerifyingForm):
    comment_label, day_label = "领导小组同意的会议或批示", "复查日期（一般一年以后）"
    no_comment = rectification_effects.NO_CONSENT


class LookAgainForm(RectificationForm, VerifyingForm):
    comment_label, day_label = "复查情况", "下次复查日期"
    no_comment = rectification_effects.NO_LOOK


class RelapseForm(RectificationForm):
    comment_label, day_label = "反弹的情况", "重新整改的时限"
    no_comment = rectification_effects.NO_RELAPSE


ANSWER = "answer"
MOVE_FORMS: dict[str, type[MoveForm] | type[AnswerForm]] = {
    ANSWER: AnswerForm,
    "comment": CommentForm,
    "required_comment": RequiredCommentForm,
    "return": ReturnForm,
    "reopen": ReopenForm,
    "close": CloseForm,
    "accept_part": AcceptPartForm,
    "keep": KeepForm,
    "look_again": LookAgainForm,
    "relapse": RelapseForm,
}


def form_of(
    move: Move,
    task: Task,
    person: User,
    today: date,
    data: Mapping[str, Any] | None = None,
    *,
    begun: InitialAnswer | None = None,
    verifier: Verifier | None = None,
) -> MoveForm | AnswerForm:
    """Return the move's form, bound to ``data`` or with the person's initial values. ``begun``: those of an answer, and ``verifier``, if
    at hand."""
    if move.form == ANSWER:
        return AnswerForm(data, task=task, today=today, person=person, key=move.name, begun=begun)
    known: dict[str, Any] = {"verifier": verifier} if move.independent else {}
    return MOVE_FORMS[move.form](data, task=task, today=today, person=person, key=move.name, **known)
