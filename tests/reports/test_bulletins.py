"""工作简报: its number is given once, it is previewed page by page, what was previewed goes out, units are ranked only where that is on."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from docx.document import Document

from creation import background
from creation.evidence.previews import sandboxed_programs
from creation.lib import storage
from creation.lib.refusals import Refusal
from creation.models import AuditEntry, Bulletin, Campaign, Job, Paper, Task
from creation.papers import bulletins
from creation.tasks import figures
from reports.word import defaults, facts, template_filling
from reports.word.kinds import KINDS
from tests.support.query_counts import count_queries
from tests.support.world import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_data_dir", "at_now")]
WEEK = {"issue": "1", "first": "2026-07-27", "last": "2026-07-31", "title": "", "text": "请各单位抓紧报送。"}


@pytest.fixture
def no_libreoffice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert sandboxed_programs.libreoffice_path() is None


def form_url(world: World) -> str:
    return reverse("document", args=[world.campaign.pk, "bulletin"])


def draft(world: World, **given: str) -> Job:
    """Ask for a preview and let a worker make it."""
    answer = world.client("coordinator").post(form_url(world), WEEK | given)
    assert answer.status_code == 302
    background.run_queued(timezone.now)
    job = Job.objects.latest("pk")
    assert job.state == "done", job.message
    return job


def preview(world: World, job: Job) -> str:
    return str(world.client("coordinator").get(reverse("bulletin_preview", args=[job.pk])).content.decode())


def issue(world: World, job: Job) -> Any:
    return world.client("coordinator").post(reverse("bulletin_issue", args=[job.pk]), follow=True)


def text_of(document: Document) -> str:
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def issued_text(world: World, row: Bulletin) -> str:
    answer: Any = world.client("coordinator").get(reverse("bulletin_file", args=[world.campaign.pk, row.pk]))
    assert answer.status_code == 200
    return text_of(docx.Document(io.BytesIO(b"".join(answer.streaming_content))))


@pytest.mark.usefixtures("no_libreoffice")
def test_what_was_previewed_goes_out_under_a_number_that_is_given_once(world: World) -> None:
    first, second = draft(world), draft(world, text="第二稿。")
    Task.objects.filter(campaign=world.campaign).update(status="approved", first_submitted_at=NOW)
    assert "第 1 期已发出" in issue(world, first).content.decode()
    row = Bulletin.objects.get()
    assert (row.number, row.title, row.first) == (1, "源汇区法治政府建设示范创建工作简报", date(2026, 7, 27))
    text = issued_text(world, row)
    assert "第1期（2026年7月27日—2026年7月31日）" in text
    assert "审核通过0项" in text
    assert "请各单位抓紧报送。" in text
    assert AuditEntry.objects.get(act="bulletin.issue").detail.startswith("第 1 期")

    refused = issue(world, second).content.decode()
    assert "第 1 期已于 2026-07-31 发出，期号不重复使用。请改为第 2 期。" in refused
    assert Bulletin.objects.count() == 1
    Bulletin.objects.update(first=date(2026, 7, 20), last=date(2026, 7, 26))
    assert 'value="2026-07-27"' in world.client("coordinator").get(form_url(world)).content.decode()
    form = world.client("coordinator").get(form_url(world), {"draft": second.pk}).content.decode()
    assert "第二稿。" in form
    assert "第 1 期" in form
    assert 'name="issue" value="2"' in world.client("coordinator").get(form_url(world)).content.decode()
    taken = world.client("coordinator").post(form_url(world), WEEK)
    assert taken.status_code == 422
    assert "请改为第 2 期" in taken.content.decode()


@pytest.mark.usefixtures("no_libreoffice")
def test_the_database_gives_a_number_once_and_a_failure_leaves_no_file(world: World, tmp_path: Path) -> None:
    day, actor = date(2026, 7, 31), world.actor("coordinator")
    order = bulletins.IssueDraft(world.campaign, 1, "简报", day, day)
    file = tmp_path / "x.docx"
    file.write_bytes(b"x")

    def somebody_else() -> Path:
        bulletins.issue(order, lambda: file, "x.docx", "x/y", actor)
        return file

    with pytest.raises(Refusal, match="请改为第 2 期"):
        bulletins.issue(order, somebody_else, "x.docx", "x/y", actor)
    assert Bulletin.objects.count() == 1
    row = Bulletin.objects.get()
    assert [key for keys in storage.all_keys() for key in keys] == [row.blob]
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.usefixtures("no_libreoffice")
def test_without_libreoffice_the_preview_says_so_and_the_issue_can_go_out(world: World) -> None:
    job = draft(world)
    assert "没有安装 LibreOffice" in preview(world, job)
    client = world.client("coordinator")
    assert client.get(reverse("bulletin_page", args=[job.pk, 1])).status_code == 404
    made = client.get(reverse("bulletin_draft", args=[job.pk]))
    assert "第1期" in text_of(docx.Document(io.BytesIO(made.content)))
    assert "第 1 期已发出" in issue(world, job).content.decode()


@pytest.mark.usefixtures("no_libreoffice")
def test_one_for_the_stamp_bears_its_number_when_it_goes_out_not_before(world: World) -> None:
    job = draft(world, stamp="on")
    assert not Paper.objects.exists()
    made = world.client("coordinator").get(reverse("bulletin_draft", args=[job.pk]))
    assert "编号和校验码在发出时印上" in text_of(docx.Document(io.BytesIO(made.content)))
    issue(world, job)
    paper, text = Paper.objects.get(), issued_text(world, Bulletin.objects.get())
    assert paper.note in text
    assert "发出时印上" not in text
    assert paper.title == "源汇区法治政府建设示范创建工作简报 第1期"


@pytest.mark.usefixtures("no_libreoffice")
def test_a_draft_belongs_to_who_made_it(world: World) -> None:
    job = draft(world)
    for name in ("bulletin_preview", "bulletin_draft"):
        assert world.client("inspector").get(reverse(name, args=[job.pk])).status_code == 404
    assert world.client("inspector").post(reverse("bulletin_issue", args=[job.pk])).status_code == 404
    assert "请各单位抓紧报送" not in world.client("inspector").get(form_url(world), {"draft": job.pk}).content.decode()
    assert not Bulletin.objects.exists()


@pytest.mark.needs_libreoffice
def test_the_preview_shows_the_pages_as_libreoffice_prints_them(world: World) -> None:
    job = draft(world)
    page = preview(world, job)
    address = reverse("bulletin_page", args=[job.pk, 1])
    assert address in page
    picture = world.client("coordinator").get(address)
    assert picture["Content-Type"] == "image/jpeg"
    assert picture.content[:3] == b"\xff\xd8\xff"
    assert world.client("coordinator").get(reverse("bulletin_page", args=[job.pk, 99])).status_code == 404


# Ranks


def test_equal_rates_share_a_rank_and_where_nothing_is_due_there_is_none() -> None:
    assert figures.unit_ranks({1: 0.5, 2: 1.0, 3: None, 4: 1.0, 5: 0.0}) == {1: 3, 2: 1, 4: 1, 5: 4}


def test_units_are_ranked_only_where_the_campaign_says_so(world: World) -> None:
    plain = facts.units(world.campaign, NOW.date())
    assert {row["名次"] for row in plain} == {""}
    assert [row["序号"] for row in plain] == [str(number) for number in range(1, len(plain) + 1)]
    Task.objects.filter(pk=world.tasks["other"].pk).update(due_on=NOW.date())
    lead = Task.objects.filter(pk=world.tasks["lead"].pk)
    lead.update(status="submitted", due_on=NOW.date(), first_submitted_at=NOW)
    ranked = facts.units(world.campaign, NOW.date(), ranked=True)
    assert [(row["名次"], row["名称"]) for row in ranked][:2] == [("1", "城管局"), ("2", "老街街道")]
    heads = [cell.text for cell in defaults.document_of("bulletin", True).tables[0].rows[0].cells]
    assert heads[:2] == ["名次", "单位"]
    assert "报送率" in heads
    assert "名次" not in text_of(defaults.document_of("bulletin"))


@pytest.mark.usefixtures("no_libreoffice")
@pytest.mark.parametrize("is_on", [True, False])
def test_a_bulletin_ranks_units_where_the_campaign_says_so(world: World, is_on: bool) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(ranking=is_on)
    made = world.client("coordinator").get(reverse("bulletin_draft", args=[draft(world).pk]))
    assert ("名次" in text_of(docx.Document(io.BytesIO(made.content)))) == is_on


def test_the_office_switches_ranks_on_among_the_rules_of_the_campaign(world: World) -> None:
    client, address = world.client("coordinator"), reverse("campaign_edit", args=[world.campaign.pk])
    assert "简报中列出各单位名次" in client.get(address).content.decode()
    assert not world.campaign.ranking
    given = {"name": world.campaign.name, "seen": world.campaign.version, "ranking": "on", "finding_prefix": "源法督"}
    assert client.post(address, given).status_code == 302
    assert Campaign.objects.get(pk=world.campaign.pk).ranking


# Charts


@pytest.mark.needs_fonts
@pytest.mark.usefixtures("no_libreoffice")
def test_a_bulletin_has_its_chart_in_place_of_the_field(world: World) -> None:
    job = draft(world)
    made = docx.Document(io.BytesIO(world.client("coordinator").get(reverse("bulletin_draft", args=[job.pk])).content))
    lines = [paragraph.text for paragraph in made.paragraphs]
    at = lines.index("图1　各部分办结情况")
    assert made.paragraphs[at - 1]._p.xpath(".//w:drawing")
    assert lines.index("二、各单位进度") > at > lines.index("请各单位抓紧报送。")
    assert "进度图" not in "".join(lines)


def test_a_picture_among_other_text_is_a_fault_of_the_template() -> None:
    document = docx.Document()
    document.add_paragraph("{{进度图}}")
    assert template_filling.template_faults(document, KINDS["bulletin"].dictionary) == []
    document.add_paragraph("见{{进度图}}")
    document.add_table(1, 1).cell(0, 0).text = "{{进度图}}"
    found = template_filling.template_faults(document, KINDS["bulletin"].dictionary)
    assert found == ["“进度图”是图片，要单独占正文的一段。"]


def test_the_form_costs_as_many_queries_for_one_issue_as_for_many(world: World) -> None:
    client, day = world.client("coordinator"), NOW.date()

    def cost() -> int:
        client.get(form_url(world))
        return count_queries(lambda: client.get(form_url(world)))

    given: dict[str, Any] = {"title": "x", "first": day, "last": day, "name": "x", "blob": "", "sha256": "", "size": 1}
    given |= {"created_by": world.people["coordinator"], "created_at": NOW, "campaign": world.campaign}
    Bulletin.objects.create(number=1, **given)
    few = cost()
    for number in range(2, 40):
        Bulletin.objects.create(number=number, **given)
    assert cost() == few
