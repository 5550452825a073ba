from django.urls import URLPattern, path

from creation.supervision.views import findings, first_page, rectifications, rounds, visits  # noqa: F401  (importing first_page registers its parts)

urlpatterns: list[URLPattern] = [
    path("c/<int:campaign_id>/findings/", findings.finding_list, name="findings"),
    path("c/<int:campaign_id>/findings/new/", findings.finding_new, name="finding_new"),
    path("c/<int:campaign_id>/findings/<int:pk>/", findings.finding, name="finding"),
    path("c/<int:campaign_id>/findings/<int:pk>/edit/", findings.finding_edit, name="finding_edit"),
    path("c/<int:campaign_id>/findings/<int:pk>/units/", findings.finding_add_units, name="finding_add_units"),
    path("c/<int:campaign_id>/findings/<int:pk>/withdraw/", findings.finding_withdraw, name="finding_withdraw"),
    path("c/<int:campaign_id>/rectifications/", rectifications.rectification_list, name="rectifications"),
    path("c/<int:campaign_id>/rounds/", rounds.round_list, name="rounds"),
    path("c/<int:campaign_id>/rounds/new/", rounds.round_new, name="round_new"),
    path("c/<int:campaign_id>/rounds/<int:pk>/", rounds.round_page, name="round"),
    path("c/<int:campaign_id>/rounds/<int:pk>/edit/", rounds.round_edit, name="round_edit"),
    path("c/<int:campaign_id>/rounds/<int:pk>/repeat/", rounds.round_repeat, name="round_repeat"),
    path("c/<int:campaign_id>/rounds/<int:pk>/discard/", rounds.round_discard, name="round_discard"),
    path("c/<int:campaign_id>/rounds/<int:pk>/days/", rounds.round_days, name="round_days"),
    path("c/<int:campaign_id>/rounds/<int:pk>/visits/", rounds.round_visit, name="round_visit"),
    path("c/<int:campaign_id>/rounds/<int:pk>/announce/", rounds.round_announce, name="round_announce"),
    path("c/<int:campaign_id>/rounds/<int:pk>/teams/new/", rounds.team_new, name="team_new"),
    path("c/<int:campaign_id>/rounds/<int:pk>/teams/<int:team_id>/", rounds.team_edit, name="team_edit"),
    path("c/<int:campaign_id>/visits/", visits.visit_list, name="visits"),
    path("c/<int:campaign_id>/visits/<int:pk>/", visits.visit, name="visit"),
    path("c/<int:campaign_id>/visits/<int:pk>/check/", visits.visit_check, name="visit_check"),
    path(
        "c/<int:campaign_id>/visits/<int:pk>/photos/<uuid:line>/<uuid:key>/",
        visits.visit_photo_send,
        name="visit_photo_send",
    ),
    path("c/<int:campaign_id>/visits/<int:pk>/photos/<int:photo_id>/", visits.visit_photo, name="visit_photo"),
    path("c/<int:campaign_id>/visits/<int:pk>/feedback/", visits.visit_feedback, name="visit_feedback"),
    path("c/<int:campaign_id>/visits/<int:pk>/print/", visits.visit_print, name="visit_print"),
    path("c/<int:campaign_id>/visits/<int:pk>/sign/", visits.visit_sign, name="visit_sign"),
    path("c/<int:campaign_id>/visits/<int:pk>/cancel/", visits.visit_cancel, name="visit_cancel"),
]
