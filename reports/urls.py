from django.urls import URLPattern, URLResolver, path

from reports import archives, bulletins, documents, hub, packages, statements, views
from reports.rectifications import views as rectifications

urlpatterns: list[URLPattern | URLResolver] = [
    path("c/<int:campaign_id>/reports/", hub.reports, name="reports"),
    path("c/<int:campaign_id>/ledger/", views.ledger, name="ledger"),
    path("c/<int:campaign_id>/ledger/export/", views.ledger_export, name="ledger_export"),
    path("c/<int:campaign_id>/rectifications/book/", rectifications.rectification_book, name="rectification_book"),
    path(
        "c/<int:campaign_id>/rectifications/book/export/",
        rectifications.rectification_book_export,
        name="rectification_book_export",
    ),
    path(
        "c/<int:campaign_id>/rectifications/report/", rectifications.rectification_report, name="rectification_report"
    ),
    path("c/<int:campaign_id>/assessment.docx", documents.assessment_export, name="assessment_export"),
    path("c/<int:campaign_id>/final-assessment/make/", documents.final_assessment_make, name="final_assessment_make"),
    path("c/<int:campaign_id>/tasks/<int:pk>/statement/number/", statements.statement_number, name="statement_number"),
    path("c/<int:campaign_id>/documents/", documents.documents, name="documents"),
    path("c/<int:campaign_id>/documents/<slug:kind>/", documents.document, name="document"),
    path("c/<int:campaign_id>/documents/<slug:kind>/template/", documents.document_template, name="document_template"),
    path(
        "c/<int:campaign_id>/documents/<slug:kind>/template/file/",
        documents.document_template_file,
        name="document_template_file",
    ),
    path("bulletins/<int:pk>/", bulletins.bulletin_preview, name="bulletin_preview"),
    path("bulletins/<int:pk>/<int:number>.jpg", bulletins.bulletin_page, name="bulletin_page"),
    path("bulletins/<int:pk>/draft.docx", bulletins.bulletin_draft, name="bulletin_draft"),
    path("bulletins/<int:pk>/issue/", bulletins.bulletin_issue, name="bulletin_issue"),
    path("c/<int:campaign_id>/bulletins/<int:pk>/file/", bulletins.bulletin_file, name="bulletin_file"),
    path("c/<int:campaign_id>/package/", packages.package, name="package"),
    path("packages/<int:pk>/", packages.package_volumes, name="package_volumes"),
    path("packages/<int:pk>/<int:number>/", packages.package_file, name="package_file"),
    path("c/<int:campaign_id>/appraisals/<int:pk>/export/", views.appraisal_export, name="appraisal_export"),
    path("c/<int:campaign_id>/lists/<slug:kind>/export/", views.list_export, name="list_export"),
    path("c/<int:campaign_id>/board/picture/", views.board_picture, name="board_picture"),
    path("c/<int:campaign_id>/surveys/<int:pk>/report.<slug:form>", views.survey_export, name="survey_export"),
    path("c/<int:campaign_id>/commendations/<int:pk>/list.xlsx", views.commendees_export, name="commendees_export"),
    path("c/<int:campaign_id>/commendations/<int:pk>/nominees.xlsx", views.nominees_export, name="nominees_export"),
    path("c/<int:campaign_id>/cases/booklet/", views.case_booklet, name="case_booklet"),
    path("c/<int:campaign_id>/archive/", archives.archive, name="archive"),
    path("c/<int:campaign_id>/annexes/<slug:kind>/", views.annex_export, name="annex_export"),
]
