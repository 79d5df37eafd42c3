"""From a quota to windows: pure arithmetic, no database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from setara.kernel.workdays import Span


def share(places: int, windows: int) -> list[int]:
    """``places`` split over ``windows`` as evenly as whole numbers allow, the remainder spread over the day.

    The sum is exactly ``places`` and no two windows differ by more than one. [] for no windows.
    """
    return [(i + 1) * places // windows - i * places // windows for i in range(windows)]


def spans_of(first: time, last: time, minutes: int) -> list[Span]:
    """The windows of ``minutes`` each from ``first`` to ``last``; a shorter rest at the end is none."""
    day = date(2000, 1, 1)
    start, end, step = datetime.combine(day, first), datetime.combine(day, last), timedelta(minutes=minutes)
    return [
        ((start + step * i).time(), (start + step * (i + 1)).time()) for i in range(int((end - start) / step))
    ]


def within(spans: Iterable[Span], hours: Sequence[Span]) -> list[Span]:
    """The windows that lie wholly within opening hours: nobody is asked to come during the Friday break."""
    return [
        (start, end)
        for start, end in spans
        if any(opens <= start and end <= closes for opens, closes in hours)
    ]


def plan(
    day: date, zone: ZoneInfo, hours: Sequence[Span], *, first: time, last: time, minutes: int, places: int
) -> list[tuple[datetime, datetime, int]]:
    """(start, end, places) of every window of ``day``; windows that would get no place are left out."""
    spans = within(spans_of(first, last, minutes), hours)
    return [
        (datetime.combine(day, start, zone), datetime.combine(day, end, zone), seats)
        for (start, end), seats in zip(spans, share(places, len(spans)), strict=True)
        if seats
    ]
