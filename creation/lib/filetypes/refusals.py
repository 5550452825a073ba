"""The reasons for refusing a file, and the sentences that its sender reads."""

from enum import StrEnum

from creation.lib.refusals import Refusal


class Reason(StrEnum):
    NAME = "name"
    EXTENSION = "extension"
    TOO_LARGE = "too_large"
    EMPTY = "empty"
    EXECUTABLE = "executable"
    SCRIPT = "script"
    MACRO = "macro"
    ENCRYPTED = "encrypted"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    MISMATCH = "mismatch"
    PREFIXED = "prefixed"
    BOMB = "bomb"
    PIXELS = "pixels"
    UNSAFE_PATH = "unsafe_path"
    ACTIVE = "active"
    REMOTE = "remote"
    EMBEDDED = "embedded"
    INFECTED = "infected"  # found by the virus scanner, not by this package


SENTENCES = {
    Reason.NAME: "文件名“{name}”里有不能使用的字符（NUL），请改名后再上传。",
    Reason.EXTENSION: "“{name}”不能上传：{detail}。可以上传的类型：{allowed}。",
    Reason.TOO_LARGE: "“{name}”太大：{detail}。请压缩或分成几个文件后再上传。",
    Reason.EMPTY: "“{name}”是空文件（0 字节），请检查原文件后重新上传。",
    Reason.EXECUTABLE: "“{name}”是可执行程序或脚本，不能上传。请上传文档、图片或视频。",
    Reason.SCRIPT: "“{name}”的内容是网页、SVG 或脚本，不能上传。请另存为 PDF 或截图后再上传。",
    Reason.MACRO: "“{name}”含有宏，不能上传。请另存为不含宏的格式（如 docx、xlsx、pptx 或 PDF）后再上传。",
    Reason.ENCRYPTED: "“{name}”已加密或设有密码、权限保护，审阅和归档时打不开。请取消保护、另存一份后再上传。",
    Reason.TRUNCATED: "“{name}”不完整，{detail}。请确认原文件能正常打开，再重新上传。",
    Reason.DAMAGED: "“{name}”打不开，{detail}。请用办公软件重新保存，或另存为 PDF 后再上传。",
    Reason.MISMATCH: "“{name}”的扩展名是 {extension}，内容却是{detail}。请改用与内容相符的扩展名，或重新导出。",
    Reason.PREFIXED: "“{name}”的开头夹带了别的内容，不是规范的 {extension} 文件。请重新导出后再上传。",
    Reason.BOMB: "“{name}”解压后大得反常，{detail}。请检查文件，或另存为 PDF 后再上传。",
    Reason.PIXELS: "“{name}”的像素太多：{detail}。请缩小图片后再上传。",
    Reason.UNSAFE_PATH: "“{name}”内部有指向文件以外的路径，可能有害，不能上传。请用办公软件重新保存后再上传。",
    Reason.ACTIVE: "“{name}”里有打开时会自动执行的内容（{detail}），不能上传。请用“打印为 PDF”重新生成后再上传。",
    Reason.REMOTE: "“{name}”打开时会去读取文件以外的内容（{detail}），不能上传。请断开链接、另存一份后再上传。",
    Reason.EMBEDDED: "“{name}”里夹带了别的文件（{detail}），看不到也查不了。请把夹带的文件取出来单独上传。",
}


class InvalidFile(Exception):
    """A failed check, which does not know the file's name."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class FileRefused(Refusal):
    """The file is not accepted. `reason` is for the audit trail."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason
