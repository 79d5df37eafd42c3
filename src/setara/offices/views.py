"""Signing in and out, the locked screen, the one-time link, and the landing page of the staff."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from setara.kernel.errors import Invalid, Refused, SetaraError
from setara.ledger.service import By
from setara.offices import idle, links, policies
from setara.offices.access import access_of, actor_for, change_actor, needs, public, session_staff
from setara.offices.forms import NewPasswordForm, SignInForm, UnlockForm
from setara.offices.models import Account, Role, Staff
from setara.offices.operations import set_password, sign_in, sign_out
from setara.offices.queries import demo_accounts, duty_today
from setara.people.service import guard

BACKEND = "django.contrib.auth.backends.ModelBackend"


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def signin(request: HttpRequest) -> HttpResponse:
    """Name and password, or in the demo office a button for one account of each role."""
    form = SignInForm(request.POST if request.method == "POST" and "demo" not in request.POST else None)
    error: SetaraError | None = None
    if request.method == "POST":
        try:
            if (staff := _who(request, form)) is not None:
                return _enter(request, staff, "demo" if "demo" in request.POST else "password")
        except Invalid as wrong:
            _show(form, wrong)
        except Refused as refused:
            error = refused
    elif (staff := session_staff(request)) is not None:
        return HttpResponseRedirect(_page_after(request, staff))
    context = {"form": form, "error": error, "next": _next(request), "lost": "lost" in request.GET, **_demo()}
    return render(request, "offices/signin.html", context, status=_status(form, error))


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def lock(request: HttpRequest) -> HttpResponse:
    """The locked screen: go on with the password, or change user in one step.

    A POST without a password locks. HEAD is the page's sign of life while somebody types for long.
    """
    staff = session_staff(request)
    if staff is None:
        return HttpResponseRedirect(reverse("signin"))
    unlocking = request.method == "POST" and "password" in request.POST
    form, error = UnlockForm(request.POST if unlocking else None), None
    if unlocking and form.is_valid():
        try:
            _prove(request, staff.account.username, form.cleaned_data["password"])
            return _go_on(request, staff)
        except Invalid as wrong:
            _show(form, wrong)
        except Refused as refused:
            error = refused
    elif request.method == "POST" and not unlocking:
        idle.lock(request.session)
        page = reverse("lock")
        back = _next(request)
        return HttpResponseRedirect(f"{page}?{urlencode({'next': back})}" if back else page)
    context = {
        "form": form,
        "change": SignInForm(auto_id="change_%s"),
        "locked": idle.locked(request),
        "holder": staff,
        "roles": _roles(staff),
        "error": error,
        "next": _next(request),
        "lost": "lost" in request.GET,
        **_demo(),
    }
    return render(request, "offices/lock.html", context, status=_status(form, error))


@public
@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    """Leave; also from a locked screen."""
    if (staff := session_staff(request)) is not None:
        sign_out(By(actor_for(staff)), staff)
    logout(request)
    change_actor(request, None)
    return HttpResponseRedirect(reverse("signin"))


@public
@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The one-time link: set the first password, and come in."""
    staff = links.staff_of_token(token)
    if staff is None:
        if (present := session_staff(request)) is not None:  # the same form sent twice: the first did it
            return HttpResponseRedirect(_page_after(request, present))
        raise Refused(
            _("Tautan ini tidak berlaku lagi."),
            code="offices.link_used",
            rule=_("Tautan sekali pakai hanya dapat dipakai satu kali dan ada batas waktunya."),
            remedy=_("Minta tautan baru kepada administrator kantor Anda."),
        )
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            set_password(By(actor_for(staff)), staff, form.cleaned_data["password"], token)
            return _enter(request, staff, "link")
        except Invalid as wrong:
            _show(form, wrong)
    context = {"form": form, "holder": staff, "roles": _roles(staff)}
    response = render(request, "offices/link.html", context, status=_status(form, None))
    response._has_been_logged = True  # type: ignore[attr-defined] # Django would log the path: a link that is still good
    return response


