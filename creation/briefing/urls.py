from django.urls import URLPattern, path

from creation.briefing.views import board, districts

urlpatterns: list[URLPattern] = [
    path("c/<int:campaign_id>/board/", board.board, name="board"),
    path("districts/<int:pk>/", districts.districts, name="districts"),
]
