"""One picture of the hall at one moment: read once, shown to everybody.

:func:`load` reads the day's tickets, calls and counters in a handful of queries; :func:`board_of` makes the
public board of it, both without asking the database again. So a
change in the hall is read once however many people follow it.
"""

from __future__ import annotations

import json
from collections import Counter as Tally
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from setara.offices.service import Office, OfficeDay, day_of, local_date, pack_of
from setara.queueing.lines import BESIDE, beside, doors_of
from setara.queueing.models import Announcement, Call, Session, Ticket
from setara.rules.packs import Pack
from setara.rules.queue import Memory, Waiting, order

#: How many of the last calls the board names.
RECENT = 8


class TicketRow(NamedTuple):
    """What the picture keeps of a ticket: the columns of the model of the same names."""

    pk: UUID
    label: str
    lane: str
    step: str
    status: str
    joined_at: datetime
    arrived_at: datetime
    booked_window: datetime | None
    rank: int | None
    re_entry: str
    re_entry_at: datetime | None
    re_entry_count: int
    calls_missed: int
    closed_at: datetime | None
    outcome: str
    right_of_return: date | None
    # Of a companion: when the person accompanied had joined the step, and how that person stands (lines.BESIDE).
    beside_at: datetime | None = None
    companion_of__label: str | None = None
    companion_of__lane: str | None = None
    companion_of__arrived_at: datetime | None = None
    companion_of__booked_window: datetime | None = None
    companion_of__rank: int | None = None

    @property
    def as_waiting(self) -> Waiting:
        """The ticket as the queue rule sees it."""
        return Waiting(
            ticket=self.label,
            lane=self.lane,
            joined_at=self.joined_at,
            arrived_at=self.arrived_at,
            booked_window=self.booked_window,
            rank=self.rank,
            re_entry=self.re_entry or None,
            re_entered_at=self.re_entry_at,
            re_entry_count=self.re_entry_count,
            beside=beside(self.beside_at, self[-len(BESIDE) :]),
        )


class CallRow(NamedTuple):
    """What the picture keeps of a call: columns of the model, and the counter's number."""

    pk: UUID
    ticket_id: UUID
    rule_ticket_id: UUID | None
    step: str
    counter__number: int
    joined_at: datetime
    called_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    outcome: str
    reason: str | None
    repeats: int
    depth: int
    proof: str
    approval: str

    @property
    def out_of_turn(self) -> bool:
        """Whether somebody else than the rule's choice was called."""
        return self.rule_ticket_id != self.ticket_id


class CounterRow(NamedTuple):
    """A counter that is open or on its break."""

    counter__number: int
    steps: list[str]
    state: str


class Said(NamedTuple):
    """An announcement that stands: columns of the model."""

    pk: UUID
    kind: str
    text_id: str
    text_en: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Picture:
    """The hall of an office at ``at``: all that was read, and the rule's order at each step."""

    office: Office
    at: datetime
    date: date
    pack: Pack
    day: OfficeDay | None
    tickets: dict[UUID, TicketRow]
    calls: tuple[CallRow, ...]
    counters: tuple[CounterRow, ...]
    order: dict[str, list[str]]
    said: tuple[Said, ...]
    seq: int

    def ticket(self, label: str) -> TicketRow | None:
        """The ticket of today with this label."""
        return next((one for one in self.tickets.values() if one.label == label), None)


def load(office: Office, at: datetime, day: date | None = None) -> Picture:
    """Read the hall (of the day that it is at ``at``): five queries, whatever happens in it, and one for
    announcements when there are any."""
    day = day or local_date(office, at)
    row, pack = day_of(office, day), pack_of(office, day)
    # Calls before tickets: somebody who comes and is called in between is then missing from the calls, never
    # from the tickets that calls speak of.
    calls = Call.objects.filter(office=office, date=day).order_by("called_at", "pk")
    called = tuple(map(CallRow._make, calls.values_list(*CallRow._fields)))
    rows = Ticket.objects.filter(office=office, date=day).values_list(*TicketRow._fields)
    tickets = {one.pk: one for one in map(TicketRow._make, rows)}
    counters = Session.objects.filter(office=office, date=day).exclude(state=Session.State.CLOSED)
    seq, said, memories = _head(office, day, at)
    return Picture(
        office=office,
        at=at,
        date=day,
        pack=pack,
        day=row,
        tickets=tickets,
        calls=called,
        counters=tuple(
            map(CounterRow._make, counters.order_by("counter__number").values_list(*CounterRow._fields))
        ),
        order=_rank(office, row, pack, tickets, memories, at),
        said=announcements(office, at) if said else (),
        seq=seq,
    )


