from django.urls import URLPattern, path

from creation.commendation.views import commendations, consultations, nominations, publication, voting

urlpatterns: list[URLPattern] = [
    path("c/<int:campaign_id>/commendations/", commendations.commendation_list, name="commendations"),
    path("c/<int:campaign_id>/commendations/new/", commendations.commendation_new, name="commendation_new"),
    path("c/<int:campaign_id>/commendations/<int:pk>/", commendations.commendation, name="commendation"),
    path("c/<int:campaign_id>/commendations/<int:pk>/edit/", commendations.commendation_edit, name="commendation_edit"),
    path(
        "c/<int:campaign_id>/commendations/<int:pk>/committee/",
        commendations.commendation_committee,
        name="commendation_committee",
    ),
    path(
        "c/<int:campaign_id>/commendations/<int:pk>/purge/", commendations.commendation_purge, name="commendation_purge"
    ),
    path("c/<int:campaign_id>/commendations/<int:pk>/nominate/", nominations.nomination_new, name="nomination_new"),
    path("c/<int:campaign_id>/nominations/<int:pk>/", nominations.nomination, name="nomination"),
    path("c/<int:campaign_id>/nominations/<int:pk>/edit/", nominations.nomination_edit, name="nomination_edit"),
    path(
        "c/<int:campaign_id>/nominations/<int:pk>/withdraw/",
        nominations.nomination_withdraw,
        name="nomination_withdraw",
    ),
    path("c/<int:campaign_id>/commendations/<int:pk>/consult/", consultations.consultations, name="consultations"),
    path(
        "c/<int:campaign_id>/commendations/<int:pk>/consult/clear/",
        consultations.consultations_clear,
        name="consultations_clear",
    ),
    path("c/<int:campaign_id>/consultations/<int:pk>/", consultations.consultation, name="consultation"),
    path("c/<int:campaign_id>/commendations/<int:pk>/vote/open/", voting.vote_open, name="vote_open"),
    path("c/<int:campaign_id>/commendations/<int:pk>/vote/close/", voting.vote_close, name="vote_close"),
    path("c/<int:campaign_id>/commendations/<int:pk>/vote/", voting.ballot, name="ballot"),
    path("c/<int:campaign_id>/commendations/<int:pk>/publish/", publication.publish, name="commendation_publish"),
    path("c/<int:campaign_id>/nominations/<int:pk>/objections/", publication.objection_new, name="objection_new"),
    path("c/<int:campaign_id>/objections/<int:pk>/", publication.objection, name="objection"),
    path("c/<int:campaign_id>/commendations/<int:pk>/decide/", publication.decide, name="commendation_decide"),
    path("c/<int:campaign_id>/commendations/<int:pk>/end/", publication.end, name="commendation_end"),
]
