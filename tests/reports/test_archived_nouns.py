"""Nothing disappears in silence: every noun of a campaign is archived, or is named with a reason."""

import io
from pathlib import Path

import docx
import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from creation.communication import instructions, questions
from creation.communication.instructions import InstructionText
from creation.communication.questions import ReplyText
from creation.lib.relations import Stays, models_below
from creation.models import (
    Appraisal,
    AppraisalRequest,
    Bulletin,
    Campaign,
    Commendation,
    Nomination,
    Objection,
    Opinion,
    Paper,
    PaperKind,
    Question,
)
from creation.operations import archive_check
from creation.publicity import register
from creation.rules.retention import ArchiveKind
from creation.supervision import orders, visit_plan, visits
from creation.tasks import workflow
from reports.archive.builder import build_archive
from reports.archive.contents import ARCHIVED, READERS, read_items
from reports.archive.items import ArchiveItem, ArchiveSource
from reports.archive.papers import KINDS
from tests.reports.test_archive import announce, appraise, archived, entries, find, names, text_of
from tests.reports.test_package import cite_file, submit_task
from tests.support import evidence_files
from tests.support.commended import commendation_in_nomination, decided_commendation
from tests.support.last_phases import case, issue_order, meet, publish, stored, survey, visit
from tests.support.query_counts import count_queries
from tests.support.world import NOW, TODAY, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_data_dir", "at_now")]


def items_of(world: World) -> tuple[list[ArchiveItem], dict[str, str]]:
    """Return the items of the package, and what is left out, with the reasons."""
    source = ArchiveSource(Campaign.objects.get(pk=world.campaign.pk), world.people["coordinator"], NOW)
    items = list(read_items(source))
    return items, {row.title: row.why for row in source.lacking}


def written(item: ArchiveItem, tmp_path: Path) -> str:
    assert item.make
    path = tmp_path / "made"
    item.make(path)
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def listed_in(item: ArchiveItem, tmp_path: Path) -> str:
    assert item.make
    path = tmp_path / "made"
    item.make(path)
    return str(list(load_workbook(io.BytesIO(path.read_bytes())).active.values))


def of_kind(world: World, kind: ArchiveKind) -> list[ArchiveItem]:
    return [item for item in items_of(world)[0] if item.kind is kind]


def answered_order(world: World) -> None:
    made = issue_order(world)
    world.tasks["reply"] = made.action.tasks.get()
    cite_file(world, "补齐的案卷", evidence_files.pdf(pages=3), "reply")
    task = world.task("reply")
    answer = {"mode": "upload", "measures": "", "results": "案卷已补齐", "highlights": "", "statement": "情况属实"}
    workflow.perform(workflow.MOVES["submit"], task, world.actor("liaison"), task.version, answer)
    orders.close_order(made, "已全部补齐", world.actor("inspector"), made.version)


def ask(world: World) -> Question:
    return questions.ask_question(world.task("lead"), "要不要盖章？", world.actor("liaison"))


def give_opinion(world: World) -> None:
    Opinion.objects.create(
        task=world.task("lead"), text="材料偏旧", created_by=world.people["reviewer"], created_at=NOW
    )


def request_more(appraisal: Appraisal) -> None:
    seat, point = appraisal.seats.get(), appraisal.points.get()
    AppraisalRequest.objects.create(
        seat=seat, point=point, unit=appraisal.units.get(), text="请补 2025 年的", asked_at=NOW
    )


