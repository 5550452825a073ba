"""The permissions of each role, as data.

``PERMISSION_MATRIX`` maps a permission to the roles that have it and to the reach of each role. Every permission check reads
this table: ``access.may`` for one object, ``visible_to`` on querysets, the tests of every route, and the table in
docs/rights.md.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Role(StrEnum):
    LIAISON = "liaison"
    CLERK = "clerk"
    UNIT_LEADER = "unit_leader"
    COORDINATOR = "coordinator"
    REVIEWER = "reviewer"
    INSPECTOR = "inspector"
    LEADING_GROUP = "leading_group"
    ASSESSOR = "assessor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


ROLE_NAMES: dict[Role, str] = {
    Role.LIAISON: "联络员",
    Role.CLERK: "承办人",
    Role.UNIT_LEADER: "分管领导",
    Role.COORDINATOR: "综合协调组",
    Role.REVIEWER: "材料指导组",
    Role.INSPECTOR: "督导检查组",
    Role.LEADING_GROUP: "领导小组",
    Role.ASSESSOR: "第三方专家",
    Role.ADMINISTRATOR: "系统管理员",
    Role.AUDITOR: "安全审计员",
}
UNIT_ROLES = frozenset({Role.LIAISON, Role.CLERK, Role.UNIT_LEADER})
OFFICE_ROLES = frozenset({Role.COORDINATOR, Role.REVIEWER, Role.INSPECTOR})
# A person with one of these roles holds no other (等保 2.0, 三权分立).
SEPARATE_ROLES = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


class Permission(StrEnum):
    """What a person may do, and its Chinese name (``label``) for pages and refusals."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    # Reading.
    CAMPAIGN_READ = "campaign.read", "查看创建活动"
    TASK_READ = "task.read", "查看任务"
    ANNOUNCEMENT_READ = "announcement.read", "查看通知公告"
    EVIDENCE_READ = "evidence.read", "查看印证资料"
    QUESTION_READ = "question.read", "查看提问和答复"
    PROGRESS_READ = "progress.read", "查看进度"
    LEDGER_EXPORT = "ledger.export", "导出台账"
    LIAISONS_READ = "liaisons.read", "查看联络员名单"
    PHONE_REVEAL = "phone.reveal", "查看手机号码（留痕）"
    FINDING_READ = "finding.read", "查看督导问题"
    APPRAISAL_READ = "appraisal.read", "查看模拟考核结果"
    PUBLICITY_READ = "publicity.read", "查看宣传报道和典型经验"
    SURVEY_READ = "survey.read", "查看满意度测评结果"
    DISTRICTS_READ = "districts.read", "查看所辖各区县的汇总进度"
    VISIT_READ = "visit.read", "查看督导轮次和走访"
    ORDER_READ = "order.read", "查看督办单"
    MEETING_READ = "meeting.read", "查看会议"
    COMMENDATION_READ = "commendation.read", "查看评选表彰"
    # The unit's answers.
    TASK_DRAFT = "task.draft", "起草答复"
    TASK_CITE = "task.cite", "上传、引用印证资料"
    TASK_NOTE = "task.note", "填写工作进展"
    TASK_SUBMIT = "task.submit", "报送"
    TASK_SIGN = "task.sign", "审签"
    TASK_WITHDRAW = "task.withdraw", "撤回报送"
    EVIDENCE_EDIT = "evidence.edit", "修改印证资料"
    LINK_CHECK = "link.check", "核查链接、登记人工核查"
    TASK_REQUEST = "task.request", "申请延期、提出分工异议"
    TASK_ASK = "task.ask", "向创建办提问"
    ANNOUNCEMENT_SIGN = "announcement.sign", "签收通知公告"
    VISIT_SIGN = "visit.sign", "签收督导反馈意见"
    COMMENDATION_NOMINATE = "commendation.nominate", "提名表彰对象"
    # The office.
    TASK_REVIEW = "task.review", "审核（通过、退回）"
    CITATION_MARK = "citation.mark", "标记证明页"
    TASK_REOPEN = "task.reopen", "撤销已通过任务的通过"
    TASK_DECIDE = "task.decide", "答复延期和异议"
    TASK_PLAN = "task.plan", "调整时限和责任人"
    TASK_URGE = "task.urge", "催办"
    REVIEW_QUEUE = "review.queue", "打开审核队列"
    ANNOUNCEMENT_ISSUE = "announcement.issue", "发布通知公告"
    APPLICATION_ENTER = "application.enter", "登记申报上传"
    APPRAISAL_MANAGE = "appraisal.manage", "组织模拟考核"
    APPRAISAL_SCORE = "appraisal.score", "在模拟考核中评分"
    APPRAISAL_ANSWER = "appraisal.answer", "答复考核补充要求"
    PUBLICITY_RECORD = "publicity.record", "登记宣传报道、撰写典型经验"
    CASE_JUDGE = "case.judge", "审核典型经验、汇编成册"
    SURVEY_MANAGE = "survey.manage", "组织满意度测评"
    COMMENDATION_MANAGE = "commendation.manage", "组织评选表彰"
    COMMENDATION_VOTE = "commendation.vote", "参加评选表决"
    FINDING_RECORD = "finding.record", "登记、修改督导问题"
    FINDING_PROPOSE = "finding.propose", "把两次退回的任务列为督导问题"
    ORDER_ISSUE = "order.issue", "下发、修改、办结督办单"
    MEETING_RECORD = "meeting.record", "登记会议，下发议定事项"
    RECTIFICATION_VERIFY = "rectification.verify", "核查整改（销号、退回整改）"
    VISIT_PLAN = "visit.plan", "安排督导轮次和走访"
    VISIT_RECORD = "visit.record", "记录督导走访"
    QUESTION_ANSWER = "question.answer", "答复提问、公开答复"
    ASSESSMENT_READ = "assessment.read", "查看自评报告"
    ASSESSMENT_WRITE = "assessment.write", "撰写自评报告"
    PAPER_READ = "paper.read", "查看用印文件"
    PACKAGE_EXPORT = "package.export", "下载材料包"
    PAPER_MAKE = "paper.make", "起草简报、通报、督办单等文书"
    PAPER_SCAN = "paper.scan", "为台账、附件、情况说明编号用印，上传盖章扫描件"
    PAPER_VOID = "paper.void", "作废用印文件"
    EVIDENCE_HIDE = "evidence.hide", "紧急隐藏印证资料"
    # Leaders and assessors.
    INSTRUCTION_READ = "instruction.read", "查看领导批示"
    INSTRUCTION_WRITE = "instruction.write", "作出批示"
    INSTRUCTION_SETTLE = "instruction.settle", "办理领导批示"
    OPINION_READ = "opinion.read", "查看专家意见"
    OPINION_WRITE = "opinion.write", "提出专家意见"
    OPINION_SETTLE = "opinion.settle", "处理专家意见"
    # Setting up.
    CAMPAIGN_MANAGE = "campaign.manage", "设置创建活动"
    CAMPAIGN_CREATE = "campaign.create", "新建创建活动"
    LIAISONS_MANAGE = "liaisons.manage", "指定单位人员（联络员、承办人、分管领导）"
    UNITS_MANAGE = "units.manage", "管理单位"
    CHANNELS_MANAGE = "channels.manage", "设置通知渠道、重发失败的通知"
    HOLIDAYS_MANAGE = "holidays.manage", "录入节假日和调休"
    PROOF_READ = "proof.read", "查看送达记录"
    # Accounts and the audit trail.
    ACCOUNTS_MANAGE = "accounts.manage", "管理账号"
    AUDIT_READ = "audit.read", "查看审计记录"
    HEALTH_READ = "health.read", "查看系统状态"


