"""How figures are made of calls and files: pure functions, so that any page and any program gives the same."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

#: Outcomes of a call in which somebody was served.
SERVED = frozenset({"served", "sent_back"})


class CallLike(Protocol):
    """What the figures need of a call; any row with these columns will do."""

    @property
    def ticket_id(self) -> Hashable: ...
    @property
    def step(self) -> str: ...
    @property
    def lane(self) -> str: ...
    @property
    def joined_at(self) -> datetime: ...
    @property
    def called_at(self) -> datetime: ...
    @property
    def started_at(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def outcome(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Wait:
    """One call that was served: minutes in the line of the step, and minutes of service."""

    step: str
    lane: str
    minutes: float
    service: float | None


@dataclass(frozen=True, slots=True)
class Waits:
    """The waits of one step and lane: how many, and half (nine of ten) waited at most so many minutes."""

    step: str
    lane: str
    served: int
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class Promise:
    """Of ``counted`` files, finished or overdue, ``kept`` were finished in time."""

    kept: int
    counted: int

    @property
    def share(self) -> float | None:
        """The share kept, None when nothing can be said."""
        return self.kept / self.counted if self.counted else None

    @property
    def percent(self) -> int | None:
        """The share in whole per cent, rounded down: 99.6 per cent is not everybody."""
        return self.kept * 100 // self.counted if self.counted else None


def percentile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile: the smallest value with at least ``share`` of all at or below it."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def waits(calls: Iterable[CallLike]) -> list[Wait]:
    """Wait and service of each call that was served; ``calls`` in the order in which they were made.

    The line of a step is joined on arrival or when the call before ended; a missed call is part of the wait,
    a call undone does not exist.
    """
    since: dict[Hashable, datetime] = {}
    found = []
    for call in calls:
        if call.outcome not in SERVED or call.ended_at is None:
            continue
        joined = max(since.get(call.ticket_id, call.joined_at), call.joined_at)
        service = _minutes(call.started_at, call.ended_at) if call.started_at else None
        found.append(Wait(call.step, call.lane, _minutes(joined, call.called_at), service))
        since[call.ticket_id] = call.ended_at
    return found


def by_step(found: Iterable[Wait]) -> list[Waits]:
    """The waits per step and lane, in order of the first call."""
    groups: dict[tuple[str, str], list[float]] = defaultdict(list)
    for wait in found:
        groups[wait.step, wait.lane].append(wait.minutes)
    return [
        Waits(step, lane, len(some), percentile(some, 0.5) or 0.0, percentile(some, 0.9) or 0.0)
        for (step, lane), some in groups.items()
    ]


def _minutes(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 60
