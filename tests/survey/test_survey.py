"""The satisfaction survey: one answer a code, nothing about who answered, results only from five answers up."""

import random
import re
import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from creation.lib.refusals import Refusal
from creation.models import Campaign, Survey, SurveyAnswer, SurveyBatch, SurveyUse
from creation.rules import satisfaction
from creation.survey import codes, survey_results, surveys
from creation.survey.surveys import NewSurvey
from creation.survey.tables.surveys import STATES
from creation.survey.views import surveys as survey_views
from reports import surveys as survey_reports
from tests.support.job_files import download_result
from tests.support.lists import narrowed
from tests.support.world import NOW, TODAY, World

SHEET = {"q0": "5", "q1": "2", "comment": ""}


@pytest.fixture
def survey(world: World) -> Survey:
    new = NewSurvey("满意度测评", "", ["总体评价", "执法评价"], TODAY, TODAY + timedelta(days=10))
    made = surveys.create_survey(world.campaign, new, world.actor("coordinator"))
    surveys.add_codes(made, [world.units["城管局"], world.units["老街街道"]], 10, world.actor("coordinator"))
    return made


def address(survey: Survey, serial: int) -> str:
    return reverse("survey_answer", args=[codes.code_of(survey, serial)])


@time_machine.travel(NOW, tick=False)
def test_a_code_answers_once(survey: Survey) -> None:
    stranger = Client()
    assert "总体评价" in stranger.get(address(survey, 3)).content.decode()
    assert "请为每一题选一项" in stranger.post(address(survey, 3), {"q0": "5"}).content.decode()
    assert "已收到您的评价" in stranger.post(address(survey, 3), SHEET).content.decode()
    assert "已经用过" in stranger.get(address(survey, 3)).content.decode()
    assert "已经用过" in stranger.post(address(survey, 3), SHEET).content.decode()
    stored = SurveyAnswer.objects.get()
    assert (stored.unit.short_name, stored.choices, stored.by_hand) == ("城管局", [5, 2], False)
    assert SurveyUse.objects.get().serial == 3


@time_machine.travel(NOW, tick=False)
def test_a_short_link_takes_one_answer_a_phone_until_it_is_full(world: World, survey: Survey) -> None:
    unit = world.units["老街街道"]
    (batch,) = surveys.add_links(survey, [unit], 2, world.actor("coordinator"))
    address = reverse("survey_answer", args=[codes.link_of(batch)])
    phones = [Client(enforce_csrf_checks=True) for _ in range(3)]
    pages = [phone.get(address, follow=True) for phone in phones]
    own = [page.redirect_chain[0][0] for page in pages]
    assert len(set(own)) == 3
    assert "老街街道" in pages[0].content.decode()
    assert [phone.get(address)["Location"] for phone in phones] == own  # the phone keeps its code
    assert "已收到您的评价" in phones[0].post(own[0], SHEET).content.decode()
    assert "已经用过" in phones[0].get(address, follow=True).content.decode()
    assert "已收到您的评价" in phones[1].post(own[1], SHEET).content.decode()
    assert "答卷已经收满" in phones[2].post(own[2], SHEET).content.decode()
    assert "答卷已经收满" in Client().get(address).content.decode()
    with pytest.raises(Refusal, match="已经收满"):  # also who had the page open before
        surveys.answer(survey, batch, batch.last, [5, 5], "", TODAY)
    assert survey.answers.count() == survey.uses.count() == 2
    assert Client().get(reverse("survey_answer", args=[f"{batch.pk}-AAAAAA"])).status_code == 404
    assert surveys.add_codes(survey, [unit], 3, world.actor("coordinator"))[0].first == 21  # behind the printed ones
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    assert "现在不能作答" in Client().get(address).content.decode()


@time_machine.travel(NOW, tick=False)
def test_an_answer_costs_one_query_and_two_rows(survey: Survey, django_assert_num_queries: Any) -> None:
    """What is done fifty times a second: nothing of a session or a login is read or written, and no row of the audit log."""
    stranger = Client()
    with django_assert_num_queries(1):
        page = stranger.get(address(survey, 3))
    assert not page.cookies
    with django_assert_num_queries(5):  # the code, the savepoint of the test around two rows
        stranger.post(address(survey, 3), SHEET)


