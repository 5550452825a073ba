from django.urls import URLPattern, URLResolver, path

from reports import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("c/<int:campaign_id>/ledger/", views.ledger, name="ledger"),
    path("c/<int:campaign_id>/ledger/export/", views.ledger_export, name="ledger_export"),
]
