"""Every hostile file is refused by the upload with a sentence and leaves nothing; every ordinary file of the same programs is accepted."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

import pytest

from creation.models import AuditEntry, Citation, Evidence
from tests.support import (
    evidence_files,
    hostile_disguises,
    hostile_files,
    import_steps,
    ordinary_files,
    upload_requests,
)
from tests.support.hostile_workbooks import workbooks
from tests.support.sampling import Chosen
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

HOSTILE = [*hostile_files.listed(), *hostile_files.variants()]
KINDS = [kind for kind, _ in groupby(HOSTILE, key=lambda file: file.kind)]


def send(world: World, name: str, content: bytes) -> Any:
    return upload_requests.upload(world.client("liaison"), world.task("lead"), name, content)


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_file_is_refused_with_a_sentence_and_leaves_nothing(world: World, kind: str) -> None:
    answers = {(file.what, file.name): send(world, file.name, file.content) for file in HOSTILE if file.kind == kind}
    accepted = {key: answer.content.decode()[:200] for key, answer in answers.items() if answer.status_code != 422}
    assert accepted == {}
    assert [key for key, answer in answers.items() if not answer.json()["error"].endswith("。")] == []
    assert not Evidence.objects.exists()
    assert not Citation.objects.exists()


def test_a_disguised_file_is_refused(world: World, one_in: Callable[[int], Chosen]) -> None:
    chosen = one_in(3)
    files = [file for file in hostile_disguises.disguises() if chosen(file.kind, file.what)]
    answers = {(file.kind, file.what): send(world, file.name, file.content) for file in files}
    assert {key: answer.content.decode()[:200] for key, answer in answers.items() if answer.status_code != 422} == {}
    assert [key for key, answer in answers.items() if not answer.json()["error"].endswith("。")] == []


def test_a_refusal_says_what_was_found_and_is_in_the_trail(world: World) -> None:
    for content, said in (
        (hostile_files.opening("<</S/URI/URI(https://example.com/)>>"), "打开时访问网址"),
        (hostile_files.opening("<</S/SubmitForm/F(x)>>"), "向外提交表单"),
        (evidence_files.pdf(catalog="/AcroForm<</XFA 5 0 R>>"), "XFA"),
        (hostile_files.opening("<</S/GoToR/F(x)/D[0/Fit]>>"), "打开另一个文件"),
    ):
        sentence = send(world, "材料.pdf", content).json()["error"]
        assert said in sentence
        assert "打印" in sentence
    assert AuditEntry.objects.filter(act="evidence.upload", result="refused").count() == 4


@pytest.mark.parametrize("writer", sorted({file.writer for file in ordinary_files.written_by_libraries()}))
def test_an_ordinary_file_is_accepted(world: World, writer: str) -> None:
    files = [file for file in ordinary_files.written_by_libraries() if file.writer == writer]
    answers = {file.name: send(world, file.name, file.content) for file in files}
    assert {name: answer.content.decode() for name, answer in answers.items() if answer.status_code != 201} == {}


@pytest.mark.needs_libreoffice
def test_what_libreoffice_writes_is_accepted(world: World, one_in: Callable[[int], Chosen]) -> None:
    chosen = one_in(2)
    targets = [each for each in ordinary_files.OFFICE_TARGETS if each == "docx" or chosen("LibreOffice", each)]
    files = ordinary_files.written_by_libreoffice(targets)
    assert len(files) == sum(target in made for target in targets for made in ordinary_files.TARGETS.values())
    answers = {file.name: send(world, file.name, file.content) for file in files}
    assert {name: answer.content.decode() for name, answer in answers.items() if answer.status_code != 201} == {}


@pytest.mark.needs_libreoffice
def test_the_remedies_that_a_refusal_names_work(world: World) -> None:
    """Printing to PDF, and saving a Word document anew as PDF, leave out what was refused."""
    document = hostile_files.word(
        hostile_files.field(' INCLUDETEXT "http://10.1.2.3/a.docx" ') + "<w:r><w:t>正文</w:t></w:r>"
    )
    slides = hostile_files.slide('<a:hlinkHover r:id="r1" action="ppaction://program"/>')
    form = hostile_files.opening("<</S/SubmitForm/F(https://example.com/)>>")
    for name, content in (("材料.docx", document), ("材料.pptx", slides), ("材料.pdf", form)):
        assert send(world, name, content).status_code == 422
        ((_, printed),) = ordinary_files.converted([(name, content)], "pdf")
        assert send(world, f"{name}.pdf", printed).status_code == 201, name


@pytest.mark.parametrize("book", workbooks(), ids=lambda book: book.what)
def test_a_workbook_has_its_own_answer(world: World, book: Any) -> None:
    answer = import_steps.post_workbook(world, "coordinator", "liaisons", book.content, book.name)
    assert answer.status_code == (422 if book.refused else 302)
    page = answer if book.refused else world.client("coordinator").get(answer.url)
    assert book.said in page.content.decode()
