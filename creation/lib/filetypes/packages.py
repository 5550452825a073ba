"""Checks ZIP containers: the directory before it is read, then every member by unpacking it, because declared sizes can be wrong."""

import mmap
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from .allowed import Limits
from .refusals import InvalidFile, Reason

CHUNK = 1 << 20
COMMENT = 65_535
DIRECTORY_BYTES_A_MEMBER = 1024  # zipfile reads the whole directory into memory
SMALL = 1 << 20  # below this size a high ratio is harmless
SMALL_MEMBER = 10 << 20  # a white bitmap in a document compresses a thousand to one
END = re.compile(b"PK\x05\x06")
OTHER_ARCHIVES = (b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00", b"7z\xbc\xaf\x27\x1c\x00")
ENCRYPTED_BITS = 0x0001 | 0x0040 | 0x2000


@dataclass(frozen=True)
class CentralDirectory:
    count: int
    size: int
    start: int
    end: int


@contextmanager
def open_checked(path: Path, limits: Limits) -> Iterator[zipfile.ZipFile]:
    """Return the archive after checking its directory and all members. Raises InvalidFile."""
    with path.open("rb") as file:
        directory = _directory(file, path.stat().st_size)
        _check_directory(directory, limits)
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, EOFError, struct.error):
            raise InvalidFile(Reason.DAMAGED, "压缩目录有误") from None
        with archive:
            _check_members(archive.infolist(), limits)
            if archive.start_dir != directory.start or len(archive.infolist()) != directory.count:
                raise InvalidFile(Reason.DAMAGED, "有几个压缩目录")
            _unpack_all(file, archive.infolist())
            try:
                yield archive
            except zipfile.BadZipFile:  # a member whose own header contradicts the directory, found when it is read
                raise InvalidFile(Reason.DAMAGED, "压缩目录有误") from None


def check_no_archive_behind(path: Path) -> None:
    """Raise InvalidFile for a picture, film or PDF that programs for archives open as well: what follows it hides files."""
    with path.open("rb") as file:
        start = max(0, path.stat().st_size - COMMENT - 22)
        file.seek(start)
        tail = file.read()
        lengths = [(found.start(), tail[found.start() + 12 : found.start() + 16]) for found in END.finditer(tail)]
        for at, length in lengths:
            file.seek(max(0, start + at - int.from_bytes(length, "little")))
            if file.read(4) == b"PK\x01\x02":
                raise InvalidFile(Reason.EMBEDDED, "压缩包")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if any(data.find(each) >= 0 for each in OTHER_ARCHIVES):
                raise InvalidFile(Reason.EMBEDDED, "压缩包")


def _directory(file: BinaryIO, size: int) -> CentralDirectory:
    """Return the end record, which contains the size of the directory, without reading the directory."""
    start = max(0, size - COMMENT - 22)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise InvalidFile(Reason.TRUNCATED, "缺少结尾部分")
    _, _, _, count, length, offset, comment = struct.unpack_from("<4H2LH", tail, at + 4)
    if at + 22 + comment > len(
        tail
    ):  # what follows it, as some programs and mail gateways leave behind, no program reads
        raise InvalidFile(Reason.TRUNCATED, "缺少结尾部分")
    if any(_ends_file(tail, earlier.start()) for earlier in END.finditer(tail, 0, at)):
        raise InvalidFile(Reason.DAMAGED, "有几个压缩目录")
    if count == 0xFFFF or 0xFFFFFFFF in (length, offset):
        return _zip64_directory(file, start + at - 20)
    return CentralDirectory(count, length, offset, start + at)


def _ends_file(tail: bytes, at: int) -> bool:
    """Return whether an end record at this position has a comment that reaches to the end: some programs take that one."""
    return at + 22 <= len(tail) and at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail)


def _zip64_directory(file: BinaryIO, locator: int) -> CentralDirectory:
    signature, _, record, _ = struct.unpack("<4sLQL", _read_exactly(file, locator, 20))
    fields = _read_exactly(file, min(record, locator), 56)
    if signature != b"PK\x06\x07" or not fields.startswith(b"PK\x06\x06"):
        raise InvalidFile(Reason.DAMAGED, "压缩目录有误")
    count, length, offset = struct.unpack_from("<3Q", fields, 32)
    return CentralDirectory(count, length, offset, record)


def _read_exactly(file: BinaryIO, at: int, length: int) -> bytes:
    file.seek(max(0, at))
    found = file.read(length)
    if len(found) < length:
        raise InvalidFile(Reason.DAMAGED, "压缩目录有误")
    return found


