"""指标原文: imported or entered by hand, carried to new editions and next year, and shown beside our phrase."""

from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse
from openpyxl import load_workbook

from creation.campaigns import campaign_lifecycle
from creation.campaigns.editions import comparison, confirmation
from creation.campaigns.official_wording import fingerprint
from creation.imports.import_plan import LineState
from creation.models import AuditEntry, Campaign, EditionChange, Indicator, IndicatorSystem, Task
from creation.models.indicator import CLAUSE_LENGTH, WORDING_LENGTH
from creation.papers import self_assessment
from creation.tasks import workflow
from reports.ledger import LedgerCover, LedgerRequest, columns, read_ledger, write_ledger
from reports.word import assessment as paper
from tests.support import import_steps
from tests.support import workbook_files as make
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

HEAD = ("编号", "三级指标（要点）")
WORDS = "每年至少组织1次行政执法案卷评查。"
SOURCE = "《漯河市源汇区法治政府建设示范创建工作实施方案》第四部分（四）第3项"
CITED = "实施方案四（四）3"
QUOTED = f"{WORDS}（{CITED}）"


def point(world: World) -> Indicator:
    return Indicator.objects.get(system=world.campaign.system_id, code="4-3-3")


def quote(world: World) -> Indicator:
    Indicator.objects.filter(pk=point(world).pk).update(official_wording=WORDS, clause=SOURCE)
    return point(world)


def bring(world: World, heading: str, text: str, *more: tuple[str, str]) -> str:
    """Import a table of one checkpoint with the named columns."""
    named = [(heading, text), *more]
    head, row = (*HEAD, *(name for name, _ in named)), ("4-3-3", "每年组织案卷评查", *(value for _, value in named))
    return import_steps.apply_workbook(world, "coordinator", "indicators", make.book([head, row]))


# Import and export


@pytest.mark.parametrize("heading", ["指标原文", "原文", "指标内容"])
def test_a_column_of_the_annex_fills_the_wording(world: World, heading: str) -> None:
    assert bring(world, heading, WORDS, ("依据", SOURCE)) == "新增 0 个要点、修改 1 个要点"
    assert (point(world).official_wording, point(world).clause) == (WORDS, SOURCE)


def test_a_column_of_contents_is_the_checkpoint_where_no_other_column_is(world: World) -> None:
    content = make.book([("编号", "指标内容", "印证资料要求"), ("4-3-3", "评查案卷", "方案")])
    import_steps.apply_workbook(world, "coordinator", "indicators", content)
    assert (point(world).title, point(world).official_wording) == ("评查案卷", "")


def test_an_empty_cell_leaves_the_wording_and_only_the_word_clears_it(world: World) -> None:
    quote(world)
    content = make.book([(*HEAD, "指标原文", "依据"), ("4-3-3", "每年组织案卷评查", "", "")])
    plan = import_steps.plan_of_workbook(world, "coordinator", "indicators", content)
    assert [line.state for line in plan.lines] == [LineState.UNCHANGED]
    content = make.book([(*HEAD, "指标原文"), ("4-3-3", "每年组织案卷评查", "清空")])
    plan = import_steps.plan_of_workbook(world, "coordinator", "indicators", content)
    assert [question.key for question in plan.questions] == ["clear"]


def test_what_was_exported_and_comes_back_changes_nothing(world: World) -> None:
    quote(world)
    for kind in ("indicators", "editions"):
        blank = world.client("coordinator").get(
            reverse("import_blank", args=[world.campaign.pk, kind]), {"filled": "1"}
        )
        content = b"".join(blank)
        texts = [cell for row in load_workbook(BytesIO(content)).active.iter_rows(values_only=True) for cell in row]
        assert {WORDS, SOURCE} <= set(texts), kind
        plan = import_steps.plan_of_workbook(world, "coordinator", kind, content)
        assert {line.state for line in plan.lines} == {LineState.UNCHANGED}, kind


# By hand


def save(world: World, wording: str, clause: str = "", seen: str = "", who: str = "coordinator") -> Any:
    checkpoint = point(world)
    address = reverse("official_wording", args=[world.campaign.pk, checkpoint.pk])
    data = {"official_wording": wording, "clause": clause, "seen": seen or fingerprint(checkpoint)}
    return world.client(who).post(address, data)


