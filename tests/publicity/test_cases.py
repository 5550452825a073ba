"""Typical cases: written and submitted by a unit, returned or selected by the office, never changed behind somebody's back."""

from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import docx
import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from creation.lib.refusals import Refusal, Stale
from creation.models import CaseState, Notice, OneTimeLink, TypicalCase
from creation.publicity import cases
from creation.publicity.cases import CaseText
from reports.word import booklet
from tests.support import evidence_files, job_files
from tests.support.lists import narrowed
from tests.support.world import NOW, TODAY, World

TEXT = CaseText(title="柔性执法", practice="首违不罚清单 23 项", results="投诉下降三成")


@pytest.fixture
def case(world: World) -> TypicalCase:
    return cases.write_case(world.campaign, world.units["城管局"], TEXT, world.actor("liaison"))


def judge(world: World, case: TypicalCase, select: bool, comment: str = "", seen: int = 2) -> TypicalCase:
    return cases.judge_case(case, select=select, comment=comment, actor=world.actor("coordinator"), seen=seen)


def test_it_is_returned_with_a_comment_and_selected_in_the_end(world: World, case: TypicalCase) -> None:
    cases.submit_case(case, world.actor("liaison"), 1)
    told = Notice.objects.filter(subject=f"case/{case.pk}")
    assert {notice.person for notice in told} == {world.people["coordinator"], world.people["reviewer"]}
    assert "城管局报送典型经验：柔性执法。请审核。" in {notice.text for notice in told}
    with pytest.raises(Refusal, match="怎样修改"):
        judge(world, case, False, " ")
    assert judge(world, case, False, "请补充数据").state == CaseState.RETURNED
    assert Notice.objects.filter(person=world.people["liaison"], text__contains="请补充数据").exists()
    cases.edit_case(case, CaseText("柔性执法", "首违不罚清单 23 项", "投诉下降 31.2%"), world.actor("liaison"), 3)
    cases.submit_case(case, world.actor("liaison"), 4)
    assert judge(world, case, True, seen=5).state == CaseState.SELECTED
    assert list(TypicalCase.objects.selected()) == [case]


def test_nobody_judges_the_own_case(world: World, case: TypicalCase) -> None:
    office = world.actor("coordinator")
    own = cases.write_case(world.campaign, world.units["城管局"], TEXT, office)
    cases.submit_case(own, office, 1)
    with pytest.raises(Refusal, match="本人起草"):
        judge(world, own, True)
    cases.submit_case(case, world.actor("liaison"), 1)
    link = OneTimeLink.objects.create(
        user=world.people["liaison"], purpose="reset", token_digest="x", issued_by=world.people["coordinator"],
        issued_at=NOW, expires_at=NOW, used_at=NOW,
    )  # fmt: skip
    with pytest.raises(Refusal, match="您签发的一次性链接"):
        judge(world, case, True)
    assert not TypicalCase.objects.selected().exists()
    link.delete()
    assert judge(world, case, True).state == CaseState.SELECTED


def test_nothing_is_changed_behind_somebodys_back(world: World, case: TypicalCase) -> None:
    with pytest.raises(Refusal, match="不能这样操作"):
        judge(world, case, True, seen=1)
    cases.edit_case(case, TEXT, world.actor("liaison"), 1)
    with pytest.raises(Stale, match="刚刚被他人更新") as stale:
        cases.submit_case(case, world.actor("liaison"), 1)
    assert "首违不罚" in str(stale.value.theirs)
    cases.submit_case(case, world.actor("liaison"), 2)
    with pytest.raises(Refusal, match="已报送"):
        cases.edit_case(case, TEXT, world.actor("liaison"), 3)


@time_machine.travel(NOW, tick=False)
def test_a_units_day_on_the_pages(world_at_work: World) -> None:
    world = world_at_work
    client, campaign = world.client("liaison"), world.campaign
    sent: dict[str, Any] = {"unit": world.units["城管局"].pk, "title": "柔性执法", "practice": "清单", "results": ""}
    address = reverse("case_new", args=[campaign.pk])
    assert "请写明成效" in client.post(address, sent).content.decode()
    client.post(address, sent | {"results": "投诉下降"})
    case = TypicalCase.objects.get()
    edit = reverse("case_edit", args=[campaign.pk, case.pk])
    assert client.post(edit, sent | {"results": "投诉下降三成", "seen": 1}).status_code == 302
    assert client.post(edit, sent | {"results": "又改", "seen": 1}).status_code == 409
    submit = reverse("case_submit", args=[campaign.pk, case.pk])
    assert "已报送" in client.post(submit, {"seen": 2}, follow=True).content.decode()
    office = world.client("coordinator")
    address = reverse("case_judge", args=[campaign.pk, case.pk])
    assert "请写明要怎样修改" in office.post(address, {"decision": "return", "seen": 3}).content.decode()
    page = office.post(address, {"decision": "select", "seen": 3}, follow=True).content.decode()
    assert "已采用" in page
    assert world.client("rival").get(case.get_absolute_url()).status_code == 404
    assert "柔性执法" in world.client("chief").get(reverse("cases", args=[campaign.pk])).content.decode()


def photo(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, evidence_files.png(), "image/png")


def on_site(world: World) -> dict[str, Any]:
    return {"unit": world.units["城管局"].pk, "title": "柔性执法", "practice": "清单 23 项", "results": "投诉下降三成"}


