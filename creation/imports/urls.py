from django.urls import URLPattern, path

from creation.imports.views import imports

urlpatterns: list[URLPattern] = [
    # imports of workbooks
    path("c/<int:campaign_id>/imports/new/<slug:kind>/", imports.import_new, name="import_new"),
    path("c/<int:campaign_id>/imports/blank/<slug:kind>.xlsx", imports.import_blank, name="import_blank"),
    path("c/<int:campaign_id>/imports/<int:pk>/", imports.import_page, name="import"),
    path("c/<int:campaign_id>/imports/<int:pk>/apply/", imports.import_apply, name="import_apply"),
    path("c/<int:campaign_id>/imports/<int:pk>/marked.xlsx", imports.import_marked, name="import_marked"),
]
