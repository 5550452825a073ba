from django import forms

from creation.papers.assessing import LONGEST, Passage


class PassageForm(forms.Form):
    """``seen`` is the version on screen, 0 while the office has written nothing."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    text = forms.CharField(
        label="内容",
        required=False,
        max_length=LONGEST,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 18, "class": "form-control"}),
        error_messages={"max_length": f"最多 {LONGEST} 字，现有 %(show_value)d 字，没有保存。"},
    )

    @classmethod
    def of(cls, passage: Passage) -> "PassageForm":
        return cls(initial={"seen": passage.version, "text": passage.text})
