"""Working days, opening hours, due dates and how people write a date.

The state's convention for a term of *n* working days: the day on which it starts counts zero, then
every working day counts one; the n-th one is the due date.

A **hold** stops the clock. Its effect is counted in whole days, by one question only: *did the clock
stand still at the end of that day?* A working day after the day of the start is not counted if, at
its end (midnight in the office's zone), some hold had begun and not yet ended. A hold that begins and
ends on the same day therefore costs nothing, and two holds over the same day cost one day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

#: The three zones of Indonesia (DOMAIN section 8).
ZONES: Mapping[str, str] = MappingProxyType(
    {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}
)

Span = tuple[time, time]
Hours = tuple[Span, ...]
Hold = tuple[datetime, datetime | None]

SATURDAY, SUNDAY, FRIDAY = 5, 6, 4
_DAY = timedelta(days=1)


@cache
def zone_info(zone: str) -> ZoneInfo:
    """The time zone for ``WIB``, ``WITA`` or ``WIT``; ValueError for anything else."""
    if zone not in ZONES:
        raise ValueError(f"unknown zone {zone!r}; known are {', '.join(ZONES)}")
    return ZoneInfo(ZONES[zone])


def local(moment: datetime, zone: str) -> datetime:
    """An aware moment as the wall clock of ``zone`` shows it; ValueError for a naive one."""
    if moment.utcoffset() is None:
        raise ValueError("a naive datetime has no place on a calendar")
    return moment.astimezone(zone_info(zone))


def standard_hours(
    opens: time = time(8),
    closes: time = time(15, 30),
    midday_break: Span | None = (time(12), time(13)),
    friday_break: Span | None = (time(11, 30), time(13)),
) -> Mapping[int, Hours]:
    """Opening hours for Monday to Friday (0 to 4).

    The Friday break is DOMAIN section 8 [S167]; the other hours are a setting of each office [!].
    """

    def day(pause: Span | None) -> Hours:
        return ((opens, closes),) if pause is None else ((opens, pause[0]), (pause[1], closes))

    return MappingProxyType(
        {weekday: day(friday_break if weekday == FRIDAY else midday_break) for weekday in range(5)}
    )


@dataclass(frozen=True, slots=True)
class Closure:
    """A day on which this office is shut.

    By itself a closure does not stop the promise made to applicants: an office must not be able to
    lengthen its own terms by locking its door. ``is_holiday`` is for days that an authority has
    declared free for the whole region (a local election, a regional holiday); these are no working days.
    """

    reason: str
    is_holiday: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """Dated other hours, both days included, such as Ramadan or a Saturday service.

    A weekday that ``hours`` does not name keeps its ordinary hours; an empty tuple means closed.
    """

    first: date
    last: date
    name: str
    hours: Mapping[int, Hours]

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("a period ends before it begins")
        _check_hours(self.hours)


def _check_hours(hours: Mapping[int, Hours]) -> None:
    for weekday, spans in hours.items():
        if weekday not in range(7):
            raise ValueError("weekdays are 0 (Monday) to 6 (Sunday)")
        edges = [edge for span in spans for edge in span]
        if any(a >= b for a, b in pairwise(edges)):
            raise ValueError("opening hours must be in order and must not touch or overlap")


def _span(hold: Hold, as_of: datetime | None) -> Hold:
    """A hold with its open end closed at ``as_of``; one that begins after ``as_of`` lasts no time."""
    begin, end = hold
    if end is not None and end < begin:
        raise ValueError("a hold ends before it begins")
    if end is None and as_of is not None:
        return begin, max(begin, as_of)
    return begin, end


@dataclass(frozen=True)
class WorkCalendar:
    """The days and hours of one office.

    ``holidays`` maps a date to its name (national holidays and joint leave; both are no working
    days). ``weekend`` holds weekdays, 0 = Monday. Where periods overlap the later in the tuple wins.
    """

    zone: str = "WIB"
    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})
    holidays: Mapping[date, str] = field(default_factory=dict, hash=False)
    closures: Mapping[date, Closure] = field(default_factory=dict, hash=False)
    opening: Mapping[int, Hours] = field(default_factory=standard_hours, hash=False)
    periods: tuple[Period, ...] = ()

    def __post_init__(self) -> None:
        zone_info(self.zone)
        if not self.weekend < frozenset(range(7)):
            raise ValueError("the weekend must leave a working day in the week")
        _check_hours(self.opening)
        for name in ("holidays", "closures", "opening"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    # Days

    def date_of(self, moment: datetime) -> date:
        """The date on the office's wall at ``moment`` (aware)."""
        return local(moment, self.zone).date()

    def is_working_day(self, day: date) -> bool:
        """Whether terms count this day: no weekend, no holiday, no regional holiday."""
        closure = self.closures.get(day)
        return (
            day.weekday() not in self.weekend
            and day not in self.holidays
            and not (closure is not None and closure.is_holiday)
        )

    def why_closed(self, day: date) -> str | None:
        """Name of the holiday or reason of the closure on ``day``, if there is one."""
        closure = self.closures.get(day)
        return self.holidays.get(day) or (closure.reason if closure else None)

    def add_working_days(self, day: date, n: int) -> date:
        """The n-th working day after ``day``; ``day`` itself for n = 0; ValueError for n < 0."""
        if n < 0:
            raise ValueError("a term has no negative length")
        while n:
            day += _DAY
            n -= self.is_working_day(day)
        return day

    def working_days_between(self, a: date, b: date) -> int:
        """Working days in the half-open span (a, b]: ``a`` counts zero, as in a term.

        ``working_days_between(a, add_working_days(a, n)) == n``. Negative if ``b`` is before ``a``.
        """
        if b < a:
            return -self.working_days_between(b, a)
        return sum(self.is_working_day(a + _DAY * step) for step in range(1, (b - a).days + 1))

    # Terms

    def due_date(self, start: datetime, n: int) -> date:
        """The due date of a term of ``n`` working days that starts at ``start`` (aware)."""
        return self.add_working_days(self.date_of(start), n)

    def due_date_with_holds(
        self, start: datetime, n: int, holds: Iterable[Hold], as_of: datetime | None = None
    ) -> date | None:
        """The due date when the clock stood still during ``holds``; see the module's text.

        A hold is (begin, end), end None while it lasts. While an open hold keeps the n-th day out of
        reach there is no due date and the answer is None; with ``as_of`` an open hold is taken to end
        at that moment, which gives the earliest date still possible. ValueError for a hold that ends
        before it begins and for n < 0. Never earlier than :meth:`due_date`, and never earlier when
        ``n`` or a hold grows.
        """
        if n < 0:
            raise ValueError("a term has no negative length")
        spans = [_span(hold, as_of) for hold in holds]
        day = self.date_of(start)
        while n:
            day += _DAY
            if not self.is_working_day(day):
                continue
            evening = self.end_of_day(day)
            standing = [end for begin, end in spans if begin < evening and (end is None or end >= evening)]
            if not standing:
                n -= 1
            elif None in standing:
                return None
        return day

    def end_of_day(self, day: date) -> datetime:
        """Midnight at the end of ``day`` in the office's zone, aware."""
        return datetime.combine(day + _DAY, time(0), zone_info(self.zone))

    # Hours

    def hours(self, day: date) -> list[Span]:
        """The spans during which the hall is open on ``day``, in order; empty if it is shut."""
        if day in self.holidays or day in self.closures:
            return []
        spans = self.opening.get(day.weekday(), ()) if day.weekday() not in self.weekend else ()
        for period in self.periods:
            if period.first <= day <= period.last:
                spans = period.hours.get(day.weekday(), spans)
        return list(spans)

    def is_open(self, at: datetime) -> bool:
        """Whether the hall is open at ``at`` (aware); the closing minute itself is shut."""
        here = local(at, self.zone)
        clock = here.time()
        return any(opens <= clock < closes for opens, closes in self.hours(here.date()))


_DAYS = {
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "id": (
        *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
        *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}


def _language(lang: str) -> str:
    return "en" if lang.lower().startswith("en") else "id"


def format_date(day: date, lang: str = "id", *, weekday: bool = True) -> str:
    """``Selasa, 3 Maret 2026`` or ``Tuesday, 3 March 2026``; without the weekday if told so."""
    names = _language(lang)
    text = f"{day.day} {_MONTHS[names][day.month - 1]} {day.year}"
    return f"{_DAYS[names][day.weekday()]}, {text}" if weekday else text


def format_time(moment: datetime, zone: str, lang: str = "id") -> str:
    """``09.40 WIB`` or, in English, ``09:40 WIB``."""
    here = local(moment, zone)
    return f"{here:%H}{':' if _language(lang) == 'en' else '.'}{here:%M} {zone}"


def format_when(moment: datetime, zone: str, lang: str = "id") -> str:
    """``Selasa, 3 Maret 2026, pukul 09.40 WIB`` or ``Tuesday, 3 March 2026, 09:40 WIB``."""
    day = format_date(local(moment, zone).date(), lang)
    at = format_time(moment, zone, lang)
    return f"{day}, {at}" if _language(lang) == "en" else f"{day}, pukul {at}"
