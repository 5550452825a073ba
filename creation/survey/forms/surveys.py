"""Forms of a survey: setting it up, codes, paper forms, and the form that the public fills in."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from creation.campaigns.forms.setup import UnitsField
from creation.models import Survey, Unit
from creation.rules.satisfaction import CHOICES
from creation.survey import surveys
from creation.survey.surveys import NewSurvey
from creation.web.bootstrap_forms import apply_bootstrap, date_input, text_area
from creation.web.row_choices import offer_choices


class SurveyForm(forms.Form):
    title = forms.CharField(label="名称", max_length=60, error_messages={"required": surveys.NO_TITLE})
    intro = forms.CharField(label="给群众看的说明（可不填）", required=False, max_length=500, widget=text_area(2))
    questions = forms.CharField(
        label="题目（一行一题）",
        max_length=4000,
        widget=text_area(6),
        initial="\n".join(surveys.DEFAULT_QUESTIONS),
        error_messages={"required": surveys.NO_QUESTIONS},
        help_text="每题的选项相同：非常满意、满意、基本满意、不满意、不了解。",
    )
    starts = forms.DateField(label="开始", widget=date_input())
    ends = forms.DateField(label="结束", widget=date_input())

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        apply_bootstrap(self)

    @property
    def new_survey(self) -> NewSurvey:
        data = self.cleaned_data
        lines = data["questions"].splitlines()
        return NewSurvey(data["title"], data["intro"], lines, data["starts"], data["ends"])


class SurveyChangeForm(forms.Form):
    """What may be changed once it is set up. ``seen`` is the version on screen."""

    ends = forms.DateField(
        label="结束", widget=date_input(), help_text="海报上印着日期，已经张贴的请重新打印；二维码和网址不变。"
    )
    intro = forms.CharField(label="给群众看的说明（可不填）", required=False, max_length=500, widget=text_area(2))
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, existing: Survey) -> None:
        initial = {"ends": existing.ends, "intro": existing.intro, "seen": existing.version}
        super().__init__(data, initial=initial)
        apply_bootstrap(self)


SLIPS, LINK = "slips", "link"


class CodesForm(forms.Form):
    each = forms.IntegerField(label="每个单位的份数", min_value=1, max_value=surveys.MAX_QUOTA, initial=50)
    way = forms.ChoiceField(
        label="怎样发给群众",
        choices=[(SLIPS, "一人一码：打印二维码，裁开发放"), (LINK, "一个短链接：贴海报、发到群里，收满份数为止")],
        required=False,
        help_text="一人一码更严：一张纸只能答一次。短链接同一部手机只能答一次。",
    )
    units = UnitsField(label="单位", queryset=Unit.objects.none(), error_messages={"required": surveys.NO_UNITS})

    def __init__(self, data: Mapping[str, Any] | None = None, *, units: Any) -> None:
        super().__init__(data)
        offer_choices(self, units=units)
        apply_bootstrap(self)


class PapersForm(forms.Form):
    unit = forms.ModelChoiceField(label="单位", queryset=Unit.objects.none(), empty_label="请选择")
    papers = forms.CharField(
        label="纸质答卷（一行一份，一题一个数字）",
        max_length=20000,
        widget=text_area(6),
        help_text="、".join(f"{choice} {name}" for choice, name in CHOICES.items())
        + "。五题的一份如 55430。也可以从表格整行粘贴，选项可以写文字，行首的序号略过。",
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, units: Any) -> None:
        super().__init__(data, auto_id="id_papers_%s")
        offer_choices(self, unit=units)
        apply_bootstrap(self)


class AnswerSheet:
    """What the public fills in: a choice for each question, and a comment. No form of Django's: it is read and shown fifty times a second.

    ``data``: what was sent, None for an empty sheet. A comment that is too long, which no browser sends, is cut by the verb.
    """

    def __init__(self, questions: Sequence[str], data: Mapping[str, Any] | None = None) -> None:
        self.is_sent = data is not None
        self.comment = str((data or {}).get("comment", ""))
        self.rows = [
            (f"q{place}", text, str((data or {}).get(f"q{place}", ""))) for place, text in enumerate(questions)
        ]

    @property
    def choices(self) -> list[int] | None:
        """Return the choices, None while a question has none."""
        given = [_CHOICES.get(value) for _, _, value in self.rows]
        found = [each for each in given if each is not None]
        return found if len(found) == len(given) else None


_CHOICES = {str(choice): choice for choice in CHOICES}
