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

**Between lanes** calls are shared out by weight with start-time fair queueing, a weighted round robin
that stays fair when lanes run empty and fill again: each lane carries a tag that grows by
*least common multiple / weight* with each call, the lowest tag is next, the order of the lanes in the
rule decides between equals, and a lane that was empty starts at the tag now being served, so that it
neither saves up turns nor loses any. Nobody at the head of a lane waits for more than :func:`bound`
calls of other lanes.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

RULE_VERSION = "1"

Order = Literal["window", "joined"]
Mode = Literal["keep", "after", "back"]
Key = tuple[datetime, int, float, datetime, datetime, str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One ticket that waits at one step. All moments are aware.

    ``joined_at`` is the *first* time of joining this step and stays what it was after a re-entry;
    ``booked_window`` the start of the booked window or None for a walk-in; ``rank`` the lottery rank
    of those who waited when the doors opened. After a re-entry ``re_entry`` names the listed reason,
    ``re_entered_at`` the moment, and ``re_entry_count`` is ``memory.called_in(lane)`` of that moment.
    ``absent`` people (called in vain, out for a copy) are not called.
    """

    ticket: str
    lane: str
    joined_at: datetime
    arrived_at: datetime
    booked_window: datetime | None = None
    rank: int | None = None
    re_entry: str | None = None
    re_entered_at: datetime | None = None
    re_entry_count: int = 0
    absent: bool = False


@dataclass(frozen=True, slots=True)
class LaneRule:
    """A lane's code and its weight (calls per round, at least 1)."""

    code: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class ReEntry:
    """What a listed reason of coming back does; ``places`` only counts for the mode ``after``."""

    mode: Mode
    places: int = 0


#: The published list that holds unless a service pack says otherwise.
RE_ENTRY: Mapping[str, ReEntry] = {
    "missed": ReEntry("after", 3),
    "returned": ReEntry("keep"),
    "outage": ReEntry("keep"),
}


@dataclass(frozen=True)
class Rule:
    """The parameters of the rule for one step of one office. ValueError if they make no sense."""

    lanes: tuple[LaneRule, ...]
    order: Order = "window"
    re_entry: Mapping[str, ReEntry] = field(default_factory=lambda: dict(RE_ENTRY), hash=False)
    late_grace: timedelta = timedelta(minutes=60)
    version: str = RULE_VERSION

    def __post_init__(self) -> None:
        codes = [lane.code for lane in self.lanes]
        if not codes or len(set(codes)) != len(codes):
            raise ValueError("a rule needs lanes, each code once")
        if any(lane.weight < 1 for lane in self.lanes):
            raise ValueError("the weight of a lane is at least 1, or its people would never be called")
        if self.version != RULE_VERSION:
            raise ValueError(f"this is rule {RULE_VERSION}; it cannot replay version {self.version}")

    def stride(self, lane: str) -> int:
        """How far a call moves the tag of ``lane``; ValueError for an unknown lane."""
        shared = math.lcm(*(each.weight for each in self.lanes))
        for each in self.lanes:
            if each.code == lane:
                return shared // each.weight
        raise ValueError(f"lane {lane!r} is not in the rule")

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the record of the day's opening; :meth:`from_dict` reads it."""
        return {
            "version": self.version,
            "order": self.order,
            "lanes": [{"code": lane.code, "weight": lane.weight} for lane in self.lanes],
            "re_entry": {
                code: {"mode": entry.mode, "places": entry.places}
                for code, entry in sorted(self.re_entry.items())
            },
            "late_grace_seconds": int(self.late_grace.total_seconds()),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Rule:
        """The rule that :meth:`as_dict` wrote."""
        return cls(
            lanes=tuple(LaneRule(lane["code"], lane["weight"]) for lane in data["lanes"]),
            order=data["order"],
            re_entry={
                code: ReEntry(entry["mode"], entry["places"]) for code, entry in data["re_entry"].items()
            },
            late_grace=timedelta(seconds=data["late_grace_seconds"]),
            version=data["version"],
        )


@dataclass(frozen=True)
class Memory:
    """What the rule must remember between calls at one step of one day; immutable.

    ``opened_at`` is the opening of the doors, ``called`` counts the calls per lane, ``tags`` and
    ``served`` belong to the sharing between lanes.
    """

    opened_at: datetime
    called: Mapping[str, int] = field(default_factory=dict, hash=False)
    tags: Mapping[str, int] = field(default_factory=dict, hash=False)
    served: int = 0

    def called_in(self, lane: str) -> int:
        """Number of calls in ``lane`` so far; what a re-entry stores as ``re_entry_count``."""
        return self.called.get(lane, 0)

    def tag(self, lane: str) -> int:
        """The lane's tag; a lane that was empty starts at the tag now being served."""
        return max(self.tags.get(lane, 0), self.served)

    def as_dict(self) -> dict[str, Any]:
        """Plain data to store; :meth:`from_dict` reads it."""
        return {
            "opened_at": self.opened_at.isoformat(),
            "called": dict(sorted(self.called.items())),
            "tags": dict(sorted(self.tags.items())),
            "served": self.served,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Memory:
        """The memory that :meth:`as_dict` wrote."""
        opened_at = datetime.fromisoformat(data["opened_at"])
        return cls(opened_at, dict(data["called"]), dict(data["tags"]), data["served"])


@dataclass(frozen=True, slots=True)
class Why:
    """Why the rule chose as it did; plain enough to be stored with the call and shown to anybody.

    ``reason``: ``turn`` (lowest tag), ``only_lane``, ``early`` (nobody else waits) or ``nobody``.
    ``place``: ``due``, ``missed_alone`` (would wait for others, but none wait in the lane) or ``early``.
    ``tags`` are the lanes that had somebody to call, with their tags; ``served`` the lowest of them.
    ``entitled_at`` is the moment by which the ticket stood first in its lane.
    """

    version: str
    reason: Literal["turn", "only_lane", "early", "nobody"]
    lane: str | None = None
    place: Literal["due", "missed_alone", "early"] | None = None
    entitled_at: datetime | None = None
    tags: tuple[tuple[str, int], ...] = ()
    served: int = 0
    waiting: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the event of the call."""
        return {
            "version": self.version,
            "reason": self.reason,
            "lane": self.lane,
            "place": self.place,
            "entitled_at": self.entitled_at.isoformat() if self.entitled_at else None,
            "tags": dict(self.tags),
            "served": self.served,
            "waiting": self.waiting,
        }

    def text(self, lang: str = "id") -> str:
        """One sentence for people, Indonesian or English."""
        return _TEXTS["en" if lang.startswith("en") else "id"][self.reason].format(
            lane=self.lane, waiting=self.waiting
        )


_TEXTS = {
    "id": {
        "turn": "Giliran jalur {lane}; nomor ini paling depan di jalurnya. Menunggu: {waiting} orang.",
        "only_lane": "Hanya jalur {lane} yang menunggu; nomor ini paling depan. Menunggu: {waiting} orang.",
        "early": "Jam kunjungannya belum tiba, tetapi tidak ada orang lain yang menunggu.",
        "nobody": "Tidak ada yang menunggu.",
    },
    "en": {
        "turn": "It is the turn of lane {lane}; this ticket is first in its lane. Waiting: {waiting}.",
        "only_lane": "Only lane {lane} is waiting; this ticket is first in it. Waiting: {waiting}.",
        "early": "Before the booked time, but nobody else is waiting.",
        "nobody": "Nobody is waiting.",
    },
}


def entitlement(one: Waiting, rule: Rule, memory: Memory) -> Key:
    """The key by which ``one`` stands in its lane; smaller is earlier, never equal for two tickets."""
    entry = _entry(one, rule)
    back = entry is not None and entry.mode == "back"
    if rule.order == "joined":
        joined = (one.re_entered_at or one.joined_at) if back else one.joined_at
        return (joined, 0, 0, one.arrived_at, one.joined_at, one.ticket)
    rank = math.inf if one.rank is None else one.rank
    if back and one.re_entered_at is not None:
        return (one.re_entered_at, 1, math.inf, one.re_entered_at, one.joined_at, one.ticket)
    if _counts_as_booked(one, rule) and one.booked_window is not None:
        return (one.booked_window, 0, rank, one.arrived_at, one.joined_at, one.ticket)
    return (max(one.arrived_at, memory.opened_at), 1, rank, one.arrived_at, one.joined_at, one.ticket)


def _counts_as_booked(one: Waiting, rule: Rule) -> bool:
    return one.booked_window is not None and one.arrived_at <= one.booked_window + rule.late_grace


def _entry(one: Waiting, rule: Rule) -> ReEntry | None:
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
        key, entry = entitlement(one, rule, memory), _entry(one, rule)
        if rule.order == "window" and _counts_as_booked(one, rule) and key[0] > now:
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
