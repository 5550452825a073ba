"""核对: check a sheet of paper or a file against what was issued, by number and check code, or by the file's bytes."""

import hashlib
import re
import tempfile
import unicodedata
import zipfile
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import models

from creation.lib import filenames, filetypes, storage
from creation.lib.refusals import Refusal
from creation.models import Campaign, Paper
from creation.models.paper import PaperQuerySet

NUMBER = re.compile(r"(?:(\d{4})\s*-\s*)?(\d{1,9})")
CODE = re.compile(r"[0-9A-F]{16}(?:[0-9A-F]{48})?")  # as printed, or the whole digest
PRINTED = re.compile(r"编号：(\d{4}-\d{4,18})\s+校验码：((?:[0-9A-F]{4}-){3}[0-9A-F]{4})")
PARTS = re.compile(r"(?:word/(?:document|header\d*|footer\d*)|xl/worksheets/sheet\d+)\.xml")
MAX_PARTS, MAX_BYTES = 12, 8 << 20
DASH_VARIANTS = str.maketrans("—–－−", "----")
MISREAD_LETTERS = str.maketrans("OIL", "011")  # letters that never occur in a code


class VerificationResult(models.TextChoices):
    SAME = "same", "一致"
    DIFFERENT = "different", "不一致"
    UNKNOWN = "unknown", "查无此号"
    NUMBER_ONLY = "half", "请再核对校验码"


@dataclass(frozen=True, slots=True)
class Verification:
    result: VerificationResult
    sentence: str
    paper: Paper | None = None


def by_number(papers: PaperQuerySet, campaign: Campaign, number: str, code: str) -> Verification:
    """Check number and code against ``papers``, those the person may see. Either may be empty. Raises Refusal."""
    code = _code(code)
    if not number.strip():
        return _by_code(papers, code)
    year, serial = _number(number)
    paper = papers.filter(serial=serial).first() if year in (None, campaign.year) else None
    if paper is None:
        return Verification(VerificationResult.UNKNOWN, f"您能查看的用印文件中没有编号 {number.strip()}，请核对编号。")
    if not code:
        return Verification(
            VerificationResult.NUMBER_ONLY, f"有这个编号。纸上的校验码应是 {paper.code}，不同的不是这份文件。", paper
        )
    if not paper.digest.startswith(code.lower()):
        return Verification(
            VerificationResult.DIFFERENT, f"校验码不对：{paper.number} 的校验码是 {paper.code}。请核对是否看错。", paper
        )
    return Verification(VerificationResult.SAME, f"编号和校验码与系统登记的一致{_state(paper)}。", paper)


def _number(text: str) -> tuple[int | None, int]:
    found = NUMBER.fullmatch(unicodedata.normalize("NFKC", text.translate(DASH_VARIANTS)).strip())
    if not found:
        raise Refusal("编号应如 2026-0012，请照纸上的编号填写。")
    return int(found[1]) if found[1] else None, int(found[2])


def _code(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text.translate(DASH_VARIANTS)).upper().translate(MISREAD_LETTERS)
    code = re.sub(r"[\s-]", "", plain)
    if code and not CODE.fullmatch(code):
        raise Refusal("校验码应是 16 位数字和字母 A–F，如 1A2B-3C4D-5E6F-7A8B，请照纸上的填写。")
    return code


def _by_code(papers: PaperQuerySet, code: str) -> Verification:
    if not code:
        raise Refusal("请填写编号、校验码，或选择文件。")
    paper = papers.filter(digest__startswith=code.lower()).first()
    if paper is None:
        return Verification(VerificationResult.UNKNOWN, "您能查看的用印文件中没有这个校验码，请核对是否看错。")
    return Verification(
        VerificationResult.SAME, f"校验码是 {paper.number} 的，请再看纸上的编号是否相同{_state(paper)}。", paper
    )


def _state(paper: Paper) -> str:
    return "，但这份文件已作废" if paper.voided_at else ""


def by_file(papers: PaperQuerySet, file: "UploadedFile[Any]") -> Verification:
    """Check whether the file is, byte for byte, an issued paper or a scan; else read its number. The file is not stored. Raises Refusal."""
    name = filenames.clean(file.name or "")
    limits = filetypes.Limits(image=settings.LIMIT_IMAGE, document=settings.LIMIT_DOCUMENT, video=settings.LIMIT_VIDEO)
    with tempfile.NamedTemporaryFile(dir=settings.INCOMING_ROOT) as temporary:
        filetypes.quick_check(name, file.size or 0, limits)
        with storage.translate_disk_full():
            sha256 = _copy(file, Path(temporary.name))
        if answer := _by_bytes(papers, name, sha256):
            return answer
        kind = filetypes.inspect(Path(temporary.name), name, limits)
        return _by_printed_number(papers, name, _printed_number(Path(temporary.name)), kind.media_type)


def _copy(file: "UploadedFile[Any]", path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("wb") as target:
        for chunk in file.chunks():
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest()


def _by_bytes(papers: PaperQuerySet, name: str, sha256: str) -> Verification | None:
    if paper := papers.filter(sha256=sha256).first():
        return Verification(VerificationResult.SAME, f"“{name}”就是 {paper.number} 的原文件{_state(paper)}。", paper)
    if paper := papers.filter(scans__sha256=sha256).first():
        return Verification(
            VerificationResult.SAME, f"“{name}”就是 {paper.number} 的盖章扫描件{_state(paper)}。", paper
        )
    return None


def _by_printed_number(
    papers: PaperQuerySet, name: str, printed: tuple[str, str] | None, media_type: str
) -> Verification:
    if printed is None:
        more = "" if media_type.endswith(("document", "sheet")) else "PDF 和图片只能整份比对；"
        return Verification(
            VerificationResult.UNKNOWN,
            f"“{name}”不是登记过的文件，里面也没有读到编号。{more}请改填纸上的编号和校验码。",
        )
    number, code = printed
    paper = papers.filter(serial=int(number.partition("-")[2])).first()
    if paper is None or paper.number != number:
        return Verification(VerificationResult.UNKNOWN, f"“{name}”印的编号 {number} 不在您能查看的用印文件中。")
    if paper.code != code:
        return Verification(
            VerificationResult.DIFFERENT, f"“{name}”印的校验码与 {number} 的不同，不是登记过的文件。", paper
        )
    sentence = f"“{name}”印着 {number} 的编号和校验码，但与登记的原文件不同：另存过或改动过。请以原文件为准。"
    return Verification(VerificationResult.DIFFERENT, sentence, paper)


def _printed_number(path: Path) -> tuple[str, str] | None:
    """Return number and code from a Word document or a workbook. The file must have passed the safety checks."""
    if not zipfile.is_zipfile(path):
        return None
    with zipfile.ZipFile(path) as package:
        names = [name for name in package.namelist() if PARTS.fullmatch(name)][:MAX_PARTS]
        for name in names:
            with package.open(name) as part:
                text = unescape(re.sub(r"<[^<>]*>", "", part.read(MAX_BYTES).decode(errors="replace")))
            if found := PRINTED.search(text):
                return found[1], found[2]
    return None