class TestPapers:
    @pytest.mark.parametrize("kind", PaperKind)
    def test_a_paper_of_every_kind_is_archived_once_with_its_scan(self, world: World, kind: PaperKind) -> None:
        by, file = world.people["coordinator"], stored(f"{kind.label}.pdf")
        paper = Paper.objects.create(
            campaign=world.campaign, kind=kind, serial=7, title=kind.label, unit=world.units["司法局"], is_whole=True,
            digest="0" * 64, created_by=by, created_at=NOW, task=world.task("lead") if kind == "statement" else None,
            **file,
        )  # fmt: skip
        paper.scans.create(created_by=by, created_at=NOW, **stored("盖章.pdf"))
        found = [item for item in items_of(world)[0] if item.doc_number == paper.number]
        whole = [item for item in found if item.key == paper.blob]
        assert len(found) - len(whole) == 1
        assert {item.kind for item in found} == {KINDS[kind]}
        assert len(whole) == (0 if kind == PaperKind.STATEMENT else 1)  # that of a statement is among the evidence

    def test_an_issue_of_the_bulletin_is_archived_unless_it_is_a_numbered_paper(self, world: World) -> None:
        by = {"created_by": world.people["coordinator"], "created_at": NOW}
        files = [stored("第1期.docx"), stored("第2期.docx")]
        for number, file in enumerate(files, 1):
            Bulletin.objects.create(
                campaign=world.campaign, number=number, title="本周进度", first=TODAY, last=TODAY, **by, **file
            )
        Paper.objects.create(
            campaign=world.campaign, kind="bulletin", serial=1, title="工作简报 第2期", unit=world.units["司法局"],
            is_whole=True, digest="0" * 64, **by, **files[1],
        )  # fmt: skip
        assert [item.title for item in of_kind(world, ArchiveKind.BULLETIN)] == [
            "工作简报 第2期",
            "工作简报 第 1 期 本周进度",
        ]


class TestInspection:
    def test_a_visit_is_archived_with_what_was_seen_its_photos_and_the_signature(
        self, world: World, tmp_path: Path
    ) -> None:
        made = visit(world, "城管局")
        visits.sign_feedback(made, "程主任", world.actor("liaison"), made.version)
        (record,), (photo,) = of_kind(world, ArchiveKind.VISIT), of_kind(world, ArchiveKind.VISIT_PHOTO)
        assert photo.title == "公示栏 照片1"
        assert photo.folders == record.folders == ("第1轮 第一轮集中督导", "城管局")
        assert "程主任" in record.remark
        said = written(record, tmp_path)
        assert all(words in said for words in ("请补齐公示。", "公示栏", "未看到", "没有更新", "程主任"))
        (plan,) = of_kind(world, ArchiveKind.ROUND)
        assert all(words in written(plan, tmp_path) for words in ("看原件", "案卷评查记录原件", "城管局组", "已签收"))

    def test_a_visit_that_nobody_recorded_is_named(self, world: World) -> None:
        planned = visit(world, "城管局", recorded=False)
        items, lacking = items_of(world)
        assert lacking[str(planned)] == "走访没有记录"
        assert not [item for item in items if item.kind is ArchiveKind.VISIT]
        visit_plan.cancel_visit(planned, "台风", world.actor("inspector"))
        assert str(planned) not in items_of(world)[1]

    def test_an_order_is_archived_with_its_replies_and_how_it_ended(self, world: World, tmp_path: Path) -> None:
        answered_order(world)
        (item,) = of_kind(world, ArchiveKind.SUPERVISION)
        assert item.doc_number == "法督办〔2026〕第 001 号"
        said = written(item, tmp_path)
        assert all(words in said for words in ("一周内办结", "城管局", "案卷已补齐", "已全部补齐"))


class TestMeetings:
    def test_a_meeting_is_archived_with_minutes_decisions_and_sign_in_sheet(self, world: World, tmp_path: Path) -> None:
        meet(world)
        (record,), (sheet,) = of_kind(world, ArchiveKind.MEETING), of_kind(world, ArchiveKind.MEETING_FILE)
        assert sheet.title == "签到表"
        assert sheet.folders == record.folders
        said = written(record, tmp_path)
        assert all(words in said for words in ("甲主任", "一、通报进度", "会议听取了汇报。", "补齐案卷", "城管局"))

    def test_an_instruction_is_archived_with_how_it_was_handled(self, world: World, tmp_path: Path) -> None:
        text = InstructionText("请抓紧补齐案卷。", world.units["城管局"], [world.units["老街街道"]])
        made = instructions.write_instruction(world.campaign, text, world.actor("chief"))
        (item,) = of_kind(world, ArchiveKind.INSTRUCTION)
        assert item.remark == "没有办理"
        instructions.answer_instruction(made, "已督促，月底补齐", world.actor("coordinator"))
        (item,) = of_kind(world, ArchiveKind.INSTRUCTION)
        said = written(item, tmp_path)
        assert all(words in said for words in ("请抓紧补齐案卷。", world.units["老街街道"].name, "已督促，月底补齐"))


