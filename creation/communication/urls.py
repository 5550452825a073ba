from django.urls import URLPattern, path

from creation.communication.views import announcements, instructions, opinions, questions

urlpatterns: list[URLPattern] = [
    # announcements
    path("c/<int:campaign_id>/announcements/", announcements.announcement_list, name="announcements"),
    path("c/<int:campaign_id>/announcements/new/", announcements.announcement_new, name="announcement_new"),
    path("c/<int:campaign_id>/announcements/<int:pk>/", announcements.announcement, name="announcement"),
    path(
        "c/<int:campaign_id>/announcements/<int:pk>/print/", announcements.announcement_print, name="announcement_print"
    ),
    path("c/<int:campaign_id>/announcements/<int:pk>/sign/", announcements.announcement_sign, name="announcement_sign"),
    path(
        "c/<int:campaign_id>/announcements/<int:pk>/correct/",
        announcements.announcement_correct,
        name="announcement_correct",
    ),
    path(
        "c/<int:campaign_id>/announcements/<int:pk>/withdraw/",
        announcements.announcement_withdraw,
        name="announcement_withdraw",
    ),
    path("c/<int:campaign_id>/announcements/<int:pk>/urge/", announcements.announcement_urge, name="announcement_urge"),
    path(
        "c/<int:campaign_id>/announcements/<int:pk>/files/<int:file_id>/",
        announcements.announcement_file,
        name="announcement_file",
    ),
    # instructions of leaders, opinions of assessors
    path("c/<int:campaign_id>/instructions/", instructions.instruction_list, name="instructions"),
    path("c/<int:campaign_id>/instructions/new/", instructions.instruction_new, name="instruction_new"),
    path("c/<int:campaign_id>/instructions/<int:pk>/issue/", instructions.instruction_issue, name="instruction_issue"),
    path(
        "c/<int:campaign_id>/instructions/<int:pk>/settle/", instructions.instruction_settle, name="instruction_settle"
    ),
    path("c/<int:campaign_id>/opinions/", opinions.opinion_list, name="opinions"),
    path("c/<int:campaign_id>/opinions/<int:pk>/settle/", opinions.opinion_settle, name="opinion_settle"),
    # questions
    path("c/<int:campaign_id>/questions/", questions.question_list, name="questions"),
    path("c/<int:campaign_id>/questions/new/", questions.question_new, name="question_new"),
    path("c/<int:campaign_id>/questions/<int:pk>/", questions.question, name="question"),
    path("c/<int:campaign_id>/questions/<int:pk>/point/", questions.question_reuse_reply, name="question_point"),
    path("c/<int:campaign_id>/replies/<int:pk>/", questions.reply, name="reply"),
    path("c/<int:campaign_id>/replies/<int:pk>/publish/", questions.reply_publish, name="reply_publish"),
    path("c/<int:campaign_id>/replies/<int:pk>/correct/", questions.reply_correct, name="reply_correct"),
    path("c/<int:campaign_id>/replies/<int:pk>/withdraw/", questions.reply_withdraw, name="reply_withdraw"),
]