@time_machine.travel(NOW, tick=False)
def test_a_campaign_that_ended_takes_no_answers_codes_or_papers(world: World, survey: Survey) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    assert "现在不能作答" in Client().post(address(survey, 3), SHEET).content.decode()
    office, unit = world.actor("coordinator"), world.units["城管局"]
    with pytest.raises(Refusal, match="不能再生成测评码"):
        surveys.add_codes(survey, [unit], 10, office)
    with pytest.raises(Refusal, match="不能再录入答卷"):
        surveys.enter_papers(survey, unit, ["5" * len(survey.questions)], office)
    assert not survey.answers.exists()


@pytest.mark.parametrize("code", ["1-99-x", "abc", "1-3", "9999999999-9999999999-x", "1-21-short"])
def test_other_codes_are_refused(survey: Survey, code: str) -> None:
    assert Client().get(reverse("survey_answer", args=[code])).status_code == 404
    forged = codes.code_of(survey, 3).replace("-3-", "-4-")
    assert Client().get(reverse("survey_answer", args=[forged])).status_code == 404
    assert Client().get(address(survey, 21)).status_code == 404  # beyond the codes that were made


def test_it_is_extended_and_a_phone_that_answered_before_does_not_answer_again(world_at_work: World) -> None:
    world, client = world_at_work, Client()
    new = NewSurvey("测评", "", ["评价"], TODAY, TODAY + timedelta(days=1))
    made = surveys.create_survey(world.campaign, new, world.actor("coordinator"))
    (batch,) = surveys.add_links(made, [world.units["城管局"]], 5, world.actor("coordinator"))
    link, form = (
        reverse("survey_answer", args=[codes.link_of(batch)]),
        reverse("survey_edit", args=[world.campaign.pk, made.pk]),
    )
    with time_machine.travel(NOW, tick=False):
        own = client.get(link, follow=True).redirect_chain[-1][0]
        assert client.cookies[f"survey-{batch.pk}"]["max-age"] > 300 * 24 * 3600
        assert "已收到" in client.post(own, {"q0": "5"}).content.decode()
        office = world.client("coordinator")
        early = office.post(form, {"ends": "2026-01-01", "intro": "", "seen": made.version}).content.decode()
        assert "结束日期不能早于开始日期" in early
        sent = {"ends": (TODAY + timedelta(days=20)).isoformat(), "intro": "延长到月底", "seen": made.version}
        assert "已保存" in office.post(form, sent, follow=True).content.decode()
        assert "刚刚被他人修改" in office.post(form, sent, follow=True).content.decode()
    with time_machine.travel(NOW + timedelta(days=15), tick=False):
        assert surveys.USED in client.get(link, follow=True).content.decode()
        assert "延长到月底" in Client().get(link, follow=True).content.decode()


def test_what_is_over_does_not_go_on_again(world: World, survey: Survey) -> None:
    """Ended, looked at, prolonged by a day for one answer, ended again: that answer would be the difference."""
    batch = survey.batches.earliest("first")
    ended = world.actor("coordinator", NOW + timedelta(days=11))  # while nobody has answered, it may
    surveys.change_survey(survey, TODAY + timedelta(days=30), "延长", survey.version, ended)
    survey.refresh_from_db()
    surveys.answer(survey, batch, 1, [5, 2], "", TODAY)
    over = world.actor("coordinator", NOW + timedelta(days=31))
    with pytest.raises(Refusal, match="不能再延长"):
        surveys.change_survey(survey, TODAY + timedelta(days=40), "再延长", survey.version, over)
    surveys.change_survey(survey, survey.ends, "谢谢参与", survey.version, over)  # the words may still change
    survey.refresh_from_db()
    assert (survey.ends, survey.intro) == (TODAY + timedelta(days=30), "谢谢参与")


@time_machine.travel(NOW + timedelta(days=20), tick=False)
def test_after_the_end_it_says_so(survey: Survey) -> None:
    assert "现在不能作答" in Client().get(address(survey, 3)).content.decode()
    assert Client().post(address(survey, 3), SHEET).status_code == 200
    assert not SurveyAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_phones_with_the_same_code_at_once(world: World, survey: Survey) -> None:
    batch, said = survey.batches.earliest("first"), []

    def send() -> None:
        try:
            surveys.answer(survey, batch, 3, [5, 5], "", TODAY)
            said.append("stored")
        except Refusal as refused:
            said.append(refused.sentence)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == sorted(["stored", surveys.USED])
    assert SurveyAnswer.objects.count() == 1


