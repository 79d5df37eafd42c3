"""The kernel clock read from the one clock row, so that all processes of an office agree on the time."""

from __future__ import annotations

import threading
import time
from datetime import datetime

from django.db import connection

from setara.kernel import clock
from setara.ledger.models import ClockRow

# A process may lag the row by this long; a demo that jumps in time is allowed a second of it.
REFRESH_SECONDS = 1.0
REAL = ("real", 1.0, "")


class RowClock:
    """A kernel clock source that follows the clock row, looking at it at most once a second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._source: clock.Source = clock.RealClock()
        self._state: tuple[str, float, str] = REAL
        self._until = 0.0

    def now(self) -> datetime:
        """The office's time, UTC."""
        self._refresh()
        return self._source.now()

    def state(self) -> tuple[str, float, str]:
        """(mode, rate, note) as the row had it at most a second ago."""
        self._refresh()
        return self._state

    def forget(self) -> None:
        """Look at the row again at the next call."""
        self._until = 0.0

    def _refresh(self) -> None:
        if time.monotonic() < self._until:
            return
        with self._lock:
            if time.monotonic() < self._until:
                return
            # Inside a failed transaction no query may run; the last known source serves until it is over.
            if not (connection.in_atomic_block and connection.needs_rollback):
                row = ClockRow.objects.filter(pk=1).first()
                self._source = _source(row)
                self._state = REAL if row is None else (row.mode, row.rate, row.note)
            self._until = time.monotonic() + REFRESH_SECONDS


def _source(row: ClockRow | None) -> clock.Source:
    if row is None or row.mode != "virtual" or row.start is None or row.anchor is None:
        return clock.RealClock()
    return clock.VirtualClock(start=row.start, anchor=row.anchor, rate=row.rate)


SHARED = RowClock()


def install() -> None:
    """Make the clock row the clock of this process."""
    clock.install(SHARED)


def set_virtual(start: datetime, *, rate: float, note: str = "") -> None:
    """Let the office's time start at ``start`` now and run ``rate`` times as fast as real time."""
    ClockRow.objects.update_or_create(
        pk=1,
        defaults={
            "mode": "virtual",
            "start": start,
            "anchor": clock.RealClock().now(),
            "rate": rate,
            "note": note,
        },
    )
    SHARED.forget()


def set_real() -> None:
    """Let the office's time be real time."""
    ClockRow.objects.update_or_create(pk=1, defaults={"mode": "real", "note": ""})
    SHARED.forget()


def state() -> tuple[str, float, str]:
    """(mode, rate, note) as the row had it at most a second ago; every page of the demo asks."""
    return SHARED.state()
