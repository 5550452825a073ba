from django.urls import URLPattern, path

from creation.papers.views import application, assessment, stamps

urlpatterns: list[URLPattern] = [
    # application: what goes to the national site
    path("c/<int:campaign_id>/application/", application.application, name="application"),
    path("c/<int:campaign_id>/application/<int:pk>/", application.application_tick, name="application_tick"),
    path(
        "c/<int:campaign_id>/application/<int:pk>/receipt/", application.application_receipt, name="application_receipt"
    ),
    path(
        "c/<int:campaign_id>/application/<int:pk>/receipts/<int:receipt_id>/",
        application.application_receipt_file,
        name="application_receipt_file",
    ),
    path("c/<int:campaign_id>/final-assessment/", application.final_report, name="final_assessment"),
    # assessment: the office's report
    path("c/<int:campaign_id>/assessment/", assessment.assessment, name="assessment"),
    path("c/<int:campaign_id>/assessment/<str:slot>/", assessment.assessment_passage, name="assessment_passage"),
    # papers for the stamp
    path("c/<int:campaign_id>/papers/", stamps.paper_list, name="papers"),
    path("c/<int:campaign_id>/papers/check/", stamps.paper_check, name="paper_check"),
    path("c/<int:campaign_id>/papers/<int:pk>/", stamps.paper, name="paper"),
    path("c/<int:campaign_id>/papers/<int:pk>/file/", stamps.paper_file, name="paper_file"),
    path("c/<int:campaign_id>/papers/<int:pk>/scan/", stamps.paper_scan, name="paper_scan"),
    path("c/<int:campaign_id>/papers/<int:pk>/void/", stamps.paper_void, name="paper_void"),
    path("c/<int:campaign_id>/papers/<int:pk>/scans/<int:scan_id>/", stamps.paper_scan_file, name="paper_scan_file"),
]