def test_results_are_shown_from_five_answers_up(world: World, survey: Survey) -> None:
    unit = world.units["城管局"]
    surveys.enter_papers(survey, unit, ["55", "44", "33", "20"], world.actor("coordinator"))
    found = survey_results.results_of(survey, TODAY)
    assert found.whole.rate is None
    assert [each.result for each in found.units] == [None, None]
    assert survey_results.comments_of(survey, TODAY) == []
    surveys.enter_papers(survey, unit, ["2 2"], world.actor("coordinator"))
    found = survey_results.results_of(survey, TODAY)
    first, second = (result for _, result in found.questions)
    assert first.rate == Decimal("60.00")
    assert second.rate == Decimal("75.00")  # one does not know
    assert {each.unit.short_name: each.answered for each in found.units} == {"老街街道": 0, "城管局": 5}


@pytest.mark.parametrize(
    ("answers", "until"),
    [
        ([], None),
        ([5], None),  # of today
        ([9, 1], None),  # fewer than five would be left for the end
        ([5, 5], 0),
        ([3, 2, 5], 1),
        ([5, 4, 4], 0),
        ([5, 5, 5], 1),
        ([5, 1, 4, 9], 2),
        ([5, 9, 0, 5], 1),
        ([2, 2], None),
    ],
)
def test_answers_are_counted_in_steps_of_five_of_whole_days(answers: list[int], until: int | None) -> None:
    """The last of the days is today."""
    days = {TODAY + timedelta(days=place - len(answers) + 1): number for place, number in enumerate(answers) if number}
    last = None if until is None else TODAY + timedelta(days=until - len(answers) + 1)
    assert satisfaction.counted_until(days, TODAY) == last


def test_two_looks_never_differ_by_fewer_than_five_answers(world: World, survey: Survey) -> None:
    """Answers dribble in; at each of them, each day and at the end somebody compares each unit with the look before."""
    chance, small, large = random.Random(5), *survey.batches.order_by("first")
    surveys.enter_papers(survey, small.unit, ["55"] * 3, world.actor("coordinator"))
    serials = {small: iter(range(small.first, small.first + 4)), large: iter(range(large.first, large.last + 1))}
    days = [TODAY + timedelta(days=number) for number in range(12)]
    before: dict[str, int] = {}
    for day in days:
        with time_machine.travel(NOW + (day - TODAY), tick=False):
            for batch in chance.choices([small, large, large], k=2) if day < days[-2] else ():
                if serial := next(serials[batch], None):
                    surveys.answer(survey, batch, serial, [5, 2], f"意见 {serial}", day)
                found = survey_results.results_of(survey, day)
                looks = {each.unit.short_name: each.counted for each in found.units}
                steps = {number - before.get(name, 0) for name, number in looks.items() if number != before.get(name)}
                assert not before or all(step >= 5 for step in steps), (day, before, looks)
                assert found.waiting == found.answered - sum(looks.values())
                assert len(survey_results.comments_of(survey, day)) in (0, sum(looks.values()) - 3)
                before = looks
    with time_machine.travel(NOW + timedelta(days=11), tick=False):
        page = world.client("chief").get(survey.get_absolute_url()).content.decode()
    assert not survey.is_open(days[-1])
    assert "没有计入" not in page
    found = survey_results.results_of(survey, days[-1])
    assert found.whole.forms == found.answered == survey.answers.count()
    # Who entered the three papers could subtract them from seven.
    assert found.units[0].result is None


@time_machine.travel(NOW, tick=False)
def test_what_is_not_counted_yet_is_said(world: World, survey: Survey) -> None:
    for serial in range(1, 8):
        Client().post(address(survey, serial), SHEET | {"comment": "办事方便"})
    for later, counted in ((0, False), (1, False), (11, True)):
        with time_machine.travel(NOW + timedelta(days=later), tick=False):
            page = world.client("chief").get(survey.get_absolute_url()).content.decode()
            board = survey_results.latest_total(world.campaign, TODAY + timedelta(days=later))
        assert ("还有 7 份扫码答卷没有计入" in page) is not counted
        assert ("办事方便" in page) is counted
        assert (board is not None) is counted