class TestDialogue:
    def test_questions_are_archived_with_their_replies(self, world: World, tmp_path: Path) -> None:
        assert not of_kind(world, ArchiveKind.QUESTIONS)
        asked = ask(world)
        questions.ask_question(world.task("lead"), "几月报送？", world.actor("liaison"))
        questions.reply_to(asked, ReplyText("要盖公章。"), world.actor("reviewer"))
        (item,) = of_kind(world, ArchiveKind.QUESTIONS)
        said = written(item, tmp_path)
        assert all(words in said for words in ("要不要盖章？", "要盖公章。", "几月报送？", "没有答复"))

    def test_opinions_are_archived_with_what_became_of_them(self, world: World, tmp_path: Path) -> None:
        give_opinion(world)
        (item,) = of_kind(world, ArchiveKind.OPINIONS)
        assert all(words in written(item, tmp_path) for words in ("材料偏旧", "没有处理"))

    def test_what_assessors_asked_for_is_a_sheet_of_the_mock_assessment(self, world: World, tmp_path: Path) -> None:
        request_more(appraise(world))
        (item,) = of_kind(world, ArchiveKind.APPRAISAL)
        assert item.make
        item.make(tmp_path / "made")
        sheet = load_workbook(io.BytesIO((tmp_path / "made").read_bytes()))["补充材料"]
        assert "请补 2025 年的" in str(list(sheet.values))


class TestPublicity:
    def test_the_register_and_the_cuttings_are_archived_and_what_is_stopped_is_not_named(
        self, world: World, tmp_path: Path
    ) -> None:
        publish(world, "执法公开日", files=("剪报.pdf",))
        hidden = publish(world, "内部消息", "https://example.org/a")
        removed = publish(world, "登记错了", "https://example.org/b")
        register.remove_publicity(removed, world.actor("liaison"))
        assert hidden.evidence
        type(hidden.evidence).objects.filter(pk=hidden.evidence_id).update(hidden_at=NOW, hide_reason="疑似涉密")
        items, lacking = items_of(world)
        (table,) = [item for item in items if item.kind is ArchiveKind.PUBLICITY]
        (cutting,) = [item for item in items if item.kind is ArchiveKind.CUTTING]
        assert cutting.title == "执法公开日 剪报"
        listed = listed_in(table, tmp_path)
        assert "执法公开日" in listed
        assert "内部消息" not in listed
        assert "登记错了" not in listed
        assert lacking["城管局 一条宣传报道"] == "链接对应的资料已隐藏或停用"
        assert lacking["宣传报道 登记错了（漯河日报）"] == "登记后已删除"
        assert "内部消息" not in str(lacking)

    def test_selected_cases_are_archived_and_the_others_named(self, world: World, tmp_path: Path) -> None:
        for title, state in (("甲", "selected"), ("乙", "submitted"), ("丙", "draft"), ("丁", "returned")):
            case(world, title, state)
        items, lacking = items_of(world)
        (item,) = [item for item in items if item.kind is ArchiveKind.CASE]
        assert item.title == "甲"
        assert all(words in written(item, tmp_path) for words in ("一线做法", "办结提速", "可复制"))
        assert lacking["典型经验 乙"] == "报送后没有审核"
        assert {"典型经验 丙", "典型经验 丁"} <= set(lacking)


