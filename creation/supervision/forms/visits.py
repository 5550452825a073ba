"""Forms of a visit: what was noted about one line, the feedback, the signature."""

from collections.abc import Mapping
from typing import Any

from django import forms

from creation.models import Task, Verdict, Visit
from creation.supervision import checks, visits
from creation.supervision.checks import Noted
from creation.web.bootstrap_forms import apply_bootstrap, refuse_marks, text_area
from creation.web.row_choices import offer_choices


class CheckForm(forms.Form):
    """One line of the checklist, as the browser sends it by itself."""

    key = forms.UUIDField()
    task = forms.ModelChoiceField(queryset=Task.objects.none(), required=False)
    about = forms.CharField(required=False, max_length=checks.MAX_ABOUT, validators=[refuse_marks])
    verdict = forms.ChoiceField(choices=[("", "—"), *Verdict.choices], required=False)
    remark = forms.CharField(required=False, max_length=checks.MAX_REMARK, validators=[refuse_marks])

    def __init__(self, data: Mapping[str, Any] | None = None, *, visit: Visit) -> None:
        super().__init__(data)
        offer_choices(self, task=Task.objects.filter(campaign=visit.round.campaign_id, unit=visit.unit_id).for_table())

    @property
    def sentence(self) -> str:
        """Why the line was not noted."""
        if "task" in self.errors:
            return checks.NO_TASK
        typed = [*self.errors.get("about", []), *self.errors.get("remark", [])]
        return str(typed[0]) if typed else "没有记下，请刷新页面后重试。"

    @property
    def noted(self) -> Noted:
        values = self.cleaned_data
        return Noted(values["task"], values["about"], values["verdict"], values["remark"])


class FeedbackForm(forms.Form):
    """``seen`` is the version on screen."""

    feedback = forms.CharField(
        label="反馈意见",
        max_length=visits.MAX_FEEDBACK,
        widget=text_area(16),
        error_messages={"required": visits.NO_FEEDBACK},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, initial: Mapping[str, Any]) -> None:
        super().__init__(data, initial=dict(initial))
        apply_bootstrap(self)


class SignatureForm(forms.Form):
    """``seen`` is the version of the feedback on screen."""

    name = forms.CharField(label="签收人姓名", max_length=40, error_messages={"required": visits.NO_SIGNER})
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        apply_bootstrap(self)
