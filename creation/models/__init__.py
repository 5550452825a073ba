"""The models.

These queryset methods have the same meaning on every model that has them:

``active()``: rows in force: not removed, deleted, dropped, withdrawn, voided or ended (on a given day, where the rows have
dates).
``counting()``: active citations whose evidence is not hidden; a task is judged by these.
``in_readable_tasks()``: citations of active tasks and of tasks that a new edition ended, which remain readable.
``visible_to(person)``: rows that this person may read.
``for_table()``: rows with all the joins that a list needs.
``words_visible_to(person)``: evidence whose words (title, passage, why it was stopped) this person may read wherever a row names it.
``listed()``: submitted citations of unrestricted evidence that is not deleted.
``unrestricted()``: evidence that is neither hidden by the office nor blocked by a secrecy mark.
"""

from creation.models.announcement import Announcement, AnnouncementFile, AnnouncementVersion, Receipt
from creation.models.answer import Draft, Progress, ReturnReason, Review, ReviewVerdict, Submission, SubmittedCitation
from creation.models.application import ApplicationEntry, ApplicationReceipt
from creation.models.appraisal import (
    Appraisal,
    AppraisalKind,
    AppraisalPoint,
    AppraisalRequest,
    AppraisalSeat,
    PointEffect,
    Score,
)
from creation.models.assessment import AssessmentText, AssessmentTextVersion, FinalAssessment
from creation.models.audit import AuditArchive, AuditEntry, AuditSeal
from creation.models.bulletin import Bulletin
from creation.models.call import PhoneCall
from creation.models.campaign import (
    Action,
    ActionFile,
    AnswerMode,
    Assignment,
    AssignmentRole,
    Audience,
    Campaign,
    CampaignState,
    EvidenceKind,
    PersonalActKind,
    Phase,
    PhaseKind,
)
from creation.models.campaign_archive import CampaignArchive
from creation.models.change import ActionChange, DueDateChange, DueDateOrigin, OwnerChange
from creation.models.channel import Channel, ChannelKind, FeedToken, Preference, Rhythm
from creation.models.citation import Citation, EvidenceNumber, NumberCounter
from creation.models.commendation import Commendation, CommendationStage, CommitteeSeat, NominationKind
from creation.models.district import District, Unit, UnitKind
from creation.models.edition import EditionChange, Succession, SuccessionKind, TaskCarry
from creation.models.evidence import Confidentiality, Evidence, EvidenceVersion
from creation.models.extract import Extract, ExtractState, SearchEntry
from creation.models.finding import (
    DEFAULT_SOURCES,
    Finding,
    FindingChange,
    FindingSource,
    RectificationPlan,
    RectificationPlanChange,
    Severity,
)
from creation.models.heartbeat import Heartbeat
from creation.models.holiday import DayKind, Holiday
from creation.models.import_upload import ImportUpload
from creation.models.indicator import Indicator, IndicatorLevel, IndicatorSystem, Measure, Reading, ReadingChange
from creation.models.instruction import Instruction
from creation.models.job import UNFINISHED_STATES, Job, JobState
from creation.models.link import LinkSighting, LinkState, LinkWatch
from creation.models.mark import PageMark
from creation.models.meeting import Meeting, MeetingDecision, MeetingFile, MeetingKind
from creation.models.membership import Membership
from creation.models.nomination import Consultation, ConsultedOpinion, Nomination, Objection, Vote, VoteChoice
from creation.models.notice import Delivery, DeliveryState, Digest, Notice, NoticeKind, Urgency
from creation.models.opinion import Opinion
from creation.models.order import OrderChange, ReplyCycle, SupervisionOrder
from creation.models.paper import Paper, PaperKind, PaperScan
from creation.models.personal_act import PersonalAct
from creation.models.publicity import (
    CasePicture,
    CaseState,
    Publicity,
    PublicityFile,
    PublicityKind,
    PublicityLevel,
    TypicalCase,
)
from creation.models.question import Question, Reply, ReplyVersion
from creation.models.reference import ReferenceVersion
from creation.models.rollover import RejectedSuggestion, RolloverGap
from creation.models.round import InspectionTeam, SupervisionRound
from creation.models.rule import OFFICE_AUDIENCES, ReminderRule, RuleAudience
from creation.models.scan import Scan, ScanState
from creation.models.secrecy_declaration import SecrecyDeclaration
from creation.models.secrecy_mark import MarkPlace, SecrecyMark, marks_in_words
from creation.models.session import FormerPassword, LinkPurpose, OneTimeLink, UserSession
from creation.models.snapshot import Snapshot
from creation.models.survey import Survey, SurveyAnswer, SurveyBatch, SurveyUse
from creation.models.task import (
    ANSWERED,
    CHANGEABLE,
    UNANSWERED,
    RequestKind,
    Task,
    TaskEvent,
    TaskRequest,
    TaskStatus,
    Viewing,
)
from creation.models.template import PaperTemplate
from creation.models.unit_alias import UnitAlias, UnitGroup
from creation.models.upload import Upload
from creation.models.urge import Urge
from creation.models.user import User
from creation.models.visit import Half, Verdict, Visit, VisitCheck, VisitPhoto