class TestSurveys:
    def test_results_are_archived_and_no_single_answer(self, world: World, tmp_path: Path) -> None:
        survey(world, "年度测评", 5)
        (item,) = of_kind(world, ArchiveKind.SURVEY)
        said = written(item, tmp_path)
        assert "总体满意率 80.00%" in said
        assert "您对执法满意吗" in said
        assert "原话" not in said
        assert items_of(world)[1]["年度测评 的答卷和意见建议原文"] == "匿名作答，只归档汇总结果"

    def test_too_few_answers_and_a_running_survey_are_named_instead(self, world: World) -> None:
        survey(world, "人少的", 4)
        survey(world, "没有结束的", 9, ends=0)
        items, lacking = items_of(world)
        assert not [item for item in items if item.kind is ArchiveKind.SURVEY]
        assert lacking["人少的"] == "答卷不足 5 份，不显示结果"
        assert "才结束" in lacking["没有结束的"]


class TestCommendations:
    def test_the_decision_the_list_and_the_counts_are_archived_without_words_about_people(
        self, world: World, tmp_path: Path
    ) -> None:
        made = decided_commendation(world, "个人事迹原文")
        struck = Nomination.objects.create(
            commendation=made, serial=3, unit=world.units["司法局"], kind="person", name="丙某某", merits="个人事迹原文",
            created_by=made.created_by, created_at=NOW, proposed=True,
        )  # fmt: skip
        Objection.objects.create(
            nomination=struck, text="异议原文", received_on=TODAY, recorded_by=made.created_by, recorded_at=NOW, upheld=True,
            handled_at=NOW, handling="查实",
        )  # fmt: skip
        items, lacking = items_of(world)
        found = {item.kind: item for item in items if item.category == "评选表彰"}
        assert set(found) == {ArchiveKind.DECISION, ArchiveKind.COMMENDEES, ArchiveKind.SELECTION}
        assert {item.doc_number for item in found.values()} == {"源政〔2026〕12号"}
        texts = {kind: written(item, tmp_path) for kind, item in found.items() if item.extension == "docx"}
        listed = listed_in(found[ArchiveKind.COMMENDEES], tmp_path)
        for text in (*texts.values(), listed):
            assert "甲某某" in text
            assert not [words for words in ("丙某某", "个人事迹原文", "异议原文") if words in text]
        course = texts[ArchiveKind.SELECTION]
        assert all(words in course for words in ("2026-07-13 至 2026-07-20", "1 件，成立 1 件", "司法局个人提名 3 号"))
        assert any("不记名" in why for why in lacking.values())

    def test_the_numbered_decision_takes_the_place_of_the_one_without_a_number(self, world: World) -> None:
        made = decided_commendation(world)
        Paper.objects.create(
            campaign=world.campaign, kind="decision", serial=1, title="表彰决定", unit=world.units["司法局"],
            is_whole=True, digest="0" * 64, created_by=made.created_by, created_at=NOW, commendation=made,
            **stored("决定.docx"),
        )  # fmt: skip
        assert [item.doc_number for item in of_kind(world, ArchiveKind.DECISION)] == ["2026-0001"]
        Commendation.objects.filter(pk=made.pk).update(name="上半年表彰")
        decided_commendation(world)
        assert [item.title for item in of_kind(world, ArchiveKind.DECISION)] == ["表彰决定", "年度表彰决定（未编号）"]

    def test_one_without_a_decision_is_named_and_shows_no_vote(self, world: World, tmp_path: Path) -> None:
        commendation_in_nomination(world)
        items, lacking = items_of(world)
        assert lacking["年度表彰 的决定和名册"] == "没有作出表彰决定"
        (course,) = [item for item in items if item.category == "评选表彰"]
        assert "甲某某" not in written(course, tmp_path)


