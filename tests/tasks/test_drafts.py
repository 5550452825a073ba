"""Typed text is never lost: saved while typing, offered after an interruption, compared when two windows differ."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from creation.evidence import citing
from creation.models import AuditEntry, Draft, Submission
from creation.tasks import drafts
from tests.support.world import NOW, World
from tests.tasks.test_moves import make

TEXT = {"mode": "statement", "measures": "逐项自查", "statement": "没有此项业务"}


def save(world: World, who: str = "liaison", seen: int = 0, json: bool = True, **text: str) -> Any:
    url = reverse("draft", args=[world.campaign.pk, world.tasks["lead"].pk])
    headers = {"accept": "application/json"} if json else {}
    return world.client(who).post(url, TEXT | text | {"draft_seen": seen}, headers=headers)


def page(world: World, who: str = "liaison", task: str = "lead") -> str:
    found = world.task(task)
    return str(world.client(who).get(reverse("task", args=[found.campaign_id, found.pk])).content.decode())


def take(world: World, source: object, who: str = "liaison") -> Any:
    url = reverse("draft_take", args=[world.campaign.pk, world.tasks["lead"].pk])
    return world.client(who).post(url, {"source": source})


@pytest.mark.usefixtures("at_now")
class TestSaving:
    def test_a_draft_is_saved_and_shown_in_the_form_the_next_time(self, world: World) -> None:
        answer = save(world, measures="写到一半")
        assert answer.json()["saved"] == "10:00"
        shown = page(world)
        assert "写到一半" in shown
        assert "有未报送的草稿" in shown

    def test_saving_again_with_the_version_seen_succeeds(self, world: World) -> None:
        first = save(world).json()["version"]
        second = save(world, seen=first, measures="改过").json()["version"]
        assert second == first + 1
        assert Draft.objects.get().content["measures"] == "改过"

    def test_another_window_gets_a_409_with_the_other_text_and_nothing_is_overwritten(self, world: World) -> None:
        seen = save(world).json()["version"]
        save(world, seen=seen, measures="甲窗口")
        late = save(world, seen=seen, measures="乙窗口")
        assert late.status_code == 409
        assert late.json()["theirs"]["content"]["measures"] == "甲窗口"
        assert Draft.objects.get().content["measures"] == "甲窗口"

    def test_two_windows_with_the_same_text_do_not_quarrel(self, world: World) -> None:
        save(world)
        assert save(world, seen=0).status_code == 200

    def test_the_chosen_window_takes_the_place_and_the_other_text_can_be_brought_back(self, world: World) -> None:
        save(world, measures="甲窗口")
        url = reverse("draft", args=[world.campaign.pk, world.tasks["lead"].pk])
        world.client("liaison").post(url, TEXT | {"measures": "乙窗口", "keep": "1"})
        assert Draft.objects.get().content["measures"] == "乙窗口"
        assert "改回原来的内容" in page(world)
        take(world, "earlier")
        assert Draft.objects.get().content["measures"] == "甲窗口"
        take(world, "earlier")
        assert Draft.objects.get().content["measures"] == "乙窗口"

    def test_without_scripts_the_button_saves_and_a_conflict_is_a_page_with_both_texts(self, world: World) -> None:
        assert save(world, json=False, measures="甲窗口").status_code == 302
        answer = save(world, json=False, measures="乙窗口")
        shown = answer.content.decode()
        assert answer.status_code == 409
        assert "甲窗口" in shown
        assert "乙窗口" in shown
        again = answer.context["again"]
        assert world.client("liaison").post(again["url"], again["fields"]).status_code == 302
        assert Draft.objects.get().content["measures"] == "乙窗口"

    def test_what_was_handed_in_meanwhile_takes_no_draft(self, world: World) -> None:
        make(world, "submit")
        answer = save(world, measures="来晚了")
        assert answer.status_code == 409
        assert answer.json()["theirs"] is None
        assert "已报送" in answer.json()["sentence"]

    def test_a_new_draft_never_repeats_a_version(self, world: World) -> None:
        old = save(world).json()["version"]
        make(world, "submit")
        make(world, "return")
        new = save(world, measures="第二轮").json()["version"]
        assert new > old
        assert save(world, seen=old, measures="上一轮的窗口").status_code == 409

    def test_handing_in_over_a_colleagues_text_asks_first(self, world: World) -> None:
        page = world.client("liaison").get(reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk]))
        assert 'name="opened" value="2026-' in page.content.decode()
        save(world, who="clerk", measures="承办人写的")
        url = reverse("task_move", args=[world.campaign.pk, world.tasks["lead"].pk, "submit"])
        opened = (NOW - timedelta(minutes=1)).isoformat()
        answer = world.client("liaison").post(url, TEXT | {"version": 1, "draft_seen": 0, "opened": opened})
        assert answer.status_code == 409
        assert "承办人写的" in answer.content.decode()
        assert not Submission.objects.exists()
        assert world.client("liaison").post(url, answer.context["again"]["fields"]).status_code == 302
        assert Submission.objects.get().measures == TEXT["measures"]

    def test_a_piece_that_was_on_the_page_and_is_gone_asks_first(self, world: World) -> None:
        kept, removed = world.cite("lead"), world.cite("lead", "会议纪要")
        page = world.client("liaison").get(reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk]))
        shown = f"{kept.pk}:1 {removed.pk}:1"
        assert f'name="pieces" value="{shown}"' in page.content.decode()
        citing.uncite(removed, world.actor("clerk"))
        url = reverse("task_move", args=[world.campaign.pk, world.tasks["lead"].pk, "submit"])
        sent = TEXT | {"version": 1, "draft_seen": 0, "opened": NOW.isoformat(), "pieces": f"{shown} nonsense 7:x"}
        answer = world.client("liaison").post(url, sent)
        assert answer.status_code == 409
        assert "会议纪要（不再报送）" in answer.content.decode()
        assert world.client("liaison").post(url, answer.context["again"]["fields"]).status_code == 302
        assert [each.title for each in Submission.objects.get().cited.all()] == ["评查通报"]

    def test_handing_in_over_another_windows_text_asks_first(self, world: World) -> None:
        seen = save(world).json()["version"]
        save(world, seen=seen, measures="甲窗口")
        url = reverse("task_move", args=[world.campaign.pk, world.tasks["lead"].pk, "submit"])
        mine = TEXT | {"measures": "乙窗口", "version": 1, "draft_seen": seen}
        answer = world.client("liaison").post(url, mine)
        assert answer.status_code == 409
        assert "甲窗口" in answer.content.decode()
        assert "乙窗口" in answer.content.decode()
        assert Draft.objects.get().content["measures"] == "甲窗口"
        assert not Submission.objects.exists()
        assert world.client("liaison").post(url, answer.context["again"]["fields"]).status_code == 302
        assert Submission.objects.get().measures == "乙窗口"

    def test_typing_is_no_act_and_leaves_no_audit_row(self, world: World) -> None:
        save(world)
        assert not AuditEntry.objects.exists()

    def test_very_long_and_odd_text_is_taken(self, world: World) -> None:
        save(world, measures="字" * 25_000, results="a\x00b", highlights="一\r\n二")
        content = Draft.objects.get().content
        assert (len(content["measures"]), content["results"], content["highlights"]) == (20_000, "ab", "一\n二")

    @pytest.mark.parametrize("seen", ["", "abc", "-1", "99999999999999999999", "１２"])
    def test_a_version_that_is_none_counts_as_not_seen(self, world: World, seen: str) -> None:
        save(world, measures="甲窗口")
        assert save(world, seen=seen, measures="乙窗口").status_code == 409  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("who", "code"),
        [("liaison", 200), ("clerk", 200), ("coordinator", 200), ("leader", 403), ("reviewer", 403), ("rival", 404)],
    )
    def test_those_who_may_draft_may_save(self, world: World, who: str, code: int) -> None:
        assert save(world, who).status_code == code


@pytest.mark.usefixtures("at_now")
class TestColleagues:
    def test_a_colleagues_draft_is_offered_and_used(self, world: World) -> None:
        save(world, "clerk", measures="承办人写的")
        assert "使用此草稿" in page(world)
        take(world, Draft.objects.get().pk)
        assert drafts.initial_answer(world.task("lead"), world.people["liaison"]).content["measures"] == "承办人写的"

    def test_using_it_keeps_the_own_text(self, world: World) -> None:
        save(world, measures="我写的")
        save(world, "clerk", measures="承办人写的")
        take(world, Draft.objects.get(person=world.people["clerk"]).pk)
        assert "我写的" not in page(world).split("改回原来的内容")[1]
        take(world, "earlier")
        assert drafts.initial_answer(world.task("lead"), world.people["liaison"]).content["measures"] == "我写的"

    def test_the_clerk_sees_the_form_and_no_button_to_hand_in(self, world: World) -> None:
        shown = page(world, "clerk")
        assert "保存草稿" in shown
        assert "/moves/submit/" not in shown
        assert "由本单位联络员报送" in shown

    def test_a_draft_older_than_the_last_answer_is_not_offered(self, world: World) -> None:
        save(world, "clerk", measures="承办人写的")
        Draft.objects.update(saved_at=NOW - timedelta(days=1))
        make(world, "submit")
        make(world, "return")
        assert "使用此草稿" not in page(world)

    def test_a_draft_of_another_task_cannot_be_taken(self, world: World) -> None:
        other = Draft.objects.create(
            task=world.task("other"), person=world.people["rival"], content={"measures": "别人的"}, saved_at=NOW
        )
        assert take(world, other.pk).status_code == 404
        assert take(world, "nonsense").status_code == 404

    def test_after_a_return_the_draft_can_be_left_for_the_last_answer(self, world: World) -> None:
        make(world, "submit", measures="报送过的")
        make(world, "return")
        save(world, measures="改坏了")
        take(world, "answer")
        assert Draft.objects.get().content["measures"] == "报送过的"


# In the browser


def says(window: Any, words: str) -> None:
    window.wait_for_function(
        "words => document.getElementById('save-state').textContent.includes(words)", arg=words, timeout=60_000
    )


@pytest.mark.needs_chromium
@pytest.mark.django_db(transaction=True)
class TestInTheBrowser:
    def test_two_seconds_after_a_pause_the_text_is_saved(self, site: Any) -> None:
        window = site()
        window.fill("#id_measures", "逐项自查")
        says(window, "正在输入")
        assert not Draft.objects.exists()
        says(window, "已保存")
        assert Draft.objects.get().content["measures"] == "逐项自查"

    def test_what_was_typed_before_the_script_was_there_is_saved(self, site: Any) -> None:
        window = site()
        held: list[Any] = []
        window.route("**/draft*.js", lambda route: held.append(route))
        with window.expect_request("**/draft*.js"):
            window.goto(window.url, wait_until="commit")
        window.fill("#id_measures", "网速慢时先写的")
        held[0].continue_()
        says(window, "已保存")
        assert Draft.objects.get().content["measures"] == "网速慢时先写的"

    def test_leaving_the_page_saves_at_once(self, site: Any, live_server: Any) -> None:
        window = site()
        window.fill("#id_measures", "没等两秒就走")
        window.goto(live_server.url + "/notices/")
        window.goto(live_server.url + "/")
        assert Draft.objects.get().content["measures"] == "没等两秒就走"

    def test_nothing_is_sent_while_nobody_types(self, site: Any) -> None:
        window = site()
        window.wait_for_load_state("networkidle")
        sent: list[str] = []
        window.on("request", lambda request: sent.append(request.url))
        window.wait_for_timeout(3500)
        assert [url for url in sent if "/static/" not in url] == []  # a slow browser asks for the icon late

    def test_offline_the_browser_keeps_it_and_sends_it_when_back(self, site: Any) -> None:
        window = site()
        window.context.set_offline(True)
        window.fill("#id_measures", "断网时写的")
        says(window, "离线，内容暂存在本机")
        assert not Draft.objects.exists()
        window.context.set_offline(False)
        says(window, "已保存")
        assert Draft.objects.get().content["measures"] == "断网时写的"

    def test_what_only_the_browser_has_is_in_its_field_after_coming_back(self, site: Any) -> None:
        window = site()
        context = window.context
        context.set_offline(True)
        window.fill("#id_measures", "关机前写的")
        says(window, "离线")
        window.close()
        context.set_offline(False)
        again = site()
        assert again.input_value("#id_measures") == "关机前写的"
        says(again, "已保存")

    def test_two_windows_show_both_texts_and_the_chosen_one_is_kept(self, site: Any) -> None:
        first, second = site(), site()
        first.fill("#id_measures", "甲窗口的内容")
        says(first, "已保存")
        second.fill("#id_measures", "乙窗口的内容")
        says(second, "另一窗口改过")
        assert "甲窗口的内容" in second.inner_text("[data-theirs]")
        assert "乙窗口的内容" in second.inner_text("[data-mine]")
        second.click("[data-keep]")
        says(second, "已保存")
        draft = Draft.objects.get()
        assert (draft.content["measures"], draft.content["earlier"]["measures"]) == ("乙窗口的内容", "甲窗口的内容")
        says(first, "已换成您在另一窗口选定的内容")
        assert first.input_value("#id_measures") == "乙窗口的内容"
        first.fill("#id_measures", "乙窗口的内容，再补一句")
        says(first, "已保存")
        assert not first.is_visible("#draft-conflict")  # asked once

    def test_taking_the_other_windows_text_keeps_the_own_one_at_hand(self, site: Any) -> None:
        first, second = site(), site()
        first.fill("#id_measures", "甲窗口的内容")
        says(first, "已保存")
        second.fill("#id_measures", "乙窗口的内容")
        says(second, "另一窗口改过")
        second.click("[data-take]")
        assert second.input_value("#id_measures") == "甲窗口的内容"
        second.click("[data-restore]")
        assert second.input_value("#id_measures") == "乙窗口的内容"

    def test_after_a_timeout_the_text_is_kept_and_saved_after_the_next_login(self, site: Any, world: World) -> None:
        window = site()
        window.context.clear_cookies(name="sessionid")
        window.fill("#id_measures", "超时后写的")
        says(window, "登录已过期")
        assert window.get_attribute("#save-state a", "href").endswith(
            f"/tasks/{world.tasks['lead'].pk}/".replace("/", "%2F")
        )
        cookie = world.client("liaison").cookies["sessionid"].value
        window.context.add_cookies([{"name": "sessionid", "value": cookie, "url": window.url}])
        window.reload()
        says(window, "已保存")
        assert Draft.objects.get().content["measures"] == "超时后写的"

    def test_handing_in_again_after_a_timeout_hands_in_what_was_typed_last(
        self, site: Any, live_server: Any, world: World
    ) -> None:
        window = site()
        window.check("#mode-statement", force=True)
        window.fill("#id_statement", "第一稿")
        says(window, "已保存")
        window.context.clear_cookies(name="sessionid")
        window.fill("#id_statement", "定稿")
        window.click(".save-bar .btn-primary")
        window.wait_for_url("**/login/**")
        cookie = world.client("liaison").cookies["sessionid"].value
        window.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        window.goto(window.url)  # leads back to the task
        assert "第一稿" in window.text_content("#draft-found")  # at hand, not in the form
        window.click(".save-bar .btn-primary")
        window.wait_for_selector(".alert-success")
        assert Submission.objects.get().statement == "定稿"

    def test_what_was_typed_for_an_earlier_answer_is_only_offered(self, site: Any, world: World) -> None:
        window = site()
        window.context.set_offline(True)
        window.fill("#id_measures", "上一轮写的")
        says(window, "离线")
        window.context.set_offline(False)
        make(world, "submit")
        make(world, "return")
        window.reload()
        window.wait_for_selector("#draft-found:not([hidden])")
        assert window.input_value("#id_measures") != "上一轮写的"
        window.click("[data-restore]")
        assert window.input_value("#id_measures") == "上一轮写的"

    def test_handing_in_while_a_save_is_under_way_hands_in_the_newest_text(self, site: Any, world: World) -> None:
        window = site()
        window.check("#mode-statement", force=True)
        window.fill("#id_statement", "第一稿")
        window.wait_for_timeout(1950)
        window.fill("#id_statement", "定稿")
        window.click(".save-bar .btn-primary")
        window.wait_for_selector(".alert-success")
        assert Submission.objects.get().statement == "定稿"
        assert window.evaluate("localStorage.length") == 0
        assert not Draft.objects.exists()

    def test_the_keyboard_alone_answers_the_task(self, site: Any) -> None:
        window = site()
        window.focus("#mode-upload")
        window.keyboard.press("ArrowRight")
        window.keyboard.press("ArrowRight")
        window.keyboard.press("Tab")
        window.keyboard.type("没有此项业务")
        window.focus(".save-bar .btn-primary")
        window.keyboard.press("Enter")
        window.wait_for_selector(".alert-success")
        assert Submission.objects.get().statement == "没有此项业务"

    def test_what_is_shown_on_site_asks_for_no_upload(self, site: Any) -> None:
        window = site()
        assert window.is_visible("#evidence-area")
        window.check("#mode-on_site", force=True)
        assert not window.is_visible("#evidence-area")
        window.check("#mode-upload", force=True)
        assert window.is_visible("#evidence-area")
