from django.urls import URLPattern, path

from creation.people.views import accounts, liaisons, login, profile, tour

urlpatterns: list[URLPattern] = [
    # login and logout
    path("login/", login.login, name="login"),
    path("logout/", login.logout, name="logout"),
    path("password/", login.password_change, name="password_change"),
    path("link/<str:token>/", login.one_time_link, name="one_time_link"),
    path("profile/", profile.profile, name="profile"),
    path("profile/sessions/<int:pk>/end/", profile.session_end, name="session_end"),
    path("profile/tour/", tour.tour_seen, name="tour_seen"),
    path("people/<int:pk>/phone/", profile.phone_reveal, name="phone_reveal"),
    # people: accounts, units, liaisons, the audit trail
    path("accounts/", accounts.account_list, name="accounts"),
    path("accounts/new/", accounts.account_new, name="account_new"),
    path("accounts/<int:pk>/", accounts.account, name="account"),
    path("accounts/<int:pk>/grant/", accounts.account_grant, name="account_grant"),
    path("accounts/<int:pk>/roles/<int:membership>/end/", accounts.membership_end, name="membership_end"),
    path("accounts/<int:pk>/disable/", accounts.account_disable, name="account_disable"),
    path("accounts/<int:pk>/enable/", accounts.account_enable, name="account_enable"),
    path("accounts/<int:pk>/link/", accounts.link_issue, name="link_issue"),
    path("c/<int:campaign_id>/liaisons/", liaisons.liaison_list, name="liaisons"),
    path("c/<int:campaign_id>/liaisons/<int:unit_id>/", liaisons.liaison_appoint, name="liaison_appoint"),
    path("c/<int:campaign_id>/liaisons/<int:unit_id>/new/", liaisons.liaison_new, name="liaison_new"),
    path("c/<int:campaign_id>/liaisons/<int:unit_id>/login/", liaisons.liaison_login, name="liaison_login"),
    path("c/<int:campaign_id>/liaisons/links/", liaisons.liaison_links, name="liaison_links"),
    path("c/<int:campaign_id>/liaisons/posts/<int:pk>/link/", liaisons.liaison_link, name="liaison_link"),
    path("c/<int:campaign_id>/liaisons/posts/<int:pk>/end/", liaisons.liaison_end, name="liaison_end"),
]