@time_machine.travel(NOW, tick=False)
def test_photos_are_taken_in_shown_and_taken_out_again(world_at_work: World, fresh_data_dir: object) -> None:
    world, client = world_at_work, world_at_work.client("liaison")
    address = reverse("case_new", args=[world.campaign.pk])
    paper = SimpleUploadedFile("方案.docx", evidence_files.docx(), "application/octet-stream")
    assert "不是照片" in client.post(address, on_site(world) | {"pictures": [paper]}).content.decode()
    assert not TypicalCase.objects.exists()
    client.post(address, on_site(world) | {"pictures": [photo("现场.png"), photo("宣传.png")]})
    case = TypicalCase.objects.get()
    first, second = case.pictures.all()
    shown = reverse("case_picture", args=[world.campaign.pk, case.pk, first.pk])
    assert shown in client.get(case.get_absolute_url()).content.decode()
    served: Any = client.get(shown)
    assert b"".join(served.streaming_content) == evidence_files.png()
    assert served["Content-Type"] == "image/png"
    assert world.client("rival").get(shown).status_code == 404
    edit = reverse("case_edit", args=[world.campaign.pk, case.pk])
    too_many = [photo(f"{number}.png") for number in range(cases.MAX_PICTURES - 1)]
    answer = client.post(edit, on_site(world) | {"seen": 1, "pictures": too_many})
    assert "最多 6 张" in answer.content.decode()
    assert case.pictures.count() == 2
    client.post(edit, on_site(world) | {"seen": 1, "dropped": [first.pk]})
    assert list(case.pictures.all()) == [second]


@time_machine.travel(NOW, tick=False)
def test_the_booklet_has_the_selected_ones_with_contents_units_and_photos(
    world_at_work: World, fresh_data_dir: object
) -> None:
    world, address = world_at_work, reverse("case_booklet", args=[world_at_work.campaign.pk])
    listed = reverse("cases", args=[world.campaign.pk])
    world.client("liaison").post(
        reverse("case_new", args=[world.campaign.pk]), on_site(world) | {"pictures": [photo("现场核查.png")]}
    )
    case = TypicalCase.objects.get()
    cases.submit_case(case, world.actor("liaison"), 1)
    other = cases.write_case(
        world.campaign, world.units["老街街道"], CaseText("一窗受理", "做法", "成效"), world.actor("rival")
    )
    cases.submit_case(other, world.actor("rival"), 1)
    assert "采用以后才能汇编" in world.client("coordinator").get(listed).content.decode()
    judge(world, case, True)
    content, name = job_files.download_result(world.client("coordinator"), address, {})
    assert name == "典型经验汇编_20260731.docx"
    document = docx.Document(BytesIO(content))
    contents = [[cell.text for cell in row.cells[:3]] for row in document.tables[0].rows]
    assert contents == [["序号", "题目", "单位"], ["1", "柔性执法", "城管局"]]
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert {"柔性执法", "清单 23 项", "投诉下降三成", "现场核查"} <= set(texts)
    assert "一窗受理" not in texts
    assert len(document.inline_shapes) == 1
    assert "PAGEREF case1" in document.tables[0]._tbl.xml
    assert 'w:name="case1"' in document.element.body.xml
    sheet, _ = job_files.download_result(
        world.client("coordinator"), reverse("list_export", args=[world.campaign.pk, "cases"]), {}
    )
    rows = [[cell for cell in row if cell] for row in openpyxl.load_workbook(BytesIO(sheet)).active.values]
    assert [row[1:4] for row in rows if len(row) > 3 and row[0] in (1, 2)] == [
        ["老街街道", "一窗受理", "已报送"],
        ["城管局", "柔性执法", "已采用"],
    ]
    own, _ = job_files.download_result(
        world.client("liaison"), reverse("list_export", args=[world.campaign.pk, "cases"]), {}
    )
    assert "一窗受理" not in str([*openpyxl.load_workbook(BytesIO(own)).active.values])


def test_the_list_is_searched_and_narrowed_and_the_workbook_has_what_is_listed(world: World, case: TypicalCase) -> None:
    other = CaseText(title="一窗受理", practice="调解、信访在一个窗口", results="群众少跑腿")
    cases.submit_case(
        cases.write_case(world.campaign, world.units["老街街道"], other, world.actor("rival")), world.actor("rival"), 1
    )
    both, unit = ["柔性执法", "一窗受理"], world.units["老街街道"].pk
    assert narrowed(world, "cases", {}, both) == both
    for said in ({"q": "信访"}, {"unit": str(unit)}, {"state": "submitted"}):
        assert narrowed(world, "cases", said, both) == ["一窗受理"], said
        where = f"{reverse('list_export', args=[world.campaign.pk, 'cases'])}?{urlencode(said)}"
        sheet, _ = job_files.download_result(world.client("coordinator"), where, {})
        words = str([*openpyxl.load_workbook(BytesIO(sheet)).active.values])
        assert ("一窗受理" in words, "柔性执法" in words) == (True, False), said
    assert narrowed(world, "cases", {"q": "一窗"}, both, who="liaison") == []


def test_without_a_selected_one_there_is_no_booklet(world: World, case: TypicalCase, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="还没有采用的典型经验"):
        booklet.write(world.campaign, None, TODAY, tmp_path / "booklet.docx")
