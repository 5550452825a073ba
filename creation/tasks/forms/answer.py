"""The answer of a unit: one of three modes, and what was done."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from creation.lib.strings import to_number
from creation.models import AnswerMode, Task, User
from creation.papers import statements
from creation.tasks import answers, drafts
from creation.web.bootstrap_forms import apply_bootstrap, text_area
from creation.web.row_choices import offer_choices

MODE_HINTS = {
    AnswerMode.UPLOAD: "上传或引用文件、图片、视频、链接",
    AnswerMode.ON_SITE: "不便上传，实地核查时出示",
    AnswerMode.STATEMENT: "没有相关材料，书面说明",
}
MODE_ICONS = {AnswerMode.UPLOAD: "cloud-upload", AnswerMode.ON_SITE: "geo-alt", AnswerMode.STATEMENT: "file-text"}
FORM_ID = "answer"  # some fields are rendered outside the form element, beside the evidence; this ties them to it
_TOO_LONG = {"max_length": "文字太长，请控制在 %(limit_value)d 字以内（现有 %(show_value)d 字）。"}


def _text(name: str, rows: int, help_text: str = "") -> forms.CharField:
    label = answers.LABELS[name]
    return forms.CharField(
        label=label,
        required=False,
        max_length=answers.MAX_LENGTH,
        help_text=help_text,
        widget=text_area(rows),
        error_messages=_TOO_LONG,
    )


def _line(name: str, longest: int, help_text: str) -> forms.CharField:
    label = answers.LABELS[name]
    return forms.CharField(
        label=label, required=False, max_length=longest, help_text=help_text, error_messages=_TOO_LONG
    )


class AnswerForm(forms.Form):
    """Form of an answer. Which fields are required depends on the mode; fields of other modes are cleared."""

    mode = forms.ChoiceField(
        label="提供方式", widget=forms.RadioSelect, error_messages={"required": "请选择一种提供方式。"}
    )
    keeper = _line("keeper", 40, "谁保管这些材料，写姓名和职务。")
    place = _line("place", 100, "材料放在哪里，例如：局机关三楼档案室 2 号柜。")
    statement = _text("statement", 8)
    measures = _text("measures", 4, "做了哪些工作，怎样做的。")
    results = _text("results", 4, "做到了什么程度，有什么数据。")
    highlights = _text("highlights", 3, "值得推广的做法；没有可不填。")
    version = forms.IntegerField(widget=forms.HiddenInput)
    draft_seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    opened = forms.DateTimeField(
        widget=forms.HiddenInput, required=False
    )  # when the page was shown: the template writes it
    pieces = forms.CharField(widget=forms.HiddenInput, required=False)  # what it showed, as ``citing.shown_pieces``

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        task: Task,
        today: date,
        person: User,
        key: str = FORM_ID,
        begun: drafts.InitialAnswer | None = None,
    ) -> None:
        self.initial_answer = begun or drafts.initial_answer(task, person)
        self.task, self.today, self.person = task, today, person
        self.modes = [(mode, AnswerMode(mode).label) for mode in task.modes]
        super().__init__(data, initial=self._initial(), auto_id="id_%s")
        offer_choices(self, mode=self.modes)
        apply_bootstrap(self)
        for field in self.fields.values():
            field.widget.attrs["form"] = FORM_ID

    def _initial(self) -> dict[str, Any]:
        begun = {name: text for name, text in self.initial_answer.content.items() if text}
        versions = {"version": self.task.version, "draft_seen": self.initial_answer.version}
        return {"mode": self.modes[0][0]} | begun | versions

    def as_text(self) -> str:
        """Return the typed answer as one text, for the page that compares two answers."""
        return answers.as_text(self.data)

    def clean_pieces(self) -> dict[int, int]:
        """Return version by citation, as far as it can be read."""
        pairs = (each.partition(":") for each in self.cleaned_data["pieces"].split())
        return {to_number(citation): to_number(version) for citation, _, version in pairs}

    def clean(self) -> dict[str, Any]:
        for name, sentence in answers.lacking(self.cleaned_data).items():
            if name not in self.errors:
                self.add_error(name, sentence)
        return self.cleaned_data

    @property
    def asks_highlights(self) -> bool:
        """Whether highlights are asked for: of checkpoints, not of actions. What is there already stays in view."""
        return self.task.indicator_id is not None or bool(self["highlights"].value())

    def choices(self) -> list[dict[str, str]]:
        """Labels and hints of the buttons for the three modes."""
        return [
            {
                "value": value,
                "label": label,
                "hint": MODE_HINTS[AnswerMode(value)],
                "icon": MODE_ICONS[AnswerMode(value)],
            }
            for value, label in self.modes
        ]

    def statement_sample(self) -> str:
        """A statement to start from; what only the unit knows is left as ……"""
        return statements.sample_text(self.task, self.today)
