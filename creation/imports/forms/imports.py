"""Forms for importing a workbook: the file, which column is which, and what names mean."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.html import format_html

from creation.imports.headings import SheetLayout, normalized
from creation.imports.import_plan import ImportQuestion
from creation.imports.kinds import ImportKind
from creation.web.bootstrap_forms import apply_bootstrap

CHOOSE = ("", "请选择")
NO_COLUMN = ("0", "（表中没有这一列）")
LIKELY = "表头“{}”与它相近，先选了这一列，请核对。"
NOWHERE = {"", "0", None}


class WorkbookForm(forms.Form):
    workbook = forms.FileField(
        label="表格文件",
        help_text="Excel、WPS 工作簿，Word 文档或网页里的表格：xlsx、xls、et、csv、docx、doc、wps、ods、html 等",
        allow_empty_file=True,  # the reader reports it with a better message
        widget=forms.ClearableFileInput(
            attrs={"accept": ".xlsx,.xls,.et,.csv,.tsv,.xml,.docx,.html,.htm,.mht,.mhtml,.doc,.wps,.rtf,.odt,.ods"}
        ),
        error_messages={"required": "请选择要导入的文件。"},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, files: Any = None) -> None:
        super().__init__(data, files)
        apply_bootstrap(self)


class MappingForm(forms.Form):
    """One choice for each known column: its place in the sheet."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, kind: ImportKind, layout: SheetLayout) -> None:
        super().__init__(data)
        self.columns = {column.key: column for column in kind.columns}
        choices = [NO_COLUMN, *((str(number), label) for number, label in layout.choices())]
        guesses = _guesses(kind, layout)
        self.is_asked = {column.key: column.key in layout.ambiguous or column.key in guesses for column in kind.columns}
        for column in kind.columns:
            required, is_open = column.required and not column.instead, column.key in layout.ambiguous
            guessed = 0 if is_open else guesses.get(column.key, 0)
            self.fields[column.key] = forms.ChoiceField(
                label=column.heading,
                required=required or is_open,
                choices=[CHOOSE, *choices[required:]] if required or is_open else choices,
                initial=str(layout.columns.get(column.key, "" if required or is_open else guessed)),
                help_text=format_html(LIKELY, layout.label(guessed)) if guessed else "",
                error_messages={"required": f"请指出哪一列是“{column.heading}”。"},
            )
        apply_bootstrap(self)

    @property
    def asked(self) -> list[forms.BoundField]:
        """The columns that a person must look at: not found, or guessed."""
        return [field for field in self if self.is_asked[field.name]]

    @property
    def others(self) -> list[forms.BoundField]:
        return [field for field in self if not self.is_asked[field.name]]

    @property
    def opens_others(self) -> bool:
        return not self.asked or any(field.errors for field in self.others)

    @property
    def mapping(self) -> dict[str, int]:
        return {key: int(value or 0) for key, value in self.cleaned_data.items()}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        used = [value for value in data.values() if value not in ("", "0")]
        for key, value in list(data.items()):
            if used.count(value) > 1:
                self.add_error(key, "这一列被选了两次，请改选。")
        for column in self.columns.values():
            if column.required and column.instead and {data.get(column.key), data.get(column.instead)} <= NOWHERE:
                other = self.columns[column.instead].heading
                self.add_error(
                    column.key, f"“{column.heading}”和“{other}”至少要指出一列。表中都没有的，请补上后换一个文件导入。"
                )
        return data


def _guesses(kind: ImportKind, layout: SheetLayout) -> dict[str, int]:
    """Return the column that is guessed for each key; none of those among which a person has to choose."""
    open_names = {
        normalized(name) for column in kind.columns if column.key in layout.ambiguous for name in column.names
    }
    unknown = sorted(layout.unknown.items(), reverse=True)
    return {guess: number for number, guess in unknown if normalized(layout.labels[number].leaf) not in open_names}


class AnswersForm(forms.Form):
    def __init__(self, data: Mapping[str, Any] | None = None, *, questions: Sequence[ImportQuestion]) -> None:
        super().__init__(data)
        self.keys = {f"q{number}": question.key for number, question in enumerate(questions)}
        for (name, _), question in zip(self.keys.items(), questions, strict=True):
            self.fields[name] = forms.ChoiceField(
                label=question.text, choices=[("", "请选择"), *question.options], required=False
            )
        apply_bootstrap(self)

    @property
    def given(self) -> dict[str, str]:
        """Return the answers given; unanswered questions are asked again."""
        return {self.keys[name]: value for name, value in self.cleaned_data.items() if value}
