"""Two ways through the same pages: alone, or with an officer who types. The pages are the same, the rights too.

A page is written once, for a :class:`Way`; :func:`both` makes its two views, each with its own mark.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, Final, ParamSpec

from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.cache import never_cache

from setara.applications import policies
from setara.applications.models import Application
from setara.applications.operations import look_at
from setara.applications.queries import (
    answers_of,
    by_id,
    by_reference,
    looked_lately,
    missing,
    pack_of_application,
)
from setara.kernel.errors import Invalid, SetaraError
from setara.ledger.service import Actor, By
from setara.offices.service import actor_of, applicant, application_id, needs, staff_of
from setara.rules import packs

P = ParamSpec("P")
#: The application whose access code may be shown in this session, until somebody said that it is noted.
SESSION_CODE: Final = "code_of"


@dataclass(frozen=True, slots=True)
class Way:
    """Who goes through the pages, for which application, and where the pages are."""

    application: Application
    actor: Actor
    assisted: bool

    @property
    def base(self) -> str:
        """The frame of the pages."""
        return "setara/staff.html" if self.assisted else "setara/public.html"

    def url(self, name: str, *args: str) -> str:
        """The address of a page on this way."""
        if self.assisted:
            return reverse(f"assist_{name}", args=[self.application.reference, *args])
        return reverse(name, args=args)

    def by(self, request: HttpRequest) -> By:
        """The actor with the key of the form that was sent."""
        return By(self.actor, key=request.POST.get("idempotency_key") or None)

    def next_page(self) -> str:
        """Where this application goes on."""
        status, at = Application.Status, self.application.status
        if at == status.DRAFT:
            asked = packs.next_question(pack_of_application(self.application), answers_of(self.application))
            if asked is not None:
                return self.url("question", asked.code)
            return self.url("documents" if missing(self.application) else "check")
        if at == status.SUBMITTED:
            return self.url("bill")
        if at == status.PAID and self.application.channel != Application.Channel.WALK_IN:
            return self.url("schedule")
        return self.url("application")

    def context(self, **more: Any) -> dict[str, Any]:
        """What every template of these pages knows."""
        return {"way": self, "application": self.application, "office": self.application.office} | more


def alone(request: HttpRequest) -> Way:
    """The way of somebody who proved reference and code in this session."""
    held = application_id(request)
    if held is None:
        raise RuntimeError("only inside views marked with @applicant")
    return Way(by_id(held), Actor("applicant", str(held)), assisted=False)


def helped(request: HttpRequest, reference: str, page: str = "assist") -> Way:
    """The way of an officer, for an application of the own office; the look at it is recorded as at ``page``."""
    found = by_reference(reference, staff_of(request).office_id)
    looked(request, found, page)
    return Way(found, actor_of(request), assisted=True)


def looked(request: HttpRequest, application: Application, page: str) -> None:
    """Record, once in a while, that the officer opens these pages; what is sent has its own event."""
    officer = actor_of(request)
    if request.method in {"GET", "HEAD"} and not looked_lately(officer, application):
        look_at(By(officer), application, page)


def both(
    page: Callable[Concatenate[HttpRequest, Way, P], HttpResponse],
) -> tuple[Callable[..., HttpResponse], Callable[..., HttpResponse]]:
    """The two views of a page: for the applicant, and for an officer who helps."""

    @applicant
    @never_cache
    @functools.wraps(page)
    def online(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return page(request, alone(request), *args, **kwargs)

    @needs(policies.ASSIST)
    @never_cache
    @functools.wraps(page)
    def assisted(request: HttpRequest, reference: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return page(request, helped(request, reference), *args, **kwargs)

    return online, assisted


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, also when nothing was filled in; None when the page was only opened."""
    return request.POST if request.method == "POST" else None


def show(form: Form, error: SetaraError) -> None:
    """Put an error beside the field that it is about, and what can be done with it."""
    errors = error.errors if isinstance(error, Invalid) else {error.field or "": error.message}
    for name, text in errors.items():
        words = str(text)
        if not isinstance(error, Invalid) and error.remedy:
            words = f"{words} {error.remedy}"
        form.add_error(name if name in form.fields else None, words)


def may_show_code(request: HttpRequest, application: Application) -> bool:
    """Whether this session may still show the access code: it made it, and nobody has noted it yet."""
    return bool(request.session.get(SESSION_CODE) == str(application.pk))


def allow_code(request: HttpRequest, application: Application) -> None:
    """Let this session show the access code that it has just made."""
    request.session[SESSION_CODE] = str(application.pk)


def forget_code(request: HttpRequest) -> None:
    """Never show the code again."""
    request.session.pop(SESSION_CODE, None)