class Reach(StrEnum):
    """How far a role reaches: its own unit, the campaigns of its membership, or its district."""

    UNIT = "unit"
    CAMPAIGN = "campaign"
    DISTRICT = "district"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an object belongs. ``None`` means that it belongs to no single one: a unit's evidence serves every campaign."""

    district: int
    campaign: int | None = None
    unit: int | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """One membership, as the permission rules need it. If ``campaign`` is None, it covers every campaign of the district."""

    role: Role
    district: int
    unit: int | None = None
    campaign: int | None = None


def _roles_with_reach(reach: Reach, *roles: Role) -> dict[Role, Reach]:
    return dict.fromkeys(roles, reach)


_UNIT = _roles_with_reach(Reach.UNIT, *UNIT_ROLES)
_OFFICE = _roles_with_reach(Reach.CAMPAIGN, *OFFICE_ROLES)
_READERS = _roles_with_reach(Reach.CAMPAIGN, Role.LEADING_GROUP, Role.ASSESSOR)
_COORDINATOR = _roles_with_reach(Reach.CAMPAIGN, Role.COORDINATOR)
_DRAFTERS = _roles_with_reach(Reach.UNIT, Role.LIAISON, Role.CLERK)
_ADMIN = _roles_with_reach(Reach.DISTRICT, Role.ADMINISTRATOR)

