"""Every URL: the kind of its object, the right it needs, and its method. One line for each URL and method.

``kind`` names a function of ``tests/support/route_objects.py`` that creates such an object in every scope: own unit, other unit, other
campaign, removed, missing. ``act`` "" means: everybody who may know of the object. ``also`` are other status codes that a permitted request
may get (an empty POST is answered 422, a preview not rendered yet 404).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.urls import NoReverseMatch, reverse

from creation.tasks.workflow import MOVES

PUBLIC = {
    "login",
    "logout",
    "one_time_link",
    "feed",
    "survey_answer",
}  # open to anonymous visitors; they have tests of their own
FINE = frozenset({200, 201, 204, 302, 400, 409, 422})  # access was granted; the result is tested elsewhere


@dataclass(frozen=True)
class Route:
    name: str
    kind: str
    act: str = ""
    method: str = "get"
    more: dict[str, object] = field(default_factory=dict)  # arguments of the URL besides the object's
    also: frozenset[int] = frozenset()

    def __str__(self) -> str:
        return "-".join([self.name, self.method, *map(str, self.more.values())])


def post(name: str, kind: str, act: str = "", /, **more: object) -> Route:
    return Route(name, kind, act, "post", more)


def both(name: str, kind: str, act: str = "", /, **more: object) -> list[Route]:
    return [Route(name, kind, act, "get", more), Route(name, kind, act, "post", more)]


GONE = frozenset({404})
PAGE_1 = {"page": 1}

ROUTES: list[Route] = [
    # everybody's own
    Route("todo", "page"),
    Route("find", "page"),
    Route("guide", "page", more={"name": "office"}),
    Route("guide_picture", "page", more={"folder": "pictures", "name": "progress.png"}),
    *both("profile", "page"),
    *both("password_change", "page"),
    post("session_end", "session"),
    post("tour_seen", "page"),
    Route("notices", "page"),
    post("notices_read", "page"),
    Route("notice", "notice"),
    *both("preferences", "page"),
    post("feed_make", "page"),
    post("feed_revoke", "page"),
    # jobs and their files
    Route("jobs", "page"),
    Route("job", "job"),
    post("job_cancel", "job"),
    post("job_again", "job"),
    Route("job_file", "job", also=GONE),  # nothing has been made in the tests
    # channels and the audit trail
    Route("channels", "page", "channels.manage"),
    *both("channel_new", "page", "channels.manage", kind="smtp"),
    *both("channel", "channel", "channels.manage"),
    post("channel_test", "channel", "channels.manage"),
    Route("proof", "page", "proof.read"),
    post("delivery_retry", "delivery", "channels.manage"),
    post("delivery_retry_all", "page", "channels.manage"),
    # tasks
    Route("task_list", "campaign", "task.read"),
    post("task_bulk", "campaign", "task.plan"),
    post("urge", "campaign", "task.urge"),
    Route("statement", "task"),
    post("statement_number", "task", "paper.scan"),
    Route("on_site", "campaign", "task.read"),
    post("on_site", "campaign", "phone.reveal"),
    Route("calls", "campaign", "task.urge"),
    post("call_record", "campaign_unit", "task.urge"),
    Route("task", "task"),
    Route("task_move", "task", more={"move": "submit"}),
    *[post("task_move", "task", move.permission, move=move.name) for move in MOVES.values()],
    post("draft", "task", "task.draft"),
    Route("draft_take", "task", "task.draft", "post", also=GONE),  # the form names the draft
    post("reading", "measured", "task.draft"),
    post("task_notes", "task", "task.note"),
    Route("personal_act", "task", "task.note", "post", also=GONE),  # tasks of the plan's actions only
    Route("personal_act_remove", "task", "task.note", "post", {"act_id": 0}, also=GONE),
    Route("personal_acts", "campaign", "task.read"),
    post("task_requests", "task", "task.request", kind="extension"),
    Route("requests", "campaign", "task.decide"),
    post("requests_decide", "campaign", "task.decide"),
    Route("action_file", "attachment", also=GONE),  # the tests have no stored file
    post("task_request_decide", "request", "task.decide"),
    Route("board", "campaign", "progress.read"),
    Route("districts", "city", "districts.read"),
    post("board_picture", "campaign", "progress.read"),
    Route("measures", "campaign", "task.read"),
    *both("measure_new", "campaign", "campaign.manage"),
    Route("measure", "measure", "task.read"),
    # supervision
    Route("findings", "campaign", "finding.read"),
    *both("finding_new", "campaign", "finding.record"),
    Route("finding", "finding"),
    *both("finding_edit", "finding", "finding.record"),
    post("finding_add_units", "finding", "finding.record"),
    post("finding_withdraw", "finding", "finding.record"),
    Route("rectifications", "campaign", "finding.read"),
    Route("rectification_figures", "campaign", "finding.read"),
    Route("rectification_book", "campaign", "finding.read"),
    post("rectification_book_export", "campaign", "finding.read"),
    *both("rectification_report", "campaign", "paper.scan"),
    *both("finding_sources", "campaign", "finding.record"),
    post("finding_source_add", "campaign", "finding.record"),
    *both("finding_of_task", "task", "finding.propose"),
    Route("orders", "campaign", "order.read"),
    *both("order_new", "campaign", "order.issue"),
    Route("order", "order"),
    *both("order_edit", "order", "order.issue"),
    post("order_close", "order", "order.issue"),
    Route("meetings", "campaign", "meeting.read"),
    *both("meeting_new", "campaign", "meeting.record"),
    Route("meeting", "meeting"),
    *both("meeting_edit", "meeting", "meeting.record"),
    post("meeting_decide", "meeting", "meeting.record"),
    Route("meeting_file", "meeting_file", also=GONE),  # the tests have no stored file
    post("rectification_plan", "rectification", "task.draft"),
    # commendation
    Route("commendations", "campaign", "commendation.read"),
    *both("commendation_new", "campaign", "commendation.manage"),
    Route("commendation", "commendation"),
    *both("commendation_edit", "commendation", "commendation.manage"),
    *both("commendation_committee", "commendation", "commendation.manage"),
    post("commendation_purge", "commendation", "commendation.manage"),
    *both("nomination_new", "commendation", "commendation.nominate"),
    Route("nomination", "nomination"),
    *both("nomination_edit", "nomination", "commendation.nominate"),
    post("nomination_withdraw", "nomination", "commendation.nominate"),
    *both("consultations", "commendation", "commendation.manage"),
    post("consultations_clear", "commendation", "commendation.manage"),
    *both("consultation", "consultation", "commendation.manage"),
    post("vote_open", "commendation", "commendation.manage"),
    post("vote_close", "commendation", "commendation.manage"),
    Route("ballot", "commendation", "commendation.vote", also=GONE),  # who has no seat finds nothing
    Route("ballot", "commendation", "commendation.vote", "post", also=GONE),
    *both("commendation_publish", "commendation", "commendation.manage"),
    *both("objection_new", "nomination", "commendation.manage"),
    *both("objection", "objection", "commendation.manage"),
    *both("commendation_decide", "commendation", "commendation.manage"),
    *both("commendation_end", "commendation", "commendation.manage"),
    post("commendees_export", "commendation", "commendation.manage"),
    post("nominees_export", "commendation", "commendation.manage"),
    # mock assessment
    Route("appraisals", "campaign", "appraisal.read"),
    *both("appraisal_new", "campaign", "appraisal.manage"),
    Route("appraisal", "appraisal"),
    *both("appraisal_edit", "appraisal", "appraisal.manage"),
    post("appraisal_withdraw", "appraisal", "appraisal.manage"),
    post("appraisal_close", "appraisal", "appraisal.manage"),
    post("appraisal_findings", "appraisal", "finding.record"),
    Route("score_unit", "appraised", "appraisal.score", also=GONE),  # who has no seat finds nothing
    Route("score_save", "appraised_point", "appraisal.score", "post", also=GONE),
    Route("appraisal_ask", "appraised_point", "appraisal.score", "post", also=GONE),
    Route("appraisal_request", "appraisal_request"),
    post("appraisal_request", "appraisal_request", "appraisal.answer"),
    Route("appraisal_export", "appraisal", "appraisal.read", "post", also=GONE),  # only a closed one has results
    post("case_booklet", "campaign", "case.judge"),
    # satisfaction survey
    Route("surveys", "campaign", "survey.read"),
    *both("survey_new", "campaign", "survey.manage"),
    Route("survey", "survey"),
    *both("survey_edit", "survey", "survey.manage"),
    post("survey_codes", "survey", "survey.manage"),
    Route("survey_slips", "survey_batch", "survey.manage"),
    post("survey_papers", "survey", "survey.manage"),
    *(post("survey_export", "survey", form=form) for form in ("docx", "xlsx")),
    # publicity
    Route("publicity", "campaign", "publicity.read"),
    Route("publicity_wall", "campaign", "publicity.read"),
    *both("publicity_new", "campaign", "publicity.record"),
    Route("publicity_item", "publicity"),
    post("publicity_remove", "publicity", "publicity.record"),
    Route("publicity_file", "publicity_file", also=GONE),  # the tests have no stored file
    Route("cases", "campaign", "publicity.read"),
    *both("case_new", "campaign", "publicity.record"),
    Route("case", "case"),
    Route("case_picture", "case_picture", also=GONE),
    *both("case_edit", "case", "publicity.record"),
    post("case_submit", "case", "publicity.record"),
    post("case_judge", "case", "case.judge"),
    Route("rounds", "campaign", "visit.read"),
    *both("round_new", "campaign", "visit.plan"),
    Route("round", "supervision_round"),
    *both("round_edit", "supervision_round", "visit.plan"),
    post("round_repeat", "supervision_round", "visit.plan"),
    post("round_discard", "supervision_round", "visit.plan"),
    post("round_days", "supervision_round", "visit.plan"),
    post("round_visit", "supervision_round", "visit.plan"),
    post("round_announce", "supervision_round", "visit.plan"),
    *both("team_new", "supervision_round", "visit.plan"),
    *both("team_edit", "inspection_team", "visit.plan"),
    Route("visits", "campaign", "visit.read"),
    Route("visit", "visit"),
    post("visit_check", "visit", "visit.record"),
    Route("visit_photo_send", "visit_line", "visit.record"),
    Route("visit_photo_send", "visit_line", "visit.record", "put"),
    Route("visit_photo", "visit_photo", also=GONE),  # the tests have no stored file
    *both("visit_feedback", "visit", "visit.record"),
    Route("visit_print", "visit"),
    post("visit_sign", "visit", "visit.sign"),
    post("visit_cancel", "visit", "visit.plan"),
    # announcements
    Route("announcements", "campaign", "announcement.read"),
    *both("announcement_new", "campaign", "announcement.issue"),
    Route("announcement", "announcement"),
    Route("announcement_print", "announcement"),
    post("announcement_sign", "announcement", "announcement.sign"),
    post("announcement_correct", "announcement", "announcement.issue"),
    post("announcement_withdraw", "announcement", "announcement.issue"),
    post("announcement_urge", "announcement", "task.urge"),
    Route("announcement_file", "announcement_file", also=GONE),  # the tests have no stored file
    # instructions of leaders, opinions of assessors
    Route("instructions", "campaign", "instruction.read"),
    post("instruction_new", "campaign", "instruction.write"),
    *both("instruction_issue", "instruction", "instruction.settle"),
    post("instruction_settle", "instruction", "instruction.settle"),
    Route("opinions", "campaign", "opinion.read"),
    post("opinion_settle", "opinion", "opinion.settle"),
    post("opinion_new", "task", "opinion.write"),
    # holidays
    Route("holidays", "page"),
    *both("holiday_paste", "page", "holidays.manage", year=2027),
    *both("holiday_day", "page", "holidays.manage", year=2027, month=2, day=6),
    # questions
    post("task_ask", "task", "task.ask"),
    Route("task_known", "task", "question.read"),
    Route("questions", "campaign", "question.read"),
    post("question_new", "campaign", "task.ask"),
    *both("question", "question", "question.answer"),
    post("question_point", "question", "question.answer"),
    Route("reply", "reply"),
    post("reply_publish", "reply", "question.answer"),
    post("reply_correct", "reply", "question.answer"),
    post("reply_withdraw", "reply", "question.answer"),
    # evidence
    post("upload_begin", "task", "task.cite"),
    Route("unfinished", "page"),
    post("upload_give_up", "upload"),
    Route("upload_bytes", "upload", "task.cite"),
    Route("upload_bytes", "upload", "task.cite", "put"),
    Route("upload_bytes", "upload", "task.cite", "delete"),
    Route("citation_add", "task", "task.cite", "post", also=GONE),  # the form names the evidence
    Route("library", "campaign", "evidence.read"),
    *both("library_cite", "library_piece", "task.cite"),
    Route("library_bin", "campaign", "evidence.edit"),
    Route("evidence_versions", "evidence"),
    Route("evidence_offers", "evidence", "evidence.edit"),
    post("evidence_accept", "evidence", "evidence.edit"),
    post("evidence_clear", "evidence", "evidence.edit"),
    post("evidence_purge", "evidence", "evidence.edit"),
    post("evidence_hide", "evidence", "evidence.hide"),
    post("evidence_show", "evidence", "evidence.hide"),
    Route("citation_search", "task", "task.cite"),
    Route("citation_assists", "task"),
    Route("evidence_state", "task", "task.cite"),
    Route("heritage_decide", "task", "task.cite", "post", also=GONE),  # the form names the evidence
    *both("citation_new", "task", "task.cite", kind="link"),
    *both("citation_edit", "citation", "task.cite"),
    post("citation_remove", "citation", "task.cite"),
    Route("exhibit", "citation"),
    post("exhibit_check", "citation"),
    post("mark_add", "citation", "citation.mark"),
    post("mark_note", "marked", "citation.mark"),
    post("mark_remove", "marked", "citation.mark"),
    Route("evidence", "evidence"),
    post("evidence_edit", "evidence", "evidence.edit"),
    post("evidence_delete", "evidence", "evidence.edit"),
    post("evidence_restore", "evidence", "evidence.edit"),
    Route("evidence_file", "version", also=GONE),
    *both("evidence_preview", "version"),
    Route("evidence_image", "version", more=PAGE_1, also=GONE),
    Route("evidence_thumb", "version"),
    Route("links", "campaign", "evidence.read"),
    Route("link", "link"),
    post("link_again", "link", "link.check"),
    post("link_sighting", "link", "link.check"),
    Route("link_shot", "link", more={"sighting_id": 1}, also=GONE),
    # review, progress, ledger
    Route("review_queue", "campaign", "review.queue"),
    Route("review", "task", "task.review"),
    post("review_watch", "task", "task.review"),
    *[post("review_move", "task", MOVES[name].permission, move=name) for name in ("approve", "return")],
    Route("progress", "campaign", "progress.read"),
    Route("unit_progress", "campaign_unit", "progress.read"),
    Route("unit_year", "unit_year"),
    *(
        post("list_export", "campaign", act, kind=kind)
        for kind, act in (
            ("rounds", "visit.read"),
            ("visits", "visit.read"),
            ("orders", "order.read"),
            ("meetings", "meeting.read"),
            ("personal_acts", "task.read"),
            ("readings", "task.read"),
            ("sources", "finding.record"),
            ("publicity", "publicity.read"),
            ("cases", "publicity.read"),
            ("appraisals", "appraisal.read"),
            ("surveys", "survey.read"),
            ("commendations", "commendation.read"),
            ("application", "application.enter"),
        )
    ),
    Route("ledger", "campaign", "ledger.export"),
    Route("application", "campaign", "application.enter"),
    post("application_tick", "checkpoint", "application.enter"),
    post("application_receipt", "checkpoint", "application.enter"),
    Route("application_receipt_file", "application_receipt", "application.enter", also=GONE),
    Route("final_assessment", "campaign", "assessment.read"),
    post("final_assessment_make", "campaign", "assessment.write"),
    Route("assessment", "campaign", "assessment.read"),
    *both("assessment_passage", "campaign", "assessment.write", slot="introduction"),
    # papers for the stamp; the tests have no stored files
    Route("papers", "campaign", "paper.read"),
    *both("paper_check", "campaign", "paper.read"),
    Route("paper", "paper"),
    Route("paper_file", "paper", also=GONE),
    post("paper_scan", "paper", "paper.scan"),
    post("paper_void", "paper", "paper.void"),
    Route("paper_scan_file", "paper_scan", also=GONE),
    Route("reports", "campaign", "ledger.export"),
    *both("package", "campaign", "package.export"),
    Route("package_volumes", "job", also=GONE),  # the job in the tests is of another kind
    Route("package_file", "job", more={"number": 1}, also=GONE),
    *(
        Route(name, "job", more=more, also=GONE)
        for name, more in (("bulletin_preview", {}), ("bulletin_page", {"number": 1}), ("bulletin_draft", {}))
    ),
    Route("bulletin_issue", "job", method="post", also=GONE),
    Route("bulletin_file", "bulletin", "paper.make", also=GONE),  # the tests have no stored file
    post("assessment_export", "campaign", "assessment.read"),
    Route("documents", "campaign", "paper.make"),
    *both("document", "campaign", "paper.make", kind="bulletin"),
    *both("document_template", "campaign", "campaign.manage", kind="bulletin"),
    Route("document_template_file", "campaign", "paper.make", more={"kind": "bulletin"}),
    post("ledger_export", "campaign", "ledger.export"),
    post("annex_export", "campaign", "progress.read", kind="annex1"),
    post("annex_export", "campaign", "liaisons.read", kind="annex3"),
    # tables that come in
    *both("import_new", "campaign", "liaisons.manage", kind="liaisons"),
    *both("import_new", "campaign", "campaign.manage", kind="indicators"),
    *both("import_new", "campaign", "campaign.manage", kind="editions"),
    *both("import_new", "campaign", "task.draft", kind="answers"),
    *both("import_new", "campaign", "task.draft", kind="readings"),
    *both("import_new", "campaign", "finding.record", kind="findings"),
    Route("import_blank", "campaign", "finding.record", more={"kind": "findings"}),
    Route("import_blank", "campaign", "liaisons.manage", more={"kind": "liaisons"}),
    Route("import_blank", "campaign", "campaign.manage", more={"kind": "indicators"}),
    Route("import_blank", "campaign", "campaign.manage", more={"kind": "editions"}),
    Route("import_blank", "campaign", "task.draft", more={"kind": "answers"}),
    Route("import_blank", "campaign", "task.draft", more={"kind": "readings"}),
    *both("import", "intake", "liaisons.manage"),
    post("import_apply", "intake", "liaisons.manage"),
    Route("import_marked", "intake", "liaisons.manage"),
    # the campaign
    Route("campaign_setup", "campaign", "campaign.manage"),
    *both("campaign_edit", "campaign", "campaign.manage"),
    *both("campaign_new", "campaign", "campaign.create"),
    *both("campaign_roll", "campaign", "campaign.create"),
    post("undecided_settle", "undecided", "campaign.manage"),
    *both("campaign_distribute", "campaign", "campaign.manage"),
    Route("campaign_closing", "campaign", "campaign.manage"),
    post("archive", "campaign", "campaign.manage"),
    post("campaign_close", "campaign", "campaign.manage"),
    post("campaign_reopen", "campaign", "campaign.manage"),
    *both("campaign_delete", "campaign", "campaign.manage"),
    Route("phases", "campaign", "campaign.manage"),
    *both("phase", "phase", "campaign.manage"),
    Route("rules", "campaign", "campaign.manage"),
    *both("rule", "rule", "campaign.manage"),
    *both("rule_new", "campaign", "campaign.manage", phase_kind="evidence", condition="review_waiting"),
    post("rule_switch", "rule", "campaign.manage"),
    Route("editions", "campaign"),
    Route("edition", "edition"),
    *both("edition_compare", "compared", "campaign.manage"),
    *both("edition_confirm", "compared", "campaign.manage"),
    post("edition_drop", "compared", "campaign.manage"),
    Route("ended_task", "ended_task"),
    Route("assignments", "campaign", "campaign.manage"),
    post("assignments_confirm", "campaign", "campaign.manage"),
    *both("assignment", "checkpoint", "campaign.manage"),
    post("assignment_cells", "checkpoint", "campaign.manage"),
    Route("assignment_copy", "checkpoint", "campaign.manage", "post", also=GONE),  # the form names the source
    *both("official_wording", "checkpoint", "campaign.manage"),
    *both("assignment_item", "item", "campaign.manage"),
    Route("actions", "campaign", "campaign.manage"),
    *both("action_new", "campaign", "campaign.manage"),
    *both("action", "action", "campaign.manage"),
    post("action_cancel", "action", "campaign.manage"),
    # people
    Route("liaisons", "campaign", "liaisons.read"),
    *both("liaison_appoint", "campaign_unit", "liaisons.manage"),
    post("liaison_new", "campaign_unit", "liaisons.manage"),
    Route("liaison_login", "campaign_unit", "liaisons.manage"),
    *both("liaison_links", "campaign", "liaisons.manage"),
    post("liaison_link", "unit_post", "liaisons.manage"),
    post("liaison_end", "unit_post", "liaisons.manage"),
    post("phone_reveal", "person", "phone.reveal"),
    Route("accounts", "page", "accounts.manage"),
    *both("account_new", "page", "accounts.manage"),
    *both("account", "person", "accounts.manage"),
    post("account_grant", "person", "accounts.manage"),
    post("membership_end", "membership", "accounts.manage"),
    post("account_disable", "person", "accounts.manage"),
    post("account_enable", "person", "accounts.manage"),
    post("link_issue", "person", "accounts.manage"),
    Route("units", "page", "units.manage"),
    Route("storage_use", "page", "units.manage"),
    *both("unit_aliases", "page", "units.manage"),
    post("unit_alias_delete", "unit_alias", "units.manage"),
    *both("unit_new", "page", "units.manage"),
    *both("unit", "unit", "units.manage"),
    post("unit_stop", "unit", "units.manage"),
    post("unit_resume", "unit", "units.manage"),
    *both("unit_merge", "unit", "units.manage"),
    Route("audit", "page", "audit.read"),
    Route("health", "page", "health.read"),
    Route("health_warnings", "page", "health.read"),
]


def list_addresses(campaign: int) -> Iterator[str]:
    """Yield every page without an object, and every page of the campaign."""
    for route in ROUTES:
        if route.method == "get" and route.kind in ("page", "campaign"):
            given: dict[str, object] = dict(route.more)
            if route.kind == "campaign":
                given["campaign_id"] = campaign
            try:
                yield reverse(route.name, kwargs=given)
            except NoReverseMatch:
                continue
