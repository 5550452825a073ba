"""The links of the audit trail's chain, and where it ends at the moment."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from creation.audit.audit_log import sign
from creation.models import AuditArchive, AuditEntry, AuditSeal

NOTED_DIGITS = 16  # hexadecimal digits of the mac that are written down on paper
NOTED_HEAD = re.compile(r"(\d{1,18})-([0-9a-f]{16}|[0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last link. ``note`` is what a person writes down: the number and the first sixteen digits in fours."""

    seq: int = 0
    mac: str = ""
    at: datetime | None = None

    @property
    def note(self) -> str:
        digits = self.mac[:NOTED_DIGITS]
        return "-".join([str(self.seq), *(digits[start : start + 4] for start in range(0, len(digits), 4))])


@dataclass(frozen=True, slots=True)
class NotedHead:
    """A head as somebody wrote it down."""

    seq: int
    digits: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError with a sentence for what is no head."""
        number, _, digits = text.strip().lower().partition("-")
        found = NOTED_HEAD.fullmatch(number + "-" + digits.replace("-", "").replace(" ", ""))
        if not found:
            raise ValueError(f"“{text}”不是链头：请照抄审计页上的链头，形如 1024-3f9a-77c1-0b2e-91dd。")
        return cls(int(found[1]), found[2])

    def matches(self, mac: str) -> bool:
        return mac.startswith(self.digits)


def current_head() -> ChainHead:
    """The chain's end: the last seal, that of the last archive when none is left in the database, or the beginning."""
    if last := AuditSeal.objects.order_by("-seq").first():
        return ChainHead(last.seq, last.mac, last.at)
    return archived_head()


def archived_head() -> ChainHead:
    last = AuditArchive.objects.order_by("-first_seq").first()
    return ChainHead(last.last_seq, last.head, last.at) if last else ChainHead()


def next_head(previous: ChainHead, entry: AuditEntry, at: datetime) -> ChainHead:
    """The head after this entry."""
    seq = previous.seq + 1
    return ChainHead(seq, seal_mac(seq, entry.pk, entry.mac, at, previous.mac), at)


def seal_mac(seq: int, entry: int, entry_mac: str, at: datetime, previous: str) -> str:
    return sign({"seq": seq, "entry": entry, "entry_mac": entry_mac, "at": at, "previous": previous})


def archive_mac(archive: AuditArchive) -> str:
    names = ("first_seq", "last_seq", "head", "name", "sha256", "at")
    return sign({name: getattr(archive, name) for name in names})
