"""`verify --archive` names what differs between a package and its own catalogue, and needs no database."""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from creation.lib.refusals import Refusal
from creation.operations import archive_catalogue, archive_check
from creation.operations.archive_catalogue import SUMS, TABLE, XML, ArchiveCatalogue, CatalogueEntry, LackingItem

FIRST, SECOND = "1 方案与通知/D30-0001 方案.pdf", "3 各单位答复与印证资料/D30-0001 通报 & <评查>.pdf"
FOREIGN = re.compile(r"[A-Za-z]{4,}")
CONTENTS = {FIRST: b"the plan" * 500, SECOND: b"a report" * 700}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def entry(path: str, content: bytes, number: int) -> CatalogueEntry:
    title = path.partition("/")[2]
    return CatalogueEntry(
        reference=f"2026-D30-01-{number:04d}",
        number=f"{number:04d}",
        category="方案与通知",
        kind="附件",
        title=title,
        doc_number="〔2026〕1号",
        issuer="司法局",
        dated_on="2026-07-01",
        pages="3",
        retention="30年",
        remark='引号 " 和 \x07 控制符',
        path=path,
        size=len(content),
        sha256=digest(content),
    )


def catalogue_of(contents: dict[str, bytes], table: bytes = b"table") -> ArchiveCatalogue:
    entries = [entry(path, content, number) for number, (path, content) in enumerate(contents.items(), 1)]
    return ArchiveCatalogue(
        "源汇区2026年示范创建", "2026", "司法局", "2026-12-31T10:00:00+08:00", entries, [], len(table), digest(table)
    )


def parts_of(contents: dict[str, bytes], catalogue: ArchiveCatalogue | None = None) -> dict[str, bytes]:
    xml = (catalogue or catalogue_of(contents)).as_xml()
    named = {**contents, TABLE: b"table", XML: xml}
    sums = "".join(f"{digest(content)}  {path}\n" for path, content in named.items())
    return {**named, SUMS: sums.encode()}


def pack(path: Path, parts: dict[str, bytes], stored: bool = False) -> Path:
    kind = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def differences(tmp_path: Path, change: Callable[[dict[str, bytes]], object]) -> list[str]:
    parts = parts_of(CONTENTS)
    change(parts)
    return archive_check.check_archive(pack(tmp_path / "a.zip", parts)).differences


def test_what_is_written_is_read_back() -> None:
    whole = replace(catalogue_of(CONTENTS), lacking=[LackingItem("4-3-3-01 <丢失的>", "文件“缺失”")])
    read = archive_catalogue.read_catalogue(io.BytesIO(whole.as_xml()))
    clean = [replace(each, remark='引号 " 和  控制符') for each in whole.entries]
    assert read == replace(whole, entries=clean)
    assert b"DOCTYPE" not in whole.as_xml()


def test_a_line_that_ends_oddly_stays_a_line_of_its_own() -> None:
    entries = [replace(each, remark="甲\x0b乙\x0c丙\u2028丁\x07") for each in catalogue_of(CONTENTS).entries]
    catalogue = replace(catalogue_of(CONTENTS), entries=entries)
    read = archive_catalogue.read_catalogue(io.BytesIO(catalogue.as_xml()))
    assert {each.remark for each in read.entries} == {"甲\n乙\n丙\n丁"}


def test_a_package_as_it_was_made_has_no_differences(tmp_path: Path) -> None:
    found = archive_check.check_archive(pack(tmp_path / "a.zip", parts_of(CONTENTS)))
    assert found.differences == []
    assert found.digest == digest(catalogue_of(CONTENTS).as_xml())


def test_one_changed_byte_is_named(tmp_path: Path) -> None:
    changed = b"X" + CONTENTS[SECOND][1:]
    assert differences(tmp_path, lambda parts: parts.update({SECOND: changed})) == [
        f"内容被改动：{SECOND}（摘要应为 {digest(CONTENTS[SECOND])}，实为 {digest(changed)}）"
    ]


def test_a_byte_changed_inside_the_file_of_the_package_is_named(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", parts_of(CONTENTS), stored=True)
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"a report") + 3] ^= 1
    path.write_bytes(raw)
    assert archive_check.check_archive(path).differences == [f"内容被改动或已损坏：{SECOND}（校验码 CRC-32 不符）"]


def test_another_length_is_named_without_unpacking(tmp_path: Path) -> None:
    said = differences(tmp_path, lambda parts: parts.update({FIRST: b"0" * 50_000_000}))
    assert said == [f"长度不符：{FIRST}（目录 4000 字节，实际 50000000 字节）"]


def test_a_removed_file_is_named(tmp_path: Path) -> None:
    assert differences(tmp_path, lambda parts: parts.pop(FIRST)) == [f"缺少：{FIRST}（D30-0001 方案.pdf）"]


def test_an_added_file_is_named(tmp_path: Path) -> None:
    said = differences(tmp_path, lambda parts: parts.update({"1 方案与通知/又一份.pdf": b"the plan" * 500 + b"!"}))
    assert said == ["多出、目录里没有：1 方案与通知/又一份.pdf"]


def test_a_renamed_file_is_named_with_both_names(tmp_path: Path) -> None:
    said = differences(tmp_path, lambda parts: parts.update({"改名.pdf": parts.pop(FIRST)}))
    assert said == [f"被改名：{FIRST} → 改名.pdf"]