def test_few_answers_behind_codes_are_not_told_from_many_papers(world: World, survey: Survey) -> None:
    batch = survey.batches.earliest("first")
    surveys.enter_papers(survey, batch.unit, ["55"] * 9, world.actor("coordinator"))
    surveys.answer(survey, batch, 1, [2, 2], "", TODAY)
    found = survey_results.results_of(survey, TODAY + timedelta(days=11))
    assert (found.whole.forms, found.waiting, found.whole.rate) == (9, 1, Decimal(100))


def test_few_answers_cannot_be_found_by_subtraction(world: World, survey: Survey) -> None:
    """Four answers of one unit would be the whole less the others: the next smallest unit is withheld as well."""
    for name, forms in (("城管局", ["55"] * 4), ("老街街道", ["44"] * 6), ("司法局", ["33"] * 9)):
        surveys.enter_papers(survey, world.units[name], forms, world.actor("coordinator"))
    found = survey_results.results_of(survey, TODAY)
    assert {each.unit.short_name: each.why_withheld for each in found.units} == {
        "城管局": "不足 5 份",
        "老街街道": "一并不显示",
        "司法局": "",
    }
    page = world.client("chief").get(survey.get_absolute_url()).content.decode()
    assert "一并不显示" in page
    assert "免得由总数相减推出来" in page


@pytest.mark.parametrize(
    ("answers", "hidden"),
    [
        ({1: 9, 2: 0}, set()),
        ({1: 9, 2: 4, 3: 7, 4: 8}, {2, 3}),
        ({1: 9, 2: 4, 3: 1}, {2, 3}),  # five together
        ({1: 9, 2: 1, 3: 3, 4: 6}, {2, 3, 4}),
        ({1: 4, 2: 0}, {1}),
    ],
)
def test_what_is_withheld_is_five_people_or_all(answers: dict[int, int], hidden: set[int]) -> None:
    assert satisfaction.withheld(answers) == hidden


@time_machine.travel(NOW, tick=False)
def test_nothing_stored_tells_the_order_of_codes_and_answers(survey: Survey) -> None:
    for serial in range(1, 9):
        Client().post(address(survey, serial), SHEET | {"q0": str(2 + serial % 4)})
    answers, uses = (list(each.order_by("pk").values_list("pk", flat=True)) for each in (survey.answers, survey.uses))
    assert len({b - a for a, b in pairwise(answers)}) > 5  # no running numbers
    assert len({b - a for a, b in pairwise(uses)}) > 5
    serials = list(survey.uses.order_by("pk").values_list("serial", flat=True))
    assert sorted(serials) == list(range(1, 9))
    assert {each.name for each in SurveyUse._meta.get_fields()} == {"id", "survey", "serial"}


@time_machine.travel(NOW, tick=False)
def test_the_report_says_what_the_page_says_and_withholds_what_it_withholds(
    world_at_work: World, tmp_path: Path
) -> None:
    world = world_at_work
    made = surveys.create_survey(
        world.campaign, NewSurvey("满意度测评", "", ["总体评价"], TODAY, TODAY), world.actor("coordinator")
    )
    for name, forms in (("城管局", ["5"] * 4), ("老街街道", ["4"] * 6), ("司法局", ["3"] * 9 + ["2"])):
        surveys.enter_papers(made, world.units[name], forms, world.actor("coordinator"))
    found = survey_reports.results_to_report(made, TODAY)
    assert found is not None
    word = Document(str(survey_reports.write_word(made, found, tmp_path / "a.docx")))
    units = {row.cells[0].text: [cell.text for cell in row.cells[2:]] for row in word.tables[1].rows[1:]}
    assert units[world.units["城管局"].name] == ["4", "不足 5 份", "—"]
    assert units[world.units["老街街道"].name] == ["6", "一并不显示", "—"]
    assert units[world.units["司法局"].name][:2] == ["10", "90.00%"]
    assert word.tables[0].rows[-1].cells[6].text == "95.00%"
    on_board = survey_results.latest_total(world.campaign, TODAY)
    assert on_board
    assert (on_board.result, on_board.result.margin) == (
        found.whole,
        survey_results.results_of(made, TODAY).whole.margin,
    )
    assert word.tables[0].rows[-1].cells[7].text == f"±{on_board.result.margin}"
    text = "\n".join(each.text for each in word.paragraphs)
    assert "录入纸质答卷 20 份，合计 20 份，涉及 3 个单位" in text
    units_of_codes = [replace(found.units[0], answered=1999, quota=2000)]
    sample = survey_reports.sample_of(made, replace(found, units=units_of_codes, by_hand=0))
    assert "扫码作答 1999 份（回收率 99.9%）" in sample  # not 100.0%
    client = world.client("chief")
    content, name = download_result(client, reverse("survey_export", args=[world.campaign.pk, made.pk, "xlsx"]), {})
    assert name == f"满意度测评结果_{TODAY:%Y%m%d}.xlsx"
    book = load_workbook(BytesIO(content))
    rows = {row[1]: row[2:6] for row in book["各单位结果"].iter_rows(values_only=True) if row[1]}
    assert rows[world.units["司法局"].name][:3] == ("—", 10, 90)
    assert rows[world.units["老街街道"].name] == ("—", 6, "一并不显示", "—")
    cell = next(row for row in book["各单位结果"].iter_rows() if row[1].value == world.units["司法局"].name)[4]
    assert not cell.is_date
    assert len(book["各题结果"]._charts) == 1


