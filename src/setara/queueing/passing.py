"""Who was called before whom although they came later: named for one ticket, counted for everybody at once.

:func:`place_on` names each of them for one ticket. A hall full of phones needs only how many and why, for all tickets
and after every call: :func:`passings` sorts once, and each ticket then costs a few look-ups.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from setara.kernel.phrase import Phrase
from setara.kernel.phrase import phrase as _
from setara.queueing.models import Approval, Proof
from setara.queueing.picture import CallRow, Picture, TicketRow, counts_as_call, reason_words
from setara.rules.packs import Pack


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


def place_on(picture: Picture, ticket: TicketRow) -> Place:
    """The ticket's place at its step, and everybody who was called there before it although they came later."""
    labels = picture.order.get(ticket.step, [])
    calls = [
        call
        for call in picture.calls
        if call.step == ticket.step
        and call.called_at >= ticket.joined_at
        and call.ticket_id != ticket.pk
        and counts_as_call(call)
    ]
    return Place(
        step=ticket.step,
        position=labels.index(ticket.label) + 1 if ticket.label in labels else None,
        waiting=len(labels),
        called_before=len(calls),
        exceptions=tuple(
            _passed(picture, ticket, call) for call in calls if call.joined_at > ticket.joined_at
        ),
    )


def _passed(picture: Picture, mine: TicketRow, call: CallRow) -> Passed:
    """Which rule let this call come before ``mine``."""
    other = picture.tickets[call.ticket_id]
    code = out_of_turn_code(call) if call.out_of_turn and call.reason else by_rule(mine, other)
    words = passing_words(picture.pack, code)
    return Passed(other.label, call.called_at, code, words, bool(call.out_of_turn and call.reason))


def by_rule(mine: TicketRow, other: TicketRow) -> str:
    """The code of the rule that let ``other`` be called before ``mine`` although it had joined later."""
    if other.lane != mine.lane:
        return lane_code(other.lane)
    if other.booked_window and (mine.booked_window is None or other.booked_window < mine.booked_window):
        return "window"
    return within_lane(mine)


def out_of_turn_code(call: CallRow) -> str:
    """The code of a call out of turn: its reason, marked where no record proves it or no second person approved."""
    lawful = call.proof == Proof.PROVEN and call.approval == Approval.APPROVED
    return str(call.reason) if lawful else f"unproven.{call.reason}"


def lane_code(lane: str) -> str:
    """The code of a pass by the turn of another lane."""
    return f"lane.{lane}"


def within_lane(mine: TicketRow) -> str:
    """Why somebody of the same lane whose window is no earlier came before ``mine``: it lies with ``mine``."""
    if mine.re_entry or mine.calls_missed:
        return "re_entry"
    return "rank" if mine.booked_window is None else "own_window"


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


_WITHIN = {
    "window": _("Jadwal yang dipesannya lebih awal"),
    "re_entry": _("Nomor ini sempat terlewat saat dipanggil"),
    "own_window": _("Jadwal nomor ini belum tiba atau terlambat didatangi"),
    "rank": _("Urutan kedatangan saat pintu dibuka"),
}


class Passing(NamedTuple):
    """For one waiting ticket: calls at its step since it joined, and of those the ones of people who had joined
    later, by the rule or reason that let them."""

    called_before: int
    by_reason: dict[str, int]


def passings(picture: Picture, step: str) -> dict[str, Passing]:
    """Label -> what happened before it, for everybody who waits at ``step``."""
    waits = set(picture.order.get(step, ()))
    mine = [one for one in picture.tickets.values() if one.label in waits and one.step == step]
    calls = [call for call in picture.calls if call.step == step and counts_as_call(call)]
    moments = sorted(call.called_at for call in calls)
    own = Tally(call.ticket_id for call in calls)
    later = _Later(picture)
    calls.sort(key=lambda call: call.joined_at, reverse=True)
    found, at = {}, 0
    for ticket in sorted(mine, key=lambda one: one.joined_at, reverse=True):
        while at < len(calls) and calls[at].joined_at > ticket.joined_at:
            later.add(calls[at])
            at += 1
        before = len(moments) - bisect_left(moments, ticket.joined_at)
        if own[ticket.pk]:
            before -= _own_since(calls, ticket)
        found[ticket.label] = Passing(before, later.before(ticket))
    return found


def _own_since(calls: Iterable[CallRow], ticket: TicketRow) -> int:
    return sum(call.ticket_id == ticket.pk and call.called_at >= ticket.joined_at for call in calls)


class _Later:
    """The calls of everybody who joined after some moment: tallied, by lane and by window."""

    def __init__(self, picture: Picture) -> None:
        self.tickets: dict[UUID, TicketRow] = picture.tickets
        self.out_of_turn: Tally[str] = Tally()
        self.lanes: Tally[str] = Tally()
        self.windows: dict[str, list[datetime]] = defaultdict(list)

    def add(self, call: CallRow) -> None:
        """Count one more."""
        if call.out_of_turn and call.reason:
            self.out_of_turn[out_of_turn_code(call)] += 1
            return
        other = self.tickets[call.ticket_id]
        self.lanes[other.lane] += 1
        if other.booked_window is not None:
            insort(self.windows[other.lane], other.booked_window)

    def before(self, ticket: TicketRow) -> dict[str, int]:
        """By reason, those that came before ``ticket``."""
        found = dict(self.out_of_turn)
        for lane, n in self.lanes.items():
            if lane != ticket.lane:
                found[lane_code(lane)] = n
        if n := self.lanes[ticket.lane]:
            windows = self.windows[ticket.lane]
            earlier = (
                len(windows) if ticket.booked_window is None else bisect_left(windows, ticket.booked_window)
            )
            if earlier:
                found["window"] = earlier
            if n > earlier:
                found[within_lane(ticket)] = n - earlier
        return found
