"""The published day, one call after the other: who waited, whom the rule chose, who was called, and why.

Who waited at a moment follows from the calls of the day (each keeps when its ticket had joined the step), from the
tickets that were never called there, and from the returns in the ledger. Every call also stored how many waited, so
that anybody sees whether the list is whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from setara.ledger.models import Event
from setara.offices.service import Office, zone_of
from setara.queueing.models import Call, OpeningDraw, Ticket
from setara.queueing.picture import CallRow, Picture, reason_words
from setara.queueing.showing import standing
from setara.rules.packs import Pack


class Stay(NamedTuple):
    """A ticket's wait before a step: since when (first joining or coming back), and the call that ended it, or the
    moment at which the ticket was closed; neither while it lasts."""

    ticket: UUID
    step: str
    joined_at: datetime
    since: datetime
    call: UUID | None
    closed: datetime | None


@dataclass(frozen=True, slots=True)
class Waiter:
    """Somebody in the line of a call: label, lane, since when, and whether it is the rule's choice or was called.

    ``window`` is the booked hour where it counts (the step orders by it), ``back_at`` the moment of coming back.
    """

    label: str
    lane: str
    joined_at: datetime
    window: datetime | None
    back_at: datetime | None
    chosen: bool
    called: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One call of the day, number ``n`` of ``last``."""

    n: int
    last: int
    at: datetime
    label: str
    rule_label: str
    step: str
    counter: int
    why: str
    waited: int
    depth: int
    out_of_turn: bool
    reason: str
    standing: str
    outcome: str
    line: tuple[Waiter, ...]
    exception_before: int | None
    exception_after: int | None

    @property
    def by_window(self) -> bool:
        """Whether booked hours decide in this line: its first need not be the one who has waited longest."""
        return any(one.window is not None for one in self.line)


@dataclass(frozen=True, slots=True)
class Draw:
    """The draw at the opening, with all that it takes to draw again: ``seed`` and, in the drawn order, ``lines``.

    A line is a ticket's label, a space and its arrival in ISO 8601, as it went into the seed: ``seed`` is
    :func:`setara.kernel.lots.seed_of` the office's code, the date, and the lines in their alphabetical order.
    """

    seed: str
    lines: tuple[str, ...]


def draw_of(picture: Picture) -> Draw | None:
    """The draw of the picture's day; None when there was none. One query."""
    found = OpeningDraw.objects.filter(office=picture.office, date=picture.date).first()
    if found is None:
        return None
    came = {one.label: one.arrived_at for one in picture.tickets.values()}
    order = sorted(found.ranks, key=lambda label: int(found.ranks[label]))
    return Draw(found.seed, tuple(f"{label} {came[label].isoformat()}" for label in order))


def step_of(picture: Picture, n: int) -> Step | None:
    """Call number ``n`` (from 1) of the picture's day; None when there is none such. Three queries."""
    if not 1 <= n <= len(picture.calls):
        return None
    call = picture.calls[n - 1]
    why, waited = Call.objects.values_list("why", "waiting").get(pk=call.pk)
    out = [number for number, one in enumerate(picture.calls, 1) if one.out_of_turn]
    given = call.rule_ticket_id
    return Step(
        n=n,
        last=len(picture.calls),
        at=call.called_at,
        label=picture.tickets[call.ticket_id].label,
        rule_label=picture.tickets[given].label if given else "–",
        step=str(picture.pack.step(call.step).name),
        counter=call.counter__number,
        why=why_words(picture.pack, why),
        waited=waited,
        depth=call.depth,
        out_of_turn=call.out_of_turn,
        reason=str(reason_words(picture.pack, call.reason)) if call.out_of_turn else "",
        standing=standing(call) if call.out_of_turn else "",
        outcome=str(Call.Outcome(call.outcome).label) if call.outcome else "",
        line=tuple(_line(picture, call, waited)),
        exception_before=max((number for number in out if number < n), default=None),
        exception_after=min((number for number in out if number > n), default=None),
    )