def test_a_wording_is_cleaned_and_saving_it_again_leaves_no_trace(world: World) -> None:
    save(world, "甲\x0b乙\r\n丙")
    assert point(world).official_wording == "甲\n乙\n丙"
    save(world, "甲\n乙\n丙")
    assert AuditEntry.objects.filter(act="indicator.wording").count() == 1


def test_the_office_enters_the_wording_by_hand(world: World) -> None:
    answer = save(world, f" {WORDS}\n", SOURCE)
    assert answer.url == reverse("assignment", args=[world.campaign.pk, point(world).pk])
    assert point(world).quotation == QUOTED
    entry = AuditEntry.objects.get(act="indicator.wording")
    assert (entry.detail, entry.person_id) == ("4-3-3 每年组织案卷评查（17 字）", world.people["coordinator"].pk)
    assert WORDS in world.client("coordinator").get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("wording", "clause", "said"),
    [("字" * (WORDING_LENGTH + 1), "", "指标原文有 5001 字"), ("字", "款" * (CLAUSE_LENGTH + 1), "依据有 201 字")],
)
def test_what_is_too_long_is_refused_at_its_field(world: World, wording: str, clause: str, said: str) -> None:
    answer = save(world, wording, clause)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert point(world).official_wording == ""
    assert save(world, "字" * WORDING_LENGTH, "款" * CLAUSE_LENGTH).status_code == 302


def test_what_another_person_wrote_is_not_overwritten(world: World) -> None:
    seen = fingerprint(point(world))
    quote(world)
    answer = save(world, "另一句话。", seen=seen)
    assert answer.status_code == 409
    assert f"{WORDS}（{SOURCE}）" in answer.content.decode()
    assert "另一句话。" in answer.content.decode()
    assert point(world).official_wording == WORDS


def test_a_closed_campaign_keeps_its_wording(world: World) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    assert "已结束" in save(world, WORDS).content.decode()
    assert point(world).official_wording == ""


def test_a_draft_that_shares_the_edition_of_a_running_campaign_gets_a_copy(world: World) -> None:
    running = world.campaign
    world.campaign = Campaign.objects.create(
        district=world.district, system=running.system, host=running.host, name="2027年示范创建", year=2027
    )
    assert save(world, WORDS).status_code == 302
    world.campaign.refresh_from_db()
    assert world.campaign.system_id != running.system_id
    assert point(world).official_wording == WORDS
    assert world.indicators["4-3-3"].official_wording == ""
    assert Indicator.objects.get(pk=world.indicators["4-3-3"].pk).official_wording == ""


# New editions, next year


def test_a_new_edition_brings_its_wording_and_takes_over_what_it_leaves_empty(world: World) -> None:
    quote(world)
    other = world.indicators["1-1-1"]
    Indicator.objects.filter(pk=other.pk).update(official_wording="向社会公布清单。")
    head = ("一级指标", "二级指标（项目）", "三级指标（要点）", "印证资料要求", "指标原文", "依据")
    rows = [
        ("1 依法全面履行政府职能", "1-1 深化行政审批制度改革", "1-1-1 行政审批事项清单公布", "", "", ""),
        ("4 行政执法严格规范公正文明", "4-3 落实行政执法责任制", "4-3-3 每年组织案卷评查", "", "每年组织2次评查。", ""),
    ]
    import_steps.apply_workbook(world, "coordinator", "editions", make.book([head, *rows]))
    change = EditionChange.objects.get(campaign=world.campaign)
    compared = comparison.compare(change)
    assert {row.new.code: row.words for row in compared.rows} == {"1-1-1": ["未变"], "4-3-3": ["要求修改"]}
    page = world.client("coordinator").get(reverse("edition_compare", args=[world.campaign.pk]))
    assert "指标原文有修改" in page.content.decode()
    EditionChange.objects.filter(pk=change.pk).update(edition="2026年版")
    change.refresh_from_db()
    confirmation.confirm_change(change, comparison.compare(change).digest, True, world.actor("coordinator"))
    fresh = Campaign.objects.get(pk=world.campaign.pk).system.indicators
    assert fresh.get(code="4-3-3").quotation == f"每年组织2次评查。（{CITED}）"
    assert fresh.get(code="1-1-1").official_wording == "向社会公布清单。"


# Where it is read


