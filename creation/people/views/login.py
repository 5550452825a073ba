"""Login, logout, the one-time link and the change of password."""

from axes.utils import reset as unlock
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib import strings
from creation.lib.refusals import Refusal
from creation.models import User, UserSession
from creation.people import credentials, guesses, passwords, sessions
from creation.people.forms.accounts import LoginForm, NewPasswordForm, PasswordChangeForm
from creation.web import errors, shortcuts

END_MESSAGES = {
    sessions.IDLE: "您较长时间没有操作，已自动退出。请重新登录，将回到原来的页面。",
    sessions.EXPIRED: "本次登录已到最长时限，请重新登录，将回到原来的页面。",
    sessions.ENDED: "本次登录已被结束（在其他地方退出，或账号有变动）。请重新登录。",
    "logout": "您已安全退出。",
}


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    target = errors.safe_target(request)
    if request.user.is_authenticated:
        return redirect(target)
    context = {"next": target, "ended": END_MESSAGES.get(request.GET.get("ended", ""), "")}
    if request.method == "POST" and (wait := guesses.seconds_to_wait(request, shortcuts.current_actor(request).at)):
        form = LoginForm(initial={"username": request.POST.get("username", "")})
        slowed = render(request, "creation/people/login.html", context | {"form": form, "wait": wait}, status=429)
        slowed["Retry-After"] = str(wait)
        return slowed
    form = LoginForm(request, data=request.POST or None)
    if request.method == "POST":
        if form.is_valid():
            log_in(request, form.get_user())
            return redirect(target)
        record_failed_login(request, form.data.get("username", ""))
    return render(request, "creation/people/login.html", context | {"form": form})


def log_in(request: HttpRequest, user: User) -> None:
    """Begin the person's login. One transaction instead of seven, as everybody comes on the same evening."""
    with transaction.atomic():
        _log_in(request, user)


def _log_in(request: HttpRequest, user: User) -> None:
    auth.login(request, user, backend="creation.people.backends.PersonBackend")
    actor = shortcuts.current_actor(request)
    sessions.get_or_create_session(
        user, request.session.session_key or "", actor, request.headers.get("User-Agent", "")
    )
    audit_log.record(actor, "login", user)


def record_failed_login(request: HttpRequest, username: str) -> None:
    """Record a failed login, also while the account is locked. The password is never recorded."""
    locked = getattr(request, "axes_locked_out", False)
    stranger = Actor(None, shortcuts.current_actor(request).at, request.META.get("REMOTE_ADDR", ""))
    audit_log.record(
        stranger, "login", f"登录名 {strings.shorten(username, 40)}", result="refused" if locked else "failed"
    )


@login_not_required
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    session = UserSession.objects.filter(session_key=request.session.session_key or "").select_related("user").first()
    if session and request.user.is_authenticated:
        sessions.end_session(session, shortcuts.current_actor(request), "logout")
    auth.logout(request)
    return redirect_to_login("logout")


def redirect_to_login(why: str) -> HttpResponse:
    response = redirect("login")
    response["Location"] += f"?ended={why}"
    return response


@login_not_required
@never_cache
@sensitive_post_parameters("new_password1", "new_password2")
@require_http_methods(["GET", "POST"])
def one_time_link(request: HttpRequest, token: str) -> HttpResponse:
    """Set a password with a one-time link. The page for invalid links does not say why a link is invalid."""
    actor = shortcuts.current_actor(request)
    link = credentials.find_link(token, actor.at)
    if link is None:
        return render(request, "creation/people/link_invalid.html", status=404)
    form = NewPasswordForm(link.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            holder = Actor(link.user, actor.at, actor.address)
            credentials.redeem_link(link, form.cleaned_data["new_password1"], holder)
        except Refusal:
            return render(request, "creation/people/link_invalid.html", status=404)
        unlock(username=link.user.username)
        auth.logout(request)
        log_in(request, link.user)
        messages.success(request, f"密码已设置，您已登录。下次用登录名 {link.user.username} 和刚才的密码登录。")
        return redirect("todo")
    return render(
        request,
        "creation/people/link.html",
        {"form": form, "person": link.user, "link": link},
        status=422 if form.errors else 200,
    )


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password_change(request: HttpRequest) -> HttpResponse:
    person, actor = shortcuts.current_user(request), shortcuts.current_actor(request)
    form = PasswordChangeForm(person, request.POST or None)
    if request.method == "POST" and guesses.is_locked(request, person):
        record_failed_login(request, person.username)
        return HttpResponse(status=429)
    if form.has_error("old_password", "password_incorrect"):
        guesses.record_miss(request, person)
        record_failed_login(request, person.username)
    if request.method == "POST" and form.is_valid():
        change_password(request, person, form.cleaned_data["new_password1"], actor)
        messages.success(request, "密码已修改。您在其他设备上的登录已全部结束。")
        return redirect("profile")
    due = passwords.is_expired(person, actor.at)
    return render(
        request,
        "creation/people/password.html",
        {"form": form, "due": due, "days": passwords.MAX_AGE_DAYS},
        status=422 if form.errors else 200,
    )


def change_password(request: HttpRequest, person: User, password: str, actor: Actor) -> None:
    """Set the password. The current session continues under a new key; all others end."""
    old = request.session.session_key or ""
    credentials.set_password(person, password, actor, keep=old)
    auth.update_session_auth_hash(request, person)
    sessions.change_session_key(old, request.session.session_key or "")
