"""Reading the floor: the whole board, one ticket's place, who waits."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from setara.kernel import clock
from setara.offices.service import Office, OfficeDay, Staff, day_of, local_date, pack_of
from setara.queueing.lines import doors_of
from setara.queueing.models import Call, Favour, OpeningDraw, OverrideRequest, Session, Ticket
from setara.queueing.passing import Passed, Place, place_on
from setara.queueing.picture import Picture, board_of, load

__all__ = [
    "Passed",
    "Picture",
    "Place",
    "approvals_waiting",
    "board",
    "board_of",
    "current_call",
    "draw_due",
    "favours_declined",
    "load",
    "open_session",
    "open_ticket",
    "overrides_to_expire",
    "place_of",
    "place_on",
    "ticket_by_token",
    "waiting",
]


def waiting(office: Office, date: date, step: str) -> list[Ticket]:
    """The tickets that wait at a step, in the order in which the rule would call them now."""
    rows = Ticket.objects.filter(office=office, date=date, step=step, status=Ticket.Status.WAITING)
    tickets = {ticket.label: ticket for ticket in rows.select_related("application")}
    ranked = load(office, clock.now(), date).order.get(step, [])
    return [tickets[label] for label in ranked if label in tickets]


def current_call(session: Session) -> Call | None:
    """The call that runs at this counter, with its ticket and application."""
    rows = Call.objects.select_related(
        "ticket__application__office", "ticket__office", "counter", "staff", "session"
    )
    return rows.filter(session=session, ended_at__isnull=True).first()


def open_session(staff: Staff) -> Session | None:
    """The counter that this officer has open or on break."""
    rows = Session.objects.select_related("counter", "staff", "office")
    return rows.filter(staff=staff).exclude(state=Session.State.CLOSED).first()


def open_ticket(application_id: UUID) -> Ticket | None:
    """The open ticket of an application, if there is one."""
    rows = Ticket.objects.select_related("office", "application")
    return rows.filter(application_id=application_id, closed_at__isnull=True).first()


def ticket_by_token(token: str) -> Ticket | None:
    """The ticket with this token, with application and office."""
    return Ticket.objects.select_related("office", "application").filter(token=token).first()


def board(office: Office, at: datetime) -> dict[str, Any]:
    """The whole hall at ``at`` as plain data; the keys are those of :func:`setara.queueing.picture.board_of`."""
    return board_of(load(office, at))


def place_of(ticket: Ticket) -> Place:
    """The ticket's place at its step, and everybody who was called there before it although they came later."""
    picture = load(ticket.office, clock.now(), ticket.date)
    return place_on(picture, picture.tickets[ticket.pk])


def approvals_waiting(office: Office, at: datetime | None = None) -> list[OverrideRequest]:
    """Requests to call out of turn that a second person should decide on, the oldest first.

    Those that wait and have not run out at ``at`` (now) for a ticket that still waits, and urgent ones that went
    ahead unapproved.
    """
    at = at or clock.now()
    state = OverrideRequest.State
    rows = OverrideRequest.objects.filter(office=office, date=local_date(office, at))
    wanted = Q(state=state.WAITING, expires_at__gt=at, ticket__status=Ticket.Status.WAITING)
    waits = wanted | Q(state=state.USED, decided_by__isnull=True)
    return list(rows.filter(waits).select_related("ticket", "asked_by", "call__counter").order_by("asked_at"))


def overrides_to_expire(at: datetime, limit: int = 200) -> list[OverrideRequest]:
    """Requests and approvals whose time is over and that nobody has marked yet; urgent calls of a day that is over on
    which nobody decided."""
    state = OverrideRequest.State
    live = Q(state__in=[state.WAITING, state.APPROVED], expires_at__lte=at)
    pending = Q(state=state.USED, decided_by__isnull=True, date__lte=at.date())
    rows = (
        OverrideRequest.objects.filter(live | pending).select_related("office").order_by("expires_at")[:limit]
    )
    return [one for one in rows if one.state != state.USED or one.date < local_date(one.office, at)]


def favours_declined(office: Office, day: date) -> int:
    """How many favours were declined on a day: what a supervisor sees, without anybody's name."""
    return Favour.objects.filter(office=office, date=day).count()


def draw_due(office: Office, at: datetime) -> bool:
    """Whether the doors are open and those who stood before them still have no ranks."""
    today = local_date(office, at)
    day = day_of(office, today)
    if day is None or day.status != OfficeDay.Status.OPEN or not pack_of(office, today).queue.opening_lottery:
        return False
    doors = doors_of(office, day)
    if at < doors or OpeningDraw.objects.filter(office=office, date=today).exists():
        return False
    steps = [step.code for step in pack_of(office, today).steps if step.order == "window"]
    rows = Ticket.objects.filter(office=office, date=today, status=Ticket.Status.WAITING, step__in=steps)
    return rows.filter(rank__isnull=True, arrived_at__lt=doors).exists()
