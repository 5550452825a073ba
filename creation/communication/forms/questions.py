"""Forms for questions, replies, publication and corrections."""

from collections.abc import Mapping
from typing import Any

from django import forms

from creation.communication import questions
from creation.communication.questions import ReplyText
from creation.models import Question, Reply, Unit
from creation.models.question import QuestionQuerySet
from creation.web.bootstrap_forms import apply_bootstrap, text_area
from creation.web.row_choices import RowsField, offer_choices

MAX_LENGTH = 2000
REASON_ERRORS = {"required": questions.NO_REASON}
ANONYMITY_HINT = "各单位看到的是这一段，不显示是谁提的问题；请删去能看出单位和个人的字句。"


class QuestionForm(forms.Form):
    text = forms.CharField(
        label="您的问题",
        max_length=MAX_LENGTH,
        widget=text_area(3, autocomplete="off"),
        help_text="一次问一件事，创建办答复后会通知您。",
        error_messages={"required": questions.NO_QUESTION},
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="id_ask_%s")
        apply_bootstrap(self)


class GeneralQuestionForm(QuestionForm):
    """A question that is on no task. Who asks for several units names one."""

    asking = forms.ModelChoiceField(label="提问单位", queryset=Unit.objects.none(), empty_label=None)

    def __init__(self, data: Mapping[str, Any] | None = None, *, units: list[Unit]) -> None:
        super().__init__(data)
        self.units = units
        offer_choices(self, asking=Unit.objects.filter(pk__in=[unit.pk for unit in units]))
        if len(units) == 1:
            del self.fields["asking"]

    @property
    def unit(self) -> Unit:
        chosen: Unit = self.cleaned_data.get("asking") or self.units[0]
        return chosen


class SimilarQuestionsField(RowsField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.asking_unit}：{obj.text}"


class ReplyForm(forms.Form):
    """A reply. ``also`` are other questions of the same point that it answers too."""

    text = forms.CharField(
        label="答复", max_length=5000, widget=text_area(6), error_messages={"required": questions.NO_REPLY}
    )
    also = SimilarQuestionsField(
        label="这些问题问的是同一件事，一并答复",
        queryset=Question.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": questions.NOT_ALIKE},
    )
    publish = forms.BooleanField(label="公开给承担这一要点的所有单位（列入常见问题）", required=False)
    asked = forms.CharField(
        label="公开的问题", max_length=MAX_LENGTH, required=False, widget=text_area(3), help_text=ANONYMITY_HINT
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, question: Question, alike: QuestionQuerySet) -> None:
        super().__init__(data, initial={"asked": question.text}, auto_id="id_reply_%s")
        offer_choices(self, also=alike)
        if not alike:
            del self.fields["also"]
        if question.task is None:
            self.fields["publish"].label = "公开给所有单位（列入常见问题）"
        apply_bootstrap(self)

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("publish") and not self.cleaned_data.get("asked"):
            self.add_error("asked", questions.NOT_ASKED)
        return self.cleaned_data

    @property
    def reply_text(self) -> ReplyText:
        return ReplyText(self.cleaned_data["text"], self.cleaned_data["asked"], self.cleaned_data["publish"])


class ReplyPublishForm(forms.Form):
    asked = forms.CharField(
        label="公开的问题",
        max_length=MAX_LENGTH,
        widget=text_area(3),
        help_text=ANONYMITY_HINT,
        error_messages={"required": "请填写公开的问题。"},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, reply: Reply) -> None:
        super().__init__(data, initial={"asked": reply.asked}, auto_id="id_publish_%s")
        apply_bootstrap(self)


class ReplyCorrectionForm(forms.Form):
    """A correction. ``seen`` is the version on screen."""

    asked = forms.CharField(
        label="公开的问题",
        max_length=MAX_LENGTH,
        widget=text_area(2),
        help_text=ANONYMITY_HINT,
        error_messages={"required": "请填写公开的问题。"},
    )
    text = forms.CharField(
        label="答复", max_length=5000, widget=text_area(6), error_messages={"required": questions.NO_REPLY}
    )
    reason = forms.CharField(label="更正原因", max_length=200, error_messages=REASON_ERRORS)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, reply: Reply) -> None:
        start = {"asked": reply.asked, "text": reply.text, "seen": reply.version}
        super().__init__(data, initial=start, auto_id="id_correct_%s")
        if not reply.published_at:
            self.fields["asked"] = forms.CharField(required=False, widget=forms.HiddenInput)
        apply_bootstrap(self)
