from django.urls import URLPattern, URLResolver, path

from creation.views import (
    accounts,
    audit,
    citations,
    drafts,
    evidence,
    files,
    liaisons,
    login,
    notices,
    profile,
    progress,
    review,
    setup,
    task,
    task_bulk,
    task_list,
    todo,
    units,
    uploads,
    work,
)

urlpatterns: list[URLPattern | URLResolver] = [
    # office: task list and review queue
    path("c/<int:campaign_id>/tasks/", task_list.task_list, name="task_list"),
    path("c/<int:campaign_id>/tasks/bulk/", task_bulk.task_bulk, name="task_bulk"),
    path("c/<int:campaign_id>/reviews/", review.review_queue, name="review_queue"),
    path("c/<int:campaign_id>/reviews/<int:pk>/", review.review, name="review"),
    path("c/<int:campaign_id>/reviews/<int:pk>/watch/", review.review_watch, name="review_watch"),
    path("c/<int:campaign_id>/reviews/<int:pk>/<slug:move>/", review.review_move, name="review_move"),
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
    # the clock: what one has been told
    path("notices/", notices.inbox, name="notices"),
    path("notices/read/", notices.read_all, name="notices_read"),
    path("notices/<int:pk>/", notices.notice, name="notice"),
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
    path("units/new/", units.unit_new, name="unit_new"),
    path("units/<int:pk>/", units.unit, name="unit"),
    path("units/<int:pk>/stop/", units.unit_stop, name="unit_stop"),
    path("units/<int:pk>/resume/", units.unit_resume, name="unit_resume"),
    path("units/<int:pk>/merge/", units.unit_merge, name="unit_merge"),
    path("c/<int:campaign_id>/liaisons/", liaisons.liaison_list, name="liaisons"),
    path("c/<int:campaign_id>/liaisons/<int:unit_id>/", liaisons.liaison_appoint, name="liaison_appoint"),
    path("audit/", audit.audit, name="audit"),
    # progress
    path("c/<int:campaign_id>/progress/", progress.matrix, name="progress"),
    path("c/<int:campaign_id>/progress/<int:unit_id>/", progress.unit_progress, name="unit_progress"),
    # evidence: what comes in
    path("c/<int:campaign_id>/tasks/<int:pk>/uploads/", uploads.upload_begin, name="upload_begin"),
    path("uploads/<uuid:token>/", uploads.upload_bytes, name="upload_bytes"),
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
    # evidence: one piece, its files and how they look
    path("evidence/<int:pk>/", evidence.evidence, name="evidence"),
    path("evidence/<int:pk>/edit/", evidence.evidence_edit, name="evidence_edit"),
    path("evidence/<int:pk>/delete/", evidence.evidence_delete, name="evidence_delete"),
    path("evidence/<int:pk>/restore/", evidence.evidence_restore, name="evidence_restore"),
    path("evidence/<int:pk>/v/<int:number>/file", files.evidence_file, name="evidence_file"),
    path("evidence/<int:pk>/v/<int:number>/preview", files.evidence_preview, name="evidence_preview"),
    path("evidence/<int:pk>/v/<int:number>/pages/<int:page>", files.evidence_image, name="evidence_image"),
    path("evidence/<int:pk>/v/<int:number>/thumb", files.evidence_thumb, name="evidence_thumb"),
    # setup
    path("c/<int:campaign_id>/setup/", setup.campaign_setup, name="campaign_setup"),
]
