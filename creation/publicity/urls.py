from django.urls import URLPattern, path

from creation.publicity.views import cases, publicity

urlpatterns: list[URLPattern] = [
    path("c/<int:campaign_id>/publicity/", publicity.publicity_list, name="publicity"),
    path("c/<int:campaign_id>/publicity/wall/", publicity.publicity_wall, name="publicity_wall"),
    path("c/<int:campaign_id>/publicity/new/", publicity.publicity_new, name="publicity_new"),
    path("c/<int:campaign_id>/publicity/<int:pk>/", publicity.publicity_item, name="publicity_item"),
    path("c/<int:campaign_id>/publicity/<int:pk>/remove/", publicity.publicity_remove, name="publicity_remove"),
    path(
        "c/<int:campaign_id>/publicity/<int:pk>/files/<int:file_id>/", publicity.publicity_file, name="publicity_file"
    ),
    path("c/<int:campaign_id>/cases/", cases.case_list, name="cases"),
    path("c/<int:campaign_id>/cases/new/", cases.case_new, name="case_new"),
    path("c/<int:campaign_id>/cases/<int:pk>/", cases.case, name="case"),
    path("c/<int:campaign_id>/cases/<int:pk>/pictures/<int:file_id>/", cases.case_picture, name="case_picture"),
    path("c/<int:campaign_id>/cases/<int:pk>/edit/", cases.case_edit, name="case_edit"),
    path("c/<int:campaign_id>/cases/<int:pk>/submit/", cases.case_submit, name="case_submit"),
    path("c/<int:campaign_id>/cases/<int:pk>/judge/", cases.case_judge, name="case_judge"),
]
