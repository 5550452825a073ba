"""Is the trail what was sealed? Walks archives and database from the first link to the last and names what does not fit."""

import hmac
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Min

from creation.audit.sealing import PATIENCE, archiving
from creation.audit.sealing.chain import Head, Noted, mac_of_archive, mac_of_seal
from creation.audit.trail import mac_of
from creation.models import AuditArchive, AuditEntry, AuditSeal

CHUNK = 2000
SHOWN = 20
KINDS = {
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

Link = tuple[int, int, datetime, str]  # number, the entry's key, time of sealing, mac


@dataclass
class Verdict:
    """What was looked at, and what was wrong with it: kind → numbers."""

    entries: int = 0
    end: Head = field(default_factory=Head)
    faults: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def sentences(self) -> list[str]:
        return [f"{KINDS[kind]}：{listed(numbers)}。" for kind, numbers in self.faults.items()]


def listed(numbers: list[int]) -> str:
    return "、".join(map(str, numbers[:SHOWN])) + (f" 等 {len(numbers)} 处" if len(numbers) > SHOWN else "")


def verify(now: datetime, noted: Iterable[Noted] = ()) -> Verdict:
    """``noted``: heads that were written down elsewhere; the chain must lead through each of them."""
    verdict, wanted = Verdict(), defaultdict(list)
    for each in noted:
        wanted[each.seq].append(each)
    for end in _links(verdict):
        verdict.end = end
        if not all(each.fits(end.mac) for each in wanted.pop(end.seq, ())):
            verdict.faults["head"].append(end.seq)
    verdict.faults["cut"] += sorted(seq for seq in wanted if seq > verdict.end.seq)
    _look_at_the_rest(verdict, now)
    verdict.faults = {kind: numbers for kind, numbers in verdict.faults.items() if numbers}
    return verdict


def _links(verdict: Verdict) -> Iterator[Head]:
    end = Head()
    for archive in AuditArchive.objects.order_by("first_seq"):
        yield from _archived(archive, end, verdict)
        end = Head(archive.last_seq, archive.head, archive.at)
        yield end
    for links in _chunks():
        entries = AuditEntry.objects.in_bulk([entry for _, entry, _, _ in links])
        for each in links:
            end = _check(each, entries.get(each[1]), end, verdict)
            yield end


def _chunks() -> Iterator[list[Link]]:
    rows, last = AuditSeal.objects.order_by("seq").values_list("seq", "entry_id", "at", "mac"), -1
    while links := list(rows.filter(seq__gt=last)[:CHUNK]):
        yield links
        last = links[-1][0]


def _archived(archive: AuditArchive, end: Head, verdict: Verdict) -> Iterator[Head]:
    sound = hmac.compare_digest(archive.mac, mac_of_archive(archive)) and archive.first_seq == end.seq + 1
    try:
        for each, entry in archiving.read(archive):
            end = _check(each, entry, end, verdict)
            yield end
    except archiving.Spoilt:
        sound = False
    if not sound or (end.seq, end.mac) != (archive.last_seq, archive.head):
        verdict.faults["archive"].append(archive.first_seq)


def _check(each: Link, entry: AuditEntry | None, previous: Head, verdict: Verdict) -> Head:
    """The head as it stands written: one bad link does not spoil those after it."""
    seq, key, at, mac = each
    verdict.faults["gap"] += range(previous.seq + 1, min(seq, previous.seq + 1 + CHUNK))
    if entry is None:
        verdict.faults["dropped"].append(key)
        return Head(seq, mac, at)
    verdict.entries += 1
    if not hmac.compare_digest(entry.mac, mac_of(entry)):
        verdict.faults["changed"].append(key)
    if seq <= previous.seq + 1 and not hmac.compare_digest(mac, mac_of_seal(seq, key, entry.mac, at, previous.mac)):
        verdict.faults["seal"].append(seq)
    return Head(seq, mac, at)


def _look_at_the_rest(verdict: Verdict, now: datetime) -> None:
    """Entries that are no link yet, and those that are there twice."""
    for entry in AuditEntry.objects.unsealed().iterator(chunk_size=CHUNK):
        verdict.entries += 1
        if not hmac.compare_digest(entry.mac, mac_of(entry)):
            verdict.faults["changed"].append(entry.pk)
        elif entry.at < now - PATIENCE:
            verdict.faults["unsealed"].append(entry.pk)
    twice = AuditEntry.objects.order_by().values("mac").annotate(times=Count("pk"), first=Min("pk")).filter(times__gt=1)
    verdict.faults["copied"] += twice.values_list("first", flat=True)