def _check_directory(directory: CentralDirectory, limits: Limits) -> None:
    if directory.count > limits.members or directory.size > limits.members * DIRECTORY_BYTES_A_MEMBER:
        raise InvalidFile(Reason.BOMB, f"内部文件超过 {limits.members} 个")
    if directory.start + directory.size != directory.end:
        raise InvalidFile(Reason.DAMAGED, "压缩目录的位置不对")


def _check_members(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(members) > limits.members:
        raise InvalidFile(Reason.BOMB, f"内部文件超过 {limits.members} 个")
    if len({plain_name(member.filename) for member in members}) != len(members):
        raise InvalidFile(Reason.DAMAGED, "内部有重名的文件")
    for member in members:
        _check_member(member, limits)
    _check_sizes(sum(m.file_size for m in members), sum(m.compress_size for m in members), SMALL, limits)


def plain_name(name: str) -> str:
    """Return the name by which parts are compared: without case, without the ways in which one character may be written."""
    return unquote(name).replace("\\", "/").lstrip("/").lower()


def _check_member(member: zipfile.ZipInfo, limits: Limits) -> None:
    if member.flag_bits & ENCRYPTED_BITS:
        raise InvalidFile(Reason.ENCRYPTED)
    if _leads_outside(member):
        raise InvalidFile(Reason.UNSAFE_PATH)
    if member.filename.lower().endswith(
        ".piece"
    ):  # a part in pieces, which other programs put together (ECMA-376 part 2, 9.1.5)
        raise InvalidFile(Reason.DAMAGED, "内部文件分成了几段")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InvalidFile(Reason.DAMAGED, "压缩方式不是办公文档所用的")
    _check_sizes(member.file_size, member.compress_size, SMALL_MEMBER, limits)


def _leads_outside(member: zipfile.ZipInfo) -> bool:
    name = unquote(member.orig_filename).replace("\\", "/")
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    return name.startswith("/") or ".." in name.split("/") or name[1:2] == ":" or "\x00" in name or is_link


def _check_sizes(unpacked: int, packed: int, small: int, limits: Limits) -> None:
    if unpacked > limits.unpacked:
        raise InvalidFile(Reason.BOMB, f"解压后超过 {limits.unpacked / 2**20:.0f} MB")
    if unpacked > small and unpacked > packed * limits.ratio:
        raise InvalidFile(Reason.BOMB, f"压缩比超过 {limits.ratio} 倍")


def _unpack_all(file: BinaryIO, members: list[zipfile.ZipInfo]) -> None:
    free_from = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        start = _data_start(file, member)
        if member.header_offset < free_from:
            raise InvalidFile(Reason.BOMB, "内部文件互相重叠")
        free_from = start + member.compress_size
        _unpack(file, start, member)


def _data_start(file: BinaryIO, member: zipfile.ZipInfo) -> int:
    header = _read_exactly(file, member.header_offset, 30)
    if not header.startswith(b"PK\x03\x04"):
        raise InvalidFile(Reason.DAMAGED, "内部文件缺失")
    if int.from_bytes(header[6:8], "little") & ENCRYPTED_BITS:
        raise InvalidFile(Reason.ENCRYPTED)
    name, extra = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
    return member.header_offset + 30 + name + extra


def _unpack(file: BinaryIO, start: int, member: zipfile.ZipInfo) -> None:
    """Unpack a member and compare it with its declared size. zipfile stops at that size, but other readers do not."""
    size = checksum = 0
    for piece in _member_chunks(file, start, member):
        size += len(piece)
        checksum = zlib.crc32(piece, checksum)
        if size > member.file_size:
            raise InvalidFile(Reason.BOMB, "内部文件比所标的大")
    if size != member.file_size or checksum != member.CRC:
        raise InvalidFile(Reason.DAMAGED, "内部文件的校验值不对")


def _member_chunks(file: BinaryIO, start: int, member: zipfile.ZipInfo) -> Iterator[bytes]:
    packed = _packed(file, start, member.compress_size)
    if member.compress_type == zipfile.ZIP_STORED:
        return packed
    return _inflated(packed)


def _packed(file: BinaryIO, start: int, left: int) -> Iterator[bytes]:
    file.seek(start)
    while left > 0 and (chunk := file.read(min(CHUNK, left))):
        left -= len(chunk)
        yield chunk


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    stream = zlib.decompressobj(-15)
    try:
        for chunk in packed:
            while chunk and not stream.eof:
                yield stream.decompress(chunk, CHUNK)
                chunk = stream.unconsumed_tail
        yield stream.flush()
    except zlib.error:
        raise InvalidFile(Reason.DAMAGED, "内部文件的压缩数据有误") from None
