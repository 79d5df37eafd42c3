"""The queue rule: who is called next, and why. There is no other rule anywhere.

Pure and versioned: the same waiting people, rule, memory and moment always give the same answer, in
whatever order the people are listed, so anybody can replay a day from the published record.

**Inside a lane** the order is fixed. At the first step (``order="window"``) everybody has a moment from
which they are entitled: booked people the start of their window, walk-ins their arrival, and whoever
was there before the doors opened the opening itself. The earlier moment goes first; at the same
moment booked people, then the lottery rank drawn at the opening, then arrival. Whoever comes later
than ``late_grace`` after the start of the window keeps the right to be served but counts as a walk-in.
At later steps (``order="joined"``) it is first in, first out by the moment of joining that step.

**Early** booked people wait for their window and are called before it only if nobody else waits anywhere.

**Re-entry** follows the published list in the rule: ``keep`` (first place in the order is kept: a
missing paper was fetched, an outage is over), ``after`` (the first place is kept, but only after so
many others of the lane have been called, or when nobody else of the lane waits: a missed call) or
``back`` (to the end, by the moment of coming back).

**Companions** whom the pack allows (named on the same family card) stand directly behind the person whom they
accompany, by that person's moments at each step, for as long as that person joined the step first; otherwise by
their own. They are listed as companions, so that a lawful plus-one does not look like a favour.

**Between lanes** calls are shared out by weight with start-time fair queueing, a weighted round robin
that stays fair when lanes run empty and fill again: each lane carries a tag that grows by
*least common multiple / weight* with each call, the lowest tag is next, the order of the lanes in the
rule decides between equals, and a lane that was empty starts at the tag now being served, so that it
neither saves up turns nor loses any. Nobody at the head of a lane waits for more than :func:`bound`
calls of other lanes.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from setara.rules.terms import (
    RE_ENTRY,
    RULE_VERSION,
    VERSIONS,
    LaneRule,
    Memory,
    Mode,
    Order,
    ReEntry,
    Rule,
    Waiting,
    Why,
)

__all__ = [
    "RE_ENTRY", "RULE_VERSION", "VERSIONS", "Key", "LaneRule", "Memory", "Mode", "Order", "ReEntry", "Rule",
    "Waiting", "Why", "after", "bound", "entitlement", "limit", "listed", "next_ticket", "order", "stands_early",
    "undone",
]  # fmt: skip

Key = tuple[datetime, int, float, datetime, datetime, str]
#: The rank of whoever was not in the lottery: after everybody who was.
UNRANKED = float("inf")


def entitlement(one: Waiting, rule: Rule, memory: Memory) -> Key:
    """The key by which ``one`` stands in its lane; smaller is earlier, never equal for two tickets."""
    entry = listed(one, rule)
    back = entry is not None and entry.mode == "back" and one.re_entered_at is not None
    host = one.beside
    if host is not None and not back and rule.version != "1":
        *place, ticket = _key(host, rule, memory, back=False)
        return (*place, f"{ticket}\0{one.ticket}")  # type: ignore[return-value]
    return _key(one, rule, memory, back=back)


def _key(one: Waiting, rule: Rule, memory: Memory, *, back: bool) -> Key:
    if rule.order == "joined":
        joined = one.re_entered_at if back and one.re_entered_at is not None else one.joined_at
        return (joined, 0, 0, one.arrived_at, one.joined_at, one.ticket)
    rank = UNRANKED if one.rank is None else one.rank
    if back and one.re_entered_at is not None:
        return (one.re_entered_at, 1, UNRANKED, one.re_entered_at, one.joined_at, one.ticket)
    if _counts_as_booked(one, rule) and one.booked_window is not None:
        return (one.booked_window, 0, rank, one.arrived_at, one.joined_at, one.ticket)
    return (max(one.arrived_at, memory.opened_at), 1, rank, one.arrived_at, one.joined_at, one.ticket)


def stands_early(one: Waiting, key: Key, rule: Rule, now: datetime) -> bool:
    """Whether somebody booked (or the companion of one) has come before the window and waits for it."""
    stands = one.beside if one.beside is not None and rule.version != "1" else one
    return rule.order == "window" and _counts_as_booked(stands, rule) and key[0] > now


def _counts_as_booked(one: Waiting, rule: Rule) -> bool:
    return one.booked_window is not None and one.arrived_at <= one.booked_window + rule.late_grace


def listed(one: Waiting, rule: Rule) -> ReEntry | None:
    """What the published list says of how ``one`` came back; ValueError for a reason that is not on it."""
    if one.re_entry is None:
        return None
    if one.re_entry not in rule.re_entry:
        raise ValueError(f"re-entry {one.re_entry!r} is not in the published list")
    return rule.re_entry[one.re_entry]


class _Lane:
    """The waiting people of one lane: due, held back until so many were called, and early."""

    def __init__(self, called: int) -> None:
        self.called = called
        self.due: list[tuple[Key, str]] = []
        self.held: list[tuple[int, Key, str]] = []
        self.early: list[tuple[Key, str]] = []

    def add(self, one: Waiting, rule: Rule, memory: Memory, now: datetime) -> None:
        key, entry = entitlement(one, rule, memory), listed(one, rule)
        if stands_early(one, key, rule, now):
            heapq.heappush(self.early, (key, one.ticket))
        elif entry is not None and entry.mode == "after":
            heapq.heappush(self.held, (one.re_entry_count + entry.places, key, one.ticket))
            self._release()
        else:
            heapq.heappush(self.due, (key, one.ticket))

    def _release(self) -> None:
        while self.held and self.held[0][0] <= self.called:
            _, key, ticket = heapq.heappop(self.held)
            heapq.heappush(self.due, (key, ticket))

    @property
    def ready(self) -> bool:
        """Whether somebody may be called whose time has come."""
        return bool(self.due or self.held)

    def __len__(self) -> int:
        return len(self.due) + len(self.held) + len(self.early)

    def first(self) -> tuple[str, Key, Literal["due", "missed_alone", "early"]]:
        """Ticket, key and place of the person to call first in this lane."""
        if self.due:
            return self.due[0][1], self.due[0][0], "due"
        if self.held:
            return self.held[0][2], self.held[0][1], "missed_alone"
        return self.early[0][1], self.early[0][0], "early"

    def pop(self) -> None:
        """Call the first person: one more call in this lane."""
        if self.due:
            heapq.heappop(self.due)
        elif self.held:
            heapq.heappop(self.held)
        else:
            heapq.heappop(self.early)
        self.called += 1
        self._release()


def _sort(waiting: Sequence[Waiting], rule: Rule, memory: Memory, now: datetime) -> dict[str, _Lane]:
    lanes = {lane.code: _Lane(memory.called_in(lane.code)) for lane in rule.lanes}
    seen: set[str] = set()
    for one in waiting:
        if one.lane not in lanes:
            raise ValueError(f"lane {one.lane!r} of ticket {one.ticket} is not in the rule")
        if one.ticket in seen:
            raise ValueError(f"ticket {one.ticket} is listed twice")
        seen.add(one.ticket)
        if not one.absent:
            lanes[one.lane].add(one, rule, memory, now)
    return lanes


def _choose(lanes: Mapping[str, _Lane], rule: Rule, memory: Memory) -> tuple[str | None, Why]:
    waiting = sum(len(lane) for lane in lanes.values())
    candidates = [code for code, lane in lanes.items() if lane.ready]
    early = not candidates
    if early:
        candidates = [code for code, lane in lanes.items() if len(lane)]
    if not candidates:
        return None, Why(rule.version, "nobody", served=memory.served)
    # min() keeps the first of equals, and lanes stand in the order of the rule.
    code = min(candidates, key=memory.tag)
    ticket, key, place = lanes[code].first()
    return ticket, Why(
        version=rule.version,
        reason="early" if early else "turn" if len(candidates) > 1 else "only_lane",
        lane=code,
        place=place,
        entitled_at=key[0],
        tags=tuple((each, memory.tag(each)) for each in candidates),
        served=memory.tag(code),
        waiting=waiting,
    )


def next_ticket(
    waiting: Sequence[Waiting], rule: Rule, memory: Memory, now: datetime
) -> tuple[str | None, Why]:
    """The ticket to call now, or None if nobody waits, and why.

    Raises ValueError for a ticket listed twice, a lane or a re-entry reason that the rule does not know.
    """
    return _choose(_sort(waiting, rule, memory, now), rule, memory)


def after(memory: Memory, rule: Rule, why: Why, called_lane: str | None = None) -> Memory:
    """The memory after a call. ``called_lane`` is the lane really called, if it was not the rule's."""
    lane = called_lane or why.lane
    if lane is None:
        return memory
    tag = max(memory.tags.get(lane, 0), why.served)
    return Memory(
        opened_at=memory.opened_at,
        called={**memory.called, lane: memory.called_in(lane) + 1},
        tags={**memory.tags, lane: tag + rule.stride(lane)},
        served=why.served,
    )


