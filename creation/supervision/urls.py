from django.urls import URLPattern, path

from creation.supervision.views import findings, meetings, orders, rectifications

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
    path("c/<int:campaign_id>/meetings/", meetings.meeting_list, name="meetings"),
    path("c/<int:campaign_id>/meetings/new/", meetings.meeting_new, name="meeting_new"),
    path("c/<int:campaign_id>/meetings/<int:pk>/", meetings.meeting, name="meeting"),
    path("c/<int:campaign_id>/meetings/<int:pk>/edit/", meetings.meeting_edit, name="meeting_edit"),
    path("c/<int:campaign_id>/meetings/<int:pk>/decide/", meetings.meeting_decide, name="meeting_decide"),
    path("c/<int:campaign_id>/meetings/<int:pk>/files/<int:file_id>/", meetings.meeting_file, name="meeting_file"),
]