@time_machine.travel(NOW, tick=False)
def test_a_title_that_no_file_can_hold_stops_no_report(world_at_work: World) -> None:
    made = surveys.create_survey(
        world_at_work.campaign, NewSurvey("测评", "", ["评价"], TODAY, TODAY), world_at_work.actor("coordinator")
    )
    surveys.enter_papers(made, world_at_work.units["城管局"], ["5"] * 6, world_at_work.actor("coordinator"))
    type(made).objects.filter(pk=made.pk).update(title="=甲\x0b乙\ufffe丙\u2028丁😀")
    client = world_at_work.client("chief")
    table, _ = download_result(client, reverse("survey_export", args=[made.campaign_id, made.pk, "xlsx"]), {})
    assert load_workbook(BytesIO(table)).active["A1"].value.startswith("=甲\n乙丙\n丁😀")
    paper, _ = download_result(client, reverse("survey_export", args=[made.campaign_id, made.pk, "docx"]), {})
    assert "丁😀结果" in "\n".join(each.text for each in Document(BytesIO(paper)).paragraphs)


@time_machine.travel(NOW, tick=False)
def test_below_five_answers_there_is_no_report(world_at_work: World) -> None:
    world = world_at_work
    made = surveys.create_survey(
        world.campaign, NewSurvey("测评", "", ["评价"], TODAY, TODAY), world.actor("coordinator")
    )
    surveys.enter_papers(made, world.units["城管局"], ["5"] * 4, world.actor("coordinator"))
    client = world.client("chief")
    assert "Word 报告" not in client.get(made.get_absolute_url()).content.decode()
    answer = client.post(reverse("survey_export", args=[world.campaign.pk, made.pk, "xlsx"]), follow=True)
    assert "答卷不足 5 份，还不能出报告" in answer.content.decode()


