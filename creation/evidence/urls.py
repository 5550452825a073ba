from django.urls import URLPattern, path

from creation.evidence.views import (
    area_state,
    citations,
    evidence,
    exhibits,
    files,
    library,
    links,
    marks,
    secrecy,
    unfinished,
    uploads,
)

urlpatterns: list[URLPattern] = [
    # uploads
    path("c/<int:campaign_id>/tasks/<int:pk>/uploads/", uploads.upload_begin, name="upload_begin"),
    path("uploads/", unfinished.unfinished, name="unfinished"),
    path("uploads/<uuid:token>/", uploads.upload_bytes, name="upload_bytes"),
    path("uploads/<uuid:token>/give-up/", unfinished.upload_discard, name="upload_give_up"),
    # citations of a task
    path("c/<int:campaign_id>/tasks/<int:pk>/evidence-state/", area_state.evidence_state, name="evidence_state"),
    path("c/<int:campaign_id>/tasks/<int:pk>/citations/", citations.citation_add, name="citation_add"),
    path("c/<int:campaign_id>/tasks/<int:pk>/citations/assists/", citations.assists, name="citation_assists"),
    path("c/<int:campaign_id>/tasks/<int:pk>/citations/search/", citations.citation_search, name="citation_search"),
    path("c/<int:campaign_id>/tasks/<int:pk>/citations/new/<slug:kind>/", citations.citation_new, name="citation_new"),
    path(
        "c/<int:campaign_id>/tasks/<int:pk>/citations/<int:citation_id>/", citations.citation_edit, name="citation_edit"
    ),
    path(
        "c/<int:campaign_id>/tasks/<int:pk>/citations/<int:citation_id>/remove/",
        citations.citation_remove,
        name="citation_remove",
    ),
    path("c/<int:campaign_id>/tasks/<int:pk>/citations/<int:citation_id>/marks/", marks.mark_add, name="mark_add"),
    path(
        "c/<int:campaign_id>/tasks/<int:pk>/citations/<int:citation_id>/marks/<int:mark_id>/",
        marks.mark_note,
        name="mark_note",
    ),
    path(
        "c/<int:campaign_id>/tasks/<int:pk>/citations/<int:citation_id>/marks/<int:mark_id>/remove/",
        marks.mark_remove,
        name="mark_remove",
    ),
    # a piece, its files and previews
    path("evidence/<int:pk>/", evidence.evidence, name="evidence"),
    path("evidence/<int:pk>/edit/", evidence.evidence_edit, name="evidence_edit"),
    path("evidence/<int:pk>/delete/", evidence.evidence_delete, name="evidence_delete"),
    path("evidence/<int:pk>/restore/", evidence.evidence_restore, name="evidence_restore"),
    path("evidence/<int:pk>/v/<int:number>/file", files.evidence_file, name="evidence_file"),
    path("evidence/<int:pk>/v/<int:number>/preview", files.evidence_preview, name="evidence_preview"),
    path("evidence/<int:pk>/v/<int:number>/pages/<int:page>", files.evidence_image, name="evidence_image"),
    path("evidence/<int:pk>/v/<int:number>/thumb", files.evidence_thumb, name="evidence_thumb"),
    # a piece as read through a task
    path("c/<int:campaign_id>/tasks/<int:pk>/evidence/<int:citation_id>/", exhibits.exhibit, name="exhibit"),
    path(
        "c/<int:campaign_id>/tasks/<int:pk>/evidence/<int:citation_id>/check/",
        exhibits.exhibit_check,
        name="exhibit_check",
    ),
    # links
    path("c/<int:campaign_id>/links/", links.link_list, name="links"),
    path("c/<int:campaign_id>/links/<int:pk>/", links.link, name="link"),
    path("c/<int:campaign_id>/links/<int:pk>/again/", links.link_again, name="link_again"),
    path("c/<int:campaign_id>/links/<int:pk>/sightings/", links.link_sighting, name="link_sighting"),
    path("c/<int:campaign_id>/links/<int:pk>/sightings/<int:sighting_id>", links.link_shot, name="link_shot"),
    # the library
    path("c/<int:campaign_id>/library/", library.library, name="library"),
    path("c/<int:campaign_id>/library/<int:pk>/cite/", library.library_cite, name="library_cite"),
    path("c/<int:campaign_id>/library/bin/", library.library_bin, name="library_bin"),
    path("evidence/<int:pk>/versions/", evidence.evidence_versions, name="evidence_versions"),
    path("evidence/<int:pk>/offers/", secrecy.evidence_offers, name="evidence_offers"),
    path("evidence/<int:pk>/accept/", secrecy.evidence_accept, name="evidence_accept"),
    path("evidence/<int:pk>/clear/", secrecy.evidence_clear, name="evidence_clear"),
    path("evidence/<int:pk>/purge/", secrecy.evidence_purge, name="evidence_purge"),
    path("evidence/<int:pk>/hide/", secrecy.evidence_hide, name="evidence_hide"),
    path("evidence/<int:pk>/show/", secrecy.evidence_show, name="evidence_show"),
]