def _line(picture: Picture, call: CallRow, waited: int) -> Iterator[Waiter]:
    """Who waited when ``call`` was made, in the order of joining the step; it counted ``waited``."""
    number = {each.pk: n for n, each in enumerate(picture.calls)}
    now = number[call.pk]

    def lasts(one: Stay) -> bool:
        if one.call is not None:
            return number[one.call] >= now
        return one.closed is None or one.closed > call.called_at

    away = _kept_away(call)
    here = [
        one
        for one in stays(picture, returns(picture.office, picture.date))
        if one.step == call.step
        and one.since <= call.called_at
        and lasts(one)
        and picture.tickets[one.ticket].label not in away
    ]
    # Somebody who joined at the very moment of the call counts if the call counted them.
    sure = [one for one in here if one.since < call.called_at or one.call == call.pk]
    here = sure + [one for one in here if one not in sure][: max(0, waited - len(sure))]
    by_window = picture.pack.queue_rule(call.step).order == "window"
    for one in sorted(here, key=lambda one: (one.joined_at, picture.tickets[one.ticket].label)):
        ticket = picture.tickets[one.ticket]
        yield Waiter(
            ticket.label,
            str(picture.pack.lane(ticket.lane).name),
            one.joined_at,
            window=ticket.booked_window if by_window else None,
            back_at=one.since if one.since > one.joined_at else None,
            chosen=one.ticket == call.rule_ticket_id,
            called=one.ticket == call.ticket_id,
        )


def _kept_away(call: CallRow) -> frozenset[str]:
    """Who waited but must not come to the officer of the call: to the rule, and so to its line, they are absent."""
    rows = Event.objects.filter(ticket=call.ticket_id, type="queueing.called", payload__call=str(call.pk))
    return frozenset(rows.values_list("payload__excluded", flat=True).first() or ())


def returns(office: Office, day: date) -> dict[UUID, list[datetime]]:
    """Ticket -> when it came back to wait, of a day, from the ledger."""
    begins = datetime.combine(day, time(0), zone_of(office))
    rows = Event.objects.filter(
        office=office.pk, type="queueing.returned", occurred_at__range=(begins, begins + timedelta(days=1))
    )
    found: dict[UUID, list[datetime]] = defaultdict(list)
    for ticket, at in rows.order_by("seq").values_list("ticket", "occurred_at"):
        if ticket is not None:
            found[ticket].append(at)
    return found


def stays(picture: Picture, came_back: Mapping[UUID, list[datetime]]) -> Iterator[Stay]:
    """Every wait of the day, of everybody."""
    calls: dict[tuple[UUID, str], list[CallRow]] = defaultdict(list)
    for call in picture.calls:
        calls[call.ticket_id, call.step].append(call)
    for (ticket, step), mine in calls.items():
        yield from _between_calls(ticket, step, mine, came_back.get(ticket, ()))
    for one in picture.tickets.values():
        if one.status not in {Ticket.Status.WAITING, Ticket.Status.NOT_SERVED}:
            continue
        before = calls.get((one.pk, one.step), [])
        since = _waits_again(before[-1], came_back.get(one.pk, ())) if before else one.joined_at
        if since is not None:
            yield Stay(one.pk, one.step, one.joined_at, since, None, one.closed_at)


def _between_calls(
    ticket: UUID, step: str, calls: list[CallRow], came_back: Iterable[datetime]
) -> Iterator[Stay]:
    since: datetime | None = None
    joined: datetime | None = None
    for call in calls:
        if call.joined_at != joined:  # the first call here, or the step was joined anew
            joined = since = call.joined_at
        if since is not None:
            yield Stay(ticket, step, call.joined_at, since, call.pk, None)
        since = _waits_again(call, came_back)


def _waits_again(call: CallRow, came_back: Iterable[datetime]) -> datetime | None:
    """From when the ticket of a call waits at its step again: at once after a wrong press or an officer's
    stepping back, else when it came back."""
    if call.ended_at is None:
        return None
    if call.outcome in {Call.Outcome.UNDONE, Call.Outcome.RECUSED}:  # it waits as if it had not been called
        return call.ended_at
    return min((at for at in came_back if at >= call.ended_at), default=None)


def why_words(pack: Pack, why: Mapping[str, Any]) -> str:
    """The rule's own reason, in a sentence for everybody."""
    lane = next(
        (str(one.name) for one in pack.lanes if one.code == why.get("lane")), str(why.get("lane") or "")
    )
    values = {"lane": lane, "n": why.get("waiting", 0)}
    match why.get("reason"):
        case "turn":
            return (
                _("Giliran jalur %(lane)s menurut bobot jalur; nomor ini paling depan di jalurnya.") % values
            )
        case "only_lane":
            return _("Hanya jalur %(lane)s yang menunggu; nomor ini paling depan.") % values
        case "early":
            return _("Jam kunjungannya belum tiba, tetapi tidak ada orang lain yang menunggu.")
    return _("Pilihan aturan.")
