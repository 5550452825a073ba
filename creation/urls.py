from django.urls import URLPattern, URLResolver, path

from creation.background.views import jobs
from creation.campaigns.views import actions, assignments, editions, heritage, phases, rollover, setup
from creation.communication.views import announcements, questions
from creation.evidence.views import (
    citations,
    evidence,
    exhibits,
    files,
    guarding,
    library,
    links,
    marks,
    unfinished,
    uploads,
)
from creation.imports.views import imports
from creation.notices.views import calls, channels, holidays, notices, preferences, proof, rules
from creation.operations.views import audit, health
from creation.papers.views import application, assessment, stamps
from creation.people.views import accounts, liaisons, login, profile
from creation.tasks.views import (
    drafts,
    ended,
    papers,
    progress,
    requests,
    review,
    task,
    task_bulk,
    task_list,
    todo,
    urging,
    work,
)
from creation.tasks.views import questions as task_questions
from creation.units.views import units

urlpatterns: list[URLPattern | URLResolver] = [
    # office: task list and review queue
    path("c/<int:campaign_id>/tasks/", task_list.task_list, name="task_list"),
    path("c/<int:campaign_id>/tasks/bulk/", task_bulk.task_bulk, name="task_bulk"),
    path("c/<int:campaign_id>/tasks/urge/", urging.urge, name="urge"),
    path("c/<int:campaign_id>/calls/", calls.call_list, name="calls"),
    path("c/<int:campaign_id>/calls/<int:unit_id>/", calls.call_record, name="call_record"),
    path("c/<int:campaign_id>/reviews/", review.review_queue, name="review_queue"),
    path("c/<int:campaign_id>/reviews/<int:pk>/", review.review, name="review"),
    path("c/<int:campaign_id>/reviews/<int:pk>/watch/", review.review_watch, name="review_watch"),
    path("c/<int:campaign_id>/reviews/<int:pk>/<slug:move>/", review.review_move, name="review_move"),
    path("c/<int:campaign_id>/requests/", requests.request_list, name="requests"),
    # todo and the task page
    path("", todo.todo, name="todo"),
    path("c/<int:campaign_id>/tasks/<int:pk>/", task.task, name="task"),
    path("c/<int:campaign_id>/tasks/<int:pk>/moves/<slug:move>/", task.task_move, name="task_move"),
    path("c/<int:campaign_id>/tasks/<int:pk>/draft/", drafts.draft, name="draft"),
    path("c/<int:campaign_id>/tasks/<int:pk>/draft/take/", drafts.draft_take, name="draft_take"),
    path("c/<int:campaign_id>/tasks/<int:pk>/readings/<int:measure_id>/<slug:period>/", work.reading, name="reading"),
    path("c/<int:campaign_id>/tasks/<int:pk>/notes/", work.task_notes, name="task_notes"),
    path("c/<int:campaign_id>/tasks/<int:pk>/requests/<slug:kind>/", work.task_requests, name="task_requests"),
    path(
        "c/<int:campaign_id>/tasks/<int:pk>/requests/<int:request_id>/decide/",
        work.task_request_decide,
        name="task_request_decide",
    ),
    path("c/<int:campaign_id>/tasks/<int:pk>/files/<int:file_id>/", work.action_file, name="action_file"),
    # papers printed from the browser
    path("c/<int:campaign_id>/tasks/<int:pk>/statement/", papers.statement, name="statement"),
    path("c/<int:campaign_id>/on-site/", papers.on_site, name="on_site"),
    # the clock: what one has been told
    path("notices/", notices.inbox, name="notices"),
    path("notices/read/", notices.read_all, name="notices_read"),
    path("notices/<int:pk>/", notices.notice, name="notice"),
    path("notices/settings/", preferences.preferences, name="preferences"),
    path("notices/feed/", preferences.feed_make, name="feed_make"),
    path("notices/feed/revoke/", preferences.feed_revoke, name="feed_revoke"),
    path("feed/<str:token>.ics", preferences.feed, name="feed"),
    # the clock: ways to the outside, and the proof
    path("channels/", channels.outlet_list, name="channels"),
    path("channels/new/<slug:kind>/", channels.outlet_new, name="channel_new"),
    path("channels/<int:pk>/", channels.outlet, name="channel"),
    path("channels/<int:pk>/test/", channels.outlet_test, name="channel_test"),
    path("proof/", proof.proof, name="proof"),
    path("proof/retry/", proof.retry_all, name="delivery_retry_all"),
    path("proof/<int:pk>/retry/", proof.retry, name="delivery_retry"),
    # long work and its files
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/cancel/", jobs.job_cancel, name="job_cancel"),
    path("jobs/<int:pk>/again/", jobs.job_again, name="job_again"),
    path("jobs/<int:pk>/file/", jobs.job_file, name="job_file"),
    # announcements
    path("c/<int:campaign_id>/announcements/", announcements.announcement_list, name="announcements"),
    path("c/<int:campaign_id>/announcements/new/", announcements.announcement_new, name="announcement_new"),
    path("c/<int:campaign_id>/announcements/<int:pk>/", announcements.announcement, name="announcement"),
    path(
        "c/<int:campaign_id>/announcements/<int:pk>/print/", announcements.announcement_print, name="announcement_print"
    ),
    path("c/<int:campaign_id>/announcements/<int:pk>/sign/", announcements.announcement_sign, name="announcement_sign"),
    path(
        "c/<int:campaign_id>/announcements/<int:pk>/correct/",
        announcements.announcement_correct,
        name="announcement_correct",
    ),
    path(
        "c/<int:campaign_id>/announcements/<int:pk>/withdraw/",
        announcements.announcement_withdraw,
        name="announcement_withdraw",
    ),
    path("c/<int:campaign_id>/announcements/<int:pk>/urge/", announcements.announcement_urge, name="announcement_urge"),
    path(
        "c/<int:campaign_id>/announcements/<int:pk>/files/<int:file_id>/",
        announcements.announcement_file,
        name="announcement_file",
    ),
    # days off
    path("holidays/", holidays.holiday_year, name="holidays"),
    path("holidays/<int:year>/paste/", holidays.holiday_paste, name="holiday_paste"),
    path("holidays/<int:year>/<int:month>/<int:day>/", holidays.holiday_day, name="holiday_day"),
    # questions
    path("c/<int:campaign_id>/tasks/<int:pk>/questions/", task_questions.task_ask, name="task_ask"),
    path("c/<int:campaign_id>/tasks/<int:pk>/questions/known/", task_questions.task_known, name="task_known"),
    path("c/<int:campaign_id>/questions/", questions.question_list, name="questions"),
    path("c/<int:campaign_id>/questions/<int:pk>/", questions.question, name="question"),
    path("c/<int:campaign_id>/questions/<int:pk>/point/", questions.question_point, name="question_point"),
    path("c/<int:campaign_id>/replies/<int:pk>/", questions.reply, name="reply"),
    path("c/<int:campaign_id>/replies/<int:pk>/publish/", questions.reply_publish, name="reply_publish"),
    path("c/<int:campaign_id>/replies/<int:pk>/correct/", questions.reply_correct, name="reply_correct"),
    path("c/<int:campaign_id>/replies/<int:pk>/withdraw/", questions.reply_withdraw, name="reply_withdraw"),
    # people: in and out
    path("login/", login.login, name="login"),
    path("logout/", login.logout, name="logout"),
    path("password/", login.password_change, name="password_change"),
    path("link/<str:token>/", login.one_time_link, name="one_time_link"),
    path("profile/", profile.profile, name="profile"),
    path("profile/sessions/<int:pk>/end/", profile.session_end, name="session_end"),
    path("people/<int:pk>/phone/", profile.phone_reveal, name="phone_reveal"),
    # people: accounts, units, liaisons, the audit trail
    path("accounts/", accounts.account_list, name="accounts"),
    path("accounts/new/", accounts.account_new, name="account_new"),
    path("accounts/<int:pk>/", accounts.account, name="account"),
    path("accounts/<int:pk>/grant/", accounts.account_grant, name="account_grant"),
    path("accounts/<int:pk>/roles/<int:membership>/end/", accounts.membership_end, name="membership_end"),
    path("accounts/<int:pk>/disable/", accounts.account_disable, name="account_disable"),
    path("accounts/<int:pk>/enable/", accounts.account_enable, name="account_enable"),
    path("accounts/<int:pk>/link/", accounts.link_issue, name="link_issue"),
    path("units/", units.unit_list, name="units"),
    path("units/storage/", units.storage_use, name="storage_use"),
    path("units/new/", units.unit_new, name="unit_new"),
    path("units/<int:pk>/", units.unit, name="unit"),
    path("units/<int:pk>/stop/", units.unit_stop, name="unit_stop"),
    path("units/<int:pk>/resume/", units.unit_resume, name="unit_resume"),
    path("units/<int:pk>/merge/", units.unit_merge, name="unit_merge"),
    path("c/<int:campaign_id>/liaisons/", liaisons.liaison_list, name="liaisons"),
    path("c/<int:campaign_id>/liaisons/<int:unit_id>/", liaisons.liaison_appoint, name="liaison_appoint"),
    path("c/<int:campaign_id>/liaisons/<int:unit_id>/new/", liaisons.liaison_new, name="liaison_new"),
    path("c/<int:campaign_id>/liaisons/<int:unit_id>/login/", liaisons.liaison_login, name="liaison_login"),
    path("c/<int:campaign_id>/liaisons/links/", liaisons.liaison_links, name="liaison_links"),
    path("c/<int:campaign_id>/liaisons/posts/<int:pk>/link/", liaisons.liaison_link, name="liaison_link"),
    path("c/<int:campaign_id>/liaisons/posts/<int:pk>/end/", liaisons.liaison_end, name="liaison_end"),
    path("audit/", audit.audit, name="audit"),
    path("health/", health.status, name="health"),
    # progress
    path("c/<int:campaign_id>/progress/", progress.matrix, name="progress"),
    path("c/<int:campaign_id>/progress/<int:unit_id>/", progress.unit_progress, name="unit_progress"),
    # evidence: what comes in
    path("c/<int:campaign_id>/tasks/<int:pk>/uploads/", uploads.upload_begin, name="upload_begin"),
    path("uploads/", unfinished.unfinished, name="unfinished"),
    path("uploads/<uuid:token>/", uploads.upload_bytes, name="upload_bytes"),
    path("uploads/<uuid:token>/give-up/", unfinished.upload_give_up, name="upload_give_up"),
    # evidence: what a task cites
    path("c/<int:campaign_id>/tasks/<int:pk>/citations/", citations.citation_add, name="citation_add"),
    path("c/<int:campaign_id>/tasks/<int:pk>/citations/search/", citations.citation_search, name="citation_search"),
    path("c/<int:campaign_id>/tasks/<int:pk>/citations/new/<slug:kind>/", citations.citation_new, name="citation_new"),
    path(
        "c/<int:campaign_id>/tasks/<int:pk>/citations/<int:citation_id>/", citations.citation_edit, name="citation_edit"
    ),
    path(
        "c/<int:campaign_id>/tasks/<int:pk>/citations/<int:citation_id>/remove/",
        citations.citation_remove,
        name="citation_remove",
    ),
    path("c/<int:campaign_id>/tasks/<int:pk>/citations/<int:citation_id>/marks/", marks.mark_add, name="mark_add"),
    path(
        "c/<int:campaign_id>/tasks/<int:pk>/citations/<int:citation_id>/marks/<int:mark_id>/",
        marks.mark_note,
        name="mark_note",
    ),
    path(
        "c/<int:campaign_id>/tasks/<int:pk>/citations/<int:citation_id>/marks/<int:mark_id>/remove/",
        marks.mark_remove,
        name="mark_remove",
    ),
    path("c/<int:campaign_id>/tasks/<int:pk>/last-year/", heritage.heritage_decide, name="heritage_decide"),
    # evidence: one piece, its files and how they look
    path("evidence/<int:pk>/", evidence.evidence, name="evidence"),
    path("evidence/<int:pk>/edit/", evidence.evidence_edit, name="evidence_edit"),
    path("evidence/<int:pk>/delete/", evidence.evidence_delete, name="evidence_delete"),
    path("evidence/<int:pk>/restore/", evidence.evidence_restore, name="evidence_restore"),
    path("evidence/<int:pk>/v/<int:number>/file", files.evidence_file, name="evidence_file"),
    path("evidence/<int:pk>/v/<int:number>/preview", files.evidence_preview, name="evidence_preview"),
    path("evidence/<int:pk>/v/<int:number>/pages/<int:page>", files.evidence_image, name="evidence_image"),
    path("evidence/<int:pk>/v/<int:number>/thumb", files.evidence_thumb, name="evidence_thumb"),
    # application: what goes to the national site
    path("c/<int:campaign_id>/application/", application.application, name="application"),
    path("c/<int:campaign_id>/application/<int:pk>/", application.application_tick, name="application_tick"),
    # evidence: as it is read through a task
    path("c/<int:campaign_id>/tasks/<int:pk>/evidence/<int:citation_id>/", exhibits.exhibit, name="exhibit"),
    path(
        "c/<int:campaign_id>/tasks/<int:pk>/evidence/<int:citation_id>/check/",
        exhibits.exhibit_check,
        name="exhibit_check",
    ),
    # evidence: links
    path("c/<int:campaign_id>/links/", links.link_list, name="links"),
    path("c/<int:campaign_id>/links/<int:pk>/", links.link, name="link"),
    path("c/<int:campaign_id>/links/<int:pk>/again/", links.link_again, name="link_again"),
    path("c/<int:campaign_id>/links/<int:pk>/sightings/", links.link_sighting, name="link_sighting"),
    path("c/<int:campaign_id>/links/<int:pk>/sightings/<int:sighting_id>", links.link_shot, name="link_shot"),
    # assessment: the office's report
    path("c/<int:campaign_id>/assessment/", assessment.assessment, name="assessment"),
    path("c/<int:campaign_id>/assessment/<str:slot>/", assessment.assessment_passage, name="assessment_passage"),
    # papers for the stamp
    path("c/<int:campaign_id>/papers/", stamps.paper_list, name="papers"),
    path("c/<int:campaign_id>/papers/check/", stamps.paper_check, name="paper_check"),
    path("c/<int:campaign_id>/papers/<int:pk>/", stamps.paper, name="paper"),
    path("c/<int:campaign_id>/papers/<int:pk>/file/", stamps.paper_file, name="paper_file"),
    path("c/<int:campaign_id>/papers/<int:pk>/scan/", stamps.paper_scan, name="paper_scan"),
    path("c/<int:campaign_id>/papers/<int:pk>/void/", stamps.paper_void, name="paper_void"),
    path("c/<int:campaign_id>/papers/<int:pk>/scans/<int:scan_id>/", stamps.paper_scan_file, name="paper_scan_file"),
    # a new edition of the indicator system
    path("c/<int:campaign_id>/editions/", editions.edition_list, name="editions"),
    path("c/<int:campaign_id>/editions/compare/", editions.edition_compare, name="edition_compare"),
    path("c/<int:campaign_id>/editions/confirm/", editions.edition_confirm, name="edition_confirm"),
    path("c/<int:campaign_id>/editions/drop/", editions.edition_drop, name="edition_drop"),
    path("c/<int:campaign_id>/editions/<int:pk>/", editions.edition, name="edition"),
    path("c/<int:campaign_id>/ended/<int:pk>/", ended.ended_task, name="ended_task"),
    # excel in
    path("c/<int:campaign_id>/imports/new/<slug:kind>/", imports.import_new, name="import_new"),
    path("c/<int:campaign_id>/imports/blank/<slug:kind>.xlsx", imports.import_blank, name="import_blank"),
    path("c/<int:campaign_id>/imports/<int:pk>/", imports.import_page, name="import"),
    path("c/<int:campaign_id>/imports/<int:pk>/apply/", imports.import_apply, name="import_apply"),
    path("c/<int:campaign_id>/imports/<int:pk>/marked.xlsx", imports.import_marked, name="import_marked"),
    # evidence: the library
    path("c/<int:campaign_id>/library/", library.library, name="library"),
    path("c/<int:campaign_id>/library/<int:pk>/cite/", library.library_cite, name="library_cite"),
    path("c/<int:campaign_id>/library/bin/", library.library_bin, name="library_bin"),
    path("evidence/<int:pk>/versions/", evidence.evidence_versions, name="evidence_versions"),
    path("evidence/<int:pk>/offers/", guarding.evidence_offers, name="evidence_offers"),
    path("evidence/<int:pk>/accept/", guarding.evidence_accept, name="evidence_accept"),
    path("evidence/<int:pk>/clear/", guarding.evidence_clear, name="evidence_clear"),
    path("evidence/<int:pk>/purge/", guarding.evidence_purge, name="evidence_purge"),
    path("evidence/<int:pk>/hide/", guarding.evidence_hide, name="evidence_hide"),
    path("evidence/<int:pk>/show/", guarding.evidence_show, name="evidence_show"),
    # setup
    path("c/<int:campaign_id>/setup/", setup.campaign_setup, name="campaign_setup"),
    path("c/<int:campaign_id>/setup/edit/", setup.campaign_edit, name="campaign_edit"),
    path("c/<int:campaign_id>/setup/new/", setup.campaign_new, name="campaign_new"),
    path("c/<int:campaign_id>/setup/roll/", rollover.campaign_roll, name="campaign_roll"),
    path("c/<int:campaign_id>/setup/undecided/<int:pk>/", rollover.undecided_settle, name="undecided_settle"),
    path("c/<int:campaign_id>/setup/distribute/", setup.campaign_distribute, name="campaign_distribute"),
    path("c/<int:campaign_id>/setup/close/", setup.campaign_close, name="campaign_close"),
    path("c/<int:campaign_id>/phases/", phases.phase_list, name="phases"),
    path("c/<int:campaign_id>/phases/<int:pk>/", phases.phase_edit, name="phase"),
    path("c/<int:campaign_id>/rules/", rules.rule_list, name="rules"),
    path("c/<int:campaign_id>/rules/<int:pk>/", rules.rule_edit, name="rule"),
    path("c/<int:campaign_id>/rules/<int:pk>/switch/", rules.rule_switch, name="rule_switch"),
    path("c/<int:campaign_id>/assignments/", assignments.assignments, name="assignments"),
    path("c/<int:campaign_id>/assignments/confirm/", assignments.assignments_confirm, name="assignments_confirm"),
    path("c/<int:campaign_id>/assignments/<int:pk>/", assignments.assignment, name="assignment"),
    path("c/<int:campaign_id>/assignments/<int:pk>/cells/", assignments.assignment_cells, name="assignment_cells"),
    path("c/<int:campaign_id>/assignments/<int:pk>/copy/", assignments.assignment_copy, name="assignment_copy"),
    path("c/<int:campaign_id>/assignments/items/<int:pk>/", assignments.assignment_item, name="assignment_item"),
    path("c/<int:campaign_id>/actions/", actions.action_list, name="actions"),
    path("c/<int:campaign_id>/actions/new/", actions.action_new, name="action_new"),
    path("c/<int:campaign_id>/actions/<int:pk>/", actions.action, name="action"),
    path("c/<int:campaign_id>/actions/<int:pk>/cancel/", actions.action_cancel, name="action_cancel"),
]
