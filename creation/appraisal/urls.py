from django.urls import URLPattern, path

from creation.appraisal.views import (  # noqa: F401  (importing first_page registers its part)
    appraisals,
    first_page,
    scoring,
)

urlpatterns: list[URLPattern] = [
    path("c/<int:campaign_id>/appraisals/", appraisals.appraisal_list, name="appraisals"),
    path("c/<int:campaign_id>/appraisals/new/", appraisals.appraisal_new, name="appraisal_new"),
    path("c/<int:campaign_id>/appraisals/<int:pk>/", appraisals.appraisal, name="appraisal"),
    path("c/<int:campaign_id>/appraisals/<int:pk>/edit/", appraisals.appraisal_edit, name="appraisal_edit"),
    path("c/<int:campaign_id>/appraisals/<int:pk>/withdraw/", appraisals.appraisal_withdraw, name="appraisal_withdraw"),
    path("c/<int:campaign_id>/appraisals/<int:pk>/close/", appraisals.appraisal_close, name="appraisal_close"),
    path("c/<int:campaign_id>/appraisals/<int:pk>/findings/", appraisals.appraisal_findings, name="appraisal_findings"),
    path("c/<int:campaign_id>/appraisals/<int:pk>/units/<int:unit_id>/", scoring.score_unit, name="score_unit"),
    path(
        "c/<int:campaign_id>/appraisals/<int:pk>/units/<int:unit_id>/points/<int:point_id>/",
        scoring.score_save,
        name="score_save",
    ),
    path(
        "c/<int:campaign_id>/appraisals/<int:pk>/units/<int:unit_id>/points/<int:point_id>/ask/",
        scoring.appraisal_ask,
        name="appraisal_ask",
    ),
    path("c/<int:campaign_id>/appraisal-requests/<int:pk>/", scoring.appraisal_request, name="appraisal_request"),
]
