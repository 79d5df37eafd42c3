"""The summary of a played day: what was served, how long people waited, and what the ledger holds.

Everything is read from the database, never from the play's own memory, except the count of operations and of
those who stayed away.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from setara.applications.service import Application
from setara.casework.service import Case
from setara.ledger import queries as ledger
from setara.ledger import storage
from setara.offices.service import Office
from setara.queueing.service import Call, Ticket


@dataclass(frozen=True, slots=True)
class Wait:
    """One call: how long the ticket had waited in the line of the step, and how long it was served."""

    step: str
    lane: str
    seconds: float
    served: float | None


def percentile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile: the smallest value with at least `share` of all at or below it."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def waits(calls: Iterable[Call]) -> list[Wait]:
    """Wait and service of each call that was served, in order; a missed call is part of the wait.

    The line of a step is joined when the step before ends, the first one on arrival.
    """
    joined: dict[Any, datetime] = {}
    found = []
    for call in calls:
        since = joined.get(call.ticket_id, call.ticket.arrived_at)
        if call.outcome in {"served", "sent_back"} and call.ended_at is not None:
            served = (call.ended_at - call.started_at).total_seconds() if call.started_at else None
            found.append(Wait(call.step, call.ticket.lane, (call.called_at - since).total_seconds(), served))
            joined[call.ticket_id] = call.ended_at
    return found


def steps_table(calls: Iterable[Call]) -> list[dict[str, Any]]:
    """Per step and lane, in order of first call: calls, wait p50 and p90, service p50; seconds."""
    groups: dict[tuple[str, str], list[Wait]] = defaultdict(list)
    for wait in waits(calls):
        groups[wait.step, wait.lane].append(wait)
    return [
        {
            "step": step,
            "lane": lane,
            "served": len(rows),
            "wait_p50": percentile([r.seconds for r in rows], 0.5),
            "wait_p90": percentile([r.seconds for r in rows], 0.9),
            "service_p50": percentile([r.served for r in rows if r.served is not None], 0.5),
        }
        for (step, lane), rows in groups.items()
    ]


def summary(office: Office, day: date, *, operations: int, seconds: float, no_shows: int) -> dict[str, Any]:
    """The documented result of `setara day` (docs/reference/day.md)."""
    calls = list(
        Call.objects.filter(office=office, date__gte=day)
        .select_related("ticket")
        .order_by("called_at", "ended_at", "pk")
    )
    tickets = Ticket.objects.filter(office=office, date=day, purpose=Ticket.Purpose.SERVICE)
    people = Application.objects.filter(office=office)
    events = ledger.events_of_office(office.code)
    cases = Case.objects.filter(office=office)
    kept = cases.filter(clock_stopped_at__isnull=False, due_on__isnull=False)
    return {
        "office": office.code,
        "date": day.isoformat(),
        "applicants": people.count(),
        "arrived": tickets.count(),
        "served": tickets.filter(status=Ticket.Status.DONE).count(),
        "sent_back": tickets.filter(status=Ticket.Status.SENT_BACK).count(),
        "not_served": tickets.filter(status=Ticket.Status.NOT_SERVED).count(),
        "no_shows": no_shows,
        "finished": people.filter(status=Application.Status.DONE).count(),
        "promise_kept": sum(1 for c in kept.iterator() if _kept(c, office)),
        "promise_counted": kept.count(),
        "out_of_turn": sum(1 for c in calls if c.ticket_id != c.rule_ticket_id),
        "calls": len(calls),
        "steps": steps_table(calls),
        "operations": operations,
        "seconds": round(seconds, 3),
        "operations_per_second": round(operations / seconds, 1) if seconds else None,
        "events": events.count(),
        "events_digest": storage.digest(events.iterator(2000)),
    }


def _kept(case: Case, office: Office) -> bool:
    from setara.offices.service import local_date

    if case.clock_stopped_at is None or case.due_on is None:
        return False
    return local_date(office, case.clock_stopped_at) <= case.due_on


def day_exists(office: str, day: date) -> bool:
    """Whether somebody was already served or called in this office on this day."""
    return Ticket.objects.filter(office_id=office, date=day).exists() or _opened(office, day)


def _opened(office: str, day: date) -> bool:
    from setara.offices.service import OfficeDay

    return OfficeDay.objects.filter(office_id=office, date=day).exists()
