"""提问: a unit asks on its task, the office replies once to all who ask the same; published text names nobody."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from creation.communication import questions
from creation.communication.questions import ReplyText
from creation.lib.refusals import Refusal
from creation.models import AuditEntry, Campaign, Notice, Question, Reply, Task
from tests.support.query_counts import count_queries, page_queries
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("at_now")

ASKED = "评查通报要不要附整改材料？"
TEXT = "要附整改材料，合订成一份。"


def ask(world: World, by: str = "liaison", task: str = "lead", text: str = ASKED) -> Question:
    made = questions.ask_question(world.task(task), text, world.actor(by))
    return Question.objects.for_table().get(pk=made.pk)


def reply(world: World, question: Question, *also: Question, publish: bool = False) -> Reply:
    wording = ReplyText(TEXT, ASKED, publish)
    return questions.reply_to(question, wording, world.actor("reviewer"), also)


def page_of(world: World, who: str, name: str, task: str = "") -> str:
    args = [world.campaign.pk, *([world.tasks[task].pk] if task else [])]
    response = world.client(who).get(reverse(name, args=args))
    assert response.status_code == 200
    return response.content.decode()


def post(world: World, who: str, name: str, pk: int, **data: Any) -> Any:
    return world.client(who).post(reverse(name, args=[world.campaign.pk, pk]), data)


def notices_of(who: str) -> list[str]:
    return list(Notice.objects.filter(person__username=who, kind="question").values_list("text", flat=True))


def test_a_question_from_the_task_page_is_answered_by_the_office(world: World) -> None:
    assert post(world, "clerk", "task_ask", world.tasks["lead"].pk, text=ASKED).status_code == 302
    assert "城管局提问" in notices_of("coordinator")[0]
    found = Question.objects.get()
    listed = page_of(world, "reviewer", "questions")
    assert ASKED in listed
    assert '1<span class="visually-hidden"> 件待办' in listed
    assert post(world, "reviewer", "question", found.pk, text=TEXT).status_code == 302
    assert notices_of("clerk") == [f"提问已答复：4-3-3 每年组织案卷评查。{TEXT}"]
    assert TEXT in page_of(world, "liaison", "task", "lead")
    assert TEXT not in page_of(world, "rival", "task", "assist")
    assert ASKED not in page_of(world, "rival", "questions")
    assert "件待办" not in page_of(world, "reviewer", "questions")
    acts = AuditEntry.objects.values_list("act", flat=True)
    assert {"task.ask", "question.answer"} <= set(acts)
    assert list(world.tasks["lead"].events.values_list("label", flat=True)) == ["提问", "答复提问"]


def test_open_questions_stand_oldest_first(world: World) -> None:
    for text in ("先问", "后问"):
        ask(world, text=text)
    listed = page_of(world, "coordinator", "questions")
    assert listed.index("先问") < listed.index("后问")


def test_a_published_answer_is_read_by_all_units_of_the_point_who_do_not_learn_who_asked(world: World) -> None:
    made = reply(world, ask(world), publish=True)
    for where in ("task", "questions"):
        address = reverse(where, args=[world.campaign.pk, *([world.tasks["assist"].pk] if where == "task" else [])])
        seen = world.client("rival").get(address, {"show": "published"}).content.decode()
        assert TEXT in seen
        main = seen[seen.index("<main") :]
        assert "刘联络" not in main.split("同一指标的单位")[0] + main.split("提问与常见问题")[-1]
    alone = world.client("rival").get(reverse("reply", args=[world.campaign.pk, made.pk])).content.decode()
    assert ASKED in alone
    assert not any(name in alone for name in ("刘联络", "城管局"))
    assert notices_of("rival") == [f"常见问题已公布：4-3-3 每年组织案卷评查。{ASKED}"]
    assert TEXT not in page_of(world, "rival", "task", "other"), "another point"
    assert len(notices_of("liaison")) == 1, "who asked hears once"


@pytest.mark.parametrize("words", ["城管局的案卷怎么办？", "刘联络问的", "源汇区城管局"])
def test_a_reply_that_names_who_asked_is_not_published(world: World, words: str) -> None:
    found = ask(world)
    page = post(world, "reviewer", "question", found.pk, text=TEXT, publish="on", asked=words)
    assert page.status_code == 422
    assert "各单位会看出是谁提问" in page.content.decode()
    assert not Reply.objects.exists()
    made = reply(world, found)
    assert post(world, "reviewer", "reply_publish", made.pk, asked=words).status_code == 422
    assert post(world, "reviewer", "reply_publish", made.pk, asked=ASKED).status_code == 302
    data = {"asked": ASKED, "text": TEXT, "reason": words, "seen": 1}
    assert post(world, "reviewer", "reply_correct", made.pk, **data).status_code == 422
    assert not any(words in text for text in notices_of("rival"))


def test_replies_similar_to_the_typed_text_come_first(world: World) -> None:
    reply(world, ask(world, text="一"), publish=True)
    other = ReplyText("按原样扫描。", "照片怎样命名？", publish=True)
    questions.reply_to(ask(world, text="二"), other, world.actor("reviewer"))
    address = reverse("task_known", args=[world.campaign.pk, world.tasks["assist"].pk])
    for typed, first in (("整改材料要附吗", ASKED), ("照片命名", "照片怎样命名？")):
        shown = world.client("rival").get(address, {"text": typed}).content.decode()
        assert shown.index(first) == min(shown.index(each) for each in (ASKED, "照片怎样命名？"))
        assert shown.count('<details class="known" open>') == 1


def test_the_same_question_is_not_answered_twice(world: World) -> None:
    first, same, third = ask(world), ask(world, "rival", "assist", "要附整改吗？"), ask(world, "rival", "other")
    assert list(questions.similar_questions(first)) == [same]
    made = reply(world, first, same)
    post(world, "coordinator", "question_point", third.pk, reply=made.pk)
    assert not Question.objects.get(pk=third.pk).reply, "neither of its point nor published"
    post(world, "reviewer", "reply_publish", made.pk, asked=ASKED)
    post(world, "coordinator", "question_point", third.pk, reply=made.pk)
    assert set(Question.objects.values_list("reply", flat=True)) == {made.pk}
    assert len([text for text in notices_of("rival") if text.startswith("提问已答复")]) == 2
    with pytest.raises(Refusal, match="由他人答复"):
        reply(world, first)
    assert Reply.objects.count() == 1


def test_a_corrected_reply_keeps_the_old_text_readable(world: World) -> None:
    made = reply(world, ask(world), publish=True)
    data = {"asked": ASKED, "text": "不用附。", "reason": "上级有新口径", "seen": 1}
    assert post(world, "coordinator", "reply_correct", made.pk, **data).status_code == 302
    address = reverse("reply", args=[world.campaign.pk, made.pk])
    for who in ("liaison", "rival"):
        page = world.client(who).get(address).content.decode()
        assert all(words in page for words in ("不用附。", "上级有新口径", "第 2 版", TEXT))
        assert any("答复已更正" in text for text in notices_of(who))
    assert post(world, "coordinator", "reply_correct", made.pk, **data).status_code == 422, "the version has moved on"


def test_wordings_from_before_the_publication_are_not_shown_to_the_others(world: World) -> None:
    made = reply(world, ask(world, text="城管局问：要附吗？"))
    early, again, shown, later = (world.actor("coordinator", NOW + timedelta(minutes=n)) for n in (10, 20, 30, 40))
    questions.correct_reply(made, 1, "", "城管局要附。", "补充", early)
    questions.correct_reply(made, 2, "", "要附。", "改写", again)
    questions.publish_reply(made, ASKED, shown)
    with time_machine.travel(later.at, tick=False):
        questions.correct_reply(made, 3, ASKED, "一律要附。", "统一口径", later)
        address = reverse("reply", args=[world.campaign.pk, made.pk])
        seen = {who: world.client(who).get(address).content.decode() for who in ("rival", "liaison", "reviewer")}
    assert "要附。" in seen["rival"]
    assert "城管局" not in seen["rival"]
    for who in ("liaison", "reviewer"):
        assert "城管局要附。" in seen[who]


def test_a_withdrawn_reply_is_marked_and_its_question_waits_again(world: World) -> None:
    found = ask(world)
    made = reply(world, found, publish=True)
    post(world, "coordinator", "reply_withdraw", made.pk, reason="口径有误")
    shown = page_of(world, "rival", "task", "assist")
    assert "口径有误" in shown
    assert "以下内容不再适用" in shown
    assert TEXT in shown
    assert list(Question.objects.waiting()) == [found]
    with pytest.raises(Refusal, match="已经撤回"):
        questions.reuse_reply(found, made, world.actor("coordinator"))
    found = Question.objects.for_table().get(pk=found.pk)
    again = questions.reply_to(found, ReplyText("以此为准。"), world.actor("coordinator"))
    assert Question.objects.get(pk=found.pk).reply == again


def test_an_unpublished_reply_is_hidden_from_other_units(world: World) -> None:
    made = reply(world, ask(world))
    address = reverse("reply", args=[world.campaign.pk, made.pk])
    codes = {who: world.client(who).get(address).status_code for who in ("leader", "inspector", "rival", "chief")}
    assert codes == {"leader": 200, "inspector": 200, "rival": 404, "chief": 404}


def test_replies_of_a_point_are_hidden_when_the_task_is_dropped(world: World) -> None:
    made = reply(world, ask(world), publish=True)
    Task.objects.filter(pk=world.tasks["assist"].pk).update(dropped_on=NOW.date())
    assert world.client("rival").get(reverse("reply", args=[world.campaign.pk, made.pk])).status_code == 404


def test_a_second_click_asks_nothing_and_an_empty_question_is_an_error(world: World) -> None:
    ask(world)
    page = post(world, "liaison", "task_ask", world.tasks["lead"].pk, text=ASKED)
    assert page.status_code == 422
    assert "不必重复提交" in page.content.decode()
    assert "请写下您的问题" in post(world, "liaison", "task_ask", world.tasks["lead"].pk).content.decode()
    assert Question.objects.count() == 1


def test_an_asker_who_left_is_answered_through_the_liaison(world: World) -> None:
    found = ask(world, "clerk")
    world.people["clerk"].is_active = False
    world.people["clerk"].save()
    reply(world, Question.objects.for_table().get(pk=found.pk))
    assert not notices_of("clerk")
    assert len(notices_of("liaison")) == 1


def test_a_closed_campaign_accepts_no_question_and_no_reply(world: World) -> None:
    found = ask(world)
    made = reply(world, ask(world, text="二"))
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    found, made = Question.objects.for_table().get(pk=found.pk), Reply.objects.get(pk=made.pk)
    for refused in (
        lambda: ask(world, text="三"),
        lambda: reply(world, found),
        lambda: questions.publish_reply(made, ASKED, world.actor("reviewer")),
        lambda: questions.withdraw_reply(made, "x", world.actor("reviewer")),
    ):
        with pytest.raises(Refusal, match="已结束"):
            refused()
    assert "向创建办提问" not in page_of(world, "liaison", "task", "lead")


def test_many_questions_need_as_many_queries_as_one(world: World) -> None:
    def cost(*pages: tuple[str, str]) -> list[int]:
        counts = []
        for who, address in pages:
            client = world.client(who)
            client.get(address)
            counts.append(count_queries(client.get, address))
        return counts

    listed = reverse("questions", args=[world.campaign.pk])
    task = reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk])
    waiting = ask(world)
    ask(world, text="又问")
    pages = [("coordinator", listed), ("coordinator", listed + "?show=answered"), ("liaison", task)]
    pages += [("rival", listed + "?show=published")]
    pages += [("reviewer", reverse("question", args=[world.campaign.pk, waiting.pk]))]
    reply(world, ask(world, text="首"), publish=True)
    few = cost(*pages)
    for number in range(20):
        reply(world, ask(world, text=f"问{number}"), publish=True)
        ask(world, text=f"再问{number}")
    assert cost(*pages) == few


def test_the_office_s_first_page_counts_what_waits_for_an_answer(world: World) -> None:
    ask(world)
    for who, seen in (("coordinator", True), ("reviewer", True), ("inspector", False), ("chief", False)):
        assert ("提问待答复" in world.client(who).get(reverse("todo")).content.decode()) is seen, who


# Questions that are on no task


GENERAL = "材料盖了电子章，还要不要再盖红章？"


def ask_generally(world: World, who: str = "liaison", text: str = GENERAL) -> Any:
    address = reverse("questions", args=[world.campaign.pk])
    return world.client(who).post(address + "new/", {"text": text})


def general(world: World, who: str = "liaison") -> Question:
    assert ask_generally(world, who).status_code == 302
    return Question.objects.for_table().get(created_by=world.people[who], task=None)


def test_a_unit_asks_what_is_on_no_task(world: World) -> None:
    assert "不针对某项任务" in page_of(world, "liaison", "questions")
    found = general(world, "clerk")
    assert (found.campaign, found.unit) == (world.campaign, world.units["城管局"])
    assert notices_of("coordinator") == [f"城管局提问：{GENERAL}"]
    assert AuditEntry.objects.filter(act="task.ask", detail=GENERAL).exists()
    office = page_of(world, "reviewer", "questions")
    assert GENERAL in office
    assert '1<span class="visually-hidden"> 件待办' in office
    assert "提问待答复" in world.client("reviewer").get("/").content.decode()
    assert GENERAL in page_of(world, "liaison", "questions")
    assert GENERAL not in page_of(world, "rival", "questions")


def test_it_is_answered_and_the_answer_is_found_where_it_was_asked(world: World) -> None:
    found = general(world)
    assert post(world, "reviewer", "question", found.pk, text="不用再盖。").status_code == 302
    assert notices_of("liaison") == [f"提问已答复：{GENERAL}。不用再盖。"]
    listed = world.client("liaison").get(reverse("questions", args=[world.campaign.pk]) + "?show=answered")
    assert "不用再盖。" in listed.content.decode()
    notice = Notice.objects.get(person=world.people["liaison"])
    assert world.client("liaison").get(notice.get_absolute_url())["Location"].endswith("?show=answered")
    told = Notice.objects.get(person=world.people["coordinator"])
    assert world.client("coordinator").get(told.get_absolute_url())["Location"] == found.get_absolute_url()


def test_a_published_answer_reaches_every_unit_without_who_asked(world: World) -> None:
    found = general(world)
    data = {"text": "不用再盖。", "publish": "on", "asked": GENERAL}
    assert "公开给所有单位" in world.client("reviewer").get(found.get_absolute_url()).content.decode()
    post(world, "reviewer", "question", found.pk, **data)
    assert notices_of("rival") == [f"常见问题已公布：不针对某项任务的问题。{GENERAL}"]
    reply_row = Reply.objects.get()
    shown = world.client("rival").get(reply_row.get_absolute_url()).content.decode()
    assert "不用再盖。" in shown
    assert "城管局" not in shown
    published = world.client("rival").get(reverse("questions", args=[world.campaign.pk]) + "?show=published")
    assert GENERAL in published.content.decode()
    outsider = world.client("outsider").get(reply_row.get_absolute_url())
    assert outsider.status_code == 404


def test_alike_questions_without_a_task_are_answered_together(world: World) -> None:
    first, second, on_task = general(world), general(world, "rival"), ask(world)
    assert list(questions.similar_questions(first)) == [second]
    reply(world, first, second)
    assert not Question.objects.get(pk=second.pk).waits
    assert Question.objects.get(pk=on_task.pk).waits


def test_a_withdrawn_answer_puts_it_back_among_the_waiting(world: World) -> None:
    made = reply(world, general(world))
    post(world, "reviewer", "reply_withdraw", made.pk, reason="写错了")
    assert "原答复已撤回" in page_of(world, "liaison", "questions")


@pytest.mark.parametrize("text", ["", GENERAL])
def test_an_empty_or_repeated_general_question_comes_back(world: World, text: str) -> None:
    general(world)
    again = ask_generally(world, text=text)
    assert again.status_code == 422
    assert ("请写下您的问题" if not text else "不必重复提交") in again.content.decode()
    assert Question.objects.count() == 1


@pytest.mark.parametrize(("who", "code"), [("leader", 403), ("coordinator", 403), ("chief", 403), ("outsider", 404)])
def test_who_asks_in_general(world: World, who: str, code: int) -> None:
    assert ask_generally(world, who).status_code == code


def test_a_merged_units_general_questions_go_along(world: World) -> None:
    from creation.models import Unit
    from creation.units import merging

    found = general(world)
    unit, into = (Unit.objects.get(pk=world.units[name].pk) for name in ("城管局", "政府办"))
    merging.merge(unit, into, unit.version, world.actor("administrator"))
    assert Question.objects.get(pk=found.pk).unit == into


@pytest.mark.parametrize("who", ["liaison", "reviewer"])
def test_forty_general_questions_cost_as_many_queries_as_one(world: World, who: str) -> None:
    def cost() -> int:
        client = world.client(who)
        return page_queries(client, reverse("questions", args=[world.campaign.pk]))

    general(world)
    few = (cost(), cost())[1]
    for number in range(39):
        ask_generally(world, text=f"问题{number}")
    Notice.objects.all().delete()
    assert cost() == few
