"""The day sheet: one page about one day of an office, derived from tickets, calls, files and events."""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Max, Min, Q

from setara.booking.service import Appointment
from setara.ledger.checking import Checked
from setara.ledger.models import Event as Row
from setara.ledger.queries import events_of_office
from setara.offices.service import Office, OfficeDay, Staff, pack_of
from setara.queueing.service import Ticket
from setara.reports import queries
from setara.reports.figures import Promise, Waits, by_step, waits
from setara.rules.packs import Pack

#: Events that put something right, and what they put right.
CORRECTIONS: Final = {
    "queueing.call_undone": "call",
    "casework.corrected": "step",
}
OUT_OF_TURN: Final = "queueing.called_out_of_turn"


@dataclass(frozen=True, slots=True)
class Unserved:
    """A ticket whose visit did not end that day: at which step, why, and until when it may be taken up again."""

    label: str
    step: str
    status: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Exceptional:
    """One call out of turn: who was called where instead of whom, why, and who approved."""

    at: datetime
    label: str
    rule_label: str
    step: str
    counter: int
    depth: int
    reason: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class Correction:
    """One wrong press put right: ``kind`` is call or step; ``label`` is empty for a file without a ticket."""

    at: datetime
    kind: str
    label: str
    step: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class DaySheet:
    """Everything on the sheet. Minutes for waits; ``finished`` counts files finished that day."""

    office: Office
    on: date
    pack: Pack
    day: OfficeDay | None
    before: date | None
    after: date | None
    booked: int
    no_shows: int
    arrived: int
    walk_ins: int
    pickups: int
    served: int
    calls: int
    unserved: tuple[Unserved, ...]
    waits: tuple[Waits, ...]
    exceptions: tuple[Exceptional, ...]
    corrections: tuple[Correction, ...]
    finished: Promise
    lately: Promise
    events: int
    ledger: Checked

    @property
    def sent_back(self) -> int:
        """How many were sent for missing papers and did not come back that day."""
        return sum(1 for one in self.unserved if one.status == Ticket.Status.SENT_BACK)

    @property
    def is_empty(self) -> bool:
        """Nothing happened that day."""
        return self.day is None and not self.arrived and not self.booked and not self.events


def day_sheet(office: Office, day: date) -> DaySheet:
    """The sheet of ``day``, in ten queries however busy the day was."""
    told = _told(office, day)
    days = OfficeDay.objects.filter(office=office)
    around = days.aggregate(
        before=Max("date", filter=Q(date__lt=day)), after=Min("date", filter=Q(date__gt=day))
    )
    tickets = list(Ticket.objects.filter(office=office, date=day).order_by("label"))
    visits = Tally(
        Appointment.objects.filter(office=office, date=day)
        .exclude(status__in=[Appointment.Status.MOVED, Appointment.Status.GIVEN_UP])
        .values_list("status", flat=True)
    )
    calls = queries.served_calls(office, day)
    labels = {str(pk): label for pk, label in Staff.objects.filter(office=office).values_list("pk", "label")}
    return DaySheet(
        office=office,
        on=day,
        pack=pack_of(office, day),
        day=days.filter(date=day).first(),
        before=around["before"],
        after=around["after"],
        booked=sum(visits.values()),
        no_shows=visits[Appointment.Status.MISSED],
        arrived=len(tickets),
        walk_ins=sum(1 for one in tickets if one.arrival == Ticket.Arrival.WALK_IN),
        pickups=sum(1 for one in tickets if one.purpose == Ticket.Purpose.PICKUP),
        served=sum(1 for one in tickets if one.status == Ticket.Status.DONE),
        calls=len(calls),
        unserved=tuple(_unserved(one) for one in tickets if one.status != Ticket.Status.DONE),
        waits=tuple(by_step(waits(calls))),
        exceptions=tuple(_exceptions(told.kept, labels)),
        corrections=tuple(_corrections(told.kept, labels, {one.pk: one.label for one in tickets})),
        finished=queries.promise(office, day, day),
        lately=queries.promise(office, day - timedelta(days=queries.PROMISE_DAYS - 1), day),
        events=told.events,
        ledger=told.checked,
    )


@dataclass(slots=True)
class _Told:
    """What the ledger tells of the day: the events that the sheet lists, their number, and the check."""

    kept: list[Row]
    events: int
    checked: Checked


def _told(office: Office, day: date) -> _Told:
    """Read the day's events one by one. They are taken by number, so that a missing one shows as a gap."""
    begin, end = queries.span_of(office, day, day)
    numbers = Row.objects.filter(office=office.pk, occurred_at__gte=begin, occurred_at__lt=end).aggregate(
        first=Min("seq"), last=Max("seq")
    )
    told = _Told([], 0, Checked())
    if numbers["first"] is None:
        return told
    rows = events_of_office(office.pk).filter(seq__gte=numbers["first"], seq__lte=numbers["last"])
    for row in rows.iterator(2000):
        told.checked.see(row)
        if begin <= row.occurred_at < end:
            told.events += 1
            if row.type in {OUT_OF_TURN, *CORRECTIONS}:
                told.kept.append(row)
    return told


def _unserved(ticket: Ticket) -> Unserved:
    return Unserved(ticket.label, ticket.step, ticket.status, ticket.right_of_return)


def _exceptions(rows: list[Row], labels: dict[str, str]) -> list[Exceptional]:
    """The calls out of turn that stood: one that was undone is among the corrections."""
    undone = {row.payload["call"] for row in rows if row.type == "queueing.call_undone"}
    return [
        Exceptional(
            at=row.occurred_at,
            label=row.payload["label"],
            rule_label=row.payload["rule_label"],
            step=row.payload["step"],
            counter=row.payload["counter"],
            depth=row.payload["depth"],
            reason=row.reason or "",
            approved_by=labels.get(row.actor_id, row.actor_id),
        )
        for row in rows
        if row.type == OUT_OF_TURN and row.payload["call"] not in undone
    ]


def _corrections(rows: list[Row], labels: dict[str, str], tickets: dict[UUID, str]) -> list[Correction]:
    found = []
    for row in rows:
        if row.type not in CORRECTIONS:
            continue
        payload: dict[str, Any] = row.payload
        label = payload.get("label") or (tickets.get(row.ticket, "") if row.ticket else "")
        found.append(
            Correction(
                at=row.occurred_at,
                kind=CORRECTIONS[row.type],
                label=label,
                step=payload["step"],
                reason=row.reason or "",
                by=labels.get(row.actor_id, row.actor_id),
            )
        )
    return found
