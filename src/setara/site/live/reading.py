"""What the live process asks the database: in a thread of its own, once for each change of an office."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, ParamSpec, TypeVar
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection
from django.template.loader import render_to_string
from django.utils import translation

from setara.kernel import clock
from setara.kernel.errors import NotFound
from setara.offices.service import local_date, office_by_code
from setara.queueing import showing
from setara.queueing.service import Picture, load, ticket_by_token
from setara.site.home import now_context

P = ParamSpec("P")
T = TypeVar("T")

LANGUAGES = ("id", "en")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a board shows: the display or the front page of an office, or one ticket of a day."""

    kind: Literal["hall", "home", "ticket"]
    office: str
    lang: str
    ticket: UUID | None = None
    date: date | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A fragment that changed. ``view`` is compared with next time, so that only what changed is rendered."""

    subject: Subject
    view: Any
    html: str


def kept_connection(ask: Callable[P, T]) -> Callable[P, T]:
    """Ask over the thread's own connection, kept open between questions; once more over a new one when the
    old one turns out to be dead (the database was restarted)."""

    @functools.wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return ask(*args, **kwargs)
        except (OperationalError, InterfaceError):
            connection.close()
            return ask(*args, **kwargs)

    return asked


@kept_connection
def find(kind: str, name: str, lang: str) -> Subject | None:
    """The subject of an address: ``name`` is an office's code, or a ticket's token; None when unknown."""
    lang = lang if lang in LANGUAGES else LANGUAGES[0]
    try:
        if kind == "ticket":
            ticket = ticket_by_token(name) if 0 < len(name) <= 32 else None
            return (
                None if ticket is None else Subject("ticket", ticket.office_id, lang, ticket.pk, ticket.date)
            )
        if kind == "hall":
            return Subject("hall", office_by_code(name).pk, lang)
        if kind == "home":
            return Subject("home", office_by_code(name).pk, lang)
    except NotFound:
        return None
    return None


@kept_connection
def show(code: str, wanted: Sequence[tuple[Subject, Any]]) -> list[Shown]:
    """The fragments of an office that differ from the views given with them; the hall is read once a day asked
    for, which is nearly always once."""
    office, now = office_by_code(code), clock.now()
    today = local_date(office, now)
    by_day: dict[date, list[tuple[Subject, Any]]] = defaultdict(list)
    for subject, view in wanted:
        # A ticket of another day does not change any more.
        if subject.kind != "ticket" or subject.date == today or view is None:
            by_day[subject.date or today].append((subject, view))
    return [one for day, some in by_day.items() for one in _show(load(office, now, day), some)]


def _show(picture: Picture, wanted: Sequence[tuple[Subject, Any]]) -> list[Shown]:
    shown = []
    for lang in LANGUAGES:
        with translation.override(lang):
            for subject, before in wanted:
                if subject.lang == lang and (one := _one(picture, subject, before)) is not None:
                    shown.append(one)
    return shown


def _one(picture: Picture, subject: Subject, before: Any) -> Shown | None:
    if subject.kind == "hall":
        return Shown(subject, True, render_to_string("queueing/_hall.html", showing.hall_context(picture)))
    if subject.kind == "home":
        return Shown(subject, True, render_to_string("site/_now.html", now_context(picture)))
    if subject.ticket not in picture.tickets:
        return None
    context = showing.ticket_context(picture, subject.ticket)
    if context["view"] == before:
        return None
    return Shown(subject, context["view"], render_to_string("queueing/_ticket.html", context))
