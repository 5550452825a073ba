"""JSON that nobody of ours has written, and names of files in other encodings."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from creation.lib import foreign_json
from creation.models import Announcement, Upload
from creation.notices.channels import sms_gateway, webhooks
from creation.notices.channels.messages import Answered
from tests.support.evidence_files import pdf
from tests.support.world import World

DEEP = "[" * 100_000
FINE = {"name": "甲.pdf", "size": 9, "modified": "2026-07-15", "declared": True}
ODD_BODIES = {
    "deep": DEEP, "deep_closed": DEEP + "]" * 100_000, "deep_objects": '{"a":' * 100_000, "below": "[" * 900 + "]" * 900,
    "nested_name": json.dumps(FINE | {"name": json.loads("[" * 300 + "]" * 300)}), "list_name": json.dumps(FINE | {"name": ["x"]}),
    "no_name": json.dumps({"size": 9}), "long_number": json.dumps(FINE).replace("9,", "9" * 5000 + ",", 1),
    "huge_size": json.dumps(FINE | {"size": 10**30}), "nan": json.dumps(FINE | {"size": float("nan")}),
    "endless": json.dumps(FINE | {"size": float("inf")}), "fraction": json.dumps(FINE | {"size": 9.5}),
    "folder_object": json.dumps(FINE | {"folder": {"a": 1}}), "not_utf8": b'{"name": "\xc9\xfa.pdf"}', "nothing": "", "word": "abc",
    "list": "[1]", "text": '"abc"', "nul": "\0", "null": "null",
}  # fmt: skip
ODD_FIELDS = [
    {"evidence": 10**30}, {"evidence": True}, {"evidence": "1"}, {"changed": 10**400}, {"changed": float("nan")}, {"modified": [1]},
    {"modified": "9" * 5000}, {"name": "a\ud800b\0.pdf"}, {"folder": "\ud800/\0"}, {"declared": "yes"}, {"name": "x" * 100_000 + ".pdf"},
    {"stamped": {"a": []}},
]  # fmt: skip


def announce(world: World, body: str | bytes, content_type: str = "application/json") -> Any:
    address = reverse("upload_begin", args=[world.campaign.pk, world.tasks["lead"].pk])
    return world.client("liaison").post(
        address, body, content_type=content_type, headers={"Accept": "application/json"}
    )


@pytest.mark.parametrize("name", ODD_BODIES)
def test_an_announcement_that_is_none_is_a_sentence(world: World, name: str) -> None:
    answer = announce(world, ODD_BODIES[name])
    assert answer.status_code == 400
    assert "上传请求的格式不对" in answer.json()["error"]
    assert not Upload.objects.exists()


def test_odd_values_in_an_announcement_end_in_an_answer(world: World, fresh_data_dir: Path) -> None:
    for more in ODD_FIELDS:
        answer = announce(world, json.dumps(FINE | more))
        assert answer.status_code in {201, 400, 404, 422}, more
        assert answer.status_code == 404 or answer.json()


@pytest.mark.parametrize("body", [DEEP, '{"errcode":' + DEEP, '{"errcode": ' + "9" * 5000 + "}", "[" * 900 + "]" * 900])
def test_an_odd_answer_of_a_gateway_is_no_success(body: str) -> None:
    assert webhooks.outcome_of(200, body.encode()).answered is Answered.REFUSED
    config = {"answer_value": "0", "answer_field": "errcode"}
    assert sms_gateway.outcome_of(config, 200, body.encode()).answered is Answered.REFUSED


def test_a_long_number_in_the_answer_of_a_gateway_is_no_fault() -> None:
    body = b'{"errcode": 0, "msgid": 12345678901234567890123}'
    assert webhooks.outcome_of(200, body).answered is Answered.SENT
    assert foreign_json.loads(body)["msgid"] == 12345678901234567890123


@pytest.mark.parametrize("field", ["seen", "newest"])
def test_a_number_of_thousands_of_digits_is_none(world: World, field: str) -> None:
    answer = world.client("liaison").post(reverse("notices_read"), {field: "9" * 5000})
    assert answer.status_code == 302
    unit = reverse("unit", args=[world.units["城管局"].pk])
    assert world.client("coordinator").post(unit, {field: "9" * 5000}).status_code < 500


def multipart(disposition: bytes) -> bytes:
    parts = [b'Content-Disposition: form-data; name="title"\r\n\r\n' + "通知".encode()]
    parts += [b'Content-Disposition: form-data; name="body"\r\n\r\n' + "见附件。".encode()]
    parts += [disposition + b"\r\nContent-Type: application/pdf\r\n\r\n" + pdf()]
    return b"".join(b"--BoUnDaRy\r\n" + part + b"\r\n" for part in parts)


def issue(world: World, disposition: bytes) -> Any:
    unit = str(world.units["城管局"].pk).encode()
    body = multipart(disposition) + (
        b'--BoUnDaRy\r\nContent-Disposition: form-data; name="units"\r\n\r\n' + unit + b"\r\n--BoUnDaRy--\r\n"
    )
    address = reverse("announcement_new", args=[world.campaign.pk])
    return world.client("coordinator").post(address, body, content_type="multipart/form-data; boundary=BoUnDaRy")


FILE = b'Content-Disposition: form-data; name="files"; filename='


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (FILE + b'"' + "执法检查通报.pdf".encode("gbk") + b'"', "执法检查通报.pdf"),
        (FILE + b'"' + "乗丂镕喆.pdf".encode("gbk") + b'"', "乗丂镕喆.pdf"),  # the second byte of 乗 is a backslash
        (FILE + b'"' + "㐀㐁𠀀.pdf".encode("gb18030") + b'"', "㐀㐁𠀀.pdf"),
        (FILE + b'"' + "执法检查通报.pdf".encode() + b'"', "执法检查通报.pdf"),
        (FILE + b'"' + b"\xff\xfe\xff.pdf" + b'"', "���.pdf"),
        (b"Content-Disposition: form-data; name=\"files\"; filename*=GBK''%D6%B4%B7%A8.pdf", "执法.pdf"),
        (FILE + b'"' + "检".encode("gbk") * 200 + b'.pdf"', None),
    ],
)
def test_a_file_with_a_name_in_gbk_is_not_dropped(
    world: World, fresh_data_dir: Path, disposition: bytes, name: str | None
) -> None:
    assert issue(world, disposition).status_code == 302
    row = Announcement.objects.get()
    assert row.title == "通知"
    found = row.files.get()
    assert found.name == name or (name is None and found.name.startswith("检检检"))


def test_an_unknown_encoding_of_a_name_is_a_bad_request(world: World, fresh_data_dir: Path) -> None:
    answer = issue(world, b"Content-Disposition: form-data; name=\"files\"; filename*=nobody''%D6.pdf")
    assert answer.status_code == 400
    assert not Announcement.objects.exists()
