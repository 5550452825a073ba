"""核对: compare number and check code of a sheet, or a file, with what was issued."""

import io
import random
import time
from pathlib import Path
from typing import Any

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from creation.lib import storage
from creation.models import Paper
from creation.papers import stamped_papers as papers
from tests.papers.test_stamp_prints import draft, export, number
from tests.papers.test_stamps import printing, send_scan
from tests.support import evidence_files
from tests.support.query_counts import count_queries
from tests.support.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_data_dir", "at_now")]
ADDRESS = "paper_check"


@pytest.fixture
def paper(world: World, tmp_path: Path) -> Paper:
    path = tmp_path / "ledger.xlsx"
    path.write_bytes(evidence_files.xlsx())
    return papers.issue_paper(printing(world), lambda _: path, "台账.xlsx", "application/x", world.actor("coordinator"))


def ask(world: World, who: str = "liaison", **asked: str) -> str:
    return world.client(who).get(reverse(ADDRESS, args=[world.campaign.pk]), asked).content.decode()


def drop(world: World, content: bytes, name: str, who: str = "coordinator") -> str:
    file = SimpleUploadedFile(name, content)
    return world.client(who).post(reverse(ADDRESS, args=[world.campaign.pk]), {"file": file}).content.decode()


def stored(paper: Paper) -> bytes:
    with storage.open_blob(paper.blob) as file:
        return file.read()


def test_number_and_code_of_the_sheet_agree(world: World, paper: Paper) -> None:
    page = ask(world, number=paper.number, code=paper.code)
    assert ">一致<" in page
    assert "创建工作台账" in page


@pytest.mark.parametrize("form", ["{}", " {} ", "２０２６—０００１", "1"])
def test_it_may_be_typed_as_people_type(world: World, paper: Paper, form: str) -> None:
    code = paper.code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert ">一致<" in ask(world, number=form.format(paper.number), code=code)


def test_a_wrong_code_a_wrong_number_and_a_void_paper_are_reported(world: World, paper: Paper) -> None:
    assert ">不一致<" in ask(world, number=paper.number, code="0000-0000-0000-0000")
    assert ">查无此号<" in ask(world, number="2026-0777", code=paper.code)
    assert ">查无此号<" in ask(world, number="2025-0001", code=paper.code)
    assert ">请再核对校验码<" in ask(world, number=paper.number)
    assert "校验码是 2026-0001 的" in ask(world, code=paper.code)
    papers.void_paper(paper, "印错了", world.actor("coordinator"))
    assert "但这份文件已作废" in ask(world, number=paper.number, code=paper.code)


def test_another_unit_learns_nothing(world: World, paper: Paper) -> None:
    for asked in ({"number": paper.number, "code": paper.code}, {"number": paper.number}, {"code": paper.code}):
        page = ask(world, "rival", **asked)
        assert ">查无此号<" in page
        assert "创建工作台账" not in page
    assert ">查无此号<" in drop(world, stored(paper), "台账.xlsx", "rival")


@pytest.mark.parametrize("asked", [{"number": "十二"}, {"code": "12"}, {"number": "2026-0001", "code": "xyz"}])
def test_what_cannot_be_read_is_said(world: World, paper: Paper, asked: dict[str, Any]) -> None:
    assert "请照纸上的" in ask(world, **asked)


def test_the_file_as_issued_and_its_scan_are_known(world: World, paper: Paper) -> None:
    before = [key for keys in storage.old_blobs(9e9) for key in keys]
    assert "就是 2026-0001 的原文件" in drop(world, stored(paper), "改了名字.xlsx")
    send_scan(world, paper, evidence_files.pdf())
    assert "就是 2026-0001 的盖章扫描件" in drop(world, evidence_files.pdf(), "扫描.pdf")
    assert len([key for keys in storage.old_blobs(9e9) for key in keys]) == len(before) + 1, "the scan alone is kept"


def test_a_ledger_and_a_statement_that_were_changed_are_not_the_issued_ones(world: World) -> None:
    export(world, "coordinator", stamp="1")
    workbook, file = load_workbook(io.BytesIO(stored(Paper.objects.get()))), io.BytesIO()
    workbook["总台账"]["D6"] = "改过"
    workbook.save(file)
    assert "印着 2026-0001 的编号和校验码，但与登记的原文件不同" in drop(world, file.getvalue(), "台账.xlsx")
    draft(world)
    number(world)
    document, file = docx.Document(io.BytesIO(stored(Paper.objects.get(kind="statement")))), io.BytesIO()
    document.add_paragraph("补充一句")
    document.save(file)
    assert "印着 2026-0002 的编号和校验码" in drop(world, file.getvalue(), "情况说明.docx")


def test_a_file_with_a_made_up_code_or_without_a_number_is_none_of_ours(world: World, paper: Paper) -> None:
    made_up, plain, file = docx.Document(), docx.Document(), io.BytesIO()
    made_up.add_paragraph("编号：2026-0001  校验码：0000-1111-2222-3333")
    made_up.save(file)
    assert "印的校验码与 2026-0001 的不同" in drop(world, file.getvalue(), "台账.docx")
    plain.save(file := io.BytesIO())
    assert ">查无此号<" in drop(world, file.getvalue(), "别的.docx")
    assert "PDF 和图片只能整份比对" in drop(world, evidence_files.pdf(), "别的.pdf")
    assert ">查无此号<" not in drop(world, b"PK\x03\x04broken", "坏的.docx")


def test_a_file_made_to_keep_the_server_busy_is_read_in_no_time(world: World, paper: Paper) -> None:
    """A footer of opening brackets, and a number of thousands of digits."""
    dice = random.Random(1)
    noise = dice.randbytes(200_000).hex()  # against the limit of the compression ratio
    for text in ("<" * 2_000_000, f"编号：2026-{'1' * 5000} 校验码：1234-1234-1234-1234"):
        content = evidence_files.docx({"word/footer1.xml": f"<w:ftr>{noise}{text}".encode()})
        before = time.process_time()
        assert "印着" not in drop(world, content, "忙.docx")
        assert time.process_time() - before < 5


def test_the_list_costs_the_same_for_one_paper_and_for_many(world: World, paper: Paper, tmp_path: Path) -> None:
    client, address = world.client("coordinator"), reverse("papers", args=[world.campaign.pk])

    def cost() -> int:
        client.get(address)
        return count_queries(client.get, address)

    one = cost()
    for text in "乙丙丁戊":
        path = tmp_path / "x.xlsx"
        path.write_bytes(evidence_files.xlsx())
        papers.issue_paper(printing(world, text), lambda _, path=path: path, "x.xlsx", "x", world.actor("coordinator"))
    assert cost() == one
