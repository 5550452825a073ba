from creation.models.answer import Draft, Progress, ReturnReason, Review, Submission, SubmittedCitation, Verdict
from creation.models.audit import AuditEntry, AuditSeal
from creation.models.campaign import (
    Action,
    ActionFile,
    AnswerMode,
    Assignment,
    AssignmentRole,
    Audience,
    Campaign,
    CampaignState,
    Phase,
    PhaseKind,
)
from creation.models.district import District, Unit, UnitKind
from creation.models.evidence import (
    Citation,
    Confidentiality,
    Evidence,
    EvidenceKind,
    EvidenceNumber,
    EvidenceVersion,
    NumberCounter,
    Upload,
)
from creation.models.holiday import DayKind, Holiday
from creation.models.indicator import Indicator, IndicatorLevel, IndicatorSystem, Measure, Reading
from creation.models.job import Job, JobState
from creation.models.membership import Membership
from creation.models.notice import Delivery, DeliveryState, Digest, Notice, NoticeKind, Urgency
from creation.models.session import FormerPassword, LinkPurpose, OneTimeLink, UserSession
from creation.models.snapshot import Snapshot
from creation.models.task import ANSWERED, UNANSWERED, RequestKind, Task, TaskEvent, TaskRequest, TaskStatus, Viewing
from creation.models.user import User

__all__ = [
    "ANSWERED",
    "UNANSWERED",
    "Action",
    "ActionFile",
    "AnswerMode",
    "Assignment",
    "AssignmentRole",
    "Audience",
    "AuditEntry",
    "AuditSeal",
    "Campaign",
    "CampaignState",
    "Citation",
    "Confidentiality",
    "DayKind",
    "Delivery",
    "DeliveryState",
    "Digest",
    "District",
    "Draft",
    "Evidence",
    "EvidenceKind",
    "EvidenceNumber",
    "EvidenceVersion",
    "FormerPassword",
    "Holiday",
    "Indicator",
    "IndicatorLevel",
    "IndicatorSystem",
    "Job",
    "JobState",
    "LinkPurpose",
    "Measure",
    "Membership",
    "Notice",
    "NoticeKind",
    "NumberCounter",
    "OneTimeLink",
    "Phase",
    "PhaseKind",
    "Progress",
    "Reading",
    "RequestKind",
    "ReturnReason",
    "Review",
    "Snapshot",
    "Submission",
    "SubmittedCitation",
    "Task",
    "TaskEvent",
    "TaskRequest",
    "TaskStatus",
    "Unit",
    "UnitKind",
    "Upload",
    "Urgency",
    "User",
    "UserSession",
    "Verdict",
    "Viewing",
]
