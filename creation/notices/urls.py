from django.urls import URLPattern, path

from creation.notices.views import calls, channels, holidays, notices, preferences, proof, rules

urlpatterns: list[URLPattern] = [
    # office: task list and review queue
    path("c/<int:campaign_id>/calls/", calls.call_list, name="calls"),
    path("c/<int:campaign_id>/calls/<int:unit_id>/", calls.call_record, name="call_record"),
    # the clock: what one has been told
    path("notices/", notices.inbox, name="notices"),
    path("notices/read/", notices.read_all, name="notices_read"),
    path("notices/<int:pk>/", notices.notice, name="notice"),
    path("notices/settings/", preferences.preferences, name="preferences"),
    path("notices/feed/", preferences.feed_make, name="feed_make"),
    path("notices/feed/revoke/", preferences.feed_revoke, name="feed_revoke"),
    path("feed/<str:token>.ics", preferences.feed, name="feed"),
    # the clock: ways to the outside, and the proof
    path("channels/", channels.outlet_list, name="channels"),
    path("channels/new/<slug:kind>/", channels.outlet_new, name="channel_new"),
    path("channels/<int:pk>/", channels.outlet, name="channel"),
    path("channels/<int:pk>/test/", channels.outlet_test, name="channel_test"),
    path("proof/", proof.proof, name="proof"),
    path("proof/retry/", proof.retry_all, name="delivery_retry_all"),
    path("proof/<int:pk>/retry/", proof.retry, name="delivery_retry"),
    # days off
    path("holidays/", holidays.holiday_year, name="holidays"),
    path("holidays/<int:year>/paste/", holidays.holiday_paste, name="holiday_paste"),
    path("holidays/<int:year>/<int:month>/<int:day>/", holidays.holiday_day, name="holiday_day"),
    # setup
    path("c/<int:campaign_id>/rules/", rules.rule_list, name="rules"),
    path("c/<int:campaign_id>/rules/<int:pk>/", rules.rule_edit, name="rule"),
    path("c/<int:campaign_id>/rules/<int:pk>/switch/", rules.rule_switch, name="rule_switch"),
]
