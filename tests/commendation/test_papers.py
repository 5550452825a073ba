"""The papers of a commendation: 审批表 and 决定 in Word, 名册 in Excel."""

from io import BytesIO

import docx
import pytest
from django.urls import reverse
from openpyxl import load_workbook

from creation.models import Commendation, Nomination, Objection, Paper
from tests.support.commended import decided_commendation
from tests.support.job_files import download_result, post_for_job
from tests.support.world import NOW, TODAY, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_data_dir", "at_now")]


@pytest.fixture
def decided(world: World) -> Commendation:
    return decided_commendation(world)


def opened(result: tuple[bytes, str]) -> docx.document.Document:
    return docx.Document(BytesIO(result[0]))


def text_of(document: docx.document.Document) -> str:
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_the_form_of_approval_has_merits_opinions_votes_and_the_notice(world: World, decided: Commendation) -> None:
    person = Nomination.objects.get(kind="person")
    where = reverse("document", args=[world.campaign.pk, "approval"])
    text = text_of(opened(download_result(world.client("coordinator"), where, {"nomination": person.pk})))
    for words in (
        "甲某某",
        "科长",
        "源汇区城管局",
        "主办案卷评查。",
        "公安机关：无不同意见（2026年7月2日）",
        "同意 1，不同意 0，弃权 0",
    ):
        assert words in text, words
    assert "2026年7月13日至2026年7月20日" in text
    assert not Paper.objects.exists()


def test_a_form_with_words_about_a_person_gets_no_number_and_is_not_kept(world: World, decided: Commendation) -> None:
    person = Nomination.objects.get(kind="person")
    where = reverse("document", args=[world.campaign.pk, "approval"])
    assert "用于盖章" not in world.client("coordinator").get(where).content.decode()
    download_result(world.client("coordinator"), where, {"nomination": person.pk, "stamp": "on"})
    assert not Paper.objects.exists()
    decision = {"commendation": decided.pk, "stamp": "on"}
    download_result(world.client("coordinator"), reverse("document", args=[world.campaign.pk, "decision"]), decision)
    assert Paper.objects.get().kind == "decision"


def test_the_decision_names_the_commended_and_nobody_who_was_struck_off(world: World, decided: Commendation) -> None:
    where, sent = reverse("document", args=[world.campaign.pk, "decision"]), {"commendation": decided.pk}
    text = text_of(opened(download_result(world.client("coordinator"), where, sent)))
    for words in ("源政〔2026〕12号", "2026年7月21日", "1个先进集体、1名先进个人", "老街街道执法中队", "甲某某"):
        assert words in text, words
    assert "\n中共源汇区委\n源汇区人民政府\n" in text  # who signs together, each in a line
    Objection.objects.create(
        nomination=Nomination.objects.get(kind="person"),
        received_on=TODAY,
        text="x",
        recorded_by=world.people["coordinator"],
        recorded_at=NOW,
        upheld=True,
        handled_at=NOW,
    )
    text = text_of(opened(download_result(world.client("coordinator"), where, sent)))
    assert ("甲某某" in text, "0名先进个人" in text) == (False, True)


def test_there_is_no_decision_to_print_before_it_is_made(world: World, decided: Commendation) -> None:
    Commendation.objects.update(decided_on=None, decision_number="")
    where = reverse("document", args=[world.campaign.pk, "decision"])
    answer = world.client("coordinator").post(where, {"commendation": decided.pk})
    assert answer.status_code == 422


def test_the_list_is_a_workbook_of_the_commended(world: World, decided: Commendation) -> None:
    where = reverse("commendees_export", args=[world.campaign.pk, decided.pk])
    sheet = load_workbook(BytesIO(download_result(world.client("coordinator"), where, {})[0])).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == "年度表彰名册"
    assert rows[1] == ["序号", "类别", "名称或姓名", "单位", "职务"]
    assert [row[:4] for row in rows[2:4]] == [
        [1, "集体", "老街街道执法中队", "源汇区老街街道"],
        [2, "个人", "甲某某", "源汇区城管局"],
    ]
    assert world.client("inspector").post(where).status_code == 403


def test_a_commendation_has_one_numbered_decision_until_that_is_void(world: World, decided: Commendation) -> None:
    client, sent = world.client("coordinator"), {"commendation": decided.pk, "stamp": "on"}
    where = reverse("document", args=[world.campaign.pk, "decision"])
    download_result(client, where, sent)
    paper = Paper.objects.get()
    assert (paper.commendation, paper.title) == (decided, "表彰决定 年度表彰")
    page = client.get(decided.get_absolute_url()).content.decode()
    assert "已编号的决定" in page
    assert "编号，用于盖章" not in page
    Commendation.objects.filter(pk=decided.pk).update(decision_number="源政〔2026〕13号")
    assert "请先到“用印文件”把它作废" in client.get(post_for_job(client, where, sent)).content.decode()
    Paper.objects.update(voided_at=NOW, void_reason="文号写错")
    download_result(client, where, sent)
    assert Paper.objects.active().get().commendation == decided


def test_the_table_of_nominations_has_what_lies_beside_each(world: World, decided: Commendation) -> None:
    address = reverse("nominees_export", args=[world.campaign.pk, decided.pk])
    assert world.client("chief").post(address).status_code == 403
    content, name = download_result(world.client("coordinator"), address, {})
    assert name == "年度表彰提名汇总表_20260731.xlsx"
    rows = [[str(cell) for cell in row if cell] for row in load_workbook(BytesIO(content)).active.values]
    (row,) = [row for row in rows if "甲某某" in row]
    for words in ("主办案卷评查。", "公安机关：无不同意见", "同意 1，不同意 0，弃权 0", "表彰"):
        assert words in row, row