def test_task_and_review_show_the_wording_beside_our_phrase(world: World) -> None:
    quote(world)
    world.cite("lead", "评查通报")
    task = world.tasks["lead"]
    page = world.client("liaison").get(reverse("task", args=[world.campaign.pk, task.pk])).content.decode()
    assert WORDS in page
    assert f'title="{SOURCE}">{CITED}<' in page
    answer = {"mode": "upload", "measures": "评查", "results": "通报", "highlights": ""}
    workflow.perform(workflow.MOVES["submit"], world.task("lead"), world.actor("liaison"), task.version, answer)
    page = world.client("reviewer").get(reverse("review", args=[world.campaign.pk, task.pk])).content.decode()
    assert WORDS in page
    assert f'title="{SOURCE}">{CITED}<' in page


def ledger(world: World) -> LedgerRequest:
    tasks = Task.objects.active().filter(campaign=world.campaign).with_light(TODAY, TODAY).with_late()
    cover = LedgerCover("创建工作台账", "源汇区", "全部", NOW)
    return LedgerRequest(tasks, world.campaign, cover)


def test_the_ledger_has_a_column_for_the_wording_only_where_there_is_one(world: World, tmp_path: Path) -> None:
    headings = {}
    for name in ("without", "with"):
        if name == "with":
            quote(world)
        write_ledger(ledger(world), tmp_path / "台账.xlsx")
        book = load_workbook(tmp_path / "台账.xlsx")
        headings[name] = [
            {cell for row in book[sheet].iter_rows(max_row=6, values_only=True) for cell in row}
            for sheet in ("总台账", "数据")
        ]
    assert all("指标原文" not in found for found in headings["without"])
    assert all("指标原文" in found for found in headings["with"])
    rows = read_ledger(ledger(world)).rows
    assert {row.code: row.quotation for row in rows if row.code[0].isdigit()} == {"1-1-1": "", "4-3-3": QUOTED}


def test_the_column_takes_its_width_from_others(world: World) -> None:
    assert sum(columns.LAYOUT_WITH_QUOTATION.widths) == sum(columns.LAYOUT.widths)
    assert min(columns.LAYOUT_WITH_QUOTATION.widths[1:]) >= 50


def test_the_self_assessment_quotes_each_wording_once(world: World) -> None:
    quote(world)
    document = paper.document_of(self_assessment.load_assessment(world.campaign), world.campaign, TODAY, [], [])
    assert [text for each in document.paragraphs if "指标原文" in (text := each.text)] == [f"指标原文：{QUOTED}"]


def test_wordings_of_one_source_name_it_once(world: World) -> None:
    quote(world)
    point(world).parent.children.create(
        system=world.campaign.system,
        level=3,
        code="4-3-9",
        key="4-3-9",
        order=99,
        title="x",
        official_wording="再一句。",
        clause=SOURCE,
    )
    passage = self_assessment.passage_of(world.campaign, "4-3")
    assert passage is not None
    assert passage.quoted == f"{WORDS}再一句。（{CITED}）"


def test_the_shipped_preset_names_document_and_clause_in_full(world: World) -> None:
    campaign = campaign_lifecycle.prepare_campaign("yuanhui", 2028, world.actor("coordinator"), draft=True)
    quoted = campaign.system.indicators.get(code="4-3-3")
    assert quoted.clause == SOURCE
    assert quoted.official_wording.startswith("每年至少组织1次行政执法案卷评查，")
    sources = campaign.phases.order_by("order").values_list("actions__source", flat=True)
    assert "《漯河市源汇区法治政府建设示范创建工作实施方案》第六部分（二）" in sources


@pytest.mark.parametrize(
    ("clause", "source", "expected"),
    [
        ("四（四）3", "实施方案", "《实施方案》第四部分（四）第3项"),
        ("四（四）3", "", "四（四）3"),
        ("《通知》第3条", "实施方案", "《通知》第3条"),
        ("", "实施方案", ""),
    ],
)
def test_short_signs_of_existing_campaigns_are_written_out(
    world: World, clause: str, source: str, expected: str
) -> None:
    IndicatorSystem.objects.filter(pk=world.campaign.system_id).update(source=source)
    Indicator.objects.filter(pk=point(world).pk).update(clause=clause)
    migration = import_module("creation.migrations.0013_clauses_in_full")
    migration.name_documents(apps, connection.schema_editor())
    assert point(world).clause == expected
