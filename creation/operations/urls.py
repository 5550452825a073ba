from django.urls import URLPattern, path

from creation.operations.views import audit, health

urlpatterns: list[URLPattern] = [
    # audit trail
    path("audit/", audit.audit, name="audit"),
    path("health/", health.status, name="health"),
]
