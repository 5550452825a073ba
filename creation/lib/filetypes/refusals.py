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


PRINT = "“打印”成 PDF（打印机选“Microsoft Print to PDF”或“导出为WPS PDF”）"
SENTENCES = {
    Reason.NAME: "文件名“{name}”里有不能使用的字符（NUL），请改名后再上传。",
    Reason.EXTENSION: "“{name}”不能上传：{detail}。可以上传的类型：{allowed}。",
    Reason.TOO_LARGE: "“{name}”太大：{detail}。请压缩或分成几个文件后再上传。",
    Reason.EMPTY: "“{name}”是空文件（0 字节），请检查原文件后重新上传。",
    Reason.EXECUTABLE: "“{name}”是可执行程序或脚本，不能上传。请上传文档、图片或视频。",
    Reason.SCRIPT: "“{name}”里面是网页或脚本，不能上传。系统导出的表格常是这样：请用 WPS 或 Office 打开，"
    "点“文件→另存为”，类型选 {office}，或打印成 PDF 后再上传。",
    Reason.MACRO: "“{name}”含有宏，不能上传。请用 WPS 或 Office 打开，点“文件→另存为”，类型选不含宏的格式"
    "（docx、xlsx、pptx 或 PDF）后再上传。",
    Reason.ENCRYPTED: "“{name}”设有打开密码或加密，审阅和归档时打不开。请用密码打开，在“文件→文档加密”（Office 为“文件→信息”）"
    "里取消密码后保存；没有设过密码的 xls（“保护工作簿”也会加密）请另存为 xlsx；PDF 可" + PRINT + "，再上传。",
    Reason.TRUNCATED: "“{name}”不完整，{detail}。请从原处重新取一份上传；{remedy}。",
    Reason.DAMAGED: "“{name}”打不开，{detail}。{remedy}后再上传。",
    Reason.MISMATCH: "“{name}”的扩展名是 {extension}，里面却是{detail}。{remedy}。",
    Reason.PREFIXED: "“{name}”的开头夹带了别的内容，不是规范的 {extension} 文件。请用原来的软件打开，另存一份或打印成 PDF 后再上传。",
    Reason.BOMB: "“{name}”解压后大得反常，{detail}。请检查文件，或打印成 PDF 后再上传。",
    Reason.PIXELS: "“{name}”的像素太多：{detail}。请缩小图片后再上传。",
    Reason.UNSAFE_PATH: "“{name}”内部有指向文件以外的路径，可能有害，不能上传。请用办公软件重新保存后再上传。",
    Reason.ACTIVE: "“{name}”里有打开时会自动执行的内容（{detail}），不能上传。请用“打印为 PDF”重新生成后再上传。",
    Reason.REMOTE: "“{name}”打开时会去读取文件以外的内容（{detail}），不能上传。{remedy}后保存，"
    "或" + PRINT + "后再上传。",
    Reason.EMBEDDED: "“{name}”里夹带了别的文件（{detail}），看不到也查不了。请把夹带的文件取出来单独上传，并在原文件中删去，或打印成 PDF。",
}
REMEDIES = {
    Reason.MISMATCH: "请用原来的软件打开，" + PRINT + "后再上传",
    Reason.DAMAGED: "请用 WPS 或 Office 打开，点“文件→另存为”存成新文件，或" + PRINT,
    Reason.TRUNCATED: "原文件能打开的，请用 WPS 或 Office 另存成新文件，或" + PRINT + "后再上传",
    Reason.REMOTE: "请删除这处链接（表格在“数据→编辑链接”里断开）",
}
QUERY = "请在“数据→查询和连接”（旧版和 WPS 为“数据→连接”）里删除它"
BAD_IMAGE, BAD_VIDEO, ODD_VIDEO = "图片数据有误", "视频结构有误", "视频结构反常"
NO_INDEX, VIDEO_CUT, IMAGE_CUT = "缺少视频索引，可能没有录完或没有传完", "视频后面缺了一段", "图片后面缺了一段"
REMEDIES_OF_DETAIL = {
    **dict.fromkeys((NO_INDEX, VIDEO_CUT), "原视频能播放的，请用剪辑软件重新导出后再上传"),
    BAD_IMAGE: "请用看图软件打开，另存为新的 jpg 或 png 图片",
    **dict.fromkeys((BAD_VIDEO, ODD_VIDEO), "请用剪辑软件重新导出为 mp4 视频"),
    IMAGE_CUT: "原图能打开的，请用看图软件另存一份后再上传",
    **dict.fromkeys(
        ("外部数据连接", "外部数据查询", "数据库查询", "网页查询", "外部文本查询", "Power Pivot 数据模型"), QUERY
    ),
    "邮件合并数据源": "请在“邮件→开始邮件合并”里选“普通 Word 文档”",
    "外部模板": "请在“开发工具→文档模板”里改为 Normal",
}
OFFICE_TYPES = {
    **dict.fromkeys((".doc", ".docx", ".wps"), "docx"),
    **dict.fromkeys((".xls", ".xlsx", ".et"), "xlsx"),
    **dict.fromkeys((".ppt", ".pptx", ".dps"), "pptx"),
}


class InvalidFile(Exception):
    """A failed check, which does not know the file's name. ``remedy``: what to do, if not what the reason says."""

    def __init__(self, reason: Reason, detail: str = "", remedy: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail, self.remedy = reason, detail, remedy


class FileRefused(Refusal):
    """The file is not accepted. `reason` is for the audit trail."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason
