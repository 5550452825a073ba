"""Papers printed from the browser: a statement for the stamp and its scan, the list of what is shown on site."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from creation.models import Assignment, AuditEntry, Evidence, Task, User
from creation.papers import statements
from tests.support.browser import BrowserSite
from tests.support.evidence_files import pdf
from tests.support.query_counts import count_queries
from tests.support.upload_requests import upload
from tests.support.world import TODAY, World
from tests.tasks.test_moves import make

pytestmark = pytest.mark.usefixtures("at_now")

TEXT = "经核查，{{ 1 }} 本年度没有此项业务。\n特此说明。"


def get(world: World, who: str, name: str, task: str = "", **query: Any) -> str:
    args = [world.campaign.pk, *([world.tasks[task].pk] if task else [])]
    response = world.client(who).get(reverse(name, args=args), query)
    assert response.status_code == 200
    return response.content.decode()


# Statements


def test_the_sample_has_its_fields_filled_in_one_pass(world: World) -> None:
    task = world.task("lead")
    task.indicator.title = "{unit}{0}"
    text = statements.sample_text(task, TODAY)
    assert text.startswith("关于“{unit}{0}”（4-3-3）的情况说明")
    assert text.endswith("源汇区城管局\n2026年7月31日")


@pytest.mark.parametrize(
    ("text", "title", "paragraphs", "day"),
    [
        (
            TEXT,
            "关于“每年组织案卷评查”（4-3-3）的情况说明",
            ["经核查，{{ 1 }} 本年度没有此项业务。", "特此说明。"],
            "2026年8月3日",
        ),
        ("关于案卷的情况说明\n\n一\n\n源汇区城管局\n2026年07月30日", "关于案卷的情况说明", ["一"], "2026年7月30日"),
        ("一\n城管局（盖章）\n", "关于“每年组织案卷评查”（4-3-3）的情况说明", ["一"], "2026年8月3日"),
        ("2026年7月30日", "关于“每年组织案卷评查”（4-3-3）的情况说明", [], "2026年7月30日"),
    ],
)
def test_a_statement_is_laid_out_with_its_own_title_and_signature(
    world: World, text: str, title: str, paragraphs: list[str], day: str
) -> None:
    found = statements.lay_out(world.task("lead"), text, date(2026, 8, 3))
    assert (found.title, found.paragraphs, found.unit, found.day) == (title, paragraphs, "源汇区城管局", day)


def test_who_writes_prints_the_draft_and_others_what_was_handed_in(world: World) -> None:
    draft = {"mode": "statement", "statement": TEXT, "seen": 0}
    world.client("clerk").post(reverse("draft", args=[world.campaign.pk, world.tasks["lead"].pk]), draft)
    assert "{{ 1 }} 本年度没有此项业务。" in get(world, "clerk", "statement", "lead")
    assert "还没有写情况说明" in get(world, "liaison", "statement", "lead")
    assert "没有以情况说明答复" in get(world, "reviewer", "statement", "lead")
    make(world, "submit", statement="<b>没有</b>此项业务。")
    for who in ("liaison", "reviewer", "assessor"):
        assert "&lt;b&gt;没有&lt;/b&gt;此项业务。" in get(world, who, "statement", "lead")


def test_the_scan_of_the_stamped_copy_is_evidence_and_the_answer_says_so(world: World, fresh_data_dir: Path) -> None:
    client, task = world.client("liaison"), world.tasks["lead"]
    assert upload(client, task, "扫描件.pdf", pdf(), stamped=True).status_code == 201
    assert Evidence.objects.get().kind == "statement"
    assert statements.has_scan(world.task("lead"))
    page = get(world, "liaison", "task", "lead")
    assert "上传盖章扫描件" in page
    make(world, "submit")
    for who in ("liaison", "reviewer"):
        assert "已上传盖章扫描件" in get(world, who, "task", "lead")
        assert "已上传盖章扫描件" in get(world, who, "statement", "lead")


def test_an_answer_without_a_scan_does_not_claim_one(world: World, fresh_data_dir: Path) -> None:
    upload(world.client("liaison"), world.tasks["lead"], "通报.pdf", pdf())
    make(world, "submit")
    assert Evidence.objects.get().kind == "document"
    assert "已上传盖章扫描件" not in get(world, "reviewer", "task", "lead")


@pytest.mark.needs_chromium
@pytest.mark.needs_fonts
def test_a_statement_prints_on_one_sheet_with_room_for_the_seal(browser_site: BrowserSite, tmp_path: Path) -> None:
    import pypdfium2

    with browser_site.acting.context("rival") as context:
        page = context.new_page()
        page.goto(browser_site.acting.urls["paper"])
        page.locator("label[for=mode-statement]").click()
        page.get_by_text("参考范文").click()
        with page.expect_response(lambda answer: "/draft/" in answer.url):
            page.get_by_role("button", name="填入范文").click()
        page.goto(browser_site.acting.urls["paper"] + "statement/")
        assert page.locator(".sign").bounding_box()["height"] < page.locator(".seal-place").bounding_box()["height"] / 2
        page.pdf(path=str(tmp_path / "s.pdf"), prefer_css_page_size=True)
    printed = pypdfium2.PdfDocument(tmp_path / "s.pdf")
    assert len(printed) == 1
    assert [round(each / 72 * 25.4) for each in printed[0].get_size()] == [210, 297]
    said = "".join(printed[0].get_textpage().get_text_range().split())
    assert "的情况说明" in said
    assert "返回任务" not in said


# Shown on site


@pytest.fixture
def on_site(world: World) -> World:
    place = {"mode": "on_site", "statement": "", "keeper": "王档案（科员）", "place": "三楼档案室 2 号柜"}
    make(world, "submit", **place)
    make(world, "submit", "rival", "other", **place | {"keeper": "李档案"})
    make(world, "submit", "rival", "assist")
    return world


def test_the_list_names_keeper_place_and_a_masked_telephone(on_site: World) -> None:
    page = get(on_site, "inspector", "on_site")
    for words in ("4-3-3", "王档案（科员）", "三楼档案室 2 号柜", "李档案", "刘联络", "138****1234", "共 2 项"):
        assert words in page
    assert "13800001234" not in page
    assert page.index("李档案") < page.index("王档案")
    by_unit = get(on_site, "inspector", "on_site", by="unit")
    assert by_unit.index("李档案") < by_unit.index("王档案")
    assert "李档案" not in get(on_site, "inspector", "on_site", section="4")
    assert "王档案" not in get(on_site, "inspector", "on_site", unit=on_site.units["老街街道"].pk)


def test_each_sees_what_may_be_seen(on_site: World) -> None:
    assert "李档案" not in get(on_site, "liaison", "on_site")
    assert "138****" not in get(on_site, "assessor", "on_site"), "no telephone at all"
    assert "显示完整手机号" not in get(on_site, "chief", "on_site")
    Task.objects.filter(pk=on_site.tasks["lead"].pk).update(status="returned")
    assert "王档案" not in get(on_site, "inspector", "on_site")


def test_who_may_number_papers_is_led_to_the_one_for_the_stamp(on_site: World) -> None:
    numbered = reverse("document", args=[on_site.campaign.pk, "on_site"])
    shown = {who: numbered in get(on_site, who, "on_site") for who in ("coordinator", "liaison", "assessor")}
    assert shown == {"coordinator": True, "liaison": False, "assessor": False}
    assert on_site.client("coordinator").get(numbered).status_code == 200


def test_full_numbers_are_shown_on_request_and_leave_one_entry(on_site: World) -> None:
    address = reverse("on_site", args=[on_site.campaign.pk])
    page = on_site.client("inspector").post(f"{address}?section=4").content.decode()
    assert "13800001234" in page
    entry = AuditEntry.objects.get(act="phone.reveal")
    assert entry.detail == "现场核查清单，1 人：刘联络"
    assert on_site.client("chief").post(address).status_code == 403


def test_who_left_is_replaced_by_the_liaison(on_site: World) -> None:
    Task.objects.filter(pk=on_site.tasks["other"].pk).update(owner=on_site.people["clerk"])
    User.objects.filter(pk=on_site.people["clerk"].pk).update(is_active=False)
    assert "马联络" in get(on_site, "inspector", "on_site")


def test_many_rows_cost_no_more_queries_than_one(on_site: World) -> None:
    client, address = on_site.client("inspector"), reverse("on_site", args=[on_site.campaign.pk])

    def cost() -> int:
        client.get(address)
        return count_queries(client.get, address)

    few = cost()
    lead = on_site.task("lead")
    latest = lead.submissions.get()
    for number in range(15):
        lead.pk, lead.period = None, f"p{number}"
        lead.save(force_insert=True)
        latest.pk, latest.task = None, lead
        latest.save(force_insert=True)
    assert Assignment.objects.exists()
    assert cost() == few