def board_of(picture: Picture) -> dict[str, Any]:
    """The whole hall as plain data: one message for everybody, in which each finds their own.

    Keys: office, date, at, seq (of the ledger: grows with every change), open, opened_at, rule_version;
    steps (code, name, waiting, lanes: waiting per lane, order: labels as the rule would call them);
    lanes (code -> letter, name); positions (label -> step, place); serving (call, label, step, counter,
    state, since, repeats, out_of_turn, reason); recent (label, step, counter, at, out_of_turn, reason);
    counters (number, state, steps); missed (labels that were called in vain); sent_back (labels away for
    papers); counts (of the day's tickets by status); announcements (kind, text, until).
    """
    pack, tickets = picture.pack, picture.tickets
    called = called_steps(pack)
    lanes = Tally((t.step, t.lane) for t in tickets.values() if t.status == Ticket.Status.WAITING)
    away = [one for one in tickets.values() if one.closed_at is None]
    good = [call for call in picture.calls if counts_as_call(call)]
    running = [call for call in good if call.ended_at is None]
    return {
        "office": picture.office.pk,
        "date": picture.date.isoformat(),
        "at": picture.at.isoformat(),
        "seq": picture.seq,
        "open": picture.day is not None and picture.day.status == OfficeDay.Status.OPEN,
        "opened_at": picture.day.opened_at.isoformat() if picture.day else None,
        "rule_version": pack.queue_rule(called[0].code).version if called else "",
        "steps": [
            {
                "code": step.code,
                "name": step.name.as_dict(),
                "waiting": sum(n for (code, _lane), n in lanes.items() if code == step.code),
                "lanes": {
                    lane.code: lanes[step.code, lane.code]
                    for lane in pack.lanes
                    if (lane.purpose == "pickup") == (step.kind == "pickup")
                },
                "order": picture.order.get(step.code, []),
            }
            for step in called
        ],
        "lanes": {lane.code: {"letter": lane.letter, "name": lane.name.as_dict()} for lane in pack.lanes},
        "positions": {
            label: {"step": step, "place": place}
            for step, labels in picture.order.items()
            for place, label in enumerate(labels, 1)
        },
        "serving": [
            _serving(picture, call) for call in sorted(running, key=lambda call: call.counter__number)
        ],
        "recent": [_called(picture, call) for call in good[: -RECENT - 1 : -1]],
        "counters": [
            {"number": one.counter__number, "state": one.state, "steps": one.steps}
            for one in picture.counters
        ],
        "missed": sorted(one.label for one in away if one.status == Ticket.Status.ABSENT),
        "sent_back": sorted(one.label for one in away if one.status == Ticket.Status.SENT_BACK),
        "counts": dict(sorted(Tally(one.status for one in tickets.values()).items())),
        "announcements": [_said(one) for one in picture.said],
    }


def _said(one: Said) -> dict[str, Any]:
    """An announcement, as :func:`board_of` shows it."""
    text = {"id": one.text_id, "en": one.text_en}
    return {"kind": one.kind, "text": text, "until": one.ends_at.isoformat()}


def _serving(picture: Picture, call: CallRow) -> dict[str, Any]:
    """A call that is not over, as :func:`board_of` shows it."""
    return {
        "call": str(call.pk),
        "label": picture.tickets[call.ticket_id].label,
        "step": call.step,
        "counter": call.counter__number,
        "state": "serving" if call.started_at else "called",
        "since": (call.started_at or call.called_at).isoformat(),
        "repeats": call.repeats,
        **_exception(call),
    }


def _called(picture: Picture, call: CallRow) -> dict[str, Any]:
    """A call of the last ones, as :func:`board_of` shows it."""
    return {
        "label": picture.tickets[call.ticket_id].label,
        "step": call.step,
        "counter": call.counter__number,
        "at": call.called_at.isoformat(),
        **_exception(call),
    }


def announcements(office: Office, at: datetime) -> tuple[Said, ...]:
    """What the office says to everybody who waits at ``at``, outages first."""
    rows = Announcement.objects.filter(office=office, made_at__lte=at, ends_at__gt=at, ended_at=None)
    return tuple(map(Said._make, rows.order_by("-kind", "made_at").values_list(*Said._fields)))


def counts_as_call(call: CallRow) -> bool:
    """Whether a call was one: a wrong press that was put right at once passed nobody."""
    return call.outcome != Call.Outcome.UNDONE


def called_steps(pack: Pack) -> list[Any]:
    """The steps to which people are called: those of the hall and of the pickup."""
    return [step for step in pack.steps if step.kind in {"hall", "pickup"}]


def reason_words(pack: Pack, reason: str | None) -> object:
    """The published name of a reason for calling somebody out of turn."""
    return next((each.name for each in pack.override_reasons if each.code == reason), reason or "")


def _exception(call: CallRow) -> dict[str, Any]:
    """What the public state says of a call out of turn, with how it stands; None for the rule's own choice."""
    out = call.out_of_turn
    return {
        "out_of_turn": out,
        "reason": call.reason if out else None,
        "proof": call.proof if out else None,
        "approval": call.approval if out else None,
    }


def _rank(
    office: Office,
    day: OfficeDay | None,
    pack: Pack,
    tickets: dict[UUID, TicketRow],
    memories: dict[str, Memory],
    at: datetime,
) -> dict[str, list[str]]:
    """Labels per step in the order of the rule."""
    if day is None:
        return {}
    called = {step.code for step in called_steps(pack)}
    people: dict[str, list[Waiting]] = defaultdict(list)
    for one in tickets.values():
        if one.status == Ticket.Status.WAITING and one.step in called:
            people[one.step].append(one.as_waiting)
    return {
        step: order(some, pack.queue_rule(step), memories.get(step) or Memory(doors_of(office, day)), at)
        for step, some in people.items()
    }


_HEAD = """
SELECT (SELECT last FROM ledger_head WHERE office = %s),
  EXISTS (SELECT FROM queueing_announcement WHERE office_id = %s AND ends_at > %s AND ended_at IS NULL),
  (SELECT json_object_agg(step, memory)::text FROM queueing_line WHERE office_id = %s AND date = %s)
"""


def _head(office: Office, day: date, at: datetime) -> tuple[int, bool, dict[str, Memory]]:
    """The number of the office's last event, whether something is announced, and the memory of each line."""
    with connection.cursor() as cursor:
        cursor.execute(_HEAD, [office.pk, office.pk, at, office.pk, day])
        last, said, lines = cursor.fetchone()
    memories = {step: Memory.from_dict(memory) for step, memory in json.loads(lines or "{}").items()}
    return int(last or 0), bool(said), memories
