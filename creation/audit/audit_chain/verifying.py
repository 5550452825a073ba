"""Verifies the audit trail against the chain: walks archives and database from the first link to the last and reports faults."""

import hmac
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Min

from creation.audit.audit_chain import SEALING_DEADLINE, archiving
from creation.audit.audit_chain.links import ChainHead, NotedHead, archive_mac, seal_mac
from creation.audit.audit_log import entry_mac
from creation.models import AuditArchive, AuditEntry, AuditSeal

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
}

ChainLink = tuple[int, int, datetime, str]  # number, the entry's key, time of sealing, mac


@dataclass
class ChainReport:
    """The number of entries checked and the faults found: kind → numbers."""

    entries: int = 0
    end: ChainHead = field(default_factory=ChainHead)
    faults: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def sentences(self) -> list[str]:
        return [f"{FAULT_NAMES[kind]}：{format_numbers(numbers)}。" for kind, numbers in self.faults.items()]


def format_numbers(numbers: list[int]) -> str:
    return "、".join(map(str, numbers[:SHOWN_NUMBERS])) + (
        f" 等 {len(numbers)} 处" if len(numbers) > SHOWN_NUMBERS else ""
    )


def verify_chain(now: datetime, noted: Iterable[NotedHead] = ()) -> ChainReport:
    """Verify the chain. ``noted`` are heads that were recorded elsewhere; the chain must contain each of them."""
    report, wanted = ChainReport(), defaultdict(list)
    for each in noted:
        wanted[each.seq].append(each)
    for end in _links(report):
        report.end = end
        if not all(each.matches(end.mac) for each in wanted.pop(end.seq, ())):
            report.faults["head"].append(end.seq)
    report.faults["cut"] += sorted(seq for seq in wanted if seq > report.end.seq)
    _check_unsealed(report, now)
    report.faults = {kind: numbers for kind, numbers in report.faults.items() if numbers}
    return report


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
    twice = AuditEntry.objects.order_by().values("mac").annotate(times=Count("pk"), first=Min("pk")).filter(times__gt=1)
    report.faults["copied"] += twice.values_list("first", flat=True)
