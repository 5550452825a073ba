"""What the office itself made: announcements with attachments, ledgers and lists, bulletins; and the head of the audit chain."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from django.utils import timezone

from creation.audit.audit_chain.links import current_head
from creation.models import ActionFile, Announcement, Bulletin, Finding, PaperKind
from creation.rules.retention import ArchiveCategory, ArchiveKind
from reports import annexes, rectifications, scopes
from reports.archive.items import ArchiveItem, ArchiveSource, attached_item
from reports.archive.papers import papers_with_scans
from reports.archive.writing import minute
from reports.ledger import read_ledger, write_workbook
from reports.rectifications import scope as rectification_scope
from reports.word import layout

MadeNow = tuple[ArchiveKind, str, Callable[[Path], object], frozenset[int]]
CHAIN_TEXT = """审计链头：{note}
完整链头：{seq} {mac}
读取时间：{at}

审计记录逐条签名、连成一条链；上面是本归档包生成时这条链的末端。以后在系统中执行
manage.py verify --head {note}
即可核对：到这个时刻为止的审计记录有没有被改动、删除或增补。
"""


def plans(source: ArchiveSource) -> Iterator[ArchiveItem]:
    """Yield each announcement with its attachments, then the files that the office attached to actions."""
    rows = Announcement.objects.visible_to(source.reader).filter(campaign=source.campaign)
    shown = rows.select_related("campaign", "issued_by").prefetch_related(
        "units", "former", "files", "receipts__unit", "receipts__created_by"
    )
    for row in shown.order_by("number"):
        yield ArchiveItem(
            ArchiveCategory.PLANS,
            ArchiveKind.ANNOUNCEMENT,
            row.title + ("（已撤回）" if row.withdrawn_at else ""),
            "docx",
            doc_number=row.code,
            issuer=source.issuer,
            dated_on=timezone.localdate(row.issued_at),
            make=partial(_write_announcement, row, source.issuer),
        )
        for file in row.files.all():
            yield attached_item(
                file,
                ArchiveCategory.PLANS,
                ArchiveKind.ATTACHMENT,
                source.issuer,
                dated_on=timezone.localdate(row.issued_at),
                remark=f"{row.code}附件",
            )
    attached = ActionFile.objects.filter(action__phase__campaign=source.campaign).select_related("action")
    for given in attached.order_by("action__phase__order", "action", "pk"):
        yield attached_item(
            given, ArchiveCategory.PLANS, ArchiveKind.ATTACHMENT, source.issuer, remark=str(given.action)
        )


def _write_announcement(row: Announcement, issuer: str, path: Path) -> None:
    """Write the announcement as it is in force, who received it, and its texts before corrections."""
    document, day = layout.new_document(), timezone.localdate(row.issued_at)
    layout.add_title(document, row.title, row.code)
    layout.add_addressee(document, "、".join(unit.short_name for unit in row.units.all()) + "：")
    layout.add_text(document, row.body)
    layout.add_signature(document, issuer, f"{day.year}年{day.month}月{day.day}日")
    if row.withdrawn_at:
        layout.add_text(document, f"{minute(row.withdrawn_at)} 撤回：{row.withdrawn_reason}")
    signed = [
        (f"{each.unit.short_name}", f"第 {each.version} 版", str(each.created_by), minute(each.created_at))
        for each in row.receipts.all()
    ]
    if signed:
        layout.add_annex_heading(document, "签收记录")
        layout.add_table(document, ("单位", "版次", "签收人", "签收时间"), signed, (2, 1, 1.5, 2))
    for former in row.former.all():
        layout.add_annex_heading(
            document, f"第 {former.number} 版（{minute(former.created_at)} 更正：{former.reason}）"
        )
        layout.add_text(document, former.title)
        layout.add_text(document, former.body)
    layout.save(document, path, row.title)


def ledgers(source: ArchiveSource) -> Iterator[ArchiveItem]:
    """Yield the ledger and the annexes as they are now, then those that were numbered for the stamp."""
    campaign, today = source.campaign, timezone.localdate(source.now)
    part = scopes.scope_of(campaign, source.reader, {}, source.now)
    order = scopes.ledger_request_of(campaign, part, source.reader, source.now)
    found = read_ledger(order)
    made: list[MadeNow] = [
        (ArchiveKind.LEDGER, order.cover.title, partial(write_workbook, found, order.cover), found.evidence_keys),
    ]
    for kind, annex in (
        (ArchiveKind.BREAKDOWN, annexes.assignments(campaign, source.now)),
        (ArchiveKind.LIAISONS, annexes.liaison_list(campaign, source.now, in_full=False)),
    ):
        made.append((kind, annex.header.title, annex.write, frozenset()))
    if Finding.objects.filter(campaign=campaign).exists():
        made.append(_lists(source))
    for kind, title, write, evidence in made:
        yield ArchiveItem(
            ArchiveCategory.LEDGERS,
            kind,
            title,
            "xlsx",
            issuer=source.issuer,
            dated_on=today,
            remark="办结时的数据",
            make=write,
            evidence=evidence,
        )
    kinds = (PaperKind.LEDGER, PaperKind.BREAKDOWN, PaperKind.LIAISONS, PaperKind.LISTS, PaperKind.ON_SITE)
    yield from papers_with_scans(source, ArchiveCategory.LEDGERS, *kinds)


def _lists(source: ArchiveSource) -> MadeNow:
    """Return 两清单一台账 as it is now."""
    part = rectification_scope.scope_of(source.campaign, source.reader, {}, source.now)
    order = rectification_scope.request_of(source.campaign, part, source.reader, source.now)
    found = rectifications.read(order)
    write = partial(rectifications.write, found, order.cover)
    return ArchiveKind.LISTS, f"{order.cover.title}两清单一台账", write, found.evidence_keys


def bulletins(source: ArchiveSource) -> Iterator[ArchiveItem]:
    """Yield the numbered bulletins and circulars, then the issues that went out without a number for the stamp."""
    numbered = set()
    for item in papers_with_scans(
        source, ArchiveCategory.BULLETINS, PaperKind.BULLETIN, PaperKind.CIRCULAR, PaperKind.INSPECTION
    ):
        numbered.add(item.sha256)
        yield item
    issues = Bulletin.objects.visible_to(source.reader).filter(campaign=source.campaign).order_by("number")
    for issue in issues.exclude(sha256__in=numbered):
        yield attached_item(
            issue,
            ArchiveCategory.BULLETINS,
            ArchiveKind.BULLETIN,
            source.issuer,
            title=f"工作简报 {issue}",
            dated_on=timezone.localdate(issue.created_at),
            remark=f"统计期 {issue.first}—{issue.last}",
        )


def chain_head(source: ArchiveSource) -> Iterator[ArchiveItem]:
    """Yield the end of the audit chain as a text, so that whoever holds the archive can prove later that the trail is unaltered."""
    head = current_head()
    if head.seq:
        at = f"{timezone.localtime(source.now):%Y-%m-%d %H:%M:%S}"
        text = CHAIN_TEXT.format(note=head.note, seq=head.seq, mac=head.mac, at=at)
        today = timezone.localdate(source.now)
        yield ArchiveItem(
            ArchiveCategory.AUDIT,
            ArchiveKind.CHAIN_HEAD,
            "审计链头",
            "txt",
            issuer=source.issuer,
            dated_on=today,
            text=text,
        )