def everything(world: World) -> None:
    announce(world)
    paper = Paper.objects.create(
        campaign=world.campaign, kind="ledger", serial=9, title="台账", unit=world.units["司法局"], is_whole=True,
        digest="0" * 64, created_by=world.people["coordinator"], created_at=NOW, **stored("台账.pdf"),
    )  # fmt: skip
    paper.scans.create(created_by=world.people["coordinator"], created_at=NOW, **stored("盖章.pdf"))
    cite_file(world)
    submit_task(world)
    find(world)
    request_more(appraise(world))
    questions.reply_to(ask(world), ReplyText("要盖公章。"), world.actor("reviewer"))
    give_opinion(world)
    made = visit(world, "城管局")
    visits.sign_feedback(made, "程主任", world.actor("liaison"), made.version)
    answered_order(world)
    meet(world)
    instructions.write_instruction(world.campaign, InstructionText("抓紧。"), world.actor("chief"))
    publish(world, "执法公开日", files=("剪报.pdf",))
    case(world, "甲", "selected")
    survey(world, "年度测评", 5)
    decided_commendation(world)


def test_a_whole_year_is_packed_numbered_and_accepted_by_the_check(world: World, tmp_path: Path) -> None:
    everything(world)
    archive = archived(world, tmp_path)
    check = archive_check.check_archive(tmp_path / "a.zip")
    assert check.differences == []
    folders = {name.split("/")[0] for name in archive.namelist() if "/" in name}
    assert {"8 会议与批示", "9 宣传与典型经验", "10 满意度测评", "11 评选表彰", "12 审计链头"} <= folders
    assert len(names(archive, "11 ")) == 3
    periods = {row["题名"]: row["保管期限"] for row in entries(archive)}
    assert periods["年度表彰名册"] == "永久"
    assert periods["第三次周例会"] == "30年"
    assert periods["年度测评结果"] == "10年"
    assert "会议听取了汇报。" in text_of(archive, "第三次周例会.docx")


def test_what_is_left_out_by_rule_does_not_make_the_package_incomplete(world: World, tmp_path: Path) -> None:
    def name(**states: str) -> str:
        items, source = [], ArchiveSource(world.campaign, world.people["coordinator"], NOW)
        items = list(read_items(source))
        return build_archive(world.campaign, items, source.lacking, NOW, tmp_path / "made", lambda *said: None).name

    survey(world, "年度测评", 5)
    assert "不完整" not in name()
    case(world, "乙", "submitted")
    assert "不完整" in name()


def test_every_model_of_a_campaign_is_read_or_has_a_reason() -> None:
    below = models_below(Campaign)
    assert below - set(ARCHIVED) == set(), "nobody decided whether these are archived"
    assert set(ARCHIVED) - below == set(), "these do not hang on a campaign"
    assert {reader for reader in ARCHIVED.values() if not isinstance(reader, Stays)} <= set(READERS)


def test_what_is_said_to_be_read_is_read(world: World, tmp_path: Path) -> None:
    everything(world)
    with CaptureQueriesContext(connection) as found:
        for item in items_of(world)[0]:
            if item.make:
                item.make(tmp_path / "made")
    queried = "\n".join(query["sql"] for query in found)
    claimed = [name for name, reader in ARCHIVED.items() if not isinstance(reader, Stays)]
    tables = {name: apps.get_model("creation", name)._meta.db_table for name in claimed}
    assert [name for name, table in tables.items() if f'"{table}"' not in queried] == []


def test_reading_costs_the_same_for_one_row_and_for_many(world: World) -> None:
    def queries() -> int:
        return count_queries(items_of, world)

    everything(world)
    queries()
    before = queries()
    for number in range(6):
        visit(world, ("老街街道", "司法局")[number % 2]) if number < 2 else None
        case(world, f"甲{number}", "selected")
        publish(world, f"报道{number}", files=(f"剪报{number}.pdf",))
        instructions.write_instruction(world.campaign, InstructionText(f"抓紧{number}。"), world.actor("chief"))
        Bulletin.objects.create(
            campaign=world.campaign, number=number + 1, title="进度", first=TODAY, last=TODAY,
            created_by=world.people["coordinator"], created_at=NOW, **stored(f"{number}.docx"),
        )  # fmt: skip
    meet(world)
    answered_order(world)
    assert queries() == before
