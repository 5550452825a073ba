from django.urls import URLPattern, URLResolver, path

from creation.views import review, task_list

urlpatterns: list[URLPattern | URLResolver] = [
    # office: task list and review queue
    path("c/<int:campaign_id>/tasks/", task_list.task_list, name="task_list"),
    path("c/<int:campaign_id>/reviews/", review.review_queue, name="review_queue"),
]
