"""Whatever is typed on the task page is there again: after 报送, another form's button, a closed tab, a lost connection, a new login."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from creation.audit.actor import Actor
from creation.evidence import citing, items
from creation.models import Citation, Evidence, Question, Submission
from tests.support.world import NOW, World

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def citation(world: World) -> Citation:
    text = {"title": "工作简报", "text": "正文", "confidentiality": "public"}
    actor = Actor(world.people["liaison"], NOW, "")
    return items.add(world.task("lead"), "brief", {"text": "正文"}, text | {"declared": True}, actor)


def row(citation: Citation) -> str:
    return f"#citation-{citation.pk}"


def field(citation: Citation, name: str) -> str:
    return f"#citation-{citation.pk}-{name}"


def edit(window: Any, citation: Citation) -> None:
    window.wait_for_selector(field(citation, "title"))
    window.click(f"{row(citation)} .piece-more summary")


def state(window: Any, citation: Citation, words: str) -> None:
    window.locator(f"{row(citation)} [data-state]", has_text=words).wait_for(timeout=60_000)


def arrives(window: Any, title: str) -> None:
    """The page that is left and the one that is opened both send it; whichever was first, it is saved."""
    for _ in range(200):
        if Evidence.objects.get().title == title:
            return
        window.wait_for_timeout(100)
    assert Evidence.objects.get().title == title


class TestPieces:
    def test_leaving_a_field_saves_it(self, site: Any, citation: Citation) -> None:
        window = site()
        edit(window, citation)
        window.fill(field(citation, "title"), "部署会纪要")
        window.fill(field(citation, "dated_on"), "2026-06-30")
        window.focus(field(citation, "issuer"))
        state(window, citation, "已保存")
        evidence = Evidence.objects.get()
        assert (evidence.title, evidence.dated_on) == ("部署会纪要", date(2026, 6, 30))

    def test_handing_in_waits_for_what_was_typed_last(self, site: Any, citation: Citation) -> None:
        window = site()
        edit(window, citation)
        window.fill("#id_measures", "逐项自查")
        window.focus(field(citation, "issuer"))
        window.keyboard.type("区城管局")
        window.evaluate("document.querySelector('.save-bar .btn-primary').click()")  # the field is not left before
        window.wait_for_selector("main > .alert-success")
        assert Submission.objects.get().cited.get().issuer == "区城管局"

    def test_what_one_removed_on_the_page_is_handed_in_without_a_question(
        self, site: Any, citation: Citation, world: World
    ) -> None:
        other = world.cite("lead", "会议纪要")
        window = site()
        window.fill("#id_measures", "逐项自查")
        edit(window, other)
        window.click(f"{row(other)} button:has-text('移除')")
        window.wait_for_selector(f"{row(other)}.removed")
        window.click(".save-bar .btn-primary")
        window.wait_for_selector("main > .alert-success")
        assert Submission.objects.get().cited.get().number == str(citation.number)

    def test_what_the_bar_could_not_ask_without_a_network_it_asks_later(self, site: Any, citation: Citation) -> None:
        window = site()
        edit(window, citation)
        context, state_of_area = window.context, "**/evidence-state/"
        with window.expect_response(state_of_area):
            window.fill(field(citation, "issuer"), "区城管局")
            window.focus(field(citation, "title"))
        summary = window.locator(".save-bar [data-evidence]")
        assert "1 份" in summary.inner_text()
        window.route(state_of_area, lambda route: route.abort())
        with window.expect_event("requestfailed"):
            window.click(f"{row(citation)} button:has-text('移除')")
        window.unroute(state_of_area)
        context.set_offline(True)
        context.set_offline(False)
        window.locator(".save-bar [data-evidence]", has_text="还没有材料").wait_for()

    def test_a_date_filled_in_half_is_said_and_stops_handing_in(self, site: Any, citation: Citation) -> None:
        window = site()
        edit(window, citation)
        window.fill("#id_measures", "逐项自查")
        window.focus(field(citation, "dated_on"))
        window.keyboard.type("06")
        window.click(".save-bar .btn-primary")
        window.locator("#pieces-state", has_text="“成文日期”没有填完整").wait_for()
        assert not Submission.objects.exists()

    def test_a_title_that_is_refused_does_not_look_saved(self, site: Any, citation: Citation) -> None:
        window = site()
        edit(window, citation)
        window.fill(field(citation, "title"), "")
        window.focus(field(citation, "issuer"))
        state(window, citation, "没有保存：题名")
        window.fill(field(citation, "title"), "改好的题名")
        window.focus(field(citation, "issuer"))
        state(window, citation, "已保存")
        assert Evidence.objects.get().title == "改好的题名"

    def test_offline_and_after_closing_the_tab_the_row_opens_with_the_text(self, site: Any, citation: Citation) -> None:
        window = site()
        context = window.context
        edit(window, citation)
        context.set_offline(True)
        window.fill(field(citation, "title"), "断网时写的题名")
        window.focus(field(citation, "issuer"))
        state(window, citation, "离线")
        window.close()
        context.set_offline(False)
        arrives(site(), "断网时写的题名")

    def test_after_a_timeout_the_next_login_saves_it(self, site: Any, citation: Citation, world: World) -> None:
        window = site()
        edit(window, citation)
        window.context.clear_cookies(name="sessionid")
        window.fill(field(citation, "title"), "超时后写的题名")
        window.focus(field(citation, "issuer"))
        state(window, citation, "登录已过期")
        cookie = world.client("liaison").cookies["sessionid"].value
        window.context.add_cookies([{"name": "sessionid", "value": cookie, "url": window.url}])
        window.reload()
        arrives(window, "超时后写的题名")

    @pytest.mark.parametrize(("button", "title"), [("用我填写的", "乙窗口的题名"), ("用已保存的", "甲窗口的题名")])
    def test_two_windows_choose_one_text(self, site: Any, citation: Citation, button: str, title: str) -> None:
        first, second = site(), site()
        edit(first, citation)
        edit(second, citation)
        first.fill(field(citation, "title"), "甲窗口的题名")
        first.focus(field(citation, "issuer"))
        state(first, citation, "已保存")
        second.fill(field(citation, "title"), "乙窗口的题名")
        second.focus(field(citation, "issuer"))
        second.locator(".piece-choice", has_text="题名：甲窗口的题名").wait_for()
        second.get_by_role("button", name=button).click()
        second.wait_for_function("() => !document.querySelector('.piece-choice')")
        state(second, citation, "已保存" if button == "用我填写的" else "已采用")
        assert second.input_value(field(citation, "title")) == title
        assert Evidence.objects.get().title == title

    def test_folding_what_is_not_in_the_row_saves_it(self, site: Any, citation: Citation) -> None:
        window = site()
        edit(window, citation)
        window.focus(field(citation, "passage"))
        window.keyboard.type("第三页")
        window.click(f"{row(citation)} .piece-more summary")
        state(window, citation, "已保存")
        window.locator(f"{row(citation)} [data-notes]", has_text="证明段落：第三页").wait_for()

    def test_a_piece_that_cannot_be_changed_any_more_shows_the_text(
        self, site: Any, citation: Citation, world: World
    ) -> None:
        window = site()
        context = window.context
        edit(window, citation)
        context.set_offline(True)
        window.fill(field(citation, "title"), "来不及保存的题名")
        window.focus(field(citation, "issuer"))
        state(window, citation, "离线")
        window.close()
        type(world.task("lead")).objects.filter(pk=world.task("lead").pk).update(
            status="submitted", first_submitted_at=NOW
        )
        context.set_offline(False)
        site().locator(".piece-kept", has_text="来不及保存的题名").wait_for()


def open_folds(window: Any) -> None:
    window.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")


# Values for every field of a kind that somebody types into, on the page as the browser shows it.
TYPE_EVERYWHERE = """() => {
  const skipped = ["hidden", "file", "submit", "button", "search", "checkbox", "radio"];
  const typed = {};
  document.querySelectorAll("main form input, main form textarea, main [form]").forEach((field) => {
    if (skipped.includes(field.type) || !field.name || field.closest("[hidden]") || field.readOnly) return;
    if (!field.matches("input, textarea")) return;
    const key = `${field.form.getAttribute("action")} ${field.name}`;
    const byType = { date: "2026-12-31", number: "95", url: "https://example.cn/1" };
    field.value = byType[field.type] || `键入的内容${Object.keys(typed).length}`;
    typed[key] = field.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return typed;
}"""
READ_EVERYWHERE = """() => Object.fromEntries([...document.querySelectorAll("main form input, main form textarea, main [form]")]
  .filter((field) => field.name && field.form).map((field) => [`${field.form.getAttribute("action")} ${field.name}`, field.value]))"""


def settled(window: Any) -> None:
    open_folds(window)
    window.wait_for_load_state("networkidle")


class TestOtherForms:
    def test_every_field_of_every_form_is_there_after_the_tab_was_closed(
        self, site: Any, citation: Citation, world: World
    ) -> None:
        window = site()
        context = window.context
        edit(window, citation)
        settled(window)
        context.set_offline(True)
        typed = window.evaluate(TYPE_EVERYWHERE)
        assert len(typed) > 12
        window.close()
        context.set_offline(False)
        again = site()
        settled(again)
        again.wait_for_selector(field(citation, "title"))
        found = again.evaluate(READ_EVERYWHERE)
        assert {key: found.get(key) for key in typed} == typed

    def test_a_question_that_was_not_sent_is_there_after_handing_in(self, site: Any, citation: Citation) -> None:
        window = site()
        open_folds(window)
        window.fill("#questions textarea", "照片算不算印证材料？")
        window.fill("#id_measures", "逐项自查")
        window.click(".save-bar .btn-primary")
        window.wait_for_selector("main > .alert-success")
        assert window.input_value("#questions textarea") == "照片算不算印证材料？"
        window.locator(".kept-note", has_text="还没有提交").wait_for()
        window.click("#questions button[type=submit]")
        window.wait_for_selector("main > .alert-success")
        assert Question.objects.get().text == "照片算不算印证材料？"
        assert window.evaluate("Object.keys(localStorage).filter(key => key.startsWith('form:')).length") == 0

    def test_what_was_kept_can_be_cleared(self, site: Any, world: World) -> None:
        window = site()
        open_folds(window)
        window.fill("#questions textarea", "不问了")
        window.reload()
        window.get_by_role("button", name="清除").click()
        assert window.input_value("#questions textarea") == ""
        window.reload()
        assert window.input_value("#questions textarea") == ""

    def test_a_form_that_the_server_refused_is_kept_until_it_is_taken(self, site: Any, world: World) -> None:
        window = site()
        open_folds(window)
        window.fill("#questions textarea", "没有送到的问题")
        window.context.set_offline(True)
        window.click("#questions button[type=submit]")
        window.wait_for_timeout(500)
        window.context.set_offline(False)
        again = site()
        assert again.input_value("#questions textarea") == "没有送到的问题"


def hand_in(world: World, number: int) -> None:
    Submission.objects.create(
        task=world.task("lead"), number=number, mode="statement", statement="没有此项业务", handed_on=NOW.date(),
        created_by=world.people["liaison"], created_at=NOW, digest="0" * 64,
    )  # fmt: skip


class TestOffice:
    def test_an_opinion_that_was_sent_does_not_come_back_in_the_next_review(
        self, site: Any, world: World, live_server: Any
    ) -> None:
        task = world.task("lead")
        type(task).objects.filter(pk=task.pk).update(status="submitted", first_submitted_at=NOW)
        hand_in(world, 1)
        window = site("reviewer")
        address = live_server.url + reverse("review", args=[world.campaign.pk, task.pk])
        window.goto(address)
        open_folds(window)
        window.select_option("form[data-kept] [name=reason]", "missing")
        window.fill("form[data-kept] textarea[name=comment]", "请补会议纪要")
        window.click("form[data-kept] button.btn-danger")
        window.wait_for_selector("main > .alert-success")  # the queue, where this form is not
        type(task).objects.filter(pk=task.pk).update(status="submitted")
        hand_in(world, 2)
        window.goto(address)
        assert window.input_value("form[data-kept] textarea[name=comment]") == ""

    def test_an_opinion_that_was_not_sent_is_there_again(self, site: Any, world: World, live_server: Any) -> None:
        task = world.task("lead")
        type(task).objects.filter(pk=task.pk).update(status="submitted", first_submitted_at=NOW)
        hand_in(world, 1)
        window = site("reviewer")
        address = live_server.url + reverse("review", args=[world.campaign.pk, task.pk])
        window.goto(address)
        open_folds(window)
        window.fill("textarea[name=comment]:visible", "请补会议纪要")
        window.goto(live_server.url + "/notices/")
        window.goto(address)
        assert window.input_value("form[data-kept] textarea[name=comment]") == "请补会议纪要"


def test_only_data_that_a_script_saves_is_answered_as_data(world: World, citation: Citation) -> None:
    url = reverse("citation_edit", args=[world.campaign.pk, world.tasks["lead"].pk, citation.pk])
    seen = citing.cited_evidence(citation).evidence.version
    data = {"title": "新题名", "confidentiality": "public", "text": "正文", "version": seen}
    saved = world.client("liaison").post(url, data, headers={"accept": "application/json"})
    assert saved.json()["version"] == seen + 1
    late = world.client("liaison").post(url, data | {"title": "另一个"}, headers={"accept": "application/json"})
    assert (late.status_code, late.json()["values"]["title"]) == (409, "新题名")
    wrong = world.client("liaison").post(url, data | {"title": ""}, headers={"accept": "application/json"})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["title"])
