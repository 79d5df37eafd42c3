"""The line before a step: who waits there, what the rule remembers, and the lock that keeps two counters
from choosing out of the same picture of the hall.

Everybody who joins a line, leaves it by a call, or comes back to it holds its lock until the event is
written. So the order of events in the ledger is the order in which things happened in the line, and a day
can be replayed from its events alone.

Locks are taken in this order: the day, the application, the session, the call with its ticket, the lines;
operations that choose a ticket take the line before the ticket.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import models

from setara.kernel.errors import Refused
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Prepared
from setara.offices.service import Office, OfficeDay, calendar_of, day_of, pack_of, zone_of
from setara.queueing.models import Call, Line, Ticket
from setara.rules.queue import Memory, Rule, Waiting

M = TypeVar("M", bound=models.Model)

#: Of the person whom a companion accompanies, in the order of :func:`beside`.
BESIDE = (
    "companion_of__label", "companion_of__lane", "companion_of__arrived_at", "companion_of__booked_window",
    "companion_of__rank",
)  # fmt: skip

#: The columns of a ticket that the rule looks at, in the order of :func:`_waiting`.
_COLUMNS = (
    "step", "label", "lane", "joined_at", "arrived_at", "booked_window", "rank", "re_entry", "re_entry_at",
    "re_entry_count", "beside_at", *BESIDE, "id",
)  # fmt: skip


def locked(rows: models.QuerySet[M]) -> models.QuerySet[M]:
    """The rows, locked until the transaction ends. Foreign keys to them may still be written meanwhile."""
    return rows.select_for_update(no_key=True)


@dataclass(slots=True)
class Queue:
    """One line with its people, as the rule sees it."""

    line: Line
    rule: Rule
    waiting: list[Waiting] = field(default_factory=list)
    ids: dict[str, UUID] = field(default_factory=dict)
    # Who waits here, but must not come to the officer who calls.
    excluded: frozenset[str] = frozenset()

    def without(self, away: frozenset[str]) -> Queue:
        """The line as it is for an officer who must keep away from ``away``."""
        excluded = away & set(self.ids)
        if not excluded:
            return self
        waiting = [one for one in self.waiting if one.ticket not in excluded]
        return replace(self, waiting=waiting, excluded=excluded)

    @property
    def memory(self) -> Memory:
        """What the rule remembers."""
        return Memory.from_dict(self.line.memory)

    def remember(self, memory: Memory) -> None:
        """Store the memory after a call."""
        self.line.memory = memory.as_dict()
        Line.objects.filter(pk=self.line.pk).update(memory=self.line.memory)


def lock_queues(office: Office, day: date, steps: Sequence[str]) -> dict[str, Queue]:
    """The lines of ``steps``, locked, with those who wait there now."""
    pack = pack_of(office, day)
    lines = _lock_lines(office, day, steps)
    queues = {step: Queue(lines[step], pack.queue_rule(step)) for step in steps}
    for step, one, pk in waiting_rows(office.pk, day, steps):
        queues[step].waiting.append(one)
        queues[step].ids[one.ticket] = pk
    return queues


def join(office: Office, day: date, step: str) -> None:
    """Hold the line that somebody is about to join."""
    _lock_lines(office, day, [step])


def waiting_rows(office: str, day: date, steps: Iterable[str]) -> Iterable[tuple[str, Waiting, UUID]]:
    """(step, what the rule sees, ticket id) of everybody who waits at one of ``steps``."""
    for step in steps:
        for row in _WAITING.tuples(office, day, step):
            yield step, _waiting(row), row[-1]


_WAITING = Prepared(
    lambda office, day, step: Ticket.objects.filter(
        office_id=office, date=day, status=Ticket.Status.WAITING, step=step
    ).values_list(*_COLUMNS)
)


def _waiting(row: Sequence[object]) -> Waiting:
    _step, label, lane, joined, arrived, window, rank, re_entry, re_at, count, beside_at, *host, _pk = row
    return Waiting(
        ticket=label,  # type: ignore[arg-type]
        lane=lane,  # type: ignore[arg-type]
        joined_at=joined,  # type: ignore[arg-type]
        arrived_at=arrived,  # type: ignore[arg-type]
        booked_window=window,  # type: ignore[arg-type]
        rank=rank,  # type: ignore[arg-type]
        re_entry=re_entry or None,  # type: ignore[arg-type]
        re_entered_at=re_at,  # type: ignore[arg-type]
        re_entry_count=count,  # type: ignore[arg-type]
        beside=beside(beside_at, host),  # type: ignore[arg-type]
    )


def beside(joined: datetime | None, host: Sequence[Any]) -> Waiting | None:
    """The person accompanied as the rule sees them (``host``: the columns ``BESIDE``), who had ``joined`` the step
    first; None for everybody who stands alone."""
    if joined is None:
        return None
    label, lane, arrived, window, rank = host
    return Waiting(label, lane, joined, arrived, booked_window=window, rank=rank)


def joined_first(host: Ticket | None, step: str) -> datetime | None:
    """When the person accompanied had joined ``step``; None without one, or when they have not been there yet."""
    if host is None:
        return None
    if host.step == step:
        return host.joined_at
    calls = Call.objects.filter(ticket=host, step=step).order_by("-called_at")
    return calls.values_list("joined_at", flat=True).first()


def _lock_lines(office: Office, day: date, steps: Sequence[str]) -> dict[str, Line]:
    found = {line.step: line for line in _lines(office, day, steps)}
    if missing := [step for step in steps if step not in found]:
        memory = Memory(doors_open(office, day)).as_dict()
        new = [Line(office=office, date=day, step=step, memory=memory) for step in missing]
        # Whoever comes second waits here for the first and finds the same row afterwards.
        Line.objects.bulk_create(new, ignore_conflicts=True)
        found = {line.step: line for line in _lines(office, day, steps)}
    return found


def _lines(office: Office, day: date, steps: Sequence[str]) -> Iterable[Line]:
    if len(steps) == 1:
        return _LINE.rows(office.pk, day, steps[0])
    return locked(Line.objects.filter(office=office, date=day, step__in=steps).order_by("pk"))


_LINE = Prepared(lambda office, day, step: locked(Line.objects.filter(office_id=office, date=day, step=step)))


def doors_open(office: Office, day: date) -> datetime:
    """When the doors opened or will open; Refused when the day is not open."""
    return doors_of(office, open_day_of(office, day))


def doors_of(office: Office, day: OfficeDay) -> datetime:
    """When the doors opened or will open: the first opening hour, or the opening of the day if later."""
    hours = calendar_of(office).hours(day.date)
    if not hours:
        return day.opened_at
    return max(day.opened_at, datetime.combine(day.date, hours[0][0], zone_of(office)))


def hold_day(office: Office, day: date) -> OfficeDay | None:
    """The day, which cannot be closed until the transaction ends; None when it was never opened.

    Shared: people are checked in beside each other; only closing waits for them, and they for it.
    """
    table = OfficeDay._meta.db_table
    rows = OfficeDay.objects.raw(
        f"SELECT * FROM {table} WHERE office_id = %s AND date = %s FOR SHARE",  # noqa: S608 - our own name
        [office.pk, day],
    )
    return next(iter(rows), None)


def open_day_of(office: Office, day: date) -> OfficeDay:
    """The open day of service; Refused when it has not been opened or is closed."""
    return must_be_open(day_of(office, day))


def must_be_open(day: OfficeDay | None) -> OfficeDay:
    """The day, if it is open; Refused when it has not been opened or is closed."""
    if day is not None and day.status == OfficeDay.Status.OPEN:
        return day
    raise Refused(
        _("Hari layanan ini belum dibuka.") if day is None else _("Hari layanan ini sudah ditutup."),
        code="queueing.day_not_open" if day is None else "queueing.day_closed",
        rule=_("Antrean berjalan sejak pengawas membuka hari layanan sampai menutupnya."),
        remedy=_("Minta pengawas membuka hari layanan.")
        if day is None
        else _("Datanglah pada hari kerja berikutnya."),
    )
