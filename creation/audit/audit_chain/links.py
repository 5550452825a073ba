"""The links of the audit chain, and its current end."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from creation.audit.audit_log import sign
from creation.models import AuditArchive, AuditEntry, AuditSeal

NOTED_DIGITS = 16  # hexadecimal digits of the mac that people copy to paper
NOTED_HEAD = re.compile(r"(\d{1,18})-([0-9a-f]{16}|[0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last link. ``note`` is the form to copy to paper: the number and the first sixteen digits in groups of four."""

    seq: int = 0
    mac: str = ""
    at: datetime | None = None

    @property
    def note(self) -> str:
        digits = self.mac[:NOTED_DIGITS]
        return "-".join([str(self.seq), *(digits[start : start + 4] for start in range(0, len(digits), 4))])


@dataclass(frozen=True, slots=True)
class NotedHead:
    """A head as it was noted elsewhere: by a person, in the file of heads, in a backup of the time ``made_at``."""

    seq: int
    digits: str
    source: str = "抄录的链头"
    made_at: datetime | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a noted head. Raises ValueError with a sentence if the text is not one."""
        number, _, digits = text.strip().lower().partition("-")
        found = NOTED_HEAD.fullmatch(number + "-" + digits.replace("-", "").replace(" ", ""))
        if not found:
            raise ValueError(f"“{text}”不是链头：请照抄审计页上的链头，形如 1024-3f9a-77c1-0b2e-91dd。")
        return cls(int(found[1]), found[2])

    def matches(self, mac: str) -> bool:
        return mac.startswith(self.digits)


def current_head() -> ChainHead:
    """Return the end of the chain: the last seal, that of the last archive if the database has none, or the start of the chain."""
    if last := AuditSeal.objects.order_by("-seq").first():
        return ChainHead(last.seq, last.mac, last.at)
    return archived_head()


def archived_head() -> ChainHead:
    last = AuditArchive.objects.order_by("-first_seq").first()
    return ChainHead(last.last_seq, last.head, last.at) if last else ChainHead()


def next_head(previous: ChainHead, entry: AuditEntry, at: datetime) -> ChainHead:
    """Return the head after this entry."""
    seq = previous.seq + 1
    return ChainHead(seq, seal_mac(seq, entry.pk, entry.mac, at, previous.mac), at)


def seal_mac(seq: int, entry: int, entry_mac: str, at: datetime, previous: str) -> str:
    return sign({"seq": seq, "entry": entry, "entry_mac": entry_mac, "at": at, "previous": previous})


def archive_mac(archive: AuditArchive) -> str:
    names = ("first_seq", "last_seq", "head", "name", "sha256", "at")
    return sign({name: getattr(archive, name) for name in names})
