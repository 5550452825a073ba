from django.urls import URLPattern, path

from creation.notices.views import channels, delivery_log, holidays, notices, phone_calls, preferences, rules

urlpatterns: list[URLPattern] = [
    # units to phone
    path("c/<int:campaign_id>/calls/", phone_calls.call_list, name="calls"),
    path("c/<int:campaign_id>/calls/<int:unit_id>/", phone_calls.call_record, name="call_record"),
    # inbox and feed
    path("notices/", notices.inbox, name="notices"),
    path("notices/read/", notices.read_all, name="notices_read"),
    path("notices/<int:pk>/", notices.notice, name="notice"),
    path("notices/settings/", preferences.preferences, name="preferences"),
    path("notices/feed/", preferences.feed_make, name="feed_make"),
    path("notices/feed/revoke/", preferences.feed_revoke, name="feed_revoke"),
    path("feed/<str:token>.ics", preferences.feed, name="feed"),
    # channels, delivery log and preferences
    path("channels/", channels.channel_list, name="channels"),
    path("channels/new/<slug:kind>/", channels.channel_new, name="channel_new"),
    path("channels/<int:pk>/", channels.channel_edit, name="channel"),
    path("channels/<int:pk>/test/", channels.channel_test, name="channel_test"),
    path("proof/", delivery_log.delivery_log, name="proof"),
    path("proof/retry/", delivery_log.retry_all, name="delivery_retry_all"),
    path("proof/<int:pk>/retry/", delivery_log.retry, name="delivery_retry"),
    # holidays
    path("holidays/", holidays.holiday_year, name="holidays"),
    path("holidays/<int:year>/paste/", holidays.holiday_paste, name="holiday_paste"),
    path("holidays/<int:year>/<int:month>/<int:day>/", holidays.holiday_day, name="holiday_day"),
    # reminder rules
    path("c/<int:campaign_id>/rules/", rules.rule_list, name="rules"),
    path("c/<int:campaign_id>/rules/new/<slug:phase_kind>/<slug:condition>/", rules.rule_new, name="rule_new"),
    path("c/<int:campaign_id>/rules/<int:pk>/", rules.rule_edit, name="rule"),
    path("c/<int:campaign_id>/rules/<int:pk>/switch/", rules.rule_switch, name="rule_switch"),
]