PERMISSION_MATRIX: dict[Permission, dict[Role, Reach]] = {
    # Reading.
    Permission.CAMPAIGN_READ: _UNIT | _OFFICE | _READERS,
    Permission.TASK_READ: _UNIT | _OFFICE | _READERS,
    Permission.ANNOUNCEMENT_READ: _UNIT | _OFFICE | _READERS,
    Permission.EVIDENCE_READ: _UNIT | _OFFICE | _READERS,
    Permission.QUESTION_READ: _UNIT | _OFFICE,
    Permission.PROGRESS_READ: _OFFICE | _READERS,
    Permission.LEDGER_EXPORT: _UNIT | _OFFICE | _READERS,
    Permission.LIAISONS_READ: _OFFICE | _roles_with_reach(Reach.CAMPAIGN, Role.LEADING_GROUP),
    Permission.PHONE_REVEAL: _OFFICE | _UNIT | _ADMIN,
    Permission.FINDING_READ: _UNIT | _OFFICE | _READERS,
    Permission.APPRAISAL_READ: _OFFICE | _READERS,
    Permission.PUBLICITY_READ: _UNIT | _OFFICE | _READERS,
    Permission.SURVEY_READ: _OFFICE | _READERS,
    Permission.DISTRICTS_READ: _roles_with_reach(Reach.DISTRICT, Role.LEADING_GROUP),
    Permission.VISIT_READ: _UNIT | _OFFICE | _READERS,
    Permission.ORDER_READ: _UNIT | _OFFICE | _READERS,
    Permission.MEETING_READ: _OFFICE | _roles_with_reach(Reach.CAMPAIGN, Role.LEADING_GROUP),
    Permission.COMMENDATION_READ: _UNIT | _OFFICE | _roles_with_reach(Reach.CAMPAIGN, Role.LEADING_GROUP),
    # The unit's answers.
    Permission.TASK_DRAFT: _DRAFTERS | _COORDINATOR,
    Permission.TASK_CITE: _DRAFTERS | _COORDINATOR,
    Permission.TASK_NOTE: _DRAFTERS | _COORDINATOR,
    Permission.TASK_SUBMIT: _roles_with_reach(Reach.UNIT, Role.LIAISON) | _COORDINATOR,
    Permission.TASK_SIGN: _roles_with_reach(Reach.UNIT, Role.UNIT_LEADER),
    Permission.TASK_WITHDRAW: _roles_with_reach(Reach.UNIT, Role.LIAISON) | _COORDINATOR,
    Permission.EVIDENCE_EDIT: _DRAFTERS | _COORDINATOR,
    Permission.LINK_CHECK: _DRAFTERS | _OFFICE,
    Permission.TASK_REQUEST: _roles_with_reach(Reach.UNIT, Role.LIAISON),
    Permission.TASK_ASK: _DRAFTERS,
    Permission.ANNOUNCEMENT_SIGN: _UNIT,
    Permission.VISIT_SIGN: _UNIT | _roles_with_reach(Reach.CAMPAIGN, Role.COORDINATOR, Role.INSPECTOR),
    Permission.COMMENDATION_NOMINATE: _roles_with_reach(Reach.UNIT, Role.LIAISON, Role.UNIT_LEADER),
    # The office.
    Permission.TASK_REVIEW: _roles_with_reach(Reach.CAMPAIGN, Role.REVIEWER, Role.COORDINATOR),
    Permission.CITATION_MARK: _roles_with_reach(Reach.CAMPAIGN, Role.REVIEWER, Role.COORDINATOR),
    Permission.TASK_REOPEN: _roles_with_reach(Reach.CAMPAIGN, Role.REVIEWER, Role.COORDINATOR),
    Permission.TASK_DECIDE: _COORDINATOR,
    Permission.TASK_PLAN: _COORDINATOR,
    Permission.TASK_URGE: _OFFICE,
    Permission.REVIEW_QUEUE: _roles_with_reach(Reach.CAMPAIGN, Role.REVIEWER, Role.COORDINATOR),
    Permission.ANNOUNCEMENT_ISSUE: _COORDINATOR,
    Permission.APPLICATION_ENTER: _roles_with_reach(Reach.CAMPAIGN, Role.REVIEWER, Role.COORDINATOR),
    Permission.APPRAISAL_MANAGE: _roles_with_reach(Reach.CAMPAIGN, Role.COORDINATOR, Role.INSPECTOR),
    Permission.APPRAISAL_SCORE: _OFFICE | _roles_with_reach(Reach.CAMPAIGN, Role.ASSESSOR),
    Permission.APPRAISAL_ANSWER: _DRAFTERS,
    Permission.PUBLICITY_RECORD: _DRAFTERS | _COORDINATOR,
    Permission.CASE_JUDGE: _roles_with_reach(Reach.CAMPAIGN, Role.COORDINATOR, Role.REVIEWER),
    Permission.SURVEY_MANAGE: _roles_with_reach(Reach.CAMPAIGN, Role.COORDINATOR, Role.INSPECTOR),
    Permission.COMMENDATION_MANAGE: _COORDINATOR,
    Permission.COMMENDATION_VOTE: _OFFICE | _roles_with_reach(Reach.CAMPAIGN, Role.LEADING_GROUP),
    Permission.FINDING_RECORD: _roles_with_reach(Reach.CAMPAIGN, Role.COORDINATOR, Role.INSPECTOR),
    Permission.FINDING_PROPOSE: _OFFICE,
    Permission.ORDER_ISSUE: _roles_with_reach(Reach.CAMPAIGN, Role.COORDINATOR, Role.INSPECTOR),
    Permission.MEETING_RECORD: _COORDINATOR,
    Permission.RECTIFICATION_VERIFY: _roles_with_reach(Reach.CAMPAIGN, Role.COORDINATOR, Role.INSPECTOR),
    Permission.VISIT_PLAN: _roles_with_reach(Reach.CAMPAIGN, Role.COORDINATOR, Role.INSPECTOR),
    Permission.VISIT_RECORD: _roles_with_reach(Reach.CAMPAIGN, Role.COORDINATOR, Role.INSPECTOR),
    Permission.QUESTION_ANSWER: _roles_with_reach(Reach.CAMPAIGN, Role.REVIEWER, Role.COORDINATOR),
    Permission.ASSESSMENT_READ: _OFFICE | _READERS,
    Permission.ASSESSMENT_WRITE: _COORDINATOR,
    Permission.PAPER_READ: _UNIT | _OFFICE | _READERS,
    Permission.PACKAGE_EXPORT: _UNIT | _OFFICE | _READERS,
    Permission.PAPER_MAKE: _roles_with_reach(Reach.CAMPAIGN, Role.COORDINATOR, Role.INSPECTOR),
    Permission.PAPER_SCAN: _DRAFTERS | _COORDINATOR,
    Permission.PAPER_VOID: _roles_with_reach(Reach.UNIT, Role.LIAISON) | _COORDINATOR,
    Permission.EVIDENCE_HIDE: _COORDINATOR,
    # Leaders and assessors.
    Permission.INSTRUCTION_READ: _OFFICE | _roles_with_reach(Reach.CAMPAIGN, Role.LEADING_GROUP),
    Permission.INSTRUCTION_WRITE: _roles_with_reach(Reach.CAMPAIGN, Role.LEADING_GROUP),
    Permission.INSTRUCTION_SETTLE: _COORDINATOR,
    Permission.OPINION_READ: _OFFICE,
    Permission.OPINION_WRITE: _roles_with_reach(Reach.CAMPAIGN, Role.ASSESSOR),
    Permission.OPINION_SETTLE: _roles_with_reach(Reach.CAMPAIGN, Role.REVIEWER, Role.COORDINATOR),
    # Setting up.
    Permission.CAMPAIGN_MANAGE: _COORDINATOR,
    Permission.CAMPAIGN_CREATE: _roles_with_reach(Reach.DISTRICT, Role.COORDINATOR),
    Permission.LIAISONS_MANAGE: _roles_with_reach(Reach.DISTRICT, Role.COORDINATOR),
    Permission.UNITS_MANAGE: _roles_with_reach(Reach.DISTRICT, Role.COORDINATOR, Role.ADMINISTRATOR),
    Permission.CHANNELS_MANAGE: _roles_with_reach(Reach.DISTRICT, Role.COORDINATOR),
    Permission.HOLIDAYS_MANAGE: _roles_with_reach(Reach.DISTRICT, Role.COORDINATOR, Role.ADMINISTRATOR),
    Permission.PROOF_READ: _roles_with_reach(Reach.DISTRICT, Role.COORDINATOR, Role.INSPECTOR),
    # Accounts and the audit trail.
    Permission.ACCOUNTS_MANAGE: _ADMIN,
    Permission.AUDIT_READ: _roles_with_reach(Reach.DISTRICT, Role.AUDITOR),
    Permission.HEALTH_READ: _ADMIN,
}


def grant_allows(grant: Grant, permission: Permission, scope: Scope) -> bool:
    """Return whether this membership allows the permission at ``scope``. Raises KeyError for an unknown permission."""
    reach = PERMISSION_MATRIX[permission].get(grant.role)
    if reach is None or grant.district != scope.district:
        return False
    if grant.campaign is not None and scope.campaign not in (None, grant.campaign):
        return False
    return reach is not Reach.UNIT or (grant.unit is not None and scope.unit in (None, grant.unit))
