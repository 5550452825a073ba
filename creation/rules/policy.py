"""The permissions of each role, as data.

``PERMISSION_MATRIX`` maps a permission to the roles that have it and to the reach of each role. Every permission check reads
this table: ``access.may`` for one object, ``visible_to`` on querysets, the tests of every route, and the page of rights in
README.
"""

from dataclasses import dataclass
from enum import StrEnum


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
SEPARATE_ROLES = frozenset(
    {Role.ADMINISTRATOR, Role.AUDITOR}
)  # a person with one of these roles holds no other (等保 2.0, 三权分立)


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

PERMISSION_MATRIX: dict[str, dict[Role, Reach]] = {
    # Reading.
    "campaign.read": _UNIT | _OFFICE | _READERS,
    "task.read": _UNIT | _OFFICE | _READERS,
    "announcement.read": _UNIT | _OFFICE | _READERS,
    "evidence.read": _UNIT | _OFFICE | _READERS,
    "question.read": _UNIT | _OFFICE,
    "progress.read": _OFFICE | _READERS,
    "ledger.export": _UNIT | _OFFICE | _READERS,
    "liaisons.read": _OFFICE | _roles_with_reach(Reach.CAMPAIGN, Role.LEADING_GROUP),
    "phone.reveal": _OFFICE | _UNIT | _ADMIN,
    # The unit's answers.
    "task.draft": _DRAFTERS | _COORDINATOR,
    "task.cite": _DRAFTERS | _COORDINATOR,
    "task.note": _DRAFTERS | _COORDINATOR,
    "task.submit": _roles_with_reach(Reach.UNIT, Role.LIAISON) | _COORDINATOR,
    "task.sign": _roles_with_reach(Reach.UNIT, Role.UNIT_LEADER),
    "task.withdraw": _roles_with_reach(Reach.UNIT, Role.LIAISON) | _COORDINATOR,
    "evidence.edit": _DRAFTERS | _COORDINATOR,
    "link.check": _DRAFTERS | _OFFICE,
    "task.request": _roles_with_reach(Reach.UNIT, Role.LIAISON),
    "task.ask": _DRAFTERS,
    "announcement.sign": _UNIT,
    # The office.
    "task.review": _roles_with_reach(Reach.CAMPAIGN, Role.REVIEWER, Role.COORDINATOR),
    "citation.mark": _roles_with_reach(Reach.CAMPAIGN, Role.REVIEWER, Role.COORDINATOR),
    "task.reopen": _roles_with_reach(Reach.CAMPAIGN, Role.REVIEWER, Role.COORDINATOR),
    "task.decide": _COORDINATOR,
    "task.plan": _COORDINATOR,
    "task.urge": _OFFICE,
    "review.queue": _roles_with_reach(Reach.CAMPAIGN, Role.REVIEWER, Role.COORDINATOR),
    "announcement.issue": _COORDINATOR,
    "application.enter": _roles_with_reach(Reach.CAMPAIGN, Role.REVIEWER, Role.COORDINATOR),
    "question.answer": _roles_with_reach(Reach.CAMPAIGN, Role.REVIEWER, Role.COORDINATOR),
    "assessment.read": _OFFICE | _READERS,
    "assessment.write": _COORDINATOR,
    "paper.read": _UNIT | _OFFICE | _READERS,
    "package.export": _UNIT | _OFFICE | _READERS,
    "paper.make": _roles_with_reach(Reach.CAMPAIGN, Role.COORDINATOR, Role.INSPECTOR),
    "paper.scan": _DRAFTERS | _COORDINATOR,
    "paper.void": _roles_with_reach(Reach.UNIT, Role.LIAISON) | _COORDINATOR,
    "evidence.hide": _COORDINATOR,
    "campaign.manage": _COORDINATOR,
    "campaign.create": _roles_with_reach(Reach.DISTRICT, Role.COORDINATOR),
    "liaisons.manage": _roles_with_reach(Reach.DISTRICT, Role.COORDINATOR),
    "units.manage": _roles_with_reach(Reach.DISTRICT, Role.COORDINATOR, Role.ADMINISTRATOR),
    "channels.manage": _roles_with_reach(Reach.DISTRICT, Role.COORDINATOR),
    "holidays.manage": _roles_with_reach(Reach.DISTRICT, Role.COORDINATOR, Role.ADMINISTRATOR),
    "proof.read": _roles_with_reach(Reach.DISTRICT, Role.COORDINATOR, Role.INSPECTOR),
    # Accounts and the audit trail.
    "accounts.manage": _ADMIN,
    "audit.read": _roles_with_reach(Reach.DISTRICT, Role.AUDITOR),
    "health.read": _ADMIN,
}


PERMISSION_NAMES: dict[str, str] = {
    "campaign.read": "查看创建活动",
    "task.read": "查看任务",
    "announcement.read": "查看通知公告",
    "announcement.sign": "签收通知公告",
    "announcement.issue": "发布通知公告",
    "question.read": "查看提问和答复",
    "task.ask": "向创建办提问",
    "question.answer": "答复提问、公开答复",
    "evidence.read": "查看印证资料",
    "progress.read": "查看进度",
    "ledger.export": "导出台账",
    "liaisons.read": "查看联络员名单",
    "phone.reveal": "查看手机号码（留痕）",
    "task.draft": "起草答复",
    "task.cite": "上传、引用印证资料",
    "task.note": "填写工作进展",
    "task.submit": "报送",
    "task.sign": "审签",
    "task.withdraw": "撤回报送",
    "evidence.edit": "修改印证资料",
    "link.check": "核查链接、登记人工核查",
    "task.request": "申请延期、提出分工异议",
    "task.review": "审核（通过、退回）",
    "citation.mark": "标记证明页",
    "task.reopen": "重新打开已通过的任务",
    "task.decide": "答复延期和异议",
    "task.plan": "调整时限和责任人",
    "task.urge": "催办",
    "review.queue": "打开审核队列",
    "application.enter": "登记申报上传",
    "assessment.read": "查看自评报告",
    "assessment.write": "撰写自评报告",
    "paper.read": "查看用印文件",
    "package.export": "下载材料包",
    "paper.make": "起草简报、通报、督办单等文书",
    "paper.scan": "为台账、附件、情况说明编号用印，上传盖章扫描件",
    "paper.void": "作废用印文件",
    "evidence.hide": "紧急隐藏印证资料",
    "campaign.manage": "设置创建活动",
    "campaign.create": "新建创建活动",
    "liaisons.manage": "指定单位人员（联络员、承办人、分管领导）",
    "units.manage": "管理单位",
    "holidays.manage": "录入节假日和调休",
    "channels.manage": "设置通知渠道、重发失败的通知",
    "proof.read": "查看送达记录",
    "accounts.manage": "管理账号",
    "audit.read": "查看审计记录",
    "health.read": "查看系统状态",
}


def grant_allows(grant: Grant, permission: str, scope: Scope) -> bool:
    """Return whether this membership allows the permission at ``scope``. Raises KeyError for an unknown permission."""
    reach = PERMISSION_MATRIX[permission].get(grant.role)
    if reach is None or grant.district != scope.district:
        return False
    if grant.campaign is not None and scope.campaign not in (None, grant.campaign):
        return False
    return reach is not Reach.UNIT or (grant.unit is not None and scope.unit in (None, grant.unit))
