from django.urls import include, path

urlpatterns = [path("", include("creation.urls")), path("", include("reports.urls"))]

handler400 = "creation.web.errors.bad_request"
handler403 = "creation.web.errors.forbidden"
handler404 = "creation.web.errors.not_found"
handler500 = "creation.web.errors.server_error"
