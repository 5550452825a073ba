from django.urls import include, path

urlpatterns = [path("", include("creation.urls")), path("", include("reports.urls"))]

handler400 = "creation.views.errors.bad_request"
handler403 = "creation.views.errors.forbidden"
handler404 = "creation.views.errors.not_found"
handler500 = "creation.views.errors.broken"
