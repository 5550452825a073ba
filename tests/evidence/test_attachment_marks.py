"""What the office attaches goes out at once, so that a mark of secrecy is refused instead of waiting for somebody to clear it."""

from pathlib import Path

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from creation.evidence import attachments
from creation.lib import storage
from creation.lib.refusals import Refusal
from creation.models import Announcement
from tests.support import evidence_files as make
from tests.support.world import NOW, World

PROPERTY = '<c:coreProperties xmlns:c="c"><c:subject>机密★1年</c:subject></c:coreProperties>'


@pytest.mark.parametrize(
    ("name", "content", "marks"),
    [
        ("通知.pdf", make.text_pdf("机密★一年\n通知"), "机密"),
        ("通知.pdf", make.text_pdf("通知", "附件\n工作秘密"), "工作秘密"),
        ("通知.docx", make.docx({"docProps/core.xml": PROPERTY}), "机密"),
        ("通知.docx", make.docx(text="秘　密"), "秘密"),
        ("通知.doc", make.doc({"Data": ("说明" * 60 + "\r绝密★长期\r").encode("utf-16-le")}), "绝密"),
        ("机密 通知.docx", make.docx(), "机密"),
    ],
)
def test_a_marked_attachment_is_refused_and_not_kept(
    name: str, content: bytes, marks: str, fresh_data_dir: Path
) -> None:
    file = SimpleUploadedFile(name, content)
    with (
        pytest.raises(Refusal, match=f"“{name}”带有密级标志（{marks}），没有保存"),
        attachments.stored_attachments([SimpleUploadedFile("附件.pdf", make.pdf()), file]),
    ):
        pytest.fail("it was kept")
    assert [key for keys in storage.all_keys() for key in keys] == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("简报.pdf", make.text_pdf("内部资料　注意保存\n工作简报")),
        ("保密教育.pdf", make.text_pdf("涉密文件的管理\n机密文件应当登记")),
        ("照片.jpg", make.jpg()),
    ],
)
def test_what_is_for_the_units_or_about_secrets_passes(name: str, content: bytes, fresh_data_dir: Path) -> None:
    with attachments.stored_attachments([SimpleUploadedFile(name, content)]) as kept:
        assert [row.name for row in kept] == [name]


@time_machine.travel(NOW, tick=False)
def test_the_page_says_it_and_nothing_is_published(world: World, fresh_data_dir: Path) -> None:
    sent = {"title": "通知", "body": "见附件。", "units": [world.units["城管局"].pk]}
    sent |= {"files": SimpleUploadedFile("安排.pdf", make.text_pdf("机密★一年\n安排"))}
    page = world.client("coordinator").post(reverse("announcement_new", args=[world.campaign.pk]), sent)
    assert page.status_code == 422
    assert "“安排.pdf”带有密级标志（机密），没有保存" in page.content.decode()
    assert not Announcement.objects.exists()
