from django.urls import URLPattern, URLResolver, path

from creation.views import notices, review, task, task_bulk, task_list, todo

urlpatterns: list[URLPattern | URLResolver] = [
    # office: task list and review queue
    path("c/<int:campaign_id>/tasks/", task_list.task_list, name="task_list"),
    path("c/<int:campaign_id>/tasks/bulk/", task_bulk.task_bulk, name="task_bulk"),
    path("c/<int:campaign_id>/reviews/", review.review_queue, name="review_queue"),
    # todo and the task page
    path("", todo.todo, name="todo"),
    path("c/<int:campaign_id>/tasks/<int:pk>/", task.task, name="task"),
    path("c/<int:campaign_id>/tasks/<int:pk>/moves/<slug:move>/", task.task_move, name="task_move"),
    # the clock: what one has been told
    path("notices/", notices.inbox, name="notices"),
    path("notices/read/", notices.read_all, name="notices_read"),
    path("notices/<int:pk>/", notices.notice, name="notice"),
]
