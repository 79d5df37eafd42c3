"""Who may open which page: every view carries exactly one of these marks, and a check refuses to start
without (setara.site.checks). Views stay thin: the operation behind a page checks its permission again.

    @public                      anyone
    @applicant                   somebody who proved reference number and code for one application
    @needs(CALL, ...)            an officer who holds at least one of the permissions
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from setara.kernel import clock
from setara.kernel.errors import Forbidden
from setara.ledger.service import VISITOR, Actor, Permission, roles_in_words
from setara.offices import idle
from setara.offices.calendar import local_date
from setara.offices.models import Role, Staff

SESSION_APPLICATION = "application"

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Access:
    """The mark of a view: how one comes in, and with which permissions."""

    kind: Literal["public", "applicant", "officer"]
    permissions: tuple[Permission, ...] = ()


class Marked(Protocol):
    """A view that carries its mark."""

    access: Access


def public(view: View) -> View:
    """Anyone may open this page."""
    return _mark(view, Access("public"))


def applicant(view: View) -> View:
    """Only somebody who proved reference and code; others are sent to the page that asks for them."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if application_id(request) is None:
            return HttpResponseRedirect(
                reverse("resume") + "?" + urlencode({"next": request.get_full_path()})
            )
        return view(request, *args, **kwargs)

    return _mark(wrapped, Access("applicant"))


def needs(*permissions: Permission) -> Callable[[View], View]:
    """Only officers who hold one of ``permissions`` (in their own office; steps are checked later)."""
    if not permissions:
        raise ValueError("needs() without a permission would let everyone in")

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if staff_or_none(request) is None:
                return to_sign_in(request)
            actor = actor_of(request)
            if not any(p.roles & actor.roles for p in permissions):
                raise forbidden_page(permissions)
            return view(request, *args, **kwargs)

        return _mark(wrapped, Access("officer", permissions))

    return decorate


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send somebody who is not (or no longer) signed in to the page for it, and back afterwards.

    What a locked or expired session sent by POST is not kept: the next person at a shared PC must not see it.
    Parts of a page that refresh themselves get a plain refusal instead of a page that would stand in them.
    """
    if idle.LIVE_HEADER in request.headers:
        raise Forbidden(
            _("Anda belum masuk, atau layar terkunci."),
            code="forbidden.signin",
            remedy=_("Muat ulang halaman ini, lalu masuk."),
        )
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    page = reverse("lock" if idle.locked(request) else "signin")
    url = page + ("?" + urlencode({"next": back}) if back else "?" + urlencode({"lost": "1"}))
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def forbidden_page(permissions: Iterable[Permission] = ()) -> Forbidden:
    """The refusal of a page that does not belong to any role of the officer: it names those that it opens for."""
    roles = roles_in_words(permissions) or str(Role.ADMINISTRATOR.label)
    return Forbidden(
        _("Halaman ini bukan bagian dari tugas Anda."),
        code="forbidden.page",
        rule=_("Halaman ini hanya terbuka bagi peran: %(roles)s.") % {"roles": roles},
        remedy=_("Kembali ke halaman petugas, atau masuk dengan akun yang sesuai."),
    )


def access_of(view: object) -> Access | None:
    """The mark of a view, or None when it has none."""
    found = getattr(view, "access", None)
    return found if isinstance(found, Access) else None


def application_id(request: HttpRequest) -> UUID | None:
    """The application that this session proved to hold, if any."""
    value = request.session.get(SESSION_APPLICATION)
    return UUID(value) if value else None


def hold_application(request: HttpRequest, application: UUID) -> None:
    """Remember in the session that reference and code of this application were given."""
    request.session[SESSION_APPLICATION] = str(application)


def staff_or_none(request: HttpRequest) -> Staff | None:
    """The signed-in member of staff, looked up once per request; None while the screen is locked."""
    return None if idle.locked(request) else session_staff(request)


def session_staff(request: HttpRequest) -> Staff | None:
    """Whose session this is, also while it is locked; only for the page that unlocks it."""
    cached = getattr(request, "_setara_staff", False)
    if cached is not False:
        return cast("Staff | None", cached)
    staff: Staff | None = None
    # The session's key first: a visitor without a session costs no query.
    if SESSION_KEY in request.session and request.user.is_authenticated:
        try:
            found = Staff.objects.select_related("office", "account").get(account_id=request.user.pk)
            staff = found if found.active and found.account.is_active else None
        except ObjectDoesNotExist:
            staff = None
    request._setara_staff = staff  # type: ignore[attr-defined]
    return staff


def change_actor(request: HttpRequest, staff: Staff | None) -> None:
    """Take note that somebody else acts in the rest of this request (just signed in, or out)."""
    request._setara_staff = staff  # type: ignore[attr-defined]
    request._setara_actor = None  # type: ignore[attr-defined]


def staff_of(request: HttpRequest) -> Staff:
    """The signed-in member of staff; only inside views marked with :func:`needs`."""
    staff = staff_or_none(request)
    if staff is None:
        raise Forbidden(_("Anda belum masuk."), code="forbidden.signin", remedy=_("Masuk terlebih dahulu."))
    return staff


def actor_of(request: HttpRequest) -> Actor:
    """Who acts in this request: an officer, else the applicant of the session, else a visitor."""
    cached = getattr(request, "_setara_actor", None)
    if isinstance(cached, Actor):
        return cached
    if (staff := staff_or_none(request)) is not None:
        actor = actor_for(staff)
    elif (application := application_id(request)) is not None:
        actor = Actor("applicant", str(application))
    else:
        actor = VISITOR
    request._setara_actor = actor  # type: ignore[attr-defined]
    return actor


def actor_for(staff: Staff) -> Actor:
    """The actor of an officer today: roles, and the steps of the competences valid today."""
    today = local_date(staff.office, clock.now())
    steps = frozenset(c.step for c in staff.competences.all() if c.holds_on(today))
    return Actor("officer", str(staff.pk), staff.office_id, frozenset(staff.roles), steps)


def _mark(view: View, access: Access) -> View:
    cast("Marked", view).access = access
    return view
