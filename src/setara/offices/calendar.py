"""The calendar of an office, built from its own editable tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from setara.kernel import workdays
from setara.kernel.workdays import Hours, WorkCalendar
from setara.offices import memory
from setara.offices.models import Closure, Holiday, Office, OpeningHours, Season

WEEKEND = frozenset({workdays.SATURDAY, workdays.SUNDAY})


def zone_of(office: Office) -> ZoneInfo:
    """The time zone of an office."""
    return workdays.zone_info(office.zone)


def local_date(office: Office, at: datetime) -> date:
    """The date on the office's wall at ``at`` (aware)."""
    return workdays.local(at, office.zone).date()


def calendar_of(office: Office) -> WorkCalendar:
    """Working days and opening hours of an office, as configured within the last few seconds."""
    return memory.remember(("calendar", office.pk, office.zone), lambda: _build(office))


def days_off(office: Office, first: date, last: date) -> set[date]:
    """Holidays and closures between two days (both included), as configured within the last few seconds;
    weekends are not among them. One query where nothing is remembered."""

    def look() -> set[date]:
        span = {"active": True, "date__range": (first, last)}
        holidays = Holiday.objects.filter(**span).values_list("date", flat=True)
        return set(
            holidays.union(Closure.objects.filter(office=office, **span).values_list("date", flat=True))
        )

    return memory.remember(("days off", office.pk, first, last), look)


def _build(office: Office) -> WorkCalendar:
    hours: dict[str, list[OpeningHours]] = defaultdict(list)
    for row in OpeningHours.objects.filter(office=office):
        hours[row.season].append(row)
    weekly = _by_weekday(hours[OpeningHours.Season.ORDINARY])
    # Saturday service opens the hall; it does not make Saturday a working day of the terms.
    weekend = {day: spans for day, spans in weekly.items() if day in WEEKEND}
    periods = [workdays.Period(date.min, date.max, "weekend", weekend)] if weekend else []
    for season in Season.objects.filter(active=True).order_by("starts", "pk"):
        special = _by_weekday(hours[season.season])
        periods.append(workdays.Period(season.starts, season.ends, season.name, special))
    return WorkCalendar(
        zone=office.zone,
        weekend=WEEKEND,
        holidays=_holidays(),
        closures={
            row.date: workdays.Closure(row.reason)
            for row in Closure.objects.filter(office=office, active=True)
        },
        opening={day: spans for day, spans in weekly.items() if day not in WEEKEND},
        periods=tuple(periods),
    )


def _holidays() -> dict[date, str]:
    names: dict[date, list[str]] = defaultdict(list)
    for row in Holiday.objects.filter(active=True).order_by("date", "pk"):
        names[row.date].append(row.name)
    return {day: "; ".join(found) for day, found in names.items()}


def _by_weekday(rows: Iterable[OpeningHours]) -> dict[int, Hours]:
    return {row.weekday: _spans(row) for row in rows}


def _spans(row: OpeningHours) -> Hours:
    if row.break_from is None or row.break_to is None:
        return ((row.opens, row.closes),)
    return ((row.opens, row.break_from), (row.break_to, row.closes))
