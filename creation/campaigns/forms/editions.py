"""What is asked of the office that compares a new edition: its name, and of each doubtful pair which old checkpoint goes on."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator

from creation.campaigns.editions.comparison import NEW, Comparison, Gone, Row
from creation.campaigns.editions.points import Point
from creation.web.dressing import day_input, dress

ASK = ("", "请选择")
IS_NEW = (NEW, "新增，不延续任何原要点")
ENDS = ("end", "删除，终止它的任务")
PAGE = 100  # questions: a page of thousands takes server and browser many seconds
MOST = 40  # old checkpoints without an heir that a choice offers


class EditionForm(forms.Form):
    edition = forms.CharField(
        label="新版的版本名称", max_length=40, required=False, help_text="如“2026年版”。历次版本按这个名称列出。"
    )
    dated_on = forms.DateField(label="发布日期", required=False, widget=day_input())
    source = forms.CharField(label="依据文件", max_length=200, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, comparison: Comparison, page: str = "1") -> None:
        change = comparison.change
        initial = {"edition": change.edition, "dated_on": change.dated_on, "source": change.source}
        super().__init__(data, initial=initial | {"seen": change.version})
        self.comparison = comparison
        rows = [*comparison.asked, *comparison.changed]
        items: list[Row | Gone] = [*rows, *comparison.gone]
        self.page: Page[Row | Gone] = Paginator(items, PAGE).get_page(page)
        for row in (each for each in self.page if isinstance(each, Row)):
            self.fields[f"new {row.new.code}"] = forms.ChoiceField(
                label=f"{row.new} 延续哪个原要点",
                required=False,
                choices=_of_new(row, comparison.gone),
                initial=row.choice,
            )
        for each in (each for each in self.page if isinstance(each, Gone)):
            self.fields[f"old {each.old.pk}"] = forms.ChoiceField(
                label=f"原 {each.old} 的去向", required=False, choices=_of_old(each), initial=each.choice
            )
        dress(self)

    @property
    def asked(self) -> list[tuple[Row, forms.BoundField]]:
        return [(row, field) for row, field in self._rows if row.doubtful]

    @property
    def changed(self) -> list[tuple[Row, forms.BoundField]]:
        return [(row, field) for row, field in self._rows if not row.doubtful]

    @property
    def _rows(self) -> list[tuple[Row, forms.BoundField]]:
        return [(row, self[f"new {row.new.code}"]) for row in self.page if isinstance(row, Row)]

    @property
    def gone(self) -> list[tuple[Gone, forms.BoundField]]:
        return [(each, self[f"old {each.old.pk}"]) for each in self.page if isinstance(each, Gone)]

    @property
    def choices(self) -> dict[str, dict[str, str]]:
        """What was said so far; what this page did not ask keeps what was said before."""
        said: dict[str, dict[str, str]] = {
            side: dict(self.comparison.change.choices.get(side, {})) for side in ("new", "old")
        }
        for name, value in self.cleaned_data.items():
            side, _, key = name.partition(" ")
            if key and value:
                said[side][key] = value
            elif key:
                said[side].pop(key, None)
        return said


def _of_new(row: Row, gone: list[Gone]) -> list[tuple[str, str]]:
    found = dict([ASK])
    near = [*([row.old] if row.old else []), *(each.old for each in row.candidates)]
    lost = [] if row.old else [each.old for each in gone[:MOST]]
    for old in [*near, *lost]:
        found[f"on:{old.pk}"] = f"延续原 {old}"
    for old in near:
        found[f"split:{old.pk}"] = f"由原 {old} 拆出（任务不随它走）"
    return [*found.items(), IS_NEW]


def _of_old(each: Gone) -> list[tuple[str, str]]:
    into: list[Point] = [*([each.into] if each.into else []), *each.near]
    return [ENDS, *{f"into:{new.code}": f"并入 {new}" for new in into}.items()]


class ConfirmForm(forms.Form):
    """``seen``: the digest of what was shown."""

    seen = forms.CharField(widget=forms.HiddenInput)
    agreed = forms.BooleanField(required=False)
