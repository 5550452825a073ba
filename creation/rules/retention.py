"""保管期限: how long each kind of document of a campaign is kept, as the archive proposes it.

The defaults follow 《机关文件材料归档范围和文书档案保管期限规定》 (国家档案局令第8号) and DA/T 22: permanent for what shows the
course and the result of the work, thirty years for proof and handling, ten years for what serves the day. The archives office has the
last word, so the period is a column of the catalogue and nothing depends on it.
"""

from enum import StrEnum


class Retention(StrEnum):
    """The value is the period as printed."""

    PERMANENT = "永久"
    THIRTY = "30年"
    TEN = "10年"

    @property
    def code(self) -> str:
        """The letter of the reference code (档号)."""
        return {"永久": "Y", "30年": "D30", "10年": "D10"}[self.value]


class ArchiveCategory(StrEnum):
    """The folders of an archive package, in order."""

    PLANS = "方案与通知"
    LEDGERS = "台账与清单"
    ANSWERS = "各单位答复与印证资料"
    FINDINGS = "督导问题与整改"
    APPRAISALS = "模拟考核"
    BULLETINS = "简报通报"
    APPLICATION = "自评与申报"
    MEETINGS = "会议与批示"
    PUBLICITY = "宣传与典型经验"
    SURVEYS = "满意度测评"
    COMMENDATION = "评选表彰"
    AUDIT = "审计链头"

    @property
    def number(self) -> int:
        return list(ArchiveCategory).index(self) + 1

    @property
    def folder(self) -> str:
        return f"{self.number} {self.value}"


class ArchiveKind(StrEnum):
    """What an archived document is; the value is the word of the catalogue."""

    ANNOUNCEMENT = "通知公告"
    ATTACHMENT = "附件"
    LEDGER = "创建工作台账"
    BREAKDOWN = "任务分解表"
    LIAISONS = "联络员信息表"
    ON_SITE = "现场核查清单"
    ANSWERS = "单位答复"
    EVIDENCE = "印证资料"
    STATEMENT = "情况说明"
    FINDING = "督导问题"
    GRAVE_FINDING = "严重的督导问题"
    RECTIFICATION = "整改佐证"
    APPRAISAL = "模拟考核结果"
    BULLETIN = "工作简报"
    CIRCULAR = "通报"
    SUPERVISION = "督办单"
    ASSESSMENT = "自评报告"
    APPLICATION = "申报登记表"
    RECEIPT = "申报平台回执"
    LISTS = "两清单一台账"
    INSPECTION = "督导通报"
    FEEDBACK = "反馈意见书"
    RECTIFIED = "整改报告"
    ROUND = "督导轮次安排"
    VISIT = "督导走访记录"
    VISIT_PHOTO = "走访照片"
    MEETING = "会议材料"
    MEETING_FILE = "会议附件"
    PERSONAL_ACTS = "四个亲自登记表"
    INSTRUCTION = "领导批示"
    PUBLICITY = "宣传报道登记表"
    CUTTING = "宣传报道附件"
    CASE = "典型经验"
    SURVEY = "满意度测评结果"
    SELECTION = "评选过程"
    APPROVAL = "表彰审批表"
    DECISION = "表彰决定"
    COMMENDEES = "表彰名册"
    QUESTIONS = "提问和答复"
    OPINIONS = "专家意见"
    CHAIN_HEAD = "审计链头"


RETENTION: dict[ArchiveKind, Retention] = {
    ArchiveKind.ANNOUNCEMENT: Retention.THIRTY,
    ArchiveKind.ATTACHMENT: Retention.THIRTY,
    ArchiveKind.LEDGER: Retention.PERMANENT,
    ArchiveKind.BREAKDOWN: Retention.PERMANENT,
    ArchiveKind.LIAISONS: Retention.TEN,
    ArchiveKind.ON_SITE: Retention.THIRTY,
    ArchiveKind.ANSWERS: Retention.THIRTY,
    ArchiveKind.EVIDENCE: Retention.THIRTY,
    ArchiveKind.STATEMENT: Retention.THIRTY,
    ArchiveKind.FINDING: Retention.THIRTY,
    ArchiveKind.GRAVE_FINDING: Retention.PERMANENT,
    ArchiveKind.RECTIFICATION: Retention.THIRTY,
    ArchiveKind.APPRAISAL: Retention.TEN,
    ArchiveKind.BULLETIN: Retention.TEN,
    ArchiveKind.CIRCULAR: Retention.THIRTY,
    ArchiveKind.SUPERVISION: Retention.THIRTY,
    ArchiveKind.ASSESSMENT: Retention.PERMANENT,
    ArchiveKind.APPLICATION: Retention.PERMANENT,
    ArchiveKind.RECEIPT: Retention.PERMANENT,
    ArchiveKind.LISTS: Retention.PERMANENT,
    ArchiveKind.INSPECTION: Retention.THIRTY,
    ArchiveKind.FEEDBACK: Retention.THIRTY,
    ArchiveKind.RECTIFIED: Retention.THIRTY,
    ArchiveKind.ROUND: Retention.TEN,
    ArchiveKind.VISIT: Retention.THIRTY,
    ArchiveKind.VISIT_PHOTO: Retention.THIRTY,
    ArchiveKind.MEETING: Retention.THIRTY,
    ArchiveKind.MEETING_FILE: Retention.THIRTY,
    ArchiveKind.PERSONAL_ACTS: Retention.THIRTY,
    ArchiveKind.INSTRUCTION: Retention.THIRTY,
    ArchiveKind.PUBLICITY: Retention.THIRTY,
    ArchiveKind.CUTTING: Retention.TEN,
    ArchiveKind.CASE: Retention.THIRTY,
    ArchiveKind.SURVEY: Retention.TEN,
    ArchiveKind.SELECTION: Retention.THIRTY,
    ArchiveKind.APPROVAL: Retention.PERMANENT,
    ArchiveKind.DECISION: Retention.PERMANENT,
    ArchiveKind.COMMENDEES: Retention.PERMANENT,
    ArchiveKind.QUESTIONS: Retention.TEN,
    ArchiveKind.OPINIONS: Retention.TEN,
    ArchiveKind.CHAIN_HEAD: Retention.THIRTY,
}
