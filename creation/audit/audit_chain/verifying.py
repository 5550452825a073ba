"""Verifies the audit trail against the chain: walks archives and database from the first link to the last and reports faults."""

import hmac
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Self

from django.db import connection
from django.db.models import Count, Min

from creation.audit.audit_chain import SEALING_DEADLINE, archiving
from creation.audit.audit_chain.links import ChainHead, NotedHead, archive_mac, seal_mac
from creation.audit.audit_log import entry_mac
from creation.lib import consistent_reads, database_sequences
from creation.models import AuditArchive, AuditEntry, AuditSeal, User

CHUNK = 2000
SHOWN_NUMBERS = 20
FAULT_NAMES = {
    "changed": "内容被改动的审计记录，编号",
    "dropped": "被删除的审计记录，编号",
    "copied": "重复写入的审计记录，编号",
    "unsealed": "超过五分钟没有封存的审计记录，编号",
    "seal": "与记录不符的封印（被改动、调换或插入），序号",
    "gap": "缺失的封印，序号",
    "head": "与记下的链头不符，序号",
    "cut": "链尾被截断：记下的链头在库中不存在，序号",
    "archive": "缺失或被改动的归档文件，起始序号",
    "lost": "数据库编过号而不存在的审计记录，编号",
    "lost_seal": "数据库编过号而不存在的封印，编号",
    "fewer": "审计记录比备份时少，备份中的条数",
    "empty": "审计记录为空，而库中已有账号，账号数",
}
RESTORE_ACT = "backup.restore"
RESTORED_PREFIX = "备份 "

ChainLink = tuple[int, int, datetime, str]  # number, the entry's key, time of sealing, mac


@dataclass(frozen=True, slots=True)
class LostPeriod:
    """What was written between the backup that was restored and the restore itself is no part of the trail any more."""

    start: datetime | None
    end: datetime

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        """Read it from the entry of the restore. Entries of version 0.1.0 do not name the backup: then all backups before are left out."""
        with suppress(ValueError):
            return cls(datetime.fromisoformat(entry.object.removeprefix(RESTORED_PREFIX)), entry.at)
        return cls(None, entry.at)

    def contains(self, moment: datetime) -> bool:
        return moment <= self.end and (self.start is None or moment > self.start)


@dataclass
class ChainReport:
    """The number of entries checked and the faults found: kind → numbers. ``sources``: where a head is noted that does not fit."""

    entries: int = 0
    end: ChainHead = field(default_factory=ChainHead)
    faults: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    sources: list[str] = field(default_factory=list)
    lost_periods: list[LostPeriod] = field(default_factory=list)
    archived_key: int = 0

    def sentences(self) -> list[str]:
        said = [f"{FAULT_NAMES[kind]}：{format_numbers(numbers)}。" for kind, numbers in self.faults.items()]
        return [*said, *([f"不符的链头记在：{'、'.join(self.sources)}。"] if self.sources else [])]

    def counts(self, made_at: datetime | None) -> bool:
        """Return whether what was noted at this time is part of the trail."""
        return made_at is None or not any(each.contains(made_at) for each in self.lost_periods)


def format_numbers(numbers: list[int]) -> str:
    return "、".join(map(str, numbers[:SHOWN_NUMBERS])) + (
        f" 等 {len(numbers)} 处" if len(numbers) > SHOWN_NUMBERS else ""
    )


def verify_chain(
    now: datetime, noted: Iterable[NotedHead], earlier_counts: Iterable[tuple[datetime, int]]
) -> ChainReport:
    """Verify the chain as it is at one moment, so that what is sealed meanwhile is no fault.

    ``noted`` are heads that were recorded elsewhere; the chain must contain each of them. ``earlier_counts`` are times at which
    there were that many entries.
    """
    report, heads, counts = ChainReport(), list(noted), list(earlier_counts)
    with consistent_reads.consistent_snapshot():
        found = _walk_chain(report, {each.seq for each in heads})
        _check_unsealed(report, now)
        _check_heads(report, heads, found)
        _check_numbering(report)
        _check_counts(report, counts)
    report.faults = {kind: numbers for kind, numbers in report.faults.items() if numbers}
    return report


def _walk_chain(report: ChainReport, wanted: set[int]) -> dict[int, str]:
    """Check every link. Return the macs of the wanted numbers."""
    found: dict[int, str] = {}
    for end in _links(report):
        report.end = end
        if end.seq in wanted:
            found[end.seq] = end.mac
    return found


def _check_heads(report: ChainReport, heads: list[NotedHead], found: dict[int, str]) -> None:
    for each in heads:
        mac = found.get(each.seq)
        if (mac is None and each.seq <= report.end.seq) or (mac and each.matches(mac)):
            continue
        if report.counts(each.made_at):
            report.faults["head" if mac else "cut"].append(each.seq)
            report.sources.append(each.source)
    for kind in ("head", "cut"):
        report.faults[kind] = sorted(set(report.faults[kind]))
    report.sources = list(dict.fromkeys(report.sources))


