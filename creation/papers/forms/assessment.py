from django import forms

from creation.papers.self_assessment import MAX_LENGTH, Passage
from creation.web.bootstrap_forms import refuse_marks


class AssessmentPassageForm(forms.Form):
    """One passage. ``seen`` is the version on screen, 0 while the office has written nothing."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    text = forms.CharField(
        label="内容",
        required=False,
        max_length=MAX_LENGTH,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 18, "class": "form-control"}),
        validators=[refuse_marks],
        error_messages={"max_length": f"最多 {MAX_LENGTH} 字，现有 %(show_value)d 字，没有保存。"},
    )

    @classmethod
    def of(cls, passage: Passage) -> "AssessmentPassageForm":
        return cls(initial={"seen": passage.version, "text": passage.text})
