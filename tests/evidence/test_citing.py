"""Numbers that are never reused, and the changes to a piece of evidence."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from creation.audit.actor import Actor
from creation.evidence import citing, items
from creation.evidence.library import search_index
from creation.lib.refusals import Refusal, Stale
from creation.models import (
    AuditEntry,
    Citation,
    Evidence,
    EvidenceKind,
    EvidenceNumber,
    EvidenceVersion,
    Submission,
    SubmittedCitation,
    Task,
    Unit,
    User,
)
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("at_now")

FRAGMENT = {"HTTP_HX_REQUEST": "true"}


def piece(world: World, unit: str = "城管局", title: str = "工作简报") -> Evidence:
    person = world.people["liaison" if unit == "城管局" else "rival"]
    evidence = Evidence.objects.create(
        unit=world.units[unit], kind="brief", title=title, created_by=person, created_at=NOW
    )
    EvidenceVersion.objects.create(evidence=evidence, text=f"{title}正文", created_by=person, created_at=NOW)
    search_index.update_entries([evidence])
    return evidence


def submit(world: World, name: str) -> Submission:
    """Submit the task with what it cites, as far as these tests need it."""
    task = world.task(name)
    submission = Submission.objects.create(
        task=task,
        number=1,
        mode="upload",
        handed_on=NOW.date(),
        created_by=world.people["liaison"],
        created_at=NOW,
        digest="0" * 64,
    )
    for cited in citing.cited_by_task(task, world.people["liaison"]):
        SubmittedCitation.objects.create(
            submission=submission, version=cited.version, number=str(cited.citation.number), title=cited.evidence.title
        )
    Task.objects.filter(pk=task.pk).update(status="submitted", first_submitted_at=NOW)
    return submission


def address(name: str, task: Task, *args: Any) -> str:
    return reverse(name, args=[task.campaign_id, task.pk, *args])


def row_data(citation: Citation, **changes: Any) -> dict[str, Any]:
    evidence = citation.evidence
    same = {"title": evidence.title, "confidentiality": "public", "version": evidence.version, "passage": ""}
    newest = evidence.versions.order_by("-number")[0]
    return same | ({"text": newest.text} if newest.text else {}) | changes


# Numbers


def test_numbers_run_on_across_the_units_of_a_checkpoint(world: World) -> None:
    first = citing.cite(world.task("lead"), piece(world), world.actor("liaison"))
    second = citing.cite(world.task("assist"), piece(world, "老街街道"), world.actor("rival"))
    third = citing.cite(world.task("lead"), piece(world, title="另一份"), world.actor("liaison"))
    other = citing.cite(world.task("other"), second.evidence, world.actor("rival"))
    assert [str(each.number) for each in (first, second, third, other)] == [
        "4-3-3-01",
        "4-3-3-02",
        "4-3-3-03",
        "1-1-1-01",
    ]


def test_the_lead_cites_an_assists_piece_under_the_same_number(world: World) -> None:
    theirs = citing.cite(world.task("assist"), piece(world, "老街街道"), world.actor("rival"))
    assert [cited.citation for cited in citing.cited_by_assists(world.task("lead")).rows] == [theirs]
    ours = citing.cite(world.task("lead"), theirs.evidence, world.actor("liaison"))
    assert str(ours.number) == str(theirs.number) == "4-3-3-01"
    assert citing.cited_by_assists(world.task("lead")).rows == []


def test_many_pieces_of_the_assists_come_in_parts_that_leave_none_out(world: World) -> None:
    theirs = [
        citing.cite(world.task("assist"), piece(world, "老街街道", f"简报{n}"), world.actor("rival")) for n in range(45)
    ]
    client = world.client("liaison")
    address = reverse("citation_assists", args=[world.campaign.pk, world.task("lead").pk])
    assert "配合单位的资料（45 份）" in page_of(world, "lead")
    page = client.get(address, **FRAGMENT).content.decode()
    seen, parts = shown(page), 1
    assert len(seen) == citing.ASSISTS_PART
    assert "共 45 份" in page
    # What goes meanwhile moves nothing past the reader.
    citing.cite(world.task("lead"), theirs[3].evidence, world.actor("liaison"))
    while found := re.search(r"\?after=(\d+)", page):
        page = client.get(f"{address}?after={found[1]}", **FRAGMENT).content.decode()
        seen, parts = seen + shown(page), parts + 1
    assert seen == [f"简报{n}" for n in range(45)]
    assert parts == 3


def page_of(world: World, name: str) -> str:
    return world.client("liaison").get(reverse("task", args=[world.campaign.pk, world.task(name).pk])).content.decode()


def shown(page: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"简报\d+", page)))


def test_few_pieces_of_the_assists_stand_on_the_lead_s_page(world: World) -> None:
    for number in range(citing.FEW_ASSISTS):
        citing.cite(world.task("assist"), piece(world, "老街街道", f"简报{number}"), world.actor("rival"))
    assert shown(page_of(world, "lead")) == [f"简报{number}" for number in range(citing.FEW_ASSISTS)]


def test_the_page_of_parts_stands_without_a_script(world: World) -> None:
    theirs = citing.cite(world.task("assist"), piece(world, "老街街道"), world.actor("rival"))
    address = reverse("citation_assists", args=[world.campaign.pk, world.task("lead").pk])
    assert "工作简报" in world.client("liaison").get(address).content.decode()
    assert "没有更多资料" in world.client("liaison").get(f"{address}?after={theirs.pk}").content.decode()


def test_a_removed_number_is_not_reused_and_is_restored_with_its_piece(world: World) -> None:
    task, actor = world.task("lead"), world.actor("liaison")
    first = citing.cite(task, piece(world), actor)
    citing.uncite(first, actor)
    assert citing.cited_by_task(task, world.people["liaison"]) == []
    second = citing.cite(task, piece(world, title="另一份"), actor)
    again = citing.cite(task, first.evidence, actor)
    assert (str(second.number), str(again.number), again.pk) == ("4-3-3-02", "4-3-3-01", first.pk)


def test_citing_twice_makes_one_citation(world: World) -> None:
    evidence = piece(world)
    first, second = (citing.cite(world.task("lead"), evidence, world.actor("liaison")) for _ in range(2))
    assert first.pk == second.pk
    assert AuditEntry.objects.filter(act="evidence.cite").count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_who_cite_at_the_same_moment_get_eight_numbers(world: World) -> None:
    rows = [piece(world, title=f"第 {number} 份") for number in range(8)]
    task, actor, barrier = world.task("lead"), world.actor("liaison"), Barrier(8)

    def cite(evidence: Evidence) -> str:
        try:
            barrier.wait(10)
            return str(citing.cite(task, evidence, actor).number)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(cite, rows))
    assert sorted(numbers) == [f"4-3-3-0{number}" for number in range(1, 9)]


@pytest.mark.django_db(transaction=True)
def test_eight_clicks_on_the_same_piece_make_one_citation(world: World) -> None:
    evidence, task, actor, barrier = piece(world), world.task("lead"), world.actor("liaison"), Barrier(8)

    def cite(_: int) -> int:
        try:
            barrier.wait(10)
            return citing.cite(task, evidence, actor).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(cite, range(8)))) == 1
    assert EvidenceNumber.objects.count() == 1


# What may be cited, and when


def test_another_units_piece_cannot_be_cited(world: World) -> None:
    with pytest.raises(Refusal, match="只能引用本单位"):
        citing.cite(world.task("other"), piece(world), world.actor("rival"))
    assert not Citation.objects.exists()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"status": "submitted", "first_submitted_at": NOW}, "已报送"),
        ({"status": "approved", "first_submitted_at": NOW}, "已通过"),
        ({"status": "signing"}, "待审签"),
        ({"dropped_on": NOW.date()}, "撤销"),
    ],
)
def test_evidence_cannot_change_while_the_answer_is_submitted(world: World, change: dict[str, Any], word: str) -> None:
    citation = world.cite("lead")
    Task.objects.filter(pk=citation.task_id).update(**change)
    task, actor = world.task("lead"), world.actor("liaison")
    acts: list[Callable[[], Any]] = [
        lambda: citing.cite(task, piece(world), actor),
        lambda: citing.uncite(citation, actor),
        lambda: citing.set_passage(citation, "第 2 页", actor),
        lambda: items.replace(task, citation.evidence, {"text": "新正文"}, actor),
        lambda: items.add(
            task, EvidenceKind.LINK, {"url": "https://example.org/"}, {"title": "报道", "declared": True}, actor
        ),
    ]
    for act in acts:
        with pytest.raises(Refusal, match=word):
            act()
    assert Citation.objects.filter(removed_at=None).count() == 1


def test_a_closed_campaign_accepts_no_evidence(world: World) -> None:
    world.campaign.state = "closed"
    world.campaign.save()
    with pytest.raises(Refusal, match="已结束"):
        citing.cite(world.task("lead"), piece(world), world.actor("liaison"))


# Changes


def test_a_conflicting_correction_shows_both_texts(world: World) -> None:
    citation = world.cite("lead")
    client, url = world.client("liaison"), address("citation_edit", citation.task, citation.pk)
    items.edit(citation.evidence, 1, {"title": "同事改的题名"}, world.actor("clerk"))
    answer = client.post(url, row_data(Citation.objects.get(), title="我改的题名", version=1), **FRAGMENT)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "同事改的题名" in text
    assert "我改的题名" in text
    assert Evidence.objects.get().title == "同事改的题名"
    again = client.post(url, row_data(Citation.objects.get(), title="我改的题名"), **FRAGMENT)
    assert again.status_code == 200
    assert Evidence.objects.get().title == "我改的题名"


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_edit_the_same_version_one_wins(world: World) -> None:
    evidence, actor, barrier = piece(world), world.actor("liaison"), Barrier(8)

    def edit(number: int) -> bool:
        try:
            barrier.wait(10)
            items.edit(evidence, 1, {"title": f"题名 {number}"}, actor)
        except Stale:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(edit, range(8))) == 1
    assert Evidence.objects.get().version == 2


def test_a_row_is_corrected_with_its_passage_in_one_go(world: World) -> None:
    citation = world.cite("lead")
    data = row_data(citation, title="案卷评查情况通报", dated_on="2026-06-30", doc_number="12号", passage="第 3 页")
    answer = world.client("clerk").post(address("citation_edit", citation.task, citation.pk), data, **FRAGMENT)
    assert answer.status_code == 200
    citation.refresh_from_db()
    assert (citation.passage, citation.evidence.title, str(citation.evidence.dated_on)) == (
        "第 3 页",
        "案卷评查情况通报",
        "2026-06-30",
    )
    assert citation.evidence.versions.count() == 1


def test_a_changed_text_is_a_new_version_and_what_was_handed_in_stays(world: World) -> None:
    citation = world.cite("lead")
    submission = submit(world, "lead")
    Task.objects.filter(pk=citation.task_id).update(status="returned")
    data = row_data(citation, text="补充后的正文")
    world.client("liaison").post(address("citation_edit", citation.task, citation.pk), data, **FRAGMENT)
    assert [version.text for version in citation.evidence.versions.all()] == ["正文", "补充后的正文"]
    assert submission.cited.get().version.text == "正文"


def test_a_person_who_may_not_change_a_piece_may_still_set_its_passage(world: World) -> None:
    theirs = citing.cite(world.task("assist"), piece(world, "老街街道"), world.actor("rival"))
    ours = citing.cite(world.task("lead"), theirs.evidence, world.actor("liaison"))
    data = {"passage": "第二段", "title": "改别人的题名", "version": 1}
    answer = world.client("liaison").post(address("citation_edit", ours.task, ours.pk), data, **FRAGMENT)
    assert answer.status_code == 200
    ours.refresh_from_db()
    assert (ours.passage, ours.evidence.title) == ("第二段", "工作简报")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://example.org/a", "file:///etc/passwd", "data:text/html,x"]
)
def test_a_link_is_http_or_https(world: World, url: str) -> None:
    data = {"url": url, "title": "报道", "confidentiality": "public", "declared": "on"}
    answer = world.client("liaison").post(address("citation_new", world.task("lead"), "link"), data, **FRAGMENT)
    assert answer.status_code == 422
    assert "http://" in answer.content.decode()
    assert not Evidence.objects.exists()


def test_links_and_texts_become_numbered_evidence(world: World) -> None:
    client, task = world.client("liaison"), world.task("lead")
    common = {"title": "报道", "confidentiality": "public", "declared": "on"}
    link = client.post(address("citation_new", task, "link"), common | {"url": "https://example.org/a"}, **FRAGMENT)
    text = client.post(address("citation_new", task, "brief"), common | {"text": "情况如下"}, **FRAGMENT)
    assert (link.status_code, text.status_code) == (200, 200)
    assert [str(cited.citation.number) for cited in citing.cited_by_task(task, world.people["liaison"])] == [
        "4-3-3-01",
        "4-3-3-02",
    ]
    assert {evidence.kind for evidence in Evidence.objects.all()} == {"link", "brief"}
    again = client.post(address("citation_new", task, "link"), common | {"url": "https://example.org/a"}, **FRAGMENT)
    assert again.status_code == 422
    assert "直接引用" in again.content.decode()
    undeclared = client.post(
        address("citation_new", task, "brief"), {"title": "甲", "text": "乙", "confidentiality": "public"}, **FRAGMENT
    )
    assert "没有声明所填内容不含国家秘密" in undeclared.content.decode()
    assert Evidence.objects.count() == 2


def test_a_deletion_has_a_reason_and_can_be_undone(world: World) -> None:
    citation, client = world.cite("lead"), world.client("liaison")
    pk = citation.evidence_id
    refused = client.post(reverse("evidence_delete", args=[pk]), {"version": 1, "reason": ""})
    assert refused.status_code == 422
    client.post(reverse("evidence_delete", args=[pk]), {"version": 1, "reason": "传错了"})
    assert citing.cited_by_task(world.task("lead"), world.people["liaison"]) == []
    assert "传错了" in client.get(reverse("evidence", args=[pk])).content.decode()
    assert world.client("reviewer").get(reverse("evidence", args=[pk])).status_code == 404
    client.post(reverse("evidence_restore", args=[pk]))
    assert [cited.citation for cited in citing.cited_by_task(world.task("lead"), world.people["liaison"])] == [citation]
    assert {"evidence.delete", "evidence.restore"} <= set(AuditEntry.objects.values_list("act", flat=True))


def test_evidence_of_a_submitted_answer_cannot_be_deleted(world: World) -> None:
    citation = world.cite("lead")
    submit(world, "lead")
    with pytest.raises(Refusal, match="已报送，不能删除"):
        items.delete(citation.evidence, 1, "不要了", world.actor("liaison"))
    assert Evidence.objects.get().deleted_at is None


# Pages and permissions


@pytest.mark.parametrize(
    ("name", "code"),
    [("liaison", 200), ("clerk", 200), ("coordinator", 200), ("leader", 403), ("chief", 403), ("rival", 404)],
)
def test_only_who_may_cite_opens_and_sends_the_forms(world: World, name: str, code: int) -> None:
    citation, client = world.cite("lead"), world.client(name)
    task = citation.task
    asked = [
        client.get(address("citation_edit", task, citation.pk)),
        client.get(address("citation_search", task)),
        client.get(address("citation_new", task, "link")),
        client.post(address("citation_edit", task, citation.pk), row_data(citation), **FRAGMENT),
        client.post(address("citation_remove", task, citation.pk), **FRAGMENT),
        client.post(address("citation_add", task), {"evidence": citation.evidence_id}, **FRAGMENT),
    ]
    assert {answer.status_code for answer in asked} == {code}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("liaison", 200), ("leader", 200), ("coordinator", 200), ("reviewer", 200), ("chief", 200), ("assessor", 200),
        ("rival", 404), ("outsider", 404), ("administrator", 404), ("auditor", 404), ("nobody", 404),
    ],
)  # fmt: skip
def test_a_piece_is_read_by_whom_it_concerns(world: World, name: str, code: int) -> None:
    citation, client = world.cite("lead"), world.client(name)
    for route in ("evidence", "evidence_preview", "evidence_thumb"):
        args = [citation.evidence_id] if route == "evidence" else [citation.evidence_id, 1]
        answer = client.get(reverse(route, args=args))
        assert answer.status_code in (code, 302 if code == 200 else code), route


def test_the_search_shows_what_can_be_cited_and_nothing_else(world: World) -> None:
    ours, theirs = piece(world, title="评查方案"), piece(world, "老街街道", "街道评查材料")
    client, task = world.client("liaison"), world.task("lead")
    url = address("citation_search", task)
    assert "评查方案" in client.get(url, {"q": "评查"}).content.decode()
    assert "街道评查材料" not in client.get(url, {"q": "评查"}).content.decode()
    citing.cite(world.task("assist"), theirs, world.actor("rival"))
    assert "街道评查材料" in client.get(url, {"q": "评查"}).content.decode()
    citing.cite(task, ours, world.actor("liaison"))
    assert "评查方案" not in client.get(url, {"q": "评查"}).content.decode()


def test_the_area_costs_the_same_for_one_row_and_for_many(world: World, django_assert_num_queries: Any) -> None:
    task, reader = world.task("lead"), world.people["liaison"]
    assert reader.grants  # read before the queries are counted
    citing.cite(task, piece(world), world.actor("liaison"))
    with django_assert_num_queries(4):
        assert len(citing.cited_by_task(task, reader)) == 1
    for number in range(20):
        citing.cite(task, piece(world, title=f"材料 {number}"), world.actor("liaison"))
    with django_assert_num_queries(4):
        assert len(citing.cited_by_task(task, reader)) == 21


def test_markup_in_a_title_is_text(world: World) -> None:
    world.cite("lead", "<script>alert('x')</script>\"'")
    text = world.client("liaison").get(address("citation_search", world.task("action"))).content.decode()
    assert "&lt;script&gt;" in text
    assert "<script>alert" not in text


def test_a_new_unit_does_not_see_old_evidence(world: World) -> None:
    stranger = Unit.objects.create(district=world.district, name="源汇区新局", short_name="新局", order=9)
    person = User.objects.create_user("newcomer", "correct horse battery", name="辛来人", unit=stranger)
    assert not Evidence.objects.visible_to(person).exists()
    assert Actor(person, NOW).today == NOW.date()
