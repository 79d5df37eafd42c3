"""Who was called before whom although they came later: named for one ticket, counted for everybody at once.

:func:`place_on` names each of them for one ticket. A hall full of phones needs only how many and why, for all tickets
and after every call: :func:`passings` sorts once, and each ticket then costs a few look-ups.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter as Tally
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from setara.kernel.phrase import Phrase
from setara.kernel.phrase import phrase as _
from setara.queueing.models import Approval, Call, Proof
from setara.queueing.picture import CallRow, Picture, TicketRow, counts_as_call, reason_words
from setara.rules.packs import Pack
from setara.rules.queue import Rule


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
    everybody at the step; ``called_before`` the people called there since the ticket joined, of whom
    ``exceptions`` had joined later."""

    step: str
    position: int | None
    waiting: int
    called_before: int
    exceptions: tuple[Passed, ...]


def place_on(picture: Picture, ticket: TicketRow) -> Place:
    """The ticket's place at its step, and everybody who was called there before it although they came later."""
    labels = picture.order.get(ticket.step, [])
    rule = picture.pack.queue_rule(ticket.step)
    calls = [
        call
        for call in _people_called(picture, ticket.step)
        if call.called_at >= ticket.joined_at and call.ticket_id != ticket.pk
    ]
    return Place(
        step=ticket.step,
        position=labels.index(ticket.label) + 1 if ticket.label in labels else None,
        waiting=len(labels),
        called_before=len(calls),
        exceptions=tuple(
            _passed(picture, ticket, call, rule) for call in calls if call.joined_at > ticket.joined_at
        ),
    )


def _people_called(picture: Picture, step: str) -> list[CallRow]:
    """Everybody's last call at the step: who was called twice is one person. A wrong press, and a call from which the
    officer stepped back, is none: its person waits as before."""
    last = {
        call.ticket_id: call
        for call in picture.calls
        if call.step == step and counts_as_call(call) and call.outcome != Call.Outcome.RECUSED
    }
    return sorted(last.values(), key=lambda call: call.called_at)


def _passed(picture: Picture, mine: TicketRow, call: CallRow, rule: Rule) -> Passed:
    """Which rule let this call come before ``mine``."""
    other = picture.tickets[call.ticket_id]
    out = bool(call.out_of_turn and call.reason)
    code = out_of_turn_code(call) if out else by_rule(mine, other, call.called_at, rule)
    return Passed(other.label, call.called_at, code, passing_words(picture.pack, code), out)


def by_rule(mine: TicketRow, other: TicketRow, at: datetime, rule: Rule) -> str:
    """The code of the rule that let ``other``, who had joined later, be called before ``mine`` (``at``)."""
    if other.lane != mine.lane:
        return lane_code(other.lane)
    if other.beside_at is not None and other.beside_at <= mine.joined_at:
        return "companion"
    if rule.order == "joined":
        return _own_absence(mine) or _ELSEWHERE
    window = other.companion_of__booked_window if other.beside_at is not None else other.booked_window
    if window and (mine.booked_window is None or window < mine.booked_window):
        return "window"
    if away := _own_absence(mine):
        return away
    if window == mine.booked_window and (other.rank or 0) < (mine.rank or 0):
        return "rank"
    return "own_window" if _outside_window(mine, at, rule) else _ELSEWHERE


def _outside_window(mine: TicketRow, at: datetime, rule: Rule) -> bool:
    """Whether the booked window of ``mine`` had not begun at ``at``, or its owner came too late for it."""
    window = mine.booked_window
    return window is not None and (at < window or mine.arrived_at > window + rule.late_grace)


def _own_absence(mine: TicketRow) -> str:
    """The code of why ``mine`` was away from its line: missed a call, or fetching papers; else empty."""
    if mine.re_entry == "returned" and not mine.calls_missed:
        return "papers"
    return "re_entry" if mine.re_entry or mine.calls_missed else ""


def out_of_turn_code(call: CallRow) -> str:
    """The code of a call out of turn: its reason, marked where no record proves it or no second person approved."""
    lawful = call.proof == Proof.PROVEN and call.approval == Approval.APPROVED
    return str(call.reason) if lawful else f"unproven.{call.reason}"


