"""Downloads: for people with permission, with our own media type, in ranges, and never a 500."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.http import http_date

from creation.evidence import citing
from creation.evidence.views.file_responses import requested_range
from creation.lib import storage
from creation.models import Citation, EvidenceVersion, Membership, Submission, SubmittedCitation, User
from tests.support import evidence_files, upload_requests
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")


def sent(world: World, name: str = "现场“照片”<1>.jpg", body: bytes = b"") -> tuple[str, bytes, EvidenceVersion]:
    body = body or evidence_files.jpg()
    answer = upload_requests.upload(world.client("liaison"), world.task("lead"), name, body)
    version = Citation.objects.get(pk=answer.json()["citation"]).evidence.versions.get()
    return reverse("evidence_file", args=[version.evidence_id, version.number]), body, version


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_file_is_downloaded_whole_with_our_headers(world: World) -> None:
    url, body, version = sent(world)
    answer = world.client("liaison").get(url)
    assert (answer.status_code, content(answer)) == (200, body)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Length"] == str(len(body))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert answer["Content-Disposition"] == (
        "inline; filename*=utf-8''%E7%8E%B0%E5%9C%BA%E2%80%9C%E7%85%A7%E7%89%87%E2%80%9D%3C1%3E.jpg"
    )
    assert answer["ETag"] == f'"{version.sha256}"'


@pytest.mark.parametrize("extension", sorted(evidence_files.MAKERS))
def test_only_what_browsers_show_safely_is_shown_in_place(world: World, extension: str) -> None:
    url, _, _ = sent(world, f"材料.{extension}", evidence_files.MAKERS[extension]())
    shown = extension in {"jpg", "jpeg", "png", "webp", "pdf", "mp4"}
    client = world.client("liaison")
    assert client.head(url)["Content-Disposition"].startswith("inline" if shown else "attachment")
    assert client.head(f"{url}?download")["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=10-19", 10, 19), ("bytes=-5", -5, None), ("bytes=7-", 7, None)],
)
def test_a_range_is_answered_with_its_bytes(world: World, header: str, first: int, last: int | None) -> None:
    url, body, _ = sent(world)
    answer = world.client("liaison").get(url, headers={"Range": header})
    wanted = body[first:] if last is None else body[first : last + 1]
    start = first % len(body)
    assert (answer.status_code, content(answer)) == (206, wanted)
    assert answer["Content-Range"] == f"bytes {start}-{start + len(wanted) - 1}/{len(body)}"
    assert answer["Content-Length"] == str(len(wanted))


def test_a_range_behind_the_end_is_a_416(world: World) -> None:
    url, body, _ = sent(world)
    answer = world.client("liaison").get(url, headers={"Range": f"bytes={len(body)}-"})
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(body)}")


@pytest.mark.parametrize(
    "header", ["bytes=9-1", "bytes=a-b", "bytes=0-1,3-4", "pages=1-2", "bytes=-", "", f"bytes=0-{'9' * 5000}"]
)
def test_an_invalid_range_gets_the_whole_file(header: str) -> None:
    assert requested_range(header, 100) is None


def test_a_range_holds_only_for_the_file_that_was_begun(world: World) -> None:
    url, body, version = sent(world)
    client = world.client("liaison")
    for condition, code in [
        (f'"{version.sha256}"', 206),
        (http_date(NOW.timestamp()), 206),
        ('"another"', 200),
        ("Fri, 31 Jul 2020 10:00:00 GMT", 200),
    ]:
        answer = client.get(url, headers={"Range": "bytes=0-3", "If-Range": condition})
        assert answer.status_code == code, condition
        assert content(answer) == (body[:4] if code == 206 else body)


def test_an_unchanged_file_is_not_sent_again_and_head_sends_no_body(world: World) -> None:
    url, body, version = sent(world)
    client = world.client("liaison")
    assert client.get(url, headers={"If-None-Match": f'"{version.sha256}"'}).status_code == 304
    head = client.head(url)
    assert (head.status_code, head["Content-Length"], head.content) == (200, str(len(body)), b"")


def test_a_file_that_is_gone_is_a_sentence(world: World) -> None:
    url, _, version = sent(world)
    storage.delete_blob(version.blob)
    answer = world.client("liaison").get(url)
    assert answer.status_code == 404
    assert "找不到" in answer.content.decode()


def test_a_file_that_lost_its_tail_is_a_sentence_and_not_half_a_file(world: World) -> None:
    url, body, version = sent(world)
    storage.blob_path(version.blob).write_bytes(body[:-1])
    for header in ({}, {"Range": "bytes=0-9"}):
        answer = world.client("liaison").get(url, headers=header)
        assert answer.status_code == 404
        assert "与登记的大小不符" in answer.content.decode()


def test_a_link_has_no_file(world: World) -> None:
    citation = world.cite("lead")
    answer = world.client("liaison").get(reverse("evidence_file", args=[citation.evidence_id, 1]))
    assert answer.status_code == 404
    assert "没有可下载的文件" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("liaison", 200), ("clerk", 200), ("leader", 200), ("reviewer", 200), ("chief", 200), ("assessor", 200),
        ("rival", 404), ("outsider", 404), ("administrator", 404), ("auditor", 404), ("nobody", 404),
    ],
)  # fmt: skip
def test_a_file_is_read_by_whom_it_concerns(world: World, name: str, code: int) -> None:
    url, _, _ = sent(world)
    answer = world.client(name).get(url)
    answer.close()
    assert answer.status_code == code


@pytest.mark.parametrize("name", ["chief", "assessor"])
def test_leaders_and_assessors_open_what_is_cited_before_it_is_handed_in_and_nothing_else(
    world: World, name: str
) -> None:
    """Decided in docs/decisions/0068, said in docs/rights.md."""
    url, _, version = sent(world, "甲.jpg")
    assert not Submission.objects.exists()
    reader = world.client(name)
    assert reader.head(url).status_code == 200
    upload_requests.upload(
        world.client("liaison"), world.task("lead"), "甲.png", evidence_files.png(), evidence=version.evidence_id
    )
    assert reader.head(url).status_code == 404, "replaced before it was handed in"
    assert reader.head(url.replace("/v/1/", "/v/2/")).status_code == 200
    citing.uncite(Citation.objects.get(), world.actor("liaison"))
    assert reader.head(url.replace("/v/1/", "/v/2/")).status_code == 404, "not cited any more"


def test_anonymous_users_are_redirected_to_the_login_page(world: World) -> None:
    url, _, _ = sent(world)
    assert Client().get(url).status_code == 302


def test_submitted_versions_stay_readable_and_versions_replaced_before_are_hidden_from_others(world: World) -> None:
    url, first, version = sent(world, "甲.jpg")
    task, liaison = world.task("lead"), world.client("liaison")
    upload_requests.upload(liaison, task, "甲.png", evidence_files.png(), evidence=version.evidence_id)
    upload_requests.upload(liaison, task, "甲.webp", evidence_files.webp(), evidence=version.evidence_id)
    submission = Submission.objects.create(
        task=task,
        number=1,
        mode="upload",
        handed_on=NOW.date(),
        created_by=world.people["liaison"],
        created_at=NOW,
        digest="0" * 64,
    )
    SubmittedCitation.objects.create(submission=submission, version=version, number="4-3-3-01", title="甲")
    reviewer, address = world.client("reviewer"), url.replace("/v/1/", "/v/{}/").format
    assert [reviewer.head(address(number)).status_code for number in (1, 2, 3)] == [200, 404, 200]
    citing.uncite(Citation.objects.get(), world.actor("liaison"))
    assert content(reviewer.get(address(1))) == first, "handed in"
    assert reviewer.get(address(2)).status_code == 404, "replaced before it was handed in"
    assert reviewer.get(address(3)).status_code == 404, "not cited now"
    assert [liaison.head(address(number)).status_code for number in (1, 2, 3)] == [200, 200, 200]


def test_a_revoked_role_ends_access_to_files_at_once(world: World) -> None:
    url, _, _ = sent(world)
    client = world.client("liaison")
    part = {"Range": "bytes=0-3"}
    assert client.head(url, headers=part).status_code == 206
    Membership.objects.filter(user=world.people["liaison"]).delete()
    assert client.head(url, headers=part).status_code == 404
    User.objects.filter(pk=world.people["liaison"].pk).update(is_active=False)
    assert client.head(url, headers=part).status_code == 302
