from django.urls import URLPattern, path

from creation.tasks.views import (
    drafts,
    ended,
    finding,
    measures,
    opinions,
    papers,
    personal_acts,
    progress,
    questions,
    requests,
    review,
    task,
    task_bulk,
    task_entries,
    task_list,
    todo,
    urging,
)

urlpatterns: list[URLPattern] = [
    # office: task list and review queue
    path("c/<int:campaign_id>/tasks/", task_list.task_list, name="task_list"),
    path("c/<int:campaign_id>/tasks/bulk/", task_bulk.task_bulk, name="task_bulk"),
    path("c/<int:campaign_id>/tasks/urge/", urging.urge, name="urge"),
    path("c/<int:campaign_id>/reviews/", review.review_queue, name="review_queue"),
    path("c/<int:campaign_id>/reviews/<int:pk>/", review.review, name="review"),
    path("c/<int:campaign_id>/reviews/<int:pk>/watch/", review.review_watch, name="review_watch"),
    path("c/<int:campaign_id>/reviews/<int:pk>/<slug:move>/", review.review_move, name="review_move"),
    path("c/<int:campaign_id>/requests/", requests.request_list, name="requests"),
    path("c/<int:campaign_id>/requests/decide/", requests.requests_decide, name="requests_decide"),
    # todo and the task page
    path("", todo.todo, name="todo"),
    path("find/", finding.found, name="find"),
    path("c/<int:campaign_id>/tasks/<int:pk>/", task.task, name="task"),
    path("c/<int:campaign_id>/tasks/<int:pk>/moves/<slug:move>/", task.task_move, name="task_move"),
    path("c/<int:campaign_id>/tasks/<int:pk>/draft/", drafts.draft, name="draft"),
    path("c/<int:campaign_id>/tasks/<int:pk>/draft/take/", drafts.draft_take, name="draft_take"),
    path(
        "c/<int:campaign_id>/tasks/<int:pk>/readings/<int:measure_id>/<slug:period>/",
        task_entries.reading,
        name="reading",
    ),
    path("c/<int:campaign_id>/tasks/<int:pk>/notes/", task_entries.task_notes, name="task_notes"),
    path("c/<int:campaign_id>/tasks/<int:pk>/requests/<slug:kind>/", task_entries.task_requests, name="task_requests"),
    path(
        "c/<int:campaign_id>/tasks/<int:pk>/requests/<int:request_id>/decide/",
        task_entries.task_request_decide,
        name="task_request_decide",
    ),
    path("c/<int:campaign_id>/tasks/<int:pk>/plan/", task_entries.rectification_plan, name="rectification_plan"),
    path("c/<int:campaign_id>/tasks/<int:pk>/acts/", personal_acts.personal_act, name="personal_act"),
    path(
        "c/<int:campaign_id>/tasks/<int:pk>/acts/<int:act_id>/remove/",
        personal_acts.personal_act_remove,
        name="personal_act_remove",
    ),
    path("c/<int:campaign_id>/tasks/<int:pk>/files/<int:file_id>/", task_entries.action_file, name="action_file"),
    # papers printed from the browser
    path("c/<int:campaign_id>/tasks/<int:pk>/statement/", papers.statement, name="statement"),
    path("c/<int:campaign_id>/on-site/", papers.on_site, name="on_site"),
    # opinions of assessors
    path("c/<int:campaign_id>/tasks/<int:pk>/opinions/", opinions.opinion_new, name="opinion_new"),
    # questions
    path("c/<int:campaign_id>/tasks/<int:pk>/questions/", questions.task_ask, name="task_ask"),
    path("c/<int:campaign_id>/tasks/<int:pk>/questions/known/", questions.task_known, name="task_known"),
    # progress
    path("c/<int:campaign_id>/progress/", progress.matrix, name="progress"),
    path("c/<int:campaign_id>/progress/<int:unit_id>/", progress.unit_progress, name="unit_progress"),
    path("c/<int:campaign_id>/measures/", measures.measures, name="measures"),
    path("c/<int:campaign_id>/measures/<int:pk>/", measures.measure, name="measure"),
    # a new edition of the indicator system
    path("c/<int:campaign_id>/ended/<int:pk>/", ended.ended_task, name="ended_task"),
]
