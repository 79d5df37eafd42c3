"""The few days ahead, read in one query, are those of the whole calendar."""

from __future__ import annotations

from datetime import date, time, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from setara.offices import memory
from setara.offices.calendar import calendar_between, calendar_of
from setara.offices.models import Closure, Holiday, Office, OpeningHours, Season

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 16)


def test_the_days_ahead_are_those_of_the_calendar_in_one_query(office: Office) -> None:
    OpeningHours.objects.create(
        office=office, season="ramadan", weekday=1, opens=time(9), closes=time(14), break_from=time(12),
        break_to=time(12, 30),
    )  # fmt: skip
    OpeningHours.objects.create(office=office, weekday=5, opens=time(8), closes=time(11))
    Season.objects.create(name="Ramadan", season="ramadan", starts=FIRST, ends=date(2026, 3, 8))
    Holiday.objects.create(date=date(2026, 3, 5), name="x", kind="national")
    Closure.objects.create(office=office, date=date(2026, 3, 12), reason="x")
    Closure.objects.create(office=office, date=date(2026, 3, 13), reason="x", active=False)
    memory.forget()
    with CaptureQueriesContext(connection) as queries:
        near = calendar_between(office, FIRST, LAST)
    assert len(queries) == 1
    whole, days = calendar_of(office), [FIRST + timedelta(days=n) for n in range(15)]
    assert [near.hours(day) for day in days] == [whole.hours(day) for day in days]
    assert near.hours(date(2026, 3, 3))[0][0] == time(9), "the hours of the season"
    assert near.hours(date(2026, 3, 7)), "a Saturday service"
    assert near.hours(date(2026, 3, 5)) == near.hours(date(2026, 3, 12)) == []
    assert near.hours(date(2026, 3, 13))