__all__ = [
    "ANSWERED",
    "CHANGEABLE",
    "DEFAULT_SOURCES",
    "OFFICE_AUDIENCES",
    "UNANSWERED",
    "UNFINISHED_STATES",
    "Action",
    "ActionChange",
    "ActionFile",
    "Announcement",
    "AnnouncementFile",
    "AnnouncementVersion",
    "AnswerMode",
    "ApplicationEntry",
    "ApplicationReceipt",
    "Appraisal",
    "AppraisalKind",
    "AppraisalPoint",
    "AppraisalRequest",
    "AppraisalSeat",
    "AssessmentText",
    "AssessmentTextVersion",
    "Assignment",
    "AssignmentRole",
    "Audience",
    "AuditArchive",
    "AuditEntry",
    "AuditSeal",
    "Bulletin",
    "Campaign",
    "CampaignArchive",
    "CampaignState",
    "CasePicture",
    "CaseState",
    "Channel",
    "ChannelKind",
    "Citation",
    "Commendation",
    "CommendationStage",
    "CommitteeSeat",
    "Confidentiality",
    "Consultation",
    "ConsultedOpinion",
    "DayKind",
    "Delivery",
    "DeliveryState",
    "Digest",
    "District",
    "Draft",
    "DueDateChange",
    "DueDateOrigin",
    "EditionChange",
    "Evidence",
    "EvidenceKind",
    "EvidenceNumber",
    "EvidenceVersion",
    "Extract",
    "ExtractState",
    "FeedToken",
    "FinalAssessment",
    "Finding",
    "FindingChange",
    "FindingSource",
    "FormerPassword",
    "Half",
    "Heartbeat",
    "Holiday",
    "ImportUpload",
    "Indicator",
    "IndicatorLevel",
    "IndicatorSystem",
    "InspectionTeam",
    "Instruction",
    "Job",
    "JobState",
    "LinkPurpose",
    "LinkSighting",
    "LinkState",
    "LinkWatch",
    "MarkPlace",
    "Measure",
    "Meeting",
    "MeetingDecision",
    "MeetingFile",
    "MeetingKind",
    "Membership",
    "Nomination",
    "NominationKind",
    "Notice",
    "NoticeKind",
    "NumberCounter",
    "Objection",
    "OneTimeLink",
    "Opinion",
    "OrderChange",
    "OwnerChange",
    "PageMark",
    "Paper",
    "PaperKind",
    "PaperScan",
    "PaperTemplate",
    "PersonalAct",
    "PersonalActKind",
    "Phase",
    "PhaseKind",
    "PhoneCall",
    "PointEffect",
    "Preference",
    "Progress",
    "Publicity",
    "PublicityFile",
    "PublicityKind",
    "PublicityLevel",
    "Question",
    "Reading",
    "ReadingChange",
    "Receipt",
    "RectificationPlan",
    "RectificationPlanChange",
    "ReferenceVersion",
    "RejectedSuggestion",
    "ReminderRule",
    "Reply",
    "ReplyCycle",
    "ReplyVersion",
    "RequestKind",
    "ReturnReason",
    "Review",
    "ReviewVerdict",
    "Rhythm",
    "RolloverGap",
    "RuleAudience",
    "Scan",
    "ScanState",
    "Score",
    "SearchEntry",
    "SecrecyDeclaration",
    "SecrecyMark",
    "Severity",
    "Snapshot",
    "Submission",
    "SubmittedCitation",
    "Succession",
    "SuccessionKind",
    "SupervisionOrder",
    "SupervisionRound",
    "Survey",
    "SurveyAnswer",
    "SurveyBatch",
    "SurveyUse",
    "Task",
    "TaskCarry",
    "TaskEvent",
    "TaskRequest",
    "TaskStatus",
    "TypicalCase",
    "Unit",
    "UnitAlias",
    "UnitGroup",
    "UnitKind",
    "Upload",
    "Urge",
    "Urgency",
    "User",
    "UserSession",
    "Verdict",
    "Viewing",
    "Visit",
    "VisitCheck",
    "VisitPhoto",
    "Vote",
    "VoteChoice",
    "marks_in_words",
]
