from django.urls import URLPattern, path

from creation.operations.views import audit, guides, health

urlpatterns: list[URLPattern] = [
    # audit trail
    path("audit/", audit.audit, name="audit"),
    path("health/", health.status, name="health"),
    path("health/warnings/", health.warnings, name="health_warnings"),
    path("guide/<slug:name>/", guides.guide, name="guide"),
    path("guide/<slug:folder>/<str:name>", guides.guide_picture, name="guide_picture"),
]