def test_two_files_that_exchanged_their_contents_are_both_named(tmp_path: Path) -> None:
    contents = {FIRST: b"one", SECOND: b"two"}
    parts = parts_of(contents) | {FIRST: b"two", SECOND: b"one"}
    said = archive_check.check_archive(pack(tmp_path / "a.zip", parts)).differences
    assert [line.partition("（")[0] for line in said] == [f"内容被改动：{FIRST}", f"内容被改动：{SECOND}"]


@pytest.mark.parametrize("name", [TABLE, SUMS])
def test_a_removed_catalogue_or_list_is_named(tmp_path: Path, name: str) -> None:
    assert [line[:3] for line in differences(tmp_path, lambda parts: parts.pop(name))] == ["缺少："]


def test_a_catalogue_that_was_rewritten_disagrees_with_the_list_of_digests(tmp_path: Path) -> None:
    other = catalogue_of(CONTENTS | {SECOND: b"forged"}).as_xml()
    said = differences(tmp_path, lambda parts: parts.update({SECOND: b"forged", XML: other}))
    assert said == [f"{SUMS} 与目录不一致：{SECOND}", f"目录被改动：{XML}"]


def test_one_changed_byte_of_any_small_part_is_noticed(tmp_path: Path) -> None:
    """Every part is covered by some check, the catalogue and the list of digests too."""
    whole = parts_of({FIRST: b"short"})
    for name, content in whole.items():
        for place in range(0, len(content), 1 if len(content) < 100 else 7):
            changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
            path = pack(tmp_path / "a.zip", whole | {name: changed})
            with suppress(Refusal):  # the catalogue cannot be read any more
                assert archive_check.check_archive(path).differences, (name, place)


def test_a_file_listed_twice_and_two_files_of_one_name_are_named(tmp_path: Path) -> None:
    once = catalogue_of(CONTENTS)
    twice = replace(once, entries=[*once.entries, once.entries[0]])
    path = pack(tmp_path / "a.zip", parts_of(CONTENTS, twice))
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr(SECOND, CONTENTS[SECOND])
    said = archive_check.check_archive(path).differences
    assert f"目录重复列出：{FIRST}" in said
    assert "档号重复：2026-D30-01-0001" in said
    assert f"包内有两个同名文件：{SECOND}" in said


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>', "DOCTYPE"),
        (b"<x/>", "不是归档目录"),
        (b"<broken", "读不出来"),
        ("<归档目录 格式='9'/>".encode(), "另一个版本"),
    ],
)
def test_a_catalogue_that_is_none_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        archive_check.check_archive(pack(tmp_path / "a.zip", {XML: content}))
    assert sentence in refused.value.sentence


def test_a_count_that_does_not_agree_is_refused(tmp_path: Path) -> None:
    xml = catalogue_of(CONTENTS).as_xml().replace('件数="2"'.encode(), '件数="3"'.encode())
    with pytest.raises(Refusal) as refused:
        archive_check.check_archive(pack(tmp_path / "a.zip", parts_of(CONTENTS) | {XML: xml}))
    assert refused.value.sentence == "目录.xml 写明 3 件，实际列出 2 件。"


def test_what_is_no_package_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_bytes(b"no zip")
    whole = pack(tmp_path / "whole.zip", parts_of(CONTENTS)).read_bytes()
    (tmp_path / "half.zip").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "short.zip").write_bytes(whole[:-10])
    (tmp_path / "name.zip").write_bytes(whole.replace("方案.pdf".encode(), b"\xff" + "方案.pdf".encode()[1:]))
    for path, sentence in (
        (tmp_path / "text.zip", "不是 ZIP 文件"),
        (tmp_path / "half.zip", "没有下载完整或已经损坏：请重新下载再核对"),
        (tmp_path / "short.zip", "没有下载完整或已经损坏"),
        (tmp_path / "name.zip", "没有下载完整或已经损坏"),
        (tmp_path, "读不出"),
        (tmp_path / "gone.zip", "没有这个文件"),
        (pack(tmp_path / "other.zip", {"a": b"b"}), "不是归档包"),
    ):
        with pytest.raises(Refusal) as refused:
            archive_check.check_archive(path)
        assert sentence in refused.value.sentence
        assert not FOREIGN.search(refused.value.sentence.replace(str(path), "")), "no words of a library"


@pytest.mark.parametrize("place", range(6))
def test_a_packed_file_that_cannot_be_unpacked_is_named_without_words_of_a_library(tmp_path: Path, place: int) -> None:
    path = pack(tmp_path / "a.zip", parts_of(CONTENTS))
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(SECOND)
    head = info.header_offset + 30 + len(SECOND.encode())
    changes = {0: (info.header_offset, 0x51), 1: (info.header_offset + 31, 0x41)}
    at, value = changes.get(place, (head + place - 2, 0xFF))
    raw[at] = value
    path.write_bytes(raw)
    (said,) = archive_check.check_archive(path).differences
    assert said.startswith(f"内容被改动或已损坏：{SECOND}（"), said
    assert not FOREIGN.search(said.partition("（")[2].replace("CRC-32", "")), said


def test_the_command_needs_no_database_and_ends_with_an_error_when_something_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """This test has no access to the database: pytest-django refuses a query."""
    good = pack(tmp_path / "good.zip", parts_of(CONTENTS))
    call_command("verify", archive=good)
    said = capsys.readouterr().out
    assert "归档包 2 件" in said
    assert "生成于 2026-12-31 10:00" in said
    assert "与目录全部一致" in said
    bad = pack(tmp_path / "bad.zip", parts_of(CONTENTS) | {"多.txt": b""})
    with pytest.raises(CommandError, match="与目录不符 1 处"):
        call_command("verify", archive=bad)
