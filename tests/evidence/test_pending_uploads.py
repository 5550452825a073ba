"""Unfinished uploads: continued when announced again, listed, kept for three days, and given up by their owner only."""

import os
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from creation.evidence import citing
from creation.lib import storage
from creation.models import Citation, Task, Upload
from creation.operations import cleanup
from tests.evidence.test_uploads_live import Sender, port  # noqa: F401 - the server in a thread
from tests.support import evidence_files, upload_requests
from tests.support.query_counts import count_queries
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

CHANGED = 1_780_000_000_123
BODY = evidence_files.jpg() + bytes(3000)


def announce(world: World, name: str = "现场.jpg", who: str = "liaison", task: str = "lead", **more: Any) -> Any:
    told = {"changed": CHANGED} | more
    return upload_requests.begin(world.client(who), world.task(task), name, len(BODY), **told)


def test_the_same_file_announced_again_continues(world: World) -> None:
    first = announce(world).json()
    upload_requests.put(world.client("liaison"), first["url"], 0, BODY[:1000])
    assert announce(world).json() == {"url": first["url"], "offset": 1000}
    assert Upload.objects.count() == 1


@pytest.mark.parametrize(
    "other",
    [
        {"changed": CHANGED + 1}, {"changed": None}, {"changed": "x"}, {"changed": 2**60}, {"folder": "六月"},
        {"name": "现场2.jpg"}, {"who": "clerk"}, {"task": "action"},
    ],
    ids=str,
)  # fmt: skip
def test_a_possibly_different_file_is_a_new_upload(world: World, other: dict[str, Any]) -> None:
    url = announce(world).json()["url"]
    assert announce(world, **other).json()["url"] != url
    assert Upload.objects.count() == 2


def test_a_file_already_uploaded_is_not_sent_again(world: World) -> None:
    client = world.client("liaison")
    url = announce(world).json()["url"]
    citation = upload_requests.put(client, url, 0, BODY).json()["citation"]
    assert announce(world).json() == {"url": url, "offset": len(BODY)}
    assert client.get(url).json()["citation"] == citation
    citing.uncite(Citation.objects.get(), world.actor("liaison"))
    assert announce(world).json()["url"] != url, "it was taken away since: to be sent once more"


def test_after_three_days_the_same_file_is_a_new_one(world: World) -> None:
    url = announce(world).json()["url"]
    upload_requests.put(world.client("liaison"), url, 0, BODY)
    Upload.objects.update(finished_at=NOW - timedelta(hours=73))
    assert announce(world).json()["url"] != url


@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_one_upload(world: World, port: int) -> None:  # noqa: F811
    sender = Sender(port, world.client("liaison"))
    address = reverse("upload_begin", args=[world.campaign.pk, world.task("lead").pk])
    said = b'{"name": "a.jpg", "size": 9, "changed": 5, "declared": true}'
    answers: list[Any] = []
    ask = lambda: answers.append(sender.ask("POST", address, said, **{"Content-Type": "application/json"}))  # noqa: E731
    clicks = [threading.Thread(target=ask) for _ in range(6)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join(60)
    assert {status for status, _, _ in answers} == {201}
    assert len({body for _, _, body in answers}) == 1
    assert Upload.objects.count() == 1


def test_the_folder_is_cleaned_and_stored_apart_from_the_name(world: World) -> None:
    announce(world, folder="../资料\u202e/六月\x00")
    upload = Upload.objects.get()
    assert upload.folder == "未命名/资料/六月"
    assert upload.name == "现场.jpg"


def test_unfinished_uploads_are_listed_for_their_owner_only(world: World) -> None:
    url = announce(world, folder="六月").json()["url"]
    upload_requests.put(world.client("liaison"), url, 0, BODY[: len(BODY) // 2])
    page = world.client("liaison").get(reverse("unfinished")).content.decode()
    assert "现场.jpg" in page
    assert "六月/" in page
    assert "49%" in page or "50%" in page
    assert "去继续" in page
    assert "现场.jpg" not in world.client("clerk").get(reverse("unfinished")).content.decode()
    task = world.task("lead")
    address = reverse("task", args=[task.campaign_id, task.pk])
    assert url in world.client("liaison").get(address).content.decode()
    assert url not in world.client("clerk").get(address).content.decode()
    Task.objects.filter(pk=task.pk).update(status="submitted", first_submitted_at=NOW)
    assert "任务已报送" in world.client("liaison").get(reverse("unfinished")).content.decode()


def test_the_list_costs_the_same_for_one_and_for_many(world: World) -> None:
    client, counts = world.client("liaison"), []
    client.get(reverse("unfinished"))  # the first request of a login needs more queries
    for names in (["a.jpg"], ["b.jpg", "c.jpg", "d.jpg"]):
        for name in names:
            announce(world, name)
        seen = count_queries(lambda: client.get(reverse("unfinished")))
        counts.append(seen)
    assert counts[0] == counts[1]


def test_giving_up_deletes_the_part_but_no_finished_file(world: World) -> None:
    client = world.client("liaison")
    url = announce(world).json()["url"]
    upload_requests.put(client, url, 0, BODY[:1000])
    token = Upload.objects.get().token
    assert world.client("clerk").post(reverse("upload_give_up", args=[token])).status_code == 404
    assert storage.part_size(token) == 1000
    assert "已放弃" in client.post(reverse("upload_give_up", args=[token]), follow=True).content.decode()
    assert (Upload.objects.count(), storage.part_size(token)) == (0, 0)
    upload_requests.put(client, announce(world).json()["url"], 0, BODY)
    token = Upload.objects.get().token
    assert "已经上传完成" in client.post(reverse("upload_give_up", args=[token]), follow=True).content.decode()
    assert Citation.objects.counting().count() == 1


def test_an_unfinished_upload_is_kept_for_three_days_after_its_last_byte(world: World) -> None:
    url = announce(world).json()["url"]
    upload_requests.put(world.client("liaison"), url, 0, BODY[:1000])
    upload = Upload.objects.get()
    Upload.objects.update(started_at=NOW - timedelta(days=9))
    path = storage.part_path(upload.token)

    def sweep_after(hours: float) -> bool:
        then = (NOW - timedelta(hours=hours)).timestamp()
        os.utime(path, (then, then))
        cleanup.clean_up(timezone.now())
        return path.exists() and Upload.objects.exists()

    assert sweep_after(71)
    assert not sweep_after(73)
    assert not Upload.objects.exists()
