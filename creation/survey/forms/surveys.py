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


class CodesForm(forms.Form):
    each = forms.IntegerField(label="每个单位的码数", min_value=1, max_value=surveys.MAX_QUOTA, initial=50)
    units = UnitsField(label="单位", queryset=Unit.objects.none(), error_messages={"required": surveys.NO_UNITS})

    def __init__(self, data: Mapping[str, Any] | None = None, *, units: Any) -> None:
        super().__init__(data)
        field = self.fields["units"]
        assert isinstance(field, UnitsField)  # noqa: S101
        field.queryset = units
        apply_bootstrap(self)


class PapersForm(forms.Form):
    unit = forms.ModelChoiceField(label="单位", queryset=Unit.objects.none(), empty_label="请选择")
    papers = forms.CharField(
        label="纸质答卷（一行一份，一题一个数字）",
        max_length=20000,
        widget=text_area(6),
        help_text="、".join(f"{choice} {name}" for choice, name in CHOICES.items()) + "。五题的一份如 55430。",
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, units: Any) -> None:
        super().__init__(data, auto_id="id_papers_%s")
        field = self.fields["unit"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = units
        apply_bootstrap(self)


class AnswerSheetForm(forms.Form):
    """What the public fills in: a choice for each question, and a comment."""

    comment = forms.CharField(
        label="意见建议（可不填，请不要写姓名和电话）",
        required=False,
        max_length=surveys.MAX_COMMENT,
        widget=text_area(3),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, survey: Survey) -> None:
        super().__init__(data)
        self.questions: Sequence[str] = survey.questions
        for place, question in enumerate(survey.questions):
            self.fields[f"q{place}"] = forms.TypedChoiceField(
                label=question,
                coerce=int,
                choices=list(CHOICES.items()),
                widget=forms.RadioSelect,
                error_messages={"required": surveys.NO_CHOICE},
            )
        apply_bootstrap(self)

    @property
    def question_fields(self) -> list[forms.BoundField]:
        return [self[f"q{place}"] for place in range(len(self.questions))]

    @property
    def choices(self) -> list[int]:
        return [self.cleaned_data[f"q{place}"] for place in range(len(self.questions))]
