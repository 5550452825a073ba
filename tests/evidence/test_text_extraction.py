"""Text extraction from each kind of file, claims, and files that cannot be read."""

import io
from datetime import timedelta
from itertools import count

import pytest
from django.utils import timezone
from PIL import Image

from creation import jobs
from creation.evidence.library import search_index, text_extraction
from creation.lib import storage
from creation.lib.bigrams import tokenize
from creation.models import Evidence, EvidenceVersion, Extract, ExtractState, SearchEntry
from tests.support import evidence_files, upload_requests
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
    "<dc:title>评查&amp;通报</dc:title><dc:creator>王某</dc:creator>"
    "<dcterms:created>2026-07-05T08:00:00Z</dcterms:created></cp:coreProperties>"
)
SLIDE = '<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:sld>'
PAGE = '<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:TextObject><ofd:TextCode>{}</ofd:TextCode></ofd:TextObject></ofd:Page>'


def kept(world: World, name: str, body: bytes) -> EvidenceVersion:
    """A stored file, as after an upload."""
    answer = upload_requests.upload(world.client("liaison"), world.task("lead"), name, body)
    assert answer.status_code == 201, answer.content.decode()
    return EvidenceVersion.objects.latest("pk")


def finds(words: str) -> list[str]:
    return list(Evidence.objects.matching_text(words).order_by("pk").values_list("title", flat=True))


def photo() -> bytes:
    picture, exif, out = Image.new("RGB", (60, 40), "red"), Image.Exif(), io.BytesIO()
    exif.get_ifd(0x8769)[0x9003] = "2026:07:09 08:30:00"
    exif.get_ifd(0x8825)[1] = "N"
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_words_and_facts_of_every_kind_of_file(world: World) -> None:
    info = "/Title(Abc)/CreationDate(D:20260705120000+08'00')"
    sheet = evidence_files.xlsx()
    files = {
        "甲.pdf": evidence_files.text_pdf("关于案卷评查的通知", "第二页写明整改时限", info=info),
        "乙.docx": evidence_files.docx({"docProps/core.xml": CORE}, text="行政执法三项制度"),
        "丙.pptx": evidence_files.pptx({"ppt/slides/slide1.xml": SLIDE.format("执法培训课件")}),
        "丁.xlsx": sheet,
        "戊.ofd": evidence_files.ofd({"Doc_0/Pages/Page_0/Content.xml": PAGE.format("电子公文正文")}),
        "己.jpg": photo(),
        "庚.mp4": evidence_files.mp4(),
    }
    for name, body in files.items():
        kept(world, name, body)
    jobs.read_files()
    assert finds("整改时限") == ["甲"]
    assert finds("三项制度") == ["乙"]
    assert finds("培训课件") == ["丙"]
    assert finds("指标 数值") == ["丁"]
    assert finds("公文正文") == ["戊"]
    read = {extract.version.given_name[0]: extract for extract in Extract.objects.select_related("version")}
    assert read["甲"].facts == {"title": "Abc", "created": "2026-07-05", "pages": 2}
    assert read["甲"].first_page == "关于案卷评查的通知"
    assert read["乙"].facts == {"title": "评查&通报", "author": "王某", "created": "2026-07-05"}
    assert read["己"].facts == {"taken": "2026-07-09"}
    assert {name: read[name].state for name in "甲庚"} == {"甲": "read", "庚": "nothing"}
    assert Extract.objects.filter(claimed_until=None).count() == len(files)


def test_a_second_run_reads_nothing_again(world: World) -> None:
    kept(world, "乙.docx", evidence_files.docx())
    assert text_extraction.extract_due(timezone.now) == 1
    assert text_extraction.extract_due(timezone.now) == 0


def test_reading_many_files_lets_reminders_and_sealing_in(world: World) -> None:
    for name in ("甲.docx", "乙.docx", "丙.docx"):
        kept(world, name, evidence_files.docx(text=name))
    moments = (NOW + timedelta(seconds=10 * number) for number in count())  # as if each step took ten seconds
    first = text_extraction.extract_due(lambda: next(moments))
    assert 0 < first < 3
    assert first + text_extraction.extract_due(timezone.now) == 3


def test_a_hidden_piece_is_read_when_it_is_shown_again(world: World) -> None:
    kept(world, "丙.docx", evidence_files.docx())
    Evidence.objects.update(hidden_at=NOW, hide_reason="疑似涉密")
    assert text_extraction.extract_due(timezone.now) == 0
    Evidence.objects.update(hidden_at=None, hide_reason="")
    assert text_extraction.extract_due(timezone.now) == 1


@pytest.mark.parametrize("spoil", ["gone", "broken", "doctype"])
def test_an_unreadable_file_is_marked_and_not_retried(world: World, spoil: str) -> None:
    version = kept(world, "乙.docx", evidence_files.docx())
    path = storage.blob_path(version.blob)
    if spoil == "gone":
        path.unlink()
    elif spoil == "broken":
        path.write_bytes(b"PK\x03\x04" + bytes(200))
    else:
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><w:document xmlns:w="w"><w:t>&a;</w:t></w:document>'
        path.write_bytes(evidence_files.package({"word/document.xml": bomb}))
    jobs.read_files()
    assert Extract.objects.get().state == ExtractState.FAILED
    assert text_extraction.extract_due(timezone.now) == 0
    assert finds("乙") == ["乙"]


def test_a_reader_that_died_loses_its_claim_and_three_times_is_enough(world: World) -> None:
    kept(world, "乙.docx", evidence_files.docx())
    now = timezone.now()
    for step in range(text_extraction.MAX_TRIES):
        claimed = text_extraction.claim(lambda step=step: now + step * timedelta(minutes=6))  # type: ignore[misc]
        assert claimed is not None
    assert text_extraction.claim(lambda: now + timedelta(minutes=12, seconds=1)) is None  # another worker has it
    assert text_extraction.claim(lambda: now + timedelta(minutes=18)) is None
    assert Extract.objects.get().state == ExtractState.FAILED


def test_text_beyond_the_limit_is_left_out(world: World) -> None:
    kept(world, "长.docx", evidence_files.docx(text="评查" * 20_000 + "末尾一句"))
    jobs.read_files()
    assert len(SearchEntry.objects.get().body) < 8 * 15_000
    assert finds("评查评查") == ["长"]
    assert finds("末尾一句") == []


def test_a_new_title_keeps_the_text_and_a_new_version_clears_it_until_it_is_read(world: World) -> None:
    version = kept(world, "乙.docx", evidence_files.docx(text="行政执法三项制度"))
    jobs.read_files()
    piece = version.evidence
    Evidence.objects.filter(pk=piece.pk).update(title="改过的题名", version=7)
    assert search_index.index_missing() == 1
    assert finds("改过 三项制度") == ["改过的题名"]
    EvidenceVersion.objects.create(
        evidence=piece, number=2, text="换了内容", created_by=version.created_by, created_at=NOW
    )
    Evidence.objects.filter(pk=piece.pk).update(version=8)
    search_index.index_missing()
    assert finds("三项制度") == []
    assert finds("换了内容") == ["改过的题名"]


def test_an_old_version_read_late_does_not_overwrite_the_newest(world: World) -> None:
    version = kept(world, "乙.docx", evidence_files.docx(text="行政执法三项制度"))
    EvidenceVersion.objects.create(
        evidence=version.evidence, number=2, text="新内容", created_by=version.created_by, created_at=NOW
    )
    search_index.update_entries([version.evidence])
    jobs.read_files()
    assert finds("三项制度") == []
    assert SearchEntry.objects.get().body == " ".join(tokenize("新内容"))
