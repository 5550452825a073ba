"""Forms for comparing a new edition: its name, and which old checkpoint continues in each doubtful pair."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator

from creation.campaigns.editions.compared_checkpoints import ComparedCheckpoint
from creation.campaigns.editions.comparison import NEW, CheckpointRow, Comparison, EndedCheckpoint
from creation.web.bootstrap_forms import apply_bootstrap, date_input

CHOOSE = ("", "请选择")
NEW_CHOICE = (NEW, "新增，不延续任何原要点")
END_CHOICE = ("end", "删除，终止它的任务")
ROWS_PER_PAGE = 100  # checkpoints on a page; with thousands, server and browser need many seconds
MAX_ENDED_CHOICES = 40  # old checkpoints without a successor that a choice offers


class EditionForm(forms.Form):
    edition = forms.CharField(
        label="新版的版本名称", max_length=40, required=False, help_text="如“2026年版”。历次版本按这个名称列出。"
    )
    dated_on = forms.DateField(label="发布日期", required=False, widget=date_input())
    source = forms.CharField(label="依据文件", max_length=200, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, comparison: Comparison, page: str = "1") -> None:
        change = comparison.change
        initial = {"edition": change.edition, "dated_on": change.dated_on, "source": change.source}
        super().__init__(data, initial=initial | {"seen": change.version})
        self.comparison = comparison
        rows = [*comparison.doubtful_rows, *comparison.changed_rows]
        items: list[CheckpointRow | EndedCheckpoint] = [*rows, *comparison.ended]
        self.page: Page[CheckpointRow | EndedCheckpoint] = Paginator(items, ROWS_PER_PAGE).get_page(page)
        for row in (each for each in self.page if isinstance(each, CheckpointRow)):
            self.fields[f"new {row.new.code}"] = forms.ChoiceField(
                label=f"{row.new} 延续哪个原要点",
                required=False,
                choices=_choices_of_new(row, comparison.ended),
                initial=row.choice,
            )
        for each in (each for each in self.page if isinstance(each, EndedCheckpoint)):
            self.fields[f"old {each.old.pk}"] = forms.ChoiceField(
                label=f"原 {each.old} 的去向", required=False, choices=_choices_of_ended(each), initial=each.choice
            )
        apply_bootstrap(self)

    @property
    def doubtful_fields(self) -> list[tuple[CheckpointRow, forms.BoundField]]:
        return [(row, field) for row, field in self._row_fields if row.doubtful]

    @property
    def changed_fields(self) -> list[tuple[CheckpointRow, forms.BoundField]]:
        return [(row, field) for row, field in self._row_fields if not row.doubtful]

    @property
    def _row_fields(self) -> list[tuple[CheckpointRow, forms.BoundField]]:
        return [(row, self[f"new {row.new.code}"]) for row in self.page if isinstance(row, CheckpointRow)]

    @property
    def ended_fields(self) -> list[tuple[EndedCheckpoint, forms.BoundField]]:
        return [(each, self[f"old {each.old.pk}"]) for each in self.page if isinstance(each, EndedCheckpoint)]

    @property
    def choices(self) -> dict[str, dict[str, str]]:
        """Return the decisions made so far; those for checkpoints not on this page are kept."""
        choices: dict[str, dict[str, str]] = {
            side: dict(self.comparison.change.choices.get(side, {})) for side in ("new", "old")
        }
        for name, value in self.cleaned_data.items():
            side, _, key = name.partition(" ")
            if key and value:
                choices[side][key] = value
            elif key:
                choices[side].pop(key, None)
        return choices


def _choices_of_new(row: CheckpointRow, ended: list[EndedCheckpoint]) -> list[tuple[str, str]]:
    found = dict([CHOOSE])
    near = [*([row.old] if row.old else []), *(each.old for each in row.candidates)]
    ended_old = [] if row.old else [each.old for each in ended[:MAX_ENDED_CHOICES]]
    for old in [*near, *ended_old]:
        found[f"on:{old.pk}"] = f"延续原 {old}"
    for old in near:
        found[f"split:{old.pk}"] = f"由原 {old} 拆出（任务不随它走）"
    return [*found.items(), NEW_CHOICE]


def _choices_of_ended(each: EndedCheckpoint) -> list[tuple[str, str]]:
    into: list[ComparedCheckpoint] = [*([each.into] if each.into else []), *each.merge_candidates]
    return [END_CHOICE, *{f"into:{new.code}": f"并入 {new}" for new in into}.items()]


class EditionConfirmForm(forms.Form):
    """Consent to the change. ``seen`` is the digest of what was shown."""

    seen = forms.CharField(widget=forms.HiddenInput)
    agreed = forms.BooleanField(required=False)
