"""The one place from which the office reads the time.

Every time in the system comes from :func:`now`, so that a whole office day can be replayed on a
virtual clock and a test can stand still. A :class:`Source` is anything with a ``now()`` that returns
an aware UTC datetime; :func:`install` sets it for the process, :func:`using` for the current context
(thread or task) only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar


class Source(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The present moment as an aware UTC datetime."""
        ...


def _utc(value: datetime) -> datetime:
    if value.utcoffset() is None:
        raise ValueError("a clock needs an aware datetime; a naive one has no moment")
    return value.astimezone(UTC)


class RealClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The machine's time, UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class VirtualClock:
    """Time that runs at its own pace: ``start + (real - anchor) * rate``.

    ``start`` is the virtual time at the real moment ``anchor``; ``rate`` is virtual seconds per real
    second (0 stands still, 1 is real pace). Two processes that hold the same three values agree.
    Raises ValueError for naive datetimes and for a negative rate: time never runs backwards.
    """

    start: datetime
    anchor: datetime
    rate: float = 1.0

    def __post_init__(self) -> None:
        if self.rate < 0:
            raise ValueError("the rate of a clock cannot be negative")
        object.__setattr__(self, "start", _utc(self.start))
        object.__setattr__(self, "anchor", _utc(self.anchor))

    def now(self) -> datetime:
        """The virtual time, UTC."""
        if self.rate == 0:
            return self.start
        return self.start + (datetime.now(UTC) - self.anchor) * self.rate

    def real_seconds_until(self, moment: datetime) -> float | None:
        """Real seconds until the virtual clock shows ``moment``; 0 if past, None if it never will."""
        left = (_utc(moment) - self.now()).total_seconds()
        if left <= 0:
            return 0.0
        return None if self.rate == 0 else left / self.rate


class ManualClock:
    """A clock that moves only when told to; for tests and for the day driver."""

    def __init__(self, moment: datetime) -> None:
        self._moment = _utc(moment)

    def now(self) -> datetime:
        """The time last set, UTC."""
        return self._moment

    def set(self, moment: datetime) -> None:
        """Jump to ``moment``, forwards or backwards (a test may want either)."""
        self._moment = _utc(moment)

    def advance(self, by: timedelta) -> datetime:
        """Move forward and return the new time; a negative step raises ValueError."""
        if by < timedelta(0):
            raise ValueError("advance() only moves forward; use set() to go back")
        self._moment += by
        return self._moment


S = TypeVar("S", bound=Source)

_installed: Source = RealClock()
_local: ContextVar[Source | None] = ContextVar("setara_clock", default=None)


def now() -> datetime:
    """The office's present moment: aware, UTC."""
    return (_local.get() or _installed).now()


def source() -> Source:
    """The source in force here (context first, then process)."""
    return _local.get() or _installed


def install(new: Source) -> Source:
    """Make ``new`` the clock of the whole process and return the one it replaces."""
    global _installed
    old, _installed = _installed, new
    return old


@contextmanager
def using(new: S) -> Iterator[S]:
    """Use ``new`` inside the block, in this thread or task only."""
    token = _local.set(new)
    try:
        yield new
    finally:
        _local.reset(token)
