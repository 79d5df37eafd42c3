"""Who may open which page: every view carries exactly one of these marks, and a check refuses to start
without (setara.site.checks). Views stay thin: the operation behind a page checks its permission again.

    @public                      anyone
    @applicant                   somebody who proved reference number and code for one application
    @needs(CALL, ...)            an officer who holds at least one of the permissions
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from setara.kernel import clock
from setara.kernel.errors import Forbidden
from setara.ledger.service import VISITOR, Actor, Permission
from setara.offices.calendar import local_date
from setara.offices.models import Staff

SESSION_APPLICATION = "application"
SESSION_LOCKED = "locked"

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
            staff = staff_or_none(request)
            if staff is None or request.session.get(SESSION_LOCKED):
                return HttpResponseRedirect(
                    reverse("signin") + "?" + urlencode({"next": request.get_full_path()})
                )
            actor = actor_of(request)
            if not any(p.roles & actor.roles for p in permissions):
                raise Forbidden(
                    _("Halaman ini bukan bagian dari tugas Anda."),
                    code="forbidden.page",
                    rule=_("Setiap halaman hanya terbuka bagi peran yang memerlukannya."),
                    remedy=_("Kembali ke halaman petugas, atau masuk dengan akun yang sesuai."),
                )
            return view(request, *args, **kwargs)

        return _mark(wrapped, Access("officer", permissions))

    return decorate


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
    """The signed-in member of staff, looked up once per request."""
    cached = getattr(request, "_setara_staff", False)
    if cached is not False:
        return cast("Staff | None", cached)
    staff: Staff | None = None
    if request.user.is_authenticated:
        try:
            found = Staff.objects.select_related("office", "account").get(account_id=request.user.pk)
            staff = found if found.active and found.account.is_active else None
        except ObjectDoesNotExist:
            staff = None
    request._setara_staff = staff  # type: ignore[attr-defined]
    return staff


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
