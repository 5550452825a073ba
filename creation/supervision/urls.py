from django.urls import URLPattern, path

from creation.supervision.views import findings, orders, rectifications

urlpatterns: list[URLPattern] = [
    path("c/<int:campaign_id>/findings/", findings.finding_list, name="findings"),
    path("c/<int:campaign_id>/findings/new/", findings.finding_new, name="finding_new"),
    path("c/<int:campaign_id>/findings/<int:pk>/", findings.finding, name="finding"),
    path("c/<int:campaign_id>/findings/<int:pk>/edit/", findings.finding_edit, name="finding_edit"),
    path("c/<int:campaign_id>/findings/<int:pk>/units/", findings.finding_add_units, name="finding_add_units"),
    path("c/<int:campaign_id>/findings/<int:pk>/withdraw/", findings.finding_withdraw, name="finding_withdraw"),
    path("c/<int:campaign_id>/rectifications/", rectifications.rectification_list, name="rectifications"),
    path("c/<int:campaign_id>/orders/", orders.order_list, name="orders"),
    path("c/<int:campaign_id>/orders/new/", orders.order_new, name="order_new"),
    path("c/<int:campaign_id>/orders/<int:pk>/", orders.order, name="order"),
    path("c/<int:campaign_id>/orders/<int:pk>/close/", orders.order_close, name="order_close"),
]
