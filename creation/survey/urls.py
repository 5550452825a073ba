from django.urls import URLPattern, path

from creation.survey.views import surveys

urlpatterns: list[URLPattern] = [
    path("c/<int:campaign_id>/surveys/", surveys.survey_list, name="surveys"),
    path("c/<int:campaign_id>/surveys/new/", surveys.survey_new, name="survey_new"),
    path("c/<int:campaign_id>/surveys/<int:pk>/", surveys.survey, name="survey"),
    path("c/<int:campaign_id>/surveys/<int:pk>/edit/", surveys.survey_edit, name="survey_edit"),
    path("c/<int:campaign_id>/surveys/<int:pk>/codes/", surveys.survey_codes, name="survey_codes"),
    path("c/<int:campaign_id>/surveys/<int:pk>/slips/<int:batch_id>/", surveys.survey_slips, name="survey_slips"),
    path("c/<int:campaign_id>/surveys/<int:pk>/papers/", surveys.survey_papers, name="survey_papers"),
    path("s/<slug:code>/", surveys.survey_answer, name="survey_answer"),
]
