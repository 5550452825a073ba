"""A cited piece as an assessor reads it: number, neighbours, and the statement that it was not altered."""

import re
from datetime import date

import pytest
from django.urls import reverse

from creation import jobs
from creation.evidence import submitted_version
from creation.lib import storage
from creation.models import Citation, Evidence, Job
from creation.tasks import workflow
from tests.support import evidence_files, upload_requests
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

READERS = ("reviewer", "assessor", "chief", "liaison")


@pytest.fixture
def cited(world: World) -> list[Citation]:
    """Three pieces of the lead's task, submitted."""
    for number in range(3):
        upload_requests.upload(
            world.client("liaison"), world.task("lead"), f"通报{number}.pdf", evidence_files.pdf(pages=number + 1)
        )
    workflow.perform(workflow.MOVES["submit"], world.task("lead"), world.actor("liaison"), 1, {"mode": "upload"})
    return list(Citation.objects.select_related("evidence").order_by("number__serial"))


def at(world: World, citation: Citation, name: str = "exhibit") -> str:
    return reverse(name, args=[world.campaign.pk, citation.task_id, citation.pk])


def page(world: World, citation: Citation, who: str = "assessor", query: str = "") -> str:
    answer = world.client(who).get(at(world, citation) + query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_reader_finds_number_digest_neighbours_and_that_it_is_unaltered(world: World, cited: list[Citation]) -> None:
    version = cited[1].evidence.versions.get()
    for who in READERS:
        text = page(world, cited[1], who)
        assert "4-3-3-02" in text
        assert "自 2026-07-31 10:00 由 刘联络 报送以来没有改动" in text
        assert version.sha256 in text
        assert at(world, cited[0]) in text
        assert at(world, cited[2]) in text
        assert f"?citation={cited[1].pk}" in text
    first, last = page(world, cited[0]), page(world, cited[2])
    assert ('rel="prev"' in first, 'rel="next"' in last) == (False, False)


def test_the_task_page_leads_readers_there(world: World, cited: list[Citation]) -> None:
    text = world.client("assessor").get(reverse("task", args=[world.campaign.pk, cited[0].task_id])).content.decode()
    assert at(world, cited[0]) in text


def test_evidence_not_submitted_may_change(world: World) -> None:
    citation = world.cite("lead")
    text = page(world, citation)
    assert "还没有随答复报送" in text
    assert "重新计算核对" not in text, "a text has no bytes of its own"
    world.client("assessor").post(at(world, citation, "exhibit_check"))
    assert not Job.objects.exists()


def test_the_submitted_version_is_shown_though_the_unit_replaced_it(world: World, cited: list[Citation]) -> None:
    old = cited[0].evidence.versions.get()
    task = world.task("lead")
    workflow.perform(workflow.MOVES["withdraw"], task, world.actor("liaison"), task.version, {})
    again = upload_requests.upload(
        world.client("liaison"),
        world.task("lead"),
        "新.pdf",
        evidence_files.pdf(pages=9),
        evidence=cited[0].evidence_id,
    )
    assert again.status_code == 201
    new = cited[0].evidence.versions.get(number=2)
    text = page(world, cited[0], "reviewer")
    assert "报送的是第 1 版，单位此后换成了第 2 版" in text
    assert old.sha256 in text
    assert new.sha256 in page(world, cited[0], "reviewer", "?newest=1")


def test_the_submitted_version_is_shown_with_its_data_of_that_day(world: World, cited: list[Citation]) -> None:
    was = cited[0].evidence.title
    assert "单位此后作过更正" not in page(world, cited[0])
    Evidence.objects.filter(pk=cited[0].evidence_id).update(title="后来改的题名", pages=99, dated_on=date(2019, 1, 1))
    text = page(world, cited[0])
    assert was in text
    assert "单位此后作过更正" in text
    shown = re.sub(r"\w{32,}", "", text.partition("<main")[2], flags=re.ASCII)  # a digest may contain any digits
    for later in ("后来改的题名", "99", "2019-01-01", "不在规定的材料时间范围内"):
        assert later not in shown.replace(f"/{cited[0].evidence_id}/", "")


def test_the_bytes_are_counted_again_on_demand(world: World, cited: list[Citation]) -> None:
    version = cited[0].evidence.versions.get()
    client = world.client("assessor")
    assert client.post(at(world, cited[0], "exhibit_check")).status_code == 302
    assert "正在重新计算" in page(world, cited[0])
    jobs.run_jobs()
    assert "2026-07-31 10:00 重新读取存储的文件计算，与上面一致" in page(world, cited[0])
    storage.blob_path(version.blob).write_bytes(b"%PDF-1.7 another")
    client.post(at(world, cited[0], "exhibit_check"))
    jobs.run_jobs()
    assert "不一致" in page(world, cited[0])
    assert "没有改动" not in page(world, cited[0])
    client.post(at(world, cited[0], "exhibit_check"))
    assert "没有改动" not in page(world, cited[0]), "while it is counted again"
    jobs.run_jobs()
    storage.blob_path(version.blob).unlink()
    client.post(at(world, cited[0], "exhibit_check"))
    jobs.run_jobs()
    assert "找不到" in page(world, cited[0])
    assert not submitted_version.is_unchanged(submitted_version.latest_check(version))


def test_a_piece_of_another_task_is_not_there(world: World, cited: list[Citation]) -> None:
    other = world.cite("other", by="rival")
    wrong = reverse("exhibit", args=[world.campaign.pk, cited[0].task_id, other.pk])
    assert world.client("reviewer").get(wrong).status_code == 404
