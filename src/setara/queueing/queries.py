"""Reading the floor: the whole board, one ticket's place, who waits."""

from __future__ import annotations

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from setara.kernel import clock
from setara.kernel.phrase import Phrase
from setara.kernel.phrase import phrase as _
from setara.offices.service import Office, OfficeDay, Staff, day_of, local_date, pack_of
from setara.queueing.lines import doors_of, waiting_rows
from setara.queueing.models import Call, Line, Session, Ticket
from setara.rules.packs import Pack
from setara.rules.queue import Memory, Waiting, order

RECENT = 8


@dataclass(frozen=True, slots=True)
class Passed:
    """Somebody who joined the step later and was called earlier: when, and by which rule or reason."""

    label: str
    time: datetime
    reason: str
    words: Phrase
    out_of_turn: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ticket stands. ``position`` counts from 1 and is None unless it waits; ``waiting`` counts
    everybody at the step; ``called_before`` those called there since the ticket joined, of whom
    ``exceptions`` had joined later."""

    step: str
    position: int | None
    waiting: int
    called_before: int
    exceptions: tuple[Passed, ...]


def waiting(office: Office, date: date, step: str) -> list[Ticket]:
    """The tickets that wait at a step, in the order in which the rule would call them now."""
    day = day_of(office, date)
    rows = Ticket.objects.filter(office=office, date=date, step=step, status=Ticket.Status.WAITING)
    tickets = {ticket.label: ticket for ticket in rows.select_related("application")}
    ranked = _rank(office, date, day, waiting_rows(office.pk, date, [step]), _memories(office, date))
    return [tickets[label] for label in ranked.get(step, []) if label in tickets]


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
    """The whole hall at ``at`` as plain data: one message for everybody, in which each finds their own.

    Keys: office, date, at, seq (of the ledger: grows with every change), open, opened_at, rule_version;
    steps (code, name, waiting, lanes: waiting per lane, order: labels as the rule would call them);
    positions (label -> step, place); serving (label, step, counter, state, since); recent (label, step,
    counter, at); counters (number, state, steps); missed (labels that were called in vain);
    sent_back (labels away for papers); counts (of the day's tickets by status).
    """
    day = local_date(office, at)
    row = day_of(office, day)
    pack = pack_of(office, day)
    called = [step for step in pack.steps if step.kind in {"hall", "pickup"}]
    tickets = list(
        Ticket.objects.filter(office=office, date=day).values_list(
            "label", "lane", "step", "status", "closed_at"
        )
    )
    waits = list(waiting_rows(office.pk, day, [step.code for step in called]))
    ranked = _rank(office, day, row, waits, _memories(office, day))
    lanes = Tally((step, one.lane) for step, one, _pk in waits)
    calls = list(
        Call.objects.filter(office=office, date=day)
        .order_by("-called_at", "-pk")
        .values("ticket__label", "step", "counter__number", "called_at", "started_at", "ended_at", "outcome")
    )
    sessions = (
        Session.objects.filter(office=office, date=day)
        .exclude(state=Session.State.CLOSED)
        .order_by("counter__number")
        .values("counter__number", "counter__steps", "state")
    )
    away = [(label, status) for label, _lane, _step, status, closed in tickets if closed is None]
    return {
        "office": office.pk,
        "date": day.isoformat(),
        "at": at.isoformat(),
        "seq": _head(office),
        "open": row is not None and row.status == OfficeDay.Status.OPEN,
        "opened_at": row.opened_at.isoformat() if row else None,
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
                "order": ranked.get(step.code, []),
            }
            for step in called
        ],
        "lanes": {lane.code: {"letter": lane.letter, "name": lane.name.as_dict()} for lane in pack.lanes},
        "positions": {
            label: {"step": step, "place": place}
            for step, labels in ranked.items()
            for place, label in enumerate(labels, 1)
        },
        "serving": [
            {
                "label": call["ticket__label"],
                "step": call["step"],
                "counter": call["counter__number"],
                "state": "serving" if call["started_at"] else "called",
                "since": (call["started_at"] or call["called_at"]).isoformat(),
            }
            for call in sorted(calls, key=lambda call: call["counter__number"])
            if call["ended_at"] is None
        ],
        "recent": [
            {
                "label": call["ticket__label"],
                "step": call["step"],
                "counter": call["counter__number"],
                "at": call["called_at"].isoformat(),
            }
            for call in [call for call in calls if call["outcome"] != Call.Outcome.UNDONE][:RECENT]
        ],
        "counters": [
            {"number": s["counter__number"], "state": s["state"], "steps": s["counter__steps"]}
            for s in sessions
        ],
        "missed": sorted(label for label, status in away if status == Ticket.Status.ABSENT),
        "sent_back": sorted(label for label, status in away if status == Ticket.Status.SENT_BACK),
        "counts": dict(sorted(Tally(status for _l, _n, _s, status, _c in tickets).items())),
    }


def place_of(ticket: Ticket) -> Place:
    """The ticket's place at its step, and everybody who was called there before it although they came later."""
    waits = list(waiting_rows(ticket.office_id, ticket.date, [ticket.step]))
    row = day_of(ticket.office, ticket.date)
    ranked = _rank(ticket.office, ticket.date, row, waits, _memories(ticket.office, ticket.date))
    labels = ranked.get(ticket.step, [])
    calls = list(
        Call.objects.filter(
            office=ticket.office_id, date=ticket.date, step=ticket.step, called_at__gte=ticket.joined_at
        )
        .exclude(ticket=ticket)
        .exclude(outcome=Call.Outcome.UNDONE)
        .select_related("ticket")
        .order_by("called_at", "pk")
    )
    return Place(
        step=ticket.step,
        position=labels.index(ticket.label) + 1 if ticket.label in labels else None,
        waiting=len(waits),
        called_before=len(calls),
        exceptions=tuple(_passed(ticket, call) for call in calls if call.joined_at > ticket.joined_at),
    )


def _passed(mine: Ticket, call: Call) -> Passed:
    """Which rule let this call come before ``mine``."""
    if call.rule_ticket_id != call.ticket_id and call.reason:
        pack = pack_of(mine.office, mine.date)
        known = {reason.code: reason.name for reason in pack.override_reasons}
        words = _("Di luar giliran, dengan alasan: %(reason)s", reason=known.get(call.reason, call.reason))
        return Passed(call.ticket.label, call.called_at, call.reason, words, True)
    if call.ticket.lane != mine.lane:
        code, words = "lane", _("Giliran jalur lain, menurut bobot jalur yang diumumkan")
    elif call.ticket.booked_window and (
        mine.booked_window is None or call.ticket.booked_window < mine.booked_window
    ):
        code, words = "window", _("Jadwal yang dipesannya lebih awal")
    elif mine.re_entry or mine.calls_missed:
        code, words = "re_entry", _("Nomor ini sempat terlewat saat dipanggil")
    elif mine.booked_window is not None:
        code, words = "own_window", _("Jadwal nomor ini belum tiba atau terlambat didatangi")
    else:
        code, words = "rank", _("Urutan kedatangan saat pintu dibuka")
    return Passed(call.ticket.label, call.called_at, code, words, False)


def _rank(
    office: Office,
    day: date,
    row: OfficeDay | None,
    waits: Iterable[tuple[str, Waiting, UUID]],
    memories: dict[str, Memory],
) -> dict[str, list[str]]:
    """Labels per step in the order of the rule."""
    if row is None:
        return {}
    pack: Pack = pack_of(office, day)
    people: dict[str, list[Waiting]] = defaultdict(list)
    for step, one, _pk in waits:
        people[step].append(one)
    now = clock.now()
    return {
        step: order(some, pack.queue_rule(step), memories.get(step, Memory(doors_of(office, row))), now)
        for step, some in people.items()
    }


def _memories(office: Office, day: date) -> dict[str, Memory]:
    rows = Line.objects.filter(office=office, date=day).values_list("step", "memory")
    return {step: Memory.from_dict(memory) for step, memory in rows}


def _head(office: Office) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT last FROM ledger_head WHERE office = %s", [office.pk])
        found = cursor.fetchone()
    return int(found[0]) if found else 0
