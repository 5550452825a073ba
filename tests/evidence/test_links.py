"""Links as evidence: scheduled checks, stored content, one notice to the owner of a dead link, none while this site is offline."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from creation import jobs
from creation.evidence.links import link_checks, link_status
from creation.evidence.links.fetching import FailureReason, FetchedPage, FetchError
from creation.evidence.links.link_status import LinkRecord
from creation.lib import storage
from creation.models import Citation, EvidenceVersion, LinkSighting, LinkState, LinkWatch, Notice, Task
from creation.operations import cleanup
from tests.support import evidence_files, link_server
from tests.support.link_server import Server
from tests.support.world import NOW, TODAY, World

FRAGMENT = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(scope="module")
def site() -> Iterator[Server]:
    with link_server.serving() as server:
        yield server


@pytest.fixture(autouse=True)
def _the_day(fresh_data_dir: Path, site: Server, settings: Any) -> Any:
    settings.LINK_HOSTS = [site.place]
    with time_machine.travel(NOW, tick=False):
        yield


def linked(world: World, url: str, task: str = "lead", by: str = "liaison") -> Citation:
    """Cite a link in the task."""
    citation = world.cite(task, "区政府网报道", by=by)
    EvidenceVersion.objects.filter(evidence=citation.evidence).update(text="", url=url)
    return citation


def run_check(now: datetime = NOW) -> LinkWatch:
    with time_machine.travel(now, tick=False):
        jobs.check_links()
    return LinkWatch.objects.latest("pk")


def add_responding_site(world: World, at: datetime) -> None:
    """Add another allowed site that has responded."""
    version = world.cite("action").evidence.versions.get()
    values = {"state": "alive", "next_at": at + timedelta(days=900), "answered_at": at, "place": "a:1"}
    LinkWatch.objects.create(version=version, **values)


# Scheduled checks


def test_a_link_is_opened_and_its_content_stored(world: World, site: Server) -> None:
    linked(world, f"http://{site.place}/gbk")
    watch = run_check()
    assert (watch.state, watch.status, watch.good_at) == ("alive", 200, NOW)
    assert (watch.title, watch.published_on) == ("源汇区开展行政执法案卷评查", date(2026, 3, 5))
    assert "优秀率 95%" in watch.text
    assert watch.next_at == NOW + timedelta(days=7)
    kept = watch.text
    EvidenceVersion.objects.update(url=f"http://{site.place}/status/200")
    watch = run_check(NOW + timedelta(days=8))
    assert (watch.text, watch.seen_at, watch.good_at) == (kept, NOW, NOW + timedelta(days=8))


def test_a_page_that_reads_otherwise_later_is_noted(world: World, site: Server) -> None:
    linked(world, f"http://{site.place}/news")
    run_check()
    LinkWatch.objects.update(text="原来的文字")
    watch = run_check(NOW + timedelta(days=8))
    assert (watch.text, watch.changed_at) == ("原来的文字", NOW + timedelta(days=8))


def test_only_what_a_running_campaign_cites_is_opened_and_only_when_due(world: World, site: Server) -> None:
    citation = linked(world, f"http://{site.place}/news")
    run_check()
    site.asked.clear()
    run_check(NOW + timedelta(days=6))
    assert not site.asked
    Citation.objects.update(removed_at=NOW)
    run_check(NOW + timedelta(days=8))
    assert not site.asked
    Citation.objects.update(removed_at=None)
    EvidenceVersion.objects.create(
        evidence=citation.evidence, number=2, text="x", created_by=world.people["liaison"], created_at=NOW
    )
    run_check(NOW + timedelta(days=8))
    assert not site.asked, "the address was replaced"


def test_two_workers_never_open_the_same_link(world: World, site: Server) -> None:
    linked(world, f"http://{site.place}/news")
    link_checks.create_watches(NOW)
    first, second = LinkWatch.objects.get(), LinkWatch.objects.get()
    assert link_checks._claim(first, NOW)
    assert not link_checks._claim(second, NOW)
    assert run_check(NOW + timedelta(minutes=14)).state == "unchecked"
    assert run_check(NOW + timedelta(minutes=16)).state == "alive", "the one who claimed it has died"


def test_the_owner_is_notified_once_each_time_a_link_dies(world: World, site: Server) -> None:
    linked(world, f"http://{site.place}/status/404")
    for hours in (0, 2, 24, 60, 300, 600):
        watch = run_check(NOW + timedelta(hours=hours))
    assert (watch.state, watch.said) == ("dead", "网页已不存在（HTTP 404）。")
    notice = Notice.objects.get()
    assert notice.person == world.people["liaison"]
    assert notice.text.startswith("链接已失效：4-3-3-01 区政府网报道。网页已不存在（HTTP 404）。")
    EvidenceVersion.objects.update(url=f"http://{site.place}/news")
    assert run_check(NOW + timedelta(days=40)).state == "alive"
    EvidenceVersion.objects.update(url=f"http://{site.place}/status/410")
    for days in (50, 52, 55, 60):
        watch = run_check(NOW + timedelta(days=days))
    assert watch.state == "dead"
    assert Notice.objects.count() == 2


def test_no_link_is_dead_while_the_site_is_offline(world: World, site: Server, settings: Any) -> None:
    with link_server.serving() as gone:
        settings.LINK_HOSTS += [gone.place, "a:1"]
        url = f"http://{gone.place}/"
    linked(world, url)
    for days in range(0, 40, 4):
        watch = run_check(NOW + timedelta(days=days))
        assert (watch.state, watch.failures) == ("unreached", 0)
    assert "人工核查" in watch.said
    assert not Notice.objects.exists()
    for days in range(40, 60, 4):
        LinkWatch.objects.filter(place="a:1").delete()
        add_responding_site(world, NOW + timedelta(days=days))
        run_check(NOW + timedelta(days=days))
    assert LinkWatch.objects.get(version__url=url).state == "dead"
    assert Notice.objects.count() == 1


def test_an_internal_address_is_not_opened_with_a_message(world: World, settings: Any) -> None:
    settings.LINK_HOSTS = []
    with link_server.serving() as inner:
        linked(world, f"http://{inner.place}/")
        watch = run_check()
        assert inner.reached == 0
    assert (watch.state, watch.failures) == ("unreached", 0)
    assert "LINK_HOSTS" in watch.said


# The rules


def verdict(
    came: Any, way_out: bool = True, state: str = "alive", failures: int = 0, days: int = 0
) -> link_status.LinkStatus:
    since = NOW - timedelta(days=days) if failures else None
    return link_status.assess(LinkRecord(state, failures, since), came, way_out, NOW)


def status(code: int) -> FetchedPage:
    return FetchedPage(code, "a:80", "text/html", "", b"")


def no(why: FailureReason) -> FetchError:
    return FetchError(why, "句子。")


@pytest.mark.parametrize(
    ("came", "way_out", "failures", "days", "state"),
    [
        (status(200), True, 9, 9, "alive"),
        (status(404), True, 0, 0, "failing"),
        (status(404), True, 2, 1, "failing"),
        (status(404), True, 2, 2, "dead"),
        (status(410), True, 1, 9, "failing"),
        (status(500), True, 3, 9, "failing"),
        (status(500), True, 4, 5, "dead"),
        (status(503), True, 9, 4, "failing"),
        (status(403), True, 9, 9, "unreached"),
        (status(429), True, 9, 9, "unreached"),
        (no(FailureReason.NAME_NOT_FOUND), True, 2, 2, "dead"),
        (no(FailureReason.NAME_NOT_FOUND), False, 99, 99, "unreached"),
        (no(FailureReason.UNREACHABLE), True, 4, 5, "dead"),
        (no(FailureReason.UNREACHABLE), False, 99, 99, "unreached"),
        (no(FailureReason.INVALID_ANSWER), False, 4, 5, "dead"),
        (no(FailureReason.INTERNAL), True, 99, 99, "unreached"),
    ],
)
def test_a_link_is_dead_after_several_failures_over_days(
    came: Any, way_out: bool, failures: int, days: int, state: str
) -> None:
    found = verdict(came, way_out, "failing" if failures else "alive", failures, days)
    assert found.state == state
    assert found.recheck_after >= timedelta(hours=1)


def test_checks_become_rarer_the_longer_a_link_fails() -> None:
    waits = [verdict(status(500), failures=failures, days=0).recheck_after for failures in range(9)]
    assert waits == sorted(waits)
    assert verdict(status(500), state="dead", failures=9, days=9).recheck_after == timedelta(days=7)


def test_a_persons_report_outlasts_a_check_without_result() -> None:
    assert verdict(no(FailureReason.UNREACHABLE), way_out=False, state="seen").state == "seen"
    assert verdict(no(FailureReason.UNREACHABLE), way_out=False, state="dead", failures=3).state == "dead"
    assert verdict(status(404), state="seen").state == "failing"


# The pages


@pytest.fixture
def watch(world: World, site: Server) -> LinkWatch:
    linked(world, f"http://{site.place}/news")
    return run_check()


def address(world: World, name: str, *args: int) -> str:
    return reverse(name, args=[world.campaign.pk, *args])


def test_the_list_shows_states_and_the_page_what_was_seen_never_as_html(world: World, watch: LinkWatch) -> None:
    linked(world, "http://10.0.0.1/", "other", by="rival")
    run_check()
    text = world.client("coordinator").get(address(world, "links")).content.decode()
    assert "印证资料中的新闻链接 2 条" in text
    assert "http://10.0.0.1/" in text
    only = world.client("coordinator").get(address(world, "links") + "?state=alive").content.decode()
    assert "http://10.0.0.1/" not in only
    assert "http://10.0.0.1/" not in world.client("liaison").get(address(world, "links")).content.decode()
    text = world.client("chief").get(address(world, "link", watch.pk)).content.decode()
    assert "&lt;b&gt;一百二十&lt;/b&gt;宗" in text
    assert "登记人工核查" not in text
    shown = reverse("evidence_preview", args=[watch.evidence.pk, 1])
    text = world.client("reviewer").get(shown, **FRAGMENT).content.decode()
    assert "&lt;b&gt;一百二十&lt;/b&gt;宗" in text
    assert "发布日期" in text


def test_one_link_and_many_cost_the_same_number_of_queries(
    world: World, watch: LinkWatch, django_assert_max_num_queries: Any
) -> None:
    client = world.client("coordinator")
    with django_assert_max_num_queries(200) as one:
        client.get(address(world, "links"))
    for _ in range(5):
        linked(world, watch.version.url)
    run_check()
    with django_assert_max_num_queries(len(one)):
        client.get(address(world, "links"))


def report_check(world: World, watch: LinkWatch, who: str = "liaison", **given: Any) -> Any:
    form = {"opens": "1", "seen_on": "2026-07-30", "note": "办公室电脑打开"} | given
    return world.client(who).post(address(world, "link_sighting", watch.pk), form)


def test_a_check_by_hand_has_a_day_a_person_and_a_picture(world: World, watch: LinkWatch) -> None:
    LinkWatch.objects.update(state=LinkState.DEAD, failures=5, failing_since=NOW)
    assert report_check(world, watch, picture=SimpleUploadedFile("截图.png", evidence_files.png())).status_code == 302
    row = LinkSighting.objects.get()
    assert (row.seen_on, row.created_by, row.opens) == (date(2026, 7, 30), world.people["liaison"], True)
    watch.refresh_from_db()
    assert (watch.state, watch.failures) == ("seen", 0)
    text = world.client("assessor").get(address(world, "link", watch.pk)).content.decode()
    assert "办公室电脑打开" in text
    shot = world.client("assessor").get(address(world, "link_shot", watch.pk, row.pk))
    assert (shot["Content-Type"], b"".join(shot.streaming_content)) == ("image/png", evidence_files.png())
    assert "sandbox" in shot["Content-Security-Policy"]
    with time_machine.travel(NOW + timedelta(days=9)):
        cleanup.clean_up(timezone.now())
    assert storage.blob_path(row.blob).exists(), "the sweeper knows whose it is"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"opens": ""}, "请选择打开的结果"),
        ({"seen_on": "2026-08-01"}, "不能晚于今天"),
        ({"picture": SimpleUploadedFile("a.pdf", evidence_files.pdf())}, "截图须是"),
        ({"picture": SimpleUploadedFile("a.png", b"<html>")}, ""),
        ({"picture": SimpleUploadedFile("a.png", b"")}, "空文件"),
    ],
)
def test_an_invalid_report_is_an_error(world: World, watch: LinkWatch, given: dict[str, Any], sentence: str) -> None:
    if "picture" in given:
        given["picture"].seek(0)
    answer = report_check(world, watch, **given)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not LinkSighting.objects.exists()
    assert not [key for keys in storage.old_blobs(2**40) for key in keys]


def test_a_requested_check_comes_next(world: World, watch: LinkWatch, site: Server) -> None:
    site.asked.clear()
    assert world.client("liaison").post(address(world, "link_again", watch.pk)).status_code == 302
    run_check()
    assert [path for path, _ in site.asked] == ["/news"]
    assert world.client("chief").post(address(world, "link_again", watch.pk)).status_code == 403


def test_a_dropped_task_cites_nothing_any_more(world: World, watch: LinkWatch, site: Server) -> None:
    site.asked.clear()
    Task.objects.update(dropped_on=TODAY)
    run_check(NOW + timedelta(days=9))
    assert not site.asked