def test_the_margin_is_that_of_a_share() -> None:
    """临安区: 98.86 % of, say, 2,000 answers; the margin by the textbook's formula."""
    result = satisfaction.count([[5]] * 1977 + [[2]] * 23, 1)[0]
    assert result.rate == Decimal("98.85")
    assert result.margin == Decimal("0.47")


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [(["55", "5"], "第 2 行：应有 2 个数字"), (["51"], "第 1 行：“1”不是选项"), ([" "], "至少一份")],
)
def test_papers_are_entered_all_or_none(world: World, survey: Survey, lines: list[str], sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        surveys.enter_papers(survey, world.units["城管局"], lines, world.actor("coordinator"))
    assert not SurveyAnswer.objects.exists()


@time_machine.travel(NOW, tick=False)
def test_it_is_set_up_printed_and_read_on_the_pages(world_at_work: World) -> None:
    world = world_at_work
    client = world.client("coordinator")
    sent = {
        "title": "测评",
        "questions": "总体评价\n\n执法评价",
        "starts": TODAY.isoformat(),
        "ends": TODAY.isoformat(),
    }
    page = client.post(reverse("survey_new", args=[world.campaign.pk]), sent, follow=True).content.decode()
    assert "下一步：给各单位生成测评码" in page
    made = Survey.objects.get()
    assert made.questions == ["总体评价", "执法评价"]
    assert (
        "请至少选择一个单位"
        in client.post(reverse("survey_codes", args=[world.campaign.pk, made.pk]), {"each": "5"}).content.decode()
    )
    units = [world.units["城管局"].pk]
    client.post(reverse("survey_codes", args=[world.campaign.pk, made.pk]), {"each": "5", "units": units})
    batch = SurveyBatch.objects.get()
    slips = client.get(reverse("survey_slips", args=[world.campaign.pk, made.pk, batch.pk])).content.decode()
    assert slips.count('survey-slip"') == 5
    sent = {"each": "9", "way": "link", "units": [world.units["司法局"].pk]}
    page = client.post(reverse("survey_codes", args=[world.campaign.pk, made.pk]), sent, follow=True).content.decode()
    link = SurveyBatch.objects.exclude(limit=None).get()
    assert f"/s/{codes.link_of(link)}/" in page
    assert "已收 0 / 9 份" in page
    poster = client.get(reverse("survey_slips", args=[world.campaign.pk, made.pk, link.pk])).content.decode()
    assert f"/s/{codes.link_of(link)}/" in poster
    for serial in range(1, 6):
        Client().post(address(made, serial), {"q0": "5", "q1": "4", "comment": "办事方便" if serial == 1 else ""})
    after = TODAY + timedelta(days=1)
    assert survey_results.results_of(made, after).whole.rate == Decimal(100)
    assert survey_results.comments_of(made, after) == ["办事方便"]
    assert (
        'survey-slip"'
        not in client.get(reverse("survey_slips", args=[world.campaign.pk, made.pk, batch.pk])).content.decode()
    )


@time_machine.travel(NOW, tick=False)
def test_many_codes_are_printed_in_parts(world: World, monkeypatch: pytest.MonkeyPatch, survey: Survey) -> None:
    monkeypatch.setattr(survey_views, "SLIPS", 6)
    client, batch = world.client("coordinator"), SurveyBatch.objects.filter(survey=survey).latest("first")
    sheet = reverse("survey_slips", args=[survey.campaign_id, survey.pk, batch.pk])
    first = client.get(sheet).content.decode()
    assert first.count('survey-slip"') == 6
    assert '<a href="?part=1">17—20 号</a>' in first
    for last in ("1", "99"):
        assert client.get(sheet, {"part": last}).content.decode().count('survey-slip"') == 4


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(("begins", "ends", "state"), [(1, 2, "未开始"), (0, 0, "正在进行"), (-2, -1, "已结束")])
def test_the_list_says_where_a_survey_stands(world_at_work: World, begins: int, ends: int, state: str) -> None:
    new = NewSurvey("测评", "", ["评价"], TODAY + timedelta(days=begins), TODAY + timedelta(days=ends))
    surveys.create_survey(world_at_work.campaign, new, world_at_work.actor("coordinator"))
    page = world_at_work.client("chief").get(reverse("surveys", args=[world_at_work.campaign.pk])).content.decode()
    assert re.search(f'data-label="状态"[^>]*>{state}<', page)
    for key, name in STATES.items():
        found = narrowed(world_at_work, "surveys", {"state": key}, ["测评"])
        assert found == (["测评"] if name == state else []), key
    assert narrowed(world_at_work, "surveys", {"q": "测"}, ["测评"]) == ["测评"]
    assert narrowed(world_at_work, "surveys", {"q": "没有的"}, ["测评"]) == []


def test_the_page_of_results_costs_the_same_for_many_answers(
    world: World, survey: Survey, django_assert_num_queries: Any
) -> None:
    from django.test.utils import CaptureQueriesContext

    client = world.client("chief")
    client.get(survey.get_absolute_url())
    with CaptureQueriesContext(connection) as one:
        client.get(survey.get_absolute_url())
    surveys.enter_papers(survey, world.units["城管局"], ["55"] * 300, world.actor("coordinator"))
    with django_assert_num_queries(len(one)):
        client.get(survey.get_absolute_url())
