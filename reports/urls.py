from django.urls import URLPattern, URLResolver, path

from reports import archives, documents, hub, packages, statements, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("c/<int:campaign_id>/reports/", hub.reports, name="reports"),
    path("c/<int:campaign_id>/ledger/", views.ledger, name="ledger"),
    path("c/<int:campaign_id>/ledger/export/", views.ledger_export, name="ledger_export"),
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
    path("c/<int:campaign_id>/package/", packages.package, name="package"),
    path("packages/<int:pk>/", packages.package_volumes, name="package_volumes"),
    path("packages/<int:pk>/<int:number>/", packages.package_file, name="package_file"),
    path("c/<int:campaign_id>/archive/", archives.archive, name="archive"),
    path("c/<int:campaign_id>/annexes/<slug:kind>/", views.annex_export, name="annex_export"),
]
