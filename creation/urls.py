"""The URLs of all rooms."""

from django.urls import URLPattern, URLResolver, include, path

ROOMS = (
    "tasks",
    "supervision",
    "publicity",
    "appraisal",
    "survey",
    "briefing",
    "commendation",
    "units",
    "evidence",
    "campaigns",
    "communication",
    "papers",
    "notices",
    "people",
    "background",
    "imports",
    "operations",
)

urlpatterns: list[URLPattern | URLResolver] = [path("", include(f"creation.{room}.urls")) for room in ROOMS]
