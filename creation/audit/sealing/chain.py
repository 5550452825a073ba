"""The links of the audit trail's chain, and where it ends at the moment."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from creation.audit.trail import sign
from creation.models import AuditArchive, AuditEntry, AuditSeal

NOTED = 16  # hexadecimal digits of the mac that are written down on paper
NOTE = re.compile(r"(\d{1,18})-([0-9a-f]{16}|[0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Head:
    """The last link. ``note`` is what a person writes down: the number and the first sixteen digits in fours."""

    seq: int = 0
    mac: str = ""
    at: datetime | None = None

    @property
    def note(self) -> str:
        digits = self.mac[:NOTED]
        return "-".join([str(self.seq), *(digits[start : start + 4] for start in range(0, len(digits), 4))])


@dataclass(frozen=True, slots=True)
class Noted:
    """A head as somebody wrote it down."""

    seq: int
    digits: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises ValueError with a sentence for what is no head."""
        number, _, digits = text.strip().lower().partition("-")
        found = NOTE.fullmatch(number + "-" + digits.replace("-", "").replace(" ", ""))
        if not found:
            raise ValueError(f"“{text}”不是链头：请照抄审计页上的链头，形如 1024-3f9a-77c1-0b2e-91dd。")
        return cls(int(found[1]), found[2])

    def fits(self, mac: str) -> bool:
        return mac.startswith(self.digits)


def head() -> Head:
    """The chain's end: the last seal, that of the last archive when none is left in the database, or the beginning."""
    if last := AuditSeal.objects.order_by("-seq").first():
        return Head(last.seq, last.mac, last.at)
    return archived_head()


def archived_head() -> Head:
    last = AuditArchive.objects.order_by("-first_seq").first()
    return Head(last.last_seq, last.head, last.at) if last else Head()


def link(previous: Head, entry: AuditEntry, at: datetime) -> Head:
    """The head after this entry."""
    seq = previous.seq + 1
    return Head(seq, mac_of_seal(seq, entry.pk, entry.mac, at, previous.mac), at)


def mac_of_seal(seq: int, entry: int, entry_mac: str, at: datetime, previous: str) -> str:
    return sign({"seq": seq, "entry": entry, "entry_mac": entry_mac, "at": at, "previous": previous})


def mac_of_archive(archive: AuditArchive) -> str:
    names = ("first_seq", "last_seq", "head", "name", "sha256", "at")
    return sign({name: getattr(archive, name) for name in names})
