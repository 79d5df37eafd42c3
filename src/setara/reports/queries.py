"""What the figures are made of: calls, tickets, files and events, read anew for every page and stored nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import TruncDate

from setara.casework.service import Case, Hold
from setara.kernel import clock
from setara.offices.service import Office, local_date, zone_of
from setara.queueing.service import Call, Picture
from setara.reports.figures import SERVED, Promise, Waits, by_step, percentile, waits

#: The public promise is counted over so many days.
PROMISE_DAYS: Final = 30


class CallFigures(NamedTuple):
    """The columns of a call that the figures need."""

    ticket_id: UUID
    step: str
    lane: str
    joined_at: datetime
    called_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    outcome: str


def span_of(office: Office, first: date, last: date) -> tuple[datetime, datetime]:
    """From the first moment of ``first`` to the first moment after ``last`` on the office's wall clock."""
    zone = zone_of(office)
    return datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone)


def served_calls(office: Office, day: date) -> list[CallFigures]:
    """The calls of a day in which somebody was served, in order."""
    rows = Call.objects.filter(office=office, date=day, outcome__in=SERVED).order_by("called_at", "pk")
    columns = [name if name != "lane" else "ticket__lane" for name in CallFigures._fields]
    return [CallFigures._make(row) for row in rows.values_list(*columns)]


def figures_of(calls: Iterable[Call]) -> Iterator[CallFigures]:
    """What the figures need of calls that were read with their tickets."""
    for one in calls:
        yield CallFigures(
            one.ticket_id, one.step, one.ticket.lane, one.joined_at, one.called_at, one.started_at, one.ended_at,
            one.outcome,
        )  # fmt: skip


def waits_of_day(office: Office, day: date) -> list[Waits]:
    """How long people waited on a day, per step and lane, in order of the first call."""
    return by_step(waits(served_calls(office, day)))


def typical_waits(picture: Picture) -> dict[str, float]:
    """Step -> minutes that half of those called and served today waited at most. Asks the database nothing."""
    calls = (
        CallFigures(
            one.ticket_id, one.step, picture.tickets[one.ticket_id].lane, one.joined_at, one.called_at,
            one.started_at, one.ended_at, one.outcome,
        )
        for one in picture.calls
    )  # fmt: skip
    minutes: dict[str, list[float]] = {}
    for wait in waits(calls):
        minutes.setdefault(wait.step, []).append(wait.minutes)
    return {step: percentile(some, 0.5) or 0.0 for step, some in minutes.items()}


def promise(office: Office, first: date, last: date, *, overdue: bool = False) -> Promise:
    """Files finished from ``first`` to ``last`` (both included), and how many of them in time.

    With ``overdue`` those count too that are late by now and still not finished, unless they stand still for
    a reason that stops the clock: otherwise the worst files would be the ones left out.
    """
    begin, end = span_of(office, first, last)
    counted = Q(clock_stopped_at__gte=begin, clock_stopped_at__lt=end)
    if overdue:
        today = local_date(office, clock.now())
        stopped = Hold.objects.filter(case=OuterRef("pk"), ended_at__isnull=True, stops_clock=True)
        counted |= Q(Q(clock_stopped_at__isnull=True, due_on__lt=today), ~Exists(stopped))
    in_time = Q(clock_stopped_at__isnull=False, finished__lte=F("due_on"))
    found = (
        Case.objects.filter(office=office, due_on__isnull=False)
        .exclude(status=Case.Status.REFUSED)
        .filter(counted)
        .annotate(finished=TruncDate("clock_stopped_at", tzinfo=zone_of(office)))
        .aggregate(kept=Count("pk", filter=in_time), counted=Count("pk"))
    )
    return Promise(found["kept"], found["counted"])


def promise_lately(office: Office) -> Promise:
    """The public promise: the last days, today included, and everything that is overdue."""
    today = local_date(office, clock.now())
    return promise(office, today - timedelta(days=PROMISE_DAYS - 1), today, overdue=True)
