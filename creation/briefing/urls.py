from django.urls import URLPattern, path

from creation.briefing.views import board

urlpatterns: list[URLPattern] = [path("c/<int:campaign_id>/board/", board.board, name="board")]