def undone(now: Memory, before: Memory, rule: Rule, lane: str, why: Why) -> Memory:
    """The memory as if the call of ``lane``, a wrong press, had not been made.

    ``before`` is the memory before that call and ``why`` what the rule said. Nothing else called since: the
    memory from before, exactly. Otherwise the lane gives back its one call and its one stride, and the calls
    made meanwhile stay counted.
    """
    if now == after(before, rule, why, lane):
        return before
    return Memory(
        opened_at=now.opened_at,
        called={**now.called, lane: max(0, now.called_in(lane) - 1)},
        tags={**now.tags, lane: max(0, now.tags.get(lane, 0) - rule.stride(lane))},
        served=now.served,
    )


def order(waiting: Sequence[Waiting], rule: Rule, memory: Memory, now: datetime) -> list[str]:
    """All present tickets in the order in which they would be called if nobody came or left.

    The same as asking :func:`next_ticket` again and again at the same ``now``.
    """
    lanes = _sort(waiting, rule, memory, now)
    called: list[str] = []
    while True:
        ticket, why = _choose(lanes, rule, memory)
        if ticket is None or why.lane is None:
            return called
        called.append(ticket)
        lanes[why.lane].pop()
        memory = after(memory, rule, why)


def bound(rule: Rule, lane: str) -> int:
    """How many calls of other lanes can at most come between two calls of a lane in which people wait.

    While the lane's tag is *t*, another lane is called only with a tag of at most *t*; it starts at
    or above the tag served when the wait began, which is at most one stride of this lane below *t*.
    """
    mine = rule.stride(lane)
    return sum(mine // rule.stride(each.code) + 1 for each in rule.lanes if each.code != lane)


def limit(rule: Rule, lane: str, ahead: int) -> int:
    """At most so many calls of the step go before somebody who is due in ``lane`` behind ``ahead`` others of it.

    Before each of those calls and before the own one, other lanes get at most :func:`bound`. Who comes later
    adds to ``ahead`` only by standing before by a listed rule: an earlier window, the first place kept.
    """
    return ahead + (ahead + 1) * bound(rule, lane)
