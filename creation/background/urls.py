from django.urls import URLPattern, path

from creation.background.views import jobs

urlpatterns: list[URLPattern] = [
    # background jobs and their files
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/cancel/", jobs.job_cancel, name="job_cancel"),
    path("jobs/<int:pk>/again/", jobs.job_again, name="job_again"),
    path("jobs/<int:pk>/file/", jobs.job_file, name="job_file"),
]
