"""What the queue rule speaks of: who waits, the lanes, what is remembered between calls, and why somebody is next.

The rule itself is :mod:`setara.rules.queue`; these are its words, frozen and plain enough to be stored and read
again by anybody who replays a day.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

#: Version 2 knows companions; version 1 did not, and can still be replayed. What is stored is the same.
RULE_VERSION = "2"
VERSIONS = frozenset({"1", RULE_VERSION})

Order = Literal["window", "joined"]
Mode = Literal["keep", "after", "back"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One ticket that waits at one step. All moments are aware.

    ``joined_at`` is the *first* time of joining this step and stays what it was after a re-entry;
    ``booked_window`` the start of the booked window or None for a walk-in; ``rank`` the lottery rank
    of those who waited when the doors opened. After a re-entry ``re_entry`` names the listed reason,
    ``re_entered_at`` the moment, and ``re_entry_count`` is ``memory.called_in(lane)`` of that moment.
    ``absent`` people (called in vain, out for a copy) are not called. ``beside`` is the person whom a companion
    lawfully accompanies, as that person stood on joining this step; None for everybody else.
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
    beside: Waiting | None = None


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
        if self.version not in VERSIONS:
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
