from __future__ import annotations

from datetime import date

from setara.kernel.holidays_id import seed
from setara.kernel.workdays import WorkCalendar

# Joint decree (SKB) 1497/2025, 2/2025 and 5/2025 of 19 September 2025, as listed in PLATFORM B4.1.
NATIONAL = (
    "01-01 01-16 02-17 03-19 03-21 03-22 04-03 04-05 05-01 05-14 05-27 05-31 06-01 06-16 08-17 08-25 12-25"
)
JOINT = "02-16 03-18 03-20 03-23 03-24 05-15 05-28 12-24"


def _days(kind: str, year: int) -> list[str]:
    return [f"{day.date:%m-%d}" for day in seed(year) if day.kind == kind]


def test_2026_is_exactly_the_decree() -> None:
    assert _days("national", 2026) == NATIONAL.split()
    assert _days("joint_leave", 2026) == JOINT.split()


def test_late_additions_are_in_and_every_day_has_a_name_and_comes_once() -> None:
    assert "08-18" in _days("joint_leave", 2025)
    for year in (2024, 2025, 2026, 2027):
        days = seed(year)
        assert len({day.date for day in days}) == len(days) > 20
        assert all(day.name and day.date.year == year for day in days)


def test_the_seed_makes_a_calendar() -> None:
    calendar = WorkCalendar(holidays={day.date: day.name for day in seed(2026)})
    assert calendar.add_working_days(date(2026, 3, 17), 1) == date(2026, 3, 25)
