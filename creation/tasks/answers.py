"""Answers as text: the fields that the answer form, a draft and a submission have in common, and how they are shown and compared."""

from collections.abc import Mapping
from typing import Any

from creation.models import AnswerMode
from creation.rules import plain_text, secrecy

FIELDS = ("mode", "measures", "results", "highlights", "keeper", "place", "statement")
LABELS = {
    "mode": "提供方式",
    "measures": "工作措施",
    "results": "完成情况",
    "highlights": "亮点",
    "keeper": "保管人",
    "place": "存放地点",
    "statement": "情况说明",
}
MAX_LENGTH = 20_000  # characters of one field; far more than a ledger can show

Content = dict[str, str]


def lacking(data: Mapping[str, Any]) -> dict[str, str]:
    """Return field → the sentence that asks for it, for each field that the answer's mode needs and that is empty."""
    needed: dict[str, dict[str, str]] = {
        AnswerMode.ON_SITE: {
            "keeper": "请填写保管人，核查组到场时好联系。",
            "place": "请填写存放地点，核查组到场时好查找。",
        },
        AnswerMode.STATEMENT: {"statement": "请填写情况说明，写清没有材料的原因。"},
    }
    found = needed.get(data.get("mode") or "", {})
    return {name: sentence for name, sentence in found.items() if not str(data.get(name) or "").strip()}


def progress_in_words(content: Mapping[str, Any]) -> str:
    """Return how far the text is, in the words of the bar: 文字未写, 保管人、存放地点未填, 带有密级标志（机密）."""
    marks = [f"带有密级标志（{'、'.join(found)}），不能报送" for found in [marks_of(content)] if found]
    return " · ".join([*marks, _progress_in_words(content)])


def marks_of(content: Mapping[str, Any]) -> list[str]:
    """Return the marks of secrecy that were typed into an answer."""
    return secrecy.find_typed_marks("\n".join(str(content.get(name) or "") for name in FIELDS))


def _progress_in_words(content: Mapping[str, Any]) -> str:
    mode, lacks = content.get("mode") or "", [LABELS[name] for name in lacking(content)]
    if mode == AnswerMode.STATEMENT:
        return "情况说明未写" if lacks else "情况说明已写"
    parts = [f"{'、'.join(lacks)}未填"] if lacks else []
    written = any(str(content.get(name) or "").strip() for name in ("measures", "results", "highlights"))
    return " · ".join([*parts, "文字已写" if written else "文字未写"])


def content_of(data: Mapping[str, Any]) -> Content:
    """Return the answer's fields as plain text, without control characters; over-long text is cut, other keys are dropped."""
    return {name: _plain(data.get(name) or "") for name in FIELDS}


def _plain(value: Any) -> str:
    return plain_text.cleaned(str(value)).strip()[:MAX_LENGTH]


def is_blank(content: Mapping[str, Any]) -> bool:
    """Return whether nothing was typed; the mode alone does not count."""
    return not any(str(content.get(name) or "").strip() for name in FIELDS if name != "mode")


def labelled_texts(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return label and text of every field with content, in the order of the form."""
    texts = content_of(content)
    if texts["mode"] in AnswerMode.values:
        texts["mode"] = AnswerMode(texts["mode"]).label
    return [(LABELS[name], texts[name]) for name in FIELDS if texts[name]]


def as_text(content: Mapping[str, Any]) -> str:
    """Return the whole answer as one text, for the page that compares two answers."""
    return "\n\n".join(f"{label}：{text}" for label, text in labelled_texts(content))
