"""The contents of an archive package: one reader for each category or noun, in the order of the folders.

Nothing is left out in silence: ``ARCHIVED`` says of every model that hangs on a campaign which reader reads it, or why none does.
``tests/reports/test_archived_models.py`` fails if a model is missing there. A further noun is archived by another reader in ``READERS``.
"""

from collections.abc import Iterator, Mapping

from creation.lib.relations import Stays
from reports.archive import (
    answers,
    application,
    appraisals,
    commendations,
    dialogue,
    findings,
    meetings,
    office,
    publicity,
    supervision,
    surveys,
)
from reports.archive.items import ArchiveItem, ArchiveSource, ItemReader

READERS: tuple[ItemReader, ...] = (
    office.plans,
    dialogue.questions,
    office.ledgers,
    answers.answers,
    findings.findings,
    supervision.rounds,
    supervision.orders,
    appraisals.appraisals,
    dialogue.opinions,
    office.bulletins,
    application.application,
    meetings.meetings,
    meetings.personal_acts,
    meetings.instructions,
    publicity.register,
    publicity.cases,
    surveys.surveys,
    commendations.commendations,
    office.chain_head,
)

_DIALOGUE = Stays("talk on the way (the manual says so): what came of it is in the answers, due days and announcements")
_HISTORY = Stays("how a row came to be as it is archived; the audit trail, whose head is archived, proves it")
_WORKING = Stays("drafts, notices, counters and settings: means of the work, not its record")

# What becomes of every model that hangs on a campaign: the reader that reads its rows, or why it is not archived.
ARCHIVED: Mapping[str, ItemReader | Stays] = {
    "Announcement": office.plans,
    "AnnouncementVersion": office.plans,
    "AnnouncementFile": office.plans,
    "Receipt": office.plans,
    "Question": dialogue.questions,
    "Reply": dialogue.questions,
    "ActionFile": office.plans,
    "Phase": office.ledgers,
    "Action": office.ledgers,
    "Assignment": office.ledgers,
    "Membership": office.ledgers,
    "Task": office.ledgers,
    "Paper": office.ledgers,
    "PaperScan": office.ledgers,
    "EvidenceNumber": answers.answers,
    "Citation": answers.answers,
    "Submission": answers.answers,
    "SubmittedCitation": answers.answers,
    "PageMark": answers.answers,
    "Review": answers.answers,
    "Finding": findings.findings,
    "RectificationPlan": findings.findings,
    "SupervisionRound": supervision.rounds,
    "InspectionTeam": supervision.rounds,
    "Visit": supervision.rounds,
    "VisitCheck": supervision.rounds,
    "VisitPhoto": supervision.rounds,
    "SupervisionOrder": supervision.orders,
    "Appraisal": appraisals.appraisals,
    "AppraisalPoint": appraisals.appraisals,
    "AppraisalSeat": appraisals.appraisals,
    "AppraisalRequest": appraisals.appraisals,
    "Score": appraisals.appraisals,
    "Opinion": dialogue.opinions,
    "Bulletin": office.bulletins,
    "ApplicationEntry": application.application,
    "ApplicationReceipt": application.application,
    "AssessmentText": application.application,
    "FinalAssessment": application.application,
    "Meeting": meetings.meetings,
    "MeetingFile": meetings.meetings,
    "MeetingDecision": meetings.meetings,
    "PersonalAct": meetings.personal_acts,
    "Instruction": meetings.instructions,
    "Publicity": publicity.register,
    "PublicityFile": publicity.register,
    "TypicalCase": publicity.cases,
    "CasePicture": publicity.cases,
    "Survey": surveys.surveys,
    "SurveyBatch": surveys.surveys,
    "SurveyUse": Stays("which codes were used would tell whose form was handed in"),
    "SurveyAnswer": surveys.surveys,
    "Commendation": commendations.commendations,
    "CommitteeSeat": commendations.commendations,
    "Nomination": commendations.commendations,
    "Vote": commendations.commendations,
    "Consultation": commendations.commendations,
    "Objection": commendations.commendations,
    **dict.fromkeys(("PhoneCall", "Progress", "TaskRequest", "Urge"), _DIALOGUE),
    **dict.fromkeys(
        (
            "ActionChange",
            "AssessmentTextVersion",
            "DueDateChange",
            "FindingChange",
            "OrderChange",
            "OwnerChange",
            "RectificationPlanChange",
            "ReplyVersion",
        ),
        _HISTORY,
    ),
    **dict.fromkeys(("EditionChange", "Succession", "TaskCarry", "TaskEvent", "Snapshot"), _HISTORY),
    **dict.fromkeys(("Draft", "ImportUpload", "Notice", "NumberCounter", "PaperTemplate", "ReminderRule"), _WORKING),
    **dict.fromkeys(("RejectedSuggestion", "RolloverGap", "Upload", "Viewing"), _WORKING),
    "CampaignArchive": Stays("the register of the packages themselves"),
}


def read_items(source: ArchiveSource) -> Iterator[ArchiveItem]:
    for reader in READERS:
        yield from reader(source)
