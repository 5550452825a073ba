"""My account (我的账号): the person's own data, colleagues and sessions; access to phone numbers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from creation import access
from creation.lib.refusals import Stale
from creation.models import User, UserSession
from creation.people import accounts, liaisons, sessions
from creation.people.forms.accounts import OwnDataForm, form_summary
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.refusals import conflict


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    person = User.objects.select_related("unit").get(pk=shortcuts.current_user(request).pk)
    form = OwnDataForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        try:
            accounts.edit_own_account(
                shortcuts.current_user(request),
                form.cleaned_data,
                form.cleaned_data["seen"],
                shortcuts.current_actor(request),
            )
        except Stale as stale:
            now = OwnDataForm(instance=User.objects.get(pk=person.pk))
            return conflict(request, stale, "资料已被修改", form_summary(form), form_summary(now))
        messages.success(request, "个人资料已保存。")
        return redirect("profile")
    return render(
        request,
        "creation/people/profile.html",
        {"form": form, "person": person} | profile_context(request, person),
        status=422 if form.errors else 200,
    )


def profile_context(request: HttpRequest, person: User) -> dict[str, object]:
    """Return the context beside the form."""
    now = shortcuts.current_actor(request).at
    live = [each for each in UserSession.objects.active().filter(user=person) if not sessions.end_reason(each, now)]
    colleagues = (
        User.objects.filter(unit=person.unit_id, is_active=True).exclude(pk=person.pk) if person.unit_id else []
    )
    return {
        "sessions": live,
        "current": request.session.session_key,
        "colleagues": colleagues,
        "memberships": person.memberships.active(shortcuts.current_actor(request).today).select_related(
            "unit", "campaign"
        ),
    }


@require_POST
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    session = get_object_or_404(UserSession.objects.select_related("user"), pk=pk, user=shortcuts.current_user(request))
    ended = sessions.end_session(session, shortcuts.current_actor(request), "session.end")
    messages.success(request, "该登录已结束。" if ended else "该登录早已结束。")
    return redirect("profile")


@require_POST
def phone_reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the full number instead of the masked one, and record that in the audit trail."""
    person = get_object_or_404(User.objects.visible_to(shortcuts.current_user(request)).select_related("unit"), pk=pk)
    access.require(shortcuts.current_user(request), Permission.PHONE_REVEAL, person)
    mobile = liaisons.reveal_mobile(person, shortcuts.current_actor(request))
    return render(request, "creation/people/_phone_shown.html", {"mobile": mobile})