def lane_code(lane: str) -> str:
    """The code of a pass by the turn of another lane."""
    return f"lane.{lane}"


def passing_words(pack: Pack, code: str) -> Phrase:
    """The code of a pass in words: a rule that everybody can read, or a published reason."""
    kind, _dot, rest = code.partition(".")
    if kind == "unproven":
        return _(
            "Di luar giliran tanpa bukti atau persetujuan; alasan yang disebut: %(reason)s",
            reason=reason_words(pack, rest),
        )
    if kind == "lane":
        name = next((one.name for one in pack.lanes if one.code == rest), rest)
        return _("Giliran jalur %(lane)s, menurut bobot jalur yang diumumkan", lane=name)
    if code in _WITHIN:
        return _WITHIN[code]
    return _("Di luar giliran, dengan alasan: %(reason)s", reason=reason_words(pack, code))


#: Nothing in the order of the line: whoever was passed could not be called at that counter then.
_ELSEWHERE = "elsewhere"
_WITHIN = {
    "window": _("Jadwal yang dipesannya lebih awal"),
    "companion": _("Pendamping seseorang yang datang sebelum nomor ini"),
    "re_entry": _("Nomor ini sempat terlewat saat dipanggil"),
    "papers": _("Nomor ini pergi melengkapi berkas"),
    "own_window": _("Jadwal nomor ini belum tiba atau terlambat didatangi"),
    "rank": _("Urutan undian di antara yang menunggu saat pintu dibuka"),
    _ELSEWHERE: _("Nomor ini sedang dipanggil ke loket lain, atau petugas loket itu harus menjauh darinya"),
}


class Passing(NamedTuple):
    """For one waiting ticket: people called at its step since it joined, and of those the ones who had joined
    later, by the rule or reason that let them."""

    called_before: int
    by_reason: dict[str, int]


def passings(picture: Picture, step: str) -> dict[str, Passing]:
    """Label -> what happened before it, for everybody who waits at ``step``."""
    waits = set(picture.order.get(step, ()))
    mine = [one for one in picture.tickets.values() if one.label in waits and one.step == step]
    calls = _people_called(picture, step)
    moments = [call.called_at for call in calls]
    own = {call.ticket_id: call.called_at for call in calls}
    later = _Later(picture, picture.pack.queue_rule(step))
    calls.sort(key=lambda call: call.joined_at, reverse=True)
    found, at = {}, 0
    for ticket in sorted(mine, key=lambda one: one.joined_at, reverse=True):
        while at < len(calls) and calls[at].joined_at > ticket.joined_at:
            later.add(calls[at])
            at += 1
        before = len(moments) - bisect_left(moments, ticket.joined_at)
        called = own.get(ticket.pk)
        before -= called is not None and called >= ticket.joined_at
        found[ticket.label] = Passing(before, later.before(ticket))
    return found


class _Later:
    """The calls of everybody who joined after some moment: tallied by lane, and one by one within a lane, where those
    who pass somebody are few."""

    def __init__(self, picture: Picture, rule: Rule) -> None:
        self.tickets: dict[UUID, TicketRow] = picture.tickets
        self.rule = rule
        self.out_of_turn: Tally[str] = Tally()
        self.lanes: dict[str, list[tuple[TicketRow, datetime]]] = defaultdict(list)

    def add(self, call: CallRow) -> None:
        """Count one more."""
        if call.out_of_turn and call.reason:
            self.out_of_turn[out_of_turn_code(call)] += 1
            return
        other = self.tickets[call.ticket_id]
        self.lanes[other.lane].append((other, call.called_at))

    def before(self, ticket: TicketRow) -> dict[str, int]:
        """By reason, those that came before ``ticket``."""
        found = Tally(self.out_of_turn)
        for lane, calls in self.lanes.items():
            if lane != ticket.lane:
                found[lane_code(lane)] += len(calls)
            else:
                found.update(by_rule(ticket, other, at, self.rule) for other, at in calls)
        return dict(found)