def _check_counts(report: ChainReport, earlier_counts: Iterable[tuple[datetime, int]]) -> None:
    most = max((count for made_at, count in earlier_counts if report.counts(made_at)), default=0)
    if report.entries < most:
        report.faults["fewer"].append(most)
    if not report.entries and (accounts := User.objects.count()):
        report.faults["empty"].append(accounts)


def _check_numbering(report: ChainReport) -> None:
    """Compare with the numbers that the database has given out.

    SQLite takes a number back when a transaction is rolled back, so that a number without a row was a row. PostgreSQL does not, and
    there only a table without any row can be told.
    """
    archives = AuditArchive.objects.exists()
    if connection.vendor == "postgresql":
        if not AuditEntry.objects.exists() and database_sequences.last_number(AuditEntry) > report.archived_key:
            report.faults["lost"].append(report.archived_key + 1)
        return
    if report.archived_key or not archives:  # a damaged archive is a fault of its own
        dropped = set(report.faults["dropped"])
        lost = database_sequences.unused_numbers(AuditEntry, report.archived_key)
        report.faults["lost"] += [each for each in islice(lost, CHUNK) if each not in dropped]
    first = AuditSeal.objects.aggregate(first=Min("pk"))["first"]
    before = (first - 1 if first else report.end.seq) if archives else 0
    report.faults["lost_seal"] += islice(database_sequences.unused_numbers(AuditSeal, before), CHUNK)


def _links(report: ChainReport) -> Iterator[ChainHead]:
    end = ChainHead()
    for archive in AuditArchive.objects.order_by("first_seq"):
        yield from _check_archive(archive, end, report)
        end = ChainHead(archive.last_seq, archive.head, archive.at)
        yield end
    for links in _link_chunks():
        entries = AuditEntry.objects.in_bulk([entry for _, entry, _, _ in links])
        for each in links:
            end = _check_link(each, entries.get(each[1]), end, report)
            yield end


def _link_chunks() -> Iterator[list[ChainLink]]:
    rows, last = AuditSeal.objects.order_by("seq").values_list("seq", "entry_id", "at", "mac"), -1
    while links := list(rows.filter(seq__gt=last)[:CHUNK]):
        yield links
        last = links[-1][0]


def _check_archive(archive: AuditArchive, end: ChainHead, report: ChainReport) -> Iterator[ChainHead]:
    sound = hmac.compare_digest(archive.mac, archive_mac(archive)) and archive.first_seq == end.seq + 1
    try:
        for each, entry in archiving.read_archive(archive):
            report.archived_key = max(report.archived_key, entry.pk)
            end = _check_link(each, entry, end, report)
            yield end
    except archiving.ArchiveDamaged:
        sound = False
    if not sound or (end.seq, end.mac) != (archive.last_seq, archive.head):
        report.faults["archive"].append(archive.first_seq)


def _check_link(each: ChainLink, entry: AuditEntry | None, previous: ChainHead, report: ChainReport) -> ChainHead:
    """Check a link and return the head as stored, so that one bad link does not invalidate those after it."""
    seq, key, at, mac = each
    report.faults["gap"] += range(previous.seq + 1, min(seq, previous.seq + 1 + CHUNK))
    if entry is None:
        report.faults["dropped"].append(key)
        return ChainHead(seq, mac, at)
    report.entries += 1
    if not hmac.compare_digest(entry.mac, entry_mac(entry)):
        report.faults["changed"].append(key)
    elif entry.act == RESTORE_ACT:
        report.lost_periods.append(LostPeriod.of(entry))
    if seq <= previous.seq + 1 and not hmac.compare_digest(mac, seal_mac(seq, key, entry.mac, at, previous.mac)):
        report.faults["seal"].append(seq)
    return ChainHead(seq, mac, at)


def _check_unsealed(report: ChainReport, now: datetime) -> None:
    """Check entries that are not in the chain yet, and find duplicates."""
    for entry in AuditEntry.objects.unsealed().iterator(chunk_size=CHUNK):
        report.entries += 1
        if not hmac.compare_digest(entry.mac, entry_mac(entry)):
            report.faults["changed"].append(entry.pk)
        elif entry.at < now - SEALING_DEADLINE:
            report.faults["unsealed"].append(entry.pk)
        elif entry.act == RESTORE_ACT:
            report.lost_periods.append(LostPeriod.of(entry))
    twice = AuditEntry.objects.order_by().values("mac").annotate(times=Count("pk"), first=Min("pk")).filter(times__gt=1)
    report.faults["copied"] += twice.values_list("first", flat=True)
