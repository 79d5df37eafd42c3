"""What closing the day will do to each open ticket, before anybody presses the button.

The same reckoning as :func:`setara.queueing.operations.close_day`; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from setara.booking.service import Appointment, appointments_on
from setara.offices.service import Office, calendar_of, pack_of
from setara.queueing.models import Call, Ticket

S = Ticket.Status


@dataclass(frozen=True, slots=True)
class Ending:
    """One open ticket: what it will be called, and from when until when its holder may return."""

    ticket: Ticket
    outcome: str
    return_from: date
    return_until: date


@dataclass(frozen=True, slots=True)
class Closing:
    """The day as it would end now. ``serving``: calls that must be finished first."""

    endings: tuple[Ending, ...]
    serving: tuple[Call, ...]
    missed_appointments: int


def preview(office: Office, day: date) -> Closing:
    """What closing ``day`` now would mean."""
    tickets = Ticket.objects.filter(office=office, date=day, closed_at__isnull=True).order_by("label")
    begins = next_open(office, day)
    days = pack_of(office, day).unserved.return_days
    until = max(begins, day + timedelta(days=days))
    serving = Call.objects.filter(
        office=office, date=day, ended_at__isnull=True, started_at__isnull=False
    ).select_related("ticket", "counter")
    return Closing(
        tuple(_ending(ticket, begins, until) for ticket in tickets),
        tuple(serving.order_by("counter__number")),
        sum(one.status == Appointment.Status.BOOKED for one in appointments_on(office, day)),
    )


def _ending(ticket: Ticket, begins: date, until: date) -> Ending:
    if ticket.status == S.SENT_BACK:
        return Ending(ticket, "sent_back", begins, ticket.right_of_return or until)
    return Ending(ticket, "absent" if ticket.status == S.ABSENT else "not_served", begins, until)


def rights_of(office: Office, day: date) -> list[Ending]:
    """Everybody who left a closed day without being through, with their right to return."""
    tickets = Ticket.objects.filter(
        office=office, date=day, right_of_return__isnull=False, closed_at__isnull=False
    ).exclude(status=S.DONE)
    begins = next_open(office, day)
    return [
        Ending(ticket, ticket.outcome, begins, ticket.right_of_return)
        for ticket in tickets.order_by("label")
        if ticket.right_of_return is not None
    ]


def next_open(office: Office, day: date) -> date:
    """The next day on which the hall is open; the next working day if none is known for two months."""
    calendar = calendar_of(office)
    ahead = (day + timedelta(days=n) for n in range(1, 62))
    return next((one for one in ahead if calendar.hours(one)), calendar.add_working_days(day, 1))
