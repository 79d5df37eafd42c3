"""The calendar of an office, built from its own editable tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, TextField, Value
from django.db.models.functions import Cast, Concat

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


def calendar_between(office: Office, first: date, last: date) -> WorkCalendar:
    """The calendar of ``first`` to ``last`` (both included), in one query where nothing is remembered.

    For pages that look only a few days ahead; of holidays and closures it knows the days, not the names.
    """

    def look() -> WorkCalendar:
        off = {"active": True, "date__range": (first, last)}
        mine = OpeningHours.objects.filter(office=OuterRef("pk"))
        soon = Season.objects.filter(active=True, starts__lte=last, ends__gte=first).order_by("starts", "pk")
        hours, seasons, holidays, closures = Office.objects.values_list(
            ArraySubquery(
                mine.values(x=_joined("season", "weekday", "opens", "closes", "break_from", "break_to"))
            ),
            ArraySubquery(soon.values(x=_joined("season", "starts", "ends"))),
            ArraySubquery(Holiday.objects.filter(**off).values("date")),
            ArraySubquery(Closure.objects.filter(office=OuterRef("pk"), **off).values("date")),
        ).get(pk=office.pk)
        return _calendar(
            office,
            [_hours(*row.split("|")) for row in hours],
            [_season(*row.split("|")) for row in seasons],
            dict.fromkeys(holidays, ""),
            dict.fromkeys(closures, workdays.Closure("")),
        )

    return memory.remember(("calendar", office.pk, office.zone, first, last), look)


def _joined(*names: str) -> Concat:
    parts: list[Any] = []
    for name in names:
        parts += [Value("|"), Cast(name, TextField())]
    return Concat(*parts[1:], output_field=TextField())


def _hours(season: str, weekday: str, opens: str, closes: str, begin: str, end: str) -> OpeningHours:
    at = time.fromisoformat
    row = OpeningHours(season=season, weekday=int(weekday), opens=at(opens), closes=at(closes))
    row.break_from, row.break_to = (at(begin), at(end)) if begin and end else (None, None)
    return row


def _season(season: str, starts: str, ends: str) -> Season:
    return Season(season=season, starts=date.fromisoformat(starts), ends=date.fromisoformat(ends))


def _build(office: Office) -> WorkCalendar:
    closed = Closure.objects.filter(office=office, active=True)
    return _calendar(
        office,
        OpeningHours.objects.filter(office=office),
        Season.objects.filter(active=True).order_by("starts", "pk"),
        _holidays(),
        {row.date: workdays.Closure(row.reason) for row in closed},
    )


def _calendar(
    office: Office,
    opening: Iterable[OpeningHours],
    seasons: Iterable[Season],
    holidays: dict[date, str],
    closures: dict[date, workdays.Closure],
) -> WorkCalendar:
    hours: dict[str, list[OpeningHours]] = defaultdict(list)
    for row in opening:
        hours[row.season].append(row)
    weekly = _by_weekday(hours[OpeningHours.Season.ORDINARY])
    # Saturday service opens the hall; it does not make Saturday a working day of the terms.
    weekend = {day: spans for day, spans in weekly.items() if day in WEEKEND}
    periods = [workdays.Period(date.min, date.max, "weekend", weekend)] if weekend else []
    for season in seasons:
        special = _by_weekday(hours[season.season])
        periods.append(workdays.Period(season.starts, season.ends, season.name, special))
    return WorkCalendar(
        zone=office.zone,
        weekend=WEEKEND,
        holidays=holidays,
        closures=closures,
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
