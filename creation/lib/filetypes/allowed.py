"""The accepted file types, their size limits, and the messages for types that are not accepted."""

from dataclasses import dataclass
from typing import Literal

from .refusals import InvalidFile, Reason

FileKind = Literal["document", "image", "video"]
Family = Literal["pdf", "zip", "ole", "jpeg", "png", "webp", "iso"]


@dataclass(frozen=True)
class FileType:
    """A file type. `inline` says whether a browser may display it."""

    extension: str
    media_type: str
    kind: FileKind
    inline: bool = False


@dataclass(frozen=True)
class Limits:
    """Bytes for each kind, then the limits of a package (members, unpacked bytes, ratio) and of an image (pixels)."""

    image: int
    document: int
    video: int
    members: int = 10_000
    unpacked: int = 2 * 2**30
    ratio: int = 200
    pixels: int = 50_000_000

    def for_kind(self, kind: FileKind) -> int:
        return {"image": self.image, "document": self.document, "video": self.video}[kind]


@dataclass(frozen=True)
class FileFormat:
    """What the content of a type must be: its container, and the kind of document in it."""

    type: FileType
    family: Family
    content: str


OOXML = "application/vnd.openxmlformats-officedocument"
ALLOWED = {
    form.type.extension: form
    for form in (
        FileFormat(FileType("pdf", "application/pdf", "document", inline=True), "pdf", "pdf"),
        FileFormat(FileType("ofd", "application/ofd", "document"), "zip", "ofd"),
        FileFormat(FileType("doc", "application/msword", "document"), "ole", "doc"),
        FileFormat(FileType("docx", f"{OOXML}.wordprocessingml.document", "document"), "zip", "docx"),
        FileFormat(FileType("xls", "application/vnd.ms-excel", "document"), "ole", "xls"),
        FileFormat(FileType("xlsx", f"{OOXML}.spreadsheetml.sheet", "document"), "zip", "xlsx"),
        FileFormat(FileType("ppt", "application/vnd.ms-powerpoint", "document"), "ole", "ppt"),
        FileFormat(FileType("pptx", f"{OOXML}.presentationml.presentation", "document"), "zip", "pptx"),
        FileFormat(FileType("wps", "application/wps-office.wps", "document"), "ole", "doc"),
        FileFormat(FileType("et", "application/wps-office.et", "document"), "ole", "xls"),
        FileFormat(FileType("dps", "application/wps-office.dps", "document"), "ole", "ppt"),
        FileFormat(FileType("jpg", "image/jpeg", "image", inline=True), "jpeg", "jpg"),
        FileFormat(FileType("jpeg", "image/jpeg", "image", inline=True), "jpeg", "jpg"),
        FileFormat(FileType("png", "image/png", "image", inline=True), "png", "png"),
        FileFormat(FileType("webp", "image/webp", "image", inline=True), "webp", "webp"),
        FileFormat(FileType("mp4", "video/mp4", "video", inline=True), "iso", "mp4"),
        FileFormat(FileType("mov", "video/quicktime", "video"), "iso", "mov"),
    )
}
SAME_TYPES = {"jfif": "jpg", "jpe": "jpg", "pjpeg": "jpg"}  # other extensions of the same type
# Phones offer the camera only for media types, and convert HEIC to JPEG if JPEG is listed.
ACCEPT = ",".join([f".{extension}" for extension in [*ALLOWED, *SAME_TYPES]] + ["image/jpeg", "image/png", "video/mp4"])

HARMFUL = {
    Reason.EXECUTABLE: "exe com bat cmd scr pif msi msp cpl dll sys lnk ps1 vbs vbe wsf wsh hta jar sh bash run bin elf "
    "app dmg pkg deb rpm apk ipa py pl rb reg inf scf gadget chm",
    Reason.SCRIPT: "html htm xhtml shtml mht mhtml svg svgz xml xsl js mjs jse php asp aspx jsp css",
    Reason.MACRO: "docm dotm xlsm xltm xlam xlsb xla ppam pptm ppsm potm ppa wll",
}
# What a phone can do by itself: the picker of photos converts, the folder of files has a command for it.
HEIC_ADVICE = (
    "用 iPhone 上传的，请直接从相册里选这张照片，手机会转成 jpg；已经存到“文件”里的，长按它，选“快速操作→转换图像→JPEG”；"
    "在电脑上的，用看图软件打开，另存为 jpg。以后拍照可在手机“设置→相机→格式”里选“兼容性最佳”"
)
ADVICE = {
    "压缩包请解开后逐个上传": "zip rar 7z tar gz tgz bz2 xz iso",
    HEIC_ADVICE: "heic heif",
    "请用“画图”或看图软件打开，另存为 jpg 或 png": "avif gif bmp tif tiff psd raw dng",
    "请用“格式工厂”等转成 mp4": "avi wmv flv mkv mpg mpeg 3gp rm rmvb m4v webm ts",
    "请用 WPS 或 Office 打开，点“文件→另存为”，类型选 docx": "txt rtf md odt dotx dot wpt",
    "请用 WPS 或 Office 打开，点“文件→另存为”，类型选 xlsx": "csv ods xltx xlt ett xlsb",
    "请用 WPS 或 Office 打开，点“文件→另存为”，类型选 pptx": "odp ppsx pps potx pot dpt",
    "请用原来的软件打开，“打印”成 PDF": "pages numbers key caj dwg vsdx vsd eml msg ceb",
}


def format_of(extension: str) -> FileFormat:
    """Return the format for an extension. Raises InvalidFile for one that is not accepted."""
    if file_format := ALLOWED.get(SAME_TYPES.get(extension, extension)):
        return file_format
    for reason, extensions in HARMFUL.items():
        if extension in extensions.split():
            raise InvalidFile(reason)
    raise InvalidFile(Reason.EXTENSION, _advice(extension))


def _advice(extension: str) -> str:
    if not extension:
        return "文件名没有扩展名，看不出是什么文件"
    hints = (hint for hint, extensions in ADVICE.items() if extension in extensions.split())
    return "，".join([f".{extension} 不在可以上传的类型之内", *hints])


KINDS: dict[FileKind, str] = {"image": "图片", "document": "文档", "video": "视频"}


def check_size(file_format: FileFormat, size: int, limits: Limits) -> None:
    """Raise InvalidFile for an empty file or one above the limit of its kind."""
    kind = file_format.type.kind
    limit = limits.for_kind(kind)
    if size <= 0:
        raise InvalidFile(Reason.EMPTY)
    if size > limit:
        raise InvalidFile(Reason.TOO_LARGE, f"有 {_readable_size(size)}，{KINDS[kind]}不能超过 {_readable_size(limit)}")


def _readable_size(size: int) -> str:
    unit, name = next(((unit, name) for unit, name in ((2**30, "GB"), (2**20, "MB")) if size >= unit), (2**10, "KB"))
    return f"{-(-size * 100 // unit) / 100:g} {name}"  # rounded up, as a file one byte over the limit must not be shown as the limit itself
