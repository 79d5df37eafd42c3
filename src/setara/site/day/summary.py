"""The summary of a played day: what was served, how long people waited, and what the ledger holds.

Everything is read from the database, never from the play's own memory, except the count of operations and of
those who stayed away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from setara.applications.service import Application
from setara.casework.service import Case
from setara.ledger import queries as ledger
from setara.ledger import storage
from setara.offices.service import Office, OfficeDay, calendar_of, local_date
from setara.queueing.service import Call, Ticket
from setara.reports.service import Wait, figures_of, percentile, waits

#: Working days after the visits on which files are decided, printed and handed out.
DAYS_AFTER = 4


def steps_table(calls: Iterable[Call]) -> list[dict[str, Any]]:
    """Per step and lane, in order of first call: calls, wait p50 and p90, service p50; seconds."""
    groups: dict[tuple[str, str], list[Wait]] = defaultdict(list)
    for wait in waits(figures_of(calls)):
        groups[wait.step, wait.lane].append(wait)
    return [
        {
            "step": step,
            "lane": lane,
            "served": len(rows),
            "wait_p50": _seconds([r.minutes for r in rows], 0.5),
            "wait_p90": _seconds([r.minutes for r in rows], 0.9),
            "service_p50": _seconds([r.service for r in rows if r.service is not None], 0.5),
        }
        for (step, lane), rows in groups.items()
    ]


def _seconds(minutes: list[float], share: float) -> float | None:
    found = percentile(minutes, share)
    return None if found is None else round(found * 60, 3)


def summary(
    office: Office,
    day: date,
    people: Collection[UUID],
    *,
    since: int,
    operations: int,
    seconds: float,
    no_shows: int,
) -> dict[str, Any]:
    """The documented result of `setara day` (docs/reference/day.md).

    ``people`` are the ids of the played applications, ``since`` the last event before the play: what else is in
    the database, earlier days or visitors of a demo, is not counted.
    """
    calls = list(
        Call.objects.filter(office=office, ticket__application__in=people)
        .select_related("ticket")
        .order_by("called_at", "ended_at", "pk")
    )
    tickets = Ticket.objects.filter(
        office=office, date=day, purpose=Ticket.Purpose.SERVICE, application__in=people
    )
    played = Application.objects.filter(pk__in=people)
    events = ledger.events_of_office(office.code).filter(seq__gt=since)
    cases = Case.objects.filter(pk__in=people)
    kept = cases.filter(clock_stopped_at__isnull=False, due_on__isnull=False)
    return {
        "office": office.code,
        "date": day.isoformat(),
        "applicants": played.count(),
        "arrived": tickets.count(),
        "served": tickets.filter(status=Ticket.Status.DONE).count(),
        "sent_back": tickets.filter(status=Ticket.Status.SENT_BACK).count(),
        "not_served": tickets.filter(status=Ticket.Status.NOT_SERVED).count(),
        "no_shows": no_shows,
        "finished": played.filter(status=Application.Status.DONE).count(),
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
    if case.clock_stopped_at is None or case.due_on is None:
        return False
    return local_date(office, case.clock_stopped_at) <= case.due_on


def day_exists(office: str, day: date) -> bool:
    """Whether somebody was already served or called in this office on this day, or its doors were open."""
    return (
        Ticket.objects.filter(office_id=office, date=day).exists()
        or OfficeDay.objects.filter(office_id=office, date=day).exists()
    )


def is_free(office: Office, day: date) -> bool:
    """Whether ``day`` can be played: neither it nor the days on which its files are finished exist yet."""
    calendar = calendar_of(office)
    span = [day, *(calendar.add_working_days(day, number) for number in range(1, DAYS_AFTER + 1))]
    return not any(day_exists(office.code, one) for one in span)


def next_free(office: Office, day: date) -> date:
    """The first working day after ``day`` that can be played."""
    calendar = calendar_of(office)
    found = calendar.add_working_days(day, 1)
    while not is_free(office, found):
        found = calendar.add_working_days(found, 1)
    return found