@needs(policies.WORK)
@require_safe
def staff(request: HttpRequest) -> HttpResponse:
    """What can I do here: the pages that the officer's roles open (the menu's marks decide)."""
    holder = session_staff(request)
    assert holder is not None  # noqa: S101 - needs() let an officer in
    return render(request, "offices/staff.html", {"duty": duty_today(holder)})


def _who(request: HttpRequest, form: SignInForm) -> Staff | None:
    """Who signs in; None when the form lacks something; refused in words otherwise."""
    if "demo" in request.POST:
        return _demo_account(request.POST["demo"])
    if not form.is_valid():
        return None
    return _prove(request, form.cleaned_data["username"], form.cleaned_data["password"])


def _prove(request: HttpRequest, username: str, password: str) -> Staff:
    attempt = guard("signin", username)
    account = authenticate(request, username=username, password=password)
    staff = None
    if isinstance(account, Account):
        staff = Staff.objects.select_related("office", "account").filter(account=account, active=True).first()
    if staff is None:
        left = attempt.failed()
        text = _("Nama masuk dan kata sandi tidak cocok.") + " "
        if left:
            text += ngettext(
                "Masih %(n)d percobaan sebelum harus menunggu.",
                "Masih %(n)d percobaan sebelum harus menunggu.",
                left,
            ) % {"n": left}
        else:
            text += _("Percobaan berikutnya harus menunggu sebentar.")
        raise Invalid({"password": text}, code="signin.wrong")
    attempt.passed()
    return staff


def _demo_account(value: str) -> Staff:
    if settings.SETARA_DEMO:
        for _role, one in demo_accounts():
            if str(one.pk) == value:
                return one
    raise Refused(
        _("Masuk tanpa kata sandi hanya ada di kantor contoh."),
        code="signin.no_demo",
        rule=_("Akun petugas sungguhan selalu memakai kata sandi."),
        remedy=_("Masuk dengan nama masuk dan kata sandi Anda."),
    )


def _enter(request: HttpRequest, staff: Staff, how: str) -> HttpResponse:
    """Start a session of this officer; whatever the session held before (another's, an applicant's) is gone."""
    sign_in(By(actor_for(staff)), staff, how)
    request.session.flush()
    login(request, staff.account, backend=BACKEND)
    idle.begin(request.session)
    change_actor(request, staff)
    return HttpResponseRedirect(_page_after(request, staff))


def _go_on(request: HttpRequest, staff: Staff) -> HttpResponse:
    sign_in(By(actor_for(staff)), staff, "unlock")
    request.session.cycle_key()
    idle.begin(request.session)
    return HttpResponseRedirect(_page_after(request, staff))


def _next(request: HttpRequest) -> str:
    """The page to go on to, if it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours and wanted.startswith("/") else ""


def _page_after(request: HttpRequest, staff: Staff) -> str:
    """The wanted page where this officer may open it, else the landing page."""
    wanted, landing = _next(request), reverse("staff")
    try:
        page = resolve(wanted.partition("?")[0])
    except Resolver404:
        return landing
    access = access_of(page.func)
    if access is None:  # the configuration pages
        return wanted if Role.ADMINISTRATOR.value in staff.roles else landing
    if page.url_name in {"lock", "signin", "signout", "link"} or access.kind == "applicant":
        return landing
    mine = access.kind == "public" or any(p.roles & set(staff.roles) for p in access.permissions)
    return wanted if mine else landing


def _demo() -> dict[str, object]:
    if not settings.SETARA_DEMO:
        return {}
    return {"demo_accounts": [(role.label, one) for role, one in demo_accounts()]}


def _roles(staff: Staff) -> str:
    return ", ".join(str(Role(role).label) for role in staff.roles)


def _show(form: Form, wrong: Invalid) -> None:
    for name, text in wrong.errors.items():
        form.add_error(name if name in form.fields else None, str(text))


def _status(form: Form, error: SetaraError | None) -> int:
    if error is not None:
        return error.status
    return Invalid.status if form.is_bound and form.errors else 200
