from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setara.kernel.workdays import (
    Closure,
    Period,
    WorkCalendar,
    format_date,
    format_time,
    format_when,
    local,
    standard_hours,
    zone_info,
)

WIB = zone_info("WIB")
TUESDAY = date(2026, 3, 3)
LEBARAN = {date(2026, 3, d): "Idulfitri" for d in (18, 19, 20, 21, 22, 23, 24)}

days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
moments = st.integers(0, 60 * 24 * 364).map(lambda m: datetime(2026, 1, 1, tzinfo=WIB) + timedelta(minutes=m))
calendars = st.builds(
    WorkCalendar,
    zone=st.sampled_from(["WIB", "WITA", "WIT"]),
    weekend=st.sampled_from([frozenset({5, 6}), frozenset({6}), frozenset()]),
    holidays=st.dictionaries(days, st.just("libur"), max_size=40),
    closures=st.dictionaries(days, st.builds(Closure, st.just("x"), st.booleans()), max_size=20),
)
holds = st.lists(
    st.tuples(moments, st.none() | st.integers(0, 60 * 24 * 40)).map(
        lambda pair: (pair[0], None if pair[1] is None else pair[0] + timedelta(minutes=pair[1]))
    ),
    max_size=4,
)
FOREVER = date.max


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), WIB)


def test_a_term_counts_zero_on_its_first_day_and_jumps_over_free_days() -> None:
    plain = WorkCalendar()
    assert plain.due_date(at(TUESDAY, 9), 4) == date(2026, 3, 9)
    assert plain.due_date(at(TUESDAY, 9), 0) == TUESDAY
    # Started on a Saturday: Monday is the first day.
    assert plain.add_working_days(date(2026, 3, 7), 1) == date(2026, 3, 9)
    lebaran = WorkCalendar(holidays=LEBARAN)
    assert lebaran.due_date(at(date(2026, 3, 17), 15), 4) == date(2026, 3, 30)
    assert lebaran.why_closed(date(2026, 3, 21)) == "Idulfitri"
    # 23.30 UTC on Monday is Tuesday in Depok.
    assert plain.due_date(datetime(2026, 3, 2, 23, 30, tzinfo=UTC), 1) == date(2026, 3, 4)
    with pytest.raises(ValueError, match="negative"):
        plain.add_working_days(TUESDAY, -1)


def test_an_office_cannot_lengthen_its_terms_by_closing() -> None:
    flood = WorkCalendar(closures={date(2026, 3, 4): Closure("Banjir")})
    election = WorkCalendar(closures={date(2026, 3, 4): Closure("Pilkada", is_holiday=True)})
    assert flood.hours(date(2026, 3, 4)) == election.hours(date(2026, 3, 4)) == []
    assert flood.due_date(at(TUESDAY, 9), 4) == date(2026, 3, 9)
    assert election.due_date(at(TUESDAY, 9), 4) == date(2026, 3, 10)


def test_holds_count_by_where_the_clock_stood_at_the_end_of_the_day() -> None:
    calendar = WorkCalendar()
    start = at(TUESDAY, 9)
    wednesday, thursday = TUESDAY + timedelta(1), TUESDAY + timedelta(2)
    cases = [
        ([], date(2026, 3, 9)),
        ([(at(wednesday, 8), at(wednesday, 16))], date(2026, 3, 9)),
        ([(at(wednesday, 16), at(thursday, 8))], date(2026, 3, 10)),
        ([(at(wednesday, 8), at(thursday, 0))], date(2026, 3, 10)),
        ([(at(TUESDAY, 10), at(wednesday, 8))], date(2026, 3, 9)),
        ([(at(wednesday, 8), at(thursday, 9)), (at(wednesday, 9), at(thursday, 8))], date(2026, 3, 10)),
        ([(at(date(2026, 3, 6), 15), at(date(2026, 3, 9), 8))], date(2026, 3, 10)),
        ([(at(wednesday, 8), None)], None),
        ([(at(date(2026, 3, 9), 8), None)], None),
        ([(at(date(2026, 3, 10), 0), None)], date(2026, 3, 9)),
    ]
    for given_holds, expected in cases:
        assert calendar.due_date_with_holds(start, 4, given_holds) == expected, given_holds
    running = [(at(wednesday, 8), None)]
    assert calendar.due_date_with_holds(start, 4, running, as_of=at(thursday, 9)) == date(2026, 3, 10)
    with pytest.raises(ValueError, match="before it begins"):
        calendar.due_date_with_holds(start, 4, [(at(thursday, 8), at(wednesday, 8))])


