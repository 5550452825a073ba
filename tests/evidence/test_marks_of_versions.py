"""Marks of secrecy of each version, behind long texts, in drawn watermarks; what was not read whole is said."""

import random

import pytest
from django.urls import reverse
from django.utils import timezone

from creation import jobs
from creation.evidence.library import extract_text, text_extraction
from creation.models import ANSWERED, Evidence, EvidenceVersion, Extract, ExtractState, Task
from creation.tasks import workflow
from reports.package import contents
from tests.support import evidence_files as make
from tests.support import hostile_files, upload_requests
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

MARK = "机密★1年"
WORD = f"{make.RELATIONS}/wordprocessingml/2006/main"


def sent(world: World, name: str, content: bytes) -> Evidence:
    answer = upload_requests.upload(world.client("liaison"), world.task("lead"), name, content)
    assert answer.status_code == 201, answer.content.decode()
    return Evidence.objects.latest("pk")


def read(world: World, name: str, content: bytes) -> str:
    """Upload a file, read it, and return the marks that stop it."""
    piece = sent(world, name, content)
    jobs.read_files()
    return Evidence.objects.get(pk=piece.pk).flagged_marks


def submit_task(world: World) -> None:
    task, answer = world.task("lead"), {"mode": "upload", "measures": "已组织评查", "results": "已完成"}
    workflow.perform(workflow.MOVES["submit"], task, world.actor("liaison"), task.version, answer, False)


def word_part(tag: str, content: str) -> bytes:
    space = f'xmlns:w="{WORD}" xmlns:v="urn:schemas-microsoft-com:vml"'
    return make.docx({"word/part9.xml": f"<w:{tag} {space}>{content}</w:{tag}>"})


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


# The version that was handed in


def replace_by_clean(piece: Evidence) -> EvidenceVersion:
    """Store a second version without a mark, as a correction that was uploaded later."""
    first = EvidenceVersion.objects.get(evidence=piece)
    Extract.objects.create(version=first, state=ExtractState.READ, first_page=MARK, edition=99)
    second = EvidenceVersion.objects.create(
        evidence=piece, number=2, blob="two", given_name="通知.docx", extension="docx", size=9, sha256="0" * 64,
        created_by=first.created_by, created_at=NOW,
    )  # fmt: skip
    Extract.objects.create(version=second, state=ExtractState.READ, first_page="通知", edition=99)
    return first


def test_a_handed_in_version_with_a_mark_stays_out_of_the_package_when_a_clean_one_followed(world: World) -> None:
    piece = sent(world, "通知.docx", make.docx())
    submit_task(world)
    first = replace_by_clean(piece)
    tasks = Task.objects.filter(campaign=world.campaign)
    assert not Evidence.objects.get().flagged_marks
    found = contents.read_contents(tasks, None, ANSWERED)
    assert found.items == []
    assert "首页：机密" in found.withheld[0].why
    Extract.objects.filter(version=first).update(first_page="通知")
    assert [item.evidence for item in contents.read_contents(tasks, None, ANSWERED).items] == [piece.pk]


def test_a_handed_in_version_with_a_mark_is_opened_by_its_unit_only(world: World) -> None:
    piece = sent(world, "通知.docx", make.docx())
    submit_task(world)
    first = replace_by_clean(piece)
    address = reverse("evidence_preview", args=[piece.pk, 1])
    assert world.client("reviewer").get(address).status_code == 404
    assert world.client("liaison").get(address).status_code == 200
    Extract.objects.filter(version=first).update(first_page="通知")
    assert world.client("reviewer").get(address).status_code == 200


def test_files_that_are_hidden_are_not_read_for_a_package(world: World) -> None:
    piece = sent(world, "通知.docx", make.docx())
    shown = sent(world, "附件.docx", make.docx(text="附件"))
    Evidence.objects.filter(pk=piece.pk).update(hidden_at=NOW, hide_reason="核查")
    text_extraction.read_versions(EvidenceVersion.objects.all(), timezone.now, lambda *_: None)
    assert [extract.version.evidence for extract in Extract.objects.all()] == [shown]


# Long texts


def test_a_mark_at_the_end_of_a_long_line_is_found(world: World) -> None:
    assert read(world, "甲.docx", word_part("hdr", paragraph("说明" * 300 + MARK))) == "页眉页脚：机密"
    assert read(world, "乙.docx", word_part("hdr", paragraph("秘书" * 300 + "内部" + "事项" * 200))) == ""


def test_a_long_text_leaves_room_for_headers(world: World) -> None:
    text = "".join(random.Random(1).choices("说明情况推进落实评查", k=extract_text.MAX_READ + 1))
    body = hostile_files.members(hostile_files.word(f"<w:r><w:t>{text}</w:t></w:r>"))["word/document.xml"]
    piece = sent(
        world,
        "甲.docx",
        make.package(hostile_files.members(word_part("hdr", paragraph(MARK))) | {"word/document.xml": body}),
    )
    jobs.read_files()
    assert Evidence.objects.get(pk=piece.pk).flagged_marks == "页眉页脚：机密"
    assert Extract.objects.get().state == ExtractState.FAILED  # not read whole
    assert Evidence.objects.matching_text(text[:8]).exists()


# Breaks and drawn texts


@pytest.mark.parametrize("gap", ["br", "cr", "tab"])
def test_a_break_in_a_paragraph_separates_words(world: World, gap: str) -> None:
    runs = f"<w:r><w:t>区司法局工作</w:t><w:{gap}/><w:t>机密</w:t><w:{gap}/><w:t>关于评查的通知</w:t></w:r>"
    assert read(world, "通知.docx", hostile_files.word(runs)) == "首页：机密"


def test_a_watermark_of_drawn_letters_is_a_mark(world: World) -> None:
    shape = '<w:p><w:r><w:pict><v:shape><v:textpath string="机密"/></v:shape></w:pict></w:r></w:p>'
    assert read(world, "甲.docx", word_part("hdr", shape)) == "页眉页脚：机密"
    drawing = '<xml xmlns:v="urn:schemas-microsoft-com:vml"><v:shape><v:textpath string="内部资料"/></v:shape></xml>'
    assert read(world, "乙.xlsx", hostile_files.sheet_with({"xl/drawings/a.vml": drawing})) == "文本框：内部"


def test_a_part_that_begins_with_many_blanks_is_read(world: World) -> None:
    blanks = " " * 3000
    part = f'<w:hdr xmlns:w="{WORD}">{paragraph(MARK)}</w:hdr>'
    assert read(world, "甲.docx", make.docx({"word/part9.xml": blanks + part})) == "页眉页脚：机密"


def test_files_of_the_program_before_are_read_again(world: World) -> None:
    sent(world, "通知.docx", make.docx())
    Extract.objects.create(version=EvidenceVersion.objects.get(), state="read", first_page="通知", edition=1)
    assert text_extraction.extract_due(timezone.now) == 1