@given(calendars, moments, st.integers(0, 30), holds)
@settings(max_examples=150)
def test_holds_never_bring_the_due_date_forward(
    calendar: WorkCalendar, start: datetime, n: int, spans: list[tuple[datetime, datetime | None]]
) -> None:
    due = calendar.due_date_with_holds(start, n, spans) or FOREVER
    assert calendar.due_date_with_holds(start, n, []) == calendar.due_date(start, n)
    assert due >= calendar.due_date(start, n)
    assert (calendar.due_date_with_holds(start, n + 1, spans) or FOREVER) >= due
    assert (calendar.due_date_with_holds(start, n, spans[1:]) or FOREVER) <= due
    longer = [(begin, end and end + timedelta(hours=30)) for begin, end in spans]
    assert (calendar.due_date_with_holds(start, n, longer) or FOREVER) >= due
    assert calendar.due_date_with_holds(start, n, spans[::-1]) == calendar.due_date_with_holds(
        start, n, spans
    )
    now = start + timedelta(days=9)
    assert (calendar.due_date_with_holds(start, n, spans, as_of=now) or FOREVER) <= due


@given(calendars, days, st.integers(0, 40))
@settings(max_examples=150)
def test_adding_and_counting_agree(calendar: WorkCalendar, day: date, n: int) -> None:
    due = calendar.add_working_days(day, n)
    assert calendar.working_days_between(day, due) == n
    assert calendar.working_days_between(due, day) == -n
    assert n == 0 or calendar.is_working_day(due)


def test_hours_know_friday_ramadan_and_closures() -> None:
    ramadan = Period(
        date(2026, 2, 18),
        date(2026, 3, 19),
        "Ramadan",
        standard_hours(time(8), time(15), (time(12), time(12, 30))),
    )
    saturday = Period(date(2026, 4, 11), date(2026, 4, 11), "Simpatik", {5: ((time(8), time(11)),)})
    calendar = WorkCalendar(holidays={date(2026, 4, 3): "Wafat"}, periods=(ramadan, saturday))
    assert calendar.hours(date(2026, 4, 10)) == [(time(8), time(11, 30)), (time(13), time(15, 30))]
    assert calendar.hours(TUESDAY) == [(time(8), time(12)), (time(12, 30), time(15))]
    assert calendar.hours(date(2026, 4, 3)) == []
    assert calendar.hours(date(2026, 4, 11)) == [(time(8), time(11))]
    assert not calendar.is_working_day(date(2026, 4, 11))
    assert calendar.hours(date(2026, 4, 12)) == []
    friday = date(2026, 4, 10)
    open_at = {
        hour: calendar.is_open(at(friday, *hour)) for hour in [(7, 59), (8, 0), (11, 30), (12, 59), (13, 0)]
    }
    assert list(open_at.values()) == [False, True, False, False, True]
    # 01.00 UTC is 08.00 in Depok.
    assert calendar.is_open(datetime(2026, 4, 10, 1, 0, tzinfo=UTC))


def test_nonsense_calendars_are_refused() -> None:
    for broken in (
        lambda: WorkCalendar(zone="UTC"),
        lambda: WorkCalendar(weekend=frozenset(range(7))),
        lambda: WorkCalendar(opening={0: ((time(9), time(8)),)}),
        lambda: WorkCalendar(opening={7: ()}),
        lambda: Period(TUESDAY, date(2026, 3, 2), "x", {}),
        lambda: local(datetime(2026, 3, 3), "WIB"),  # noqa: DTZ001 - the naive value is the case
    ):
        with pytest.raises(ValueError, match=r"."):
            broken()


def test_dates_are_written_as_people_write_them() -> None:
    moment = datetime(2026, 3, 3, 2, 40, tzinfo=UTC)
    assert format_when(moment, "WIB") == "Selasa, 3 Maret 2026, pukul 09.40 WIB"
    assert format_when(moment, "WIT", "en-gb") == "Tuesday, 3 March 2026, 11:40 WIT"
    assert format_when(moment, "WITA", "id") == "Selasa, 3 Maret 2026, pukul 10.40 WITA"
    assert format_date(date(2026, 8, 17), weekday=False) == "17 Agustus 2026"
    assert format_time(moment, "WIB") == "09.40 WIB"
