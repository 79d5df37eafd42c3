"""The calendar follows the office's own tables, and forgets what was changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from django.core.exceptions import ValidationError

from setara.kernel.errors import Invalid
from setara.ledger.models import Event
from setara.ledger.service import By, system
from setara.offices import memory
from setara.offices.models import Closure, Holiday, Office, OpeningHours, Season
from setara.offices.operations import add_configuration, configure, create_office, seed_holidays
from setara.offices.packs import pack_by_id, pack_of
from setara.offices.service import calendar_of, local_date, zone_of

BY = By(system("test", office="uji"))
MONDAY, FRIDAY, SATURDAY = date(2026, 3, 2), date(2026, 3, 6), date(2026, 3, 7)


def test_a_new_office_has_ordinary_hours(office: Office) -> None:
    calendar = calendar_of(office)
    assert calendar.hours(MONDAY) == [(time(8), time(12)), (time(13), time(15, 30))]
    assert calendar.hours(FRIDAY) == [(time(8), time(11, 30)), (time(13), time(15, 30))]
    assert calendar.hours(SATURDAY) == []


def test_saturday_service_opens_the_hall_but_counts_no_working_day(office: Office) -> None:
    row = OpeningHours(office=office, weekday=5, opens=time(8), closes=time(11))
    add_configuration(BY, row)
    calendar = calendar_of(office)
    assert calendar.hours(SATURDAY) == [(time(8), time(11))]
    assert not calendar.is_working_day(SATURDAY)


def test_ramadan_holidays_and_closures(office: Office) -> None:
    assert calendar_of(office).is_working_day(MONDAY)
    for weekday in range(5):
        row = OpeningHours(office=office, season="ramadan", weekday=weekday, opens=time(8), closes=time(14))
        add_configuration(BY, row)
    add_configuration(BY, Season(name="Ramadan", starts=date(2026, 3, 1), ends=date(2026, 3, 5)))
    add_configuration(BY, Holiday(date=MONDAY, name="Libur uji", kind="regional"))
    add_configuration(BY, Closure(office=office, date=date(2026, 3, 3), reason="Pemadaman listrik"))
    calendar = calendar_of(office)
    assert calendar.hours(date(2026, 3, 4)) == [(time(8), time(14))]
    assert calendar.hours(date(2026, 3, 9)) == [(time(8), time(12)), (time(13), time(15, 30))]
    assert not calendar.is_working_day(MONDAY)
    assert calendar.why_closed(MONDAY) == "Libur uji"
    assert calendar.hours(date(2026, 3, 3)) == []
    assert calendar.is_working_day(date(2026, 3, 3)), "closing the door does not lengthen the promise"
    holiday = Holiday.objects.get(name="Libur uji")
    configure(BY, holiday, {"active": False})
    assert calendar_of(office).is_working_day(MONDAY)


def test_the_memory_lasts_some_seconds_and_is_forgotten_on_demand(
    office: Office, django_assert_num_queries
) -> None:
    calendar_of(office)
    with django_assert_num_queries(0):
        first = calendar_of(office)
    Holiday.objects.create(date=MONDAY, name="Diam-diam", kind="national")
    assert calendar_of(office) is first
    memory.forget()
    assert not calendar_of(office).is_working_day(MONDAY)


def test_the_zone_decides_the_date(office: Office) -> None:
    east = create_office(BY, code="timur", name="Kantor Timur", zone="WIT")
    evening = datetime(2026, 3, 2, 16, tzinfo=UTC)
    assert (local_date(office, evening), local_date(east, evening)) == (MONDAY, date(2026, 3, 3))
    assert (str(zone_of(office)), str(zone_of(east))) == ("Asia/Jakarta", "Asia/Jayapura")


def test_breaks_lie_within_the_hours(office: Office) -> None:
    row = OpeningHours.objects.get(office=office, weekday=0)
    for changes in (
        {"break_from": None},
        {"break_from": time(7)},
        {"break_to": time(16)},
        {"opens": time(16)},
    ):
        with pytest.raises(Invalid):
            configure(BY, row, changes)
    with pytest.raises(ValidationError):
        OpeningHours(office=office, weekday=9, opens=time(8), closes=time(9)).full_clean()
    configure(BY, row, {"break_from": None, "break_to": None})
    assert calendar_of(office).hours(MONDAY) == [(time(8), time(15, 30))]


def test_holidays_are_seeded_once_and_edits_stay(office: Office) -> None:
    seed_holidays(BY, 2026)
    seeded = Holiday.objects.count()
    assert seeded > 20
    assert calendar_of(office).why_closed(date(2026, 8, 17))
    row = Holiday.objects.filter(date=date(2026, 8, 17)).get()
    configure(BY, row, {"active": False})
    seed_holidays(BY, 2026)
    assert Holiday.objects.count() == seeded
    assert not Holiday.objects.get(pk=row.pk).active
    assert [
        len(e.payload["dates"]) for e in Event.objects.filter(type="offices.holidays_seeded").order_by("seq")
    ] == [
        len(set(Holiday.objects.values_list("date", flat=True))),
        0,
    ]


def test_an_office_sets_only_what_its_pack_lets_it_set(office: Office) -> None:
    pack = pack_of(office, MONDAY)
    values = pack.local_values()
    key = next(
        name for name, value in values.items() if isinstance(value, int) and not isinstance(value, bool)
    )
    with pytest.raises(Invalid) as refused:
        configure(BY, office, {"local": {"billing.digits": 99}})
    assert "local" in refused.value.errors
    with pytest.raises(Invalid):
        configure(BY, office, {"local": {key: "banyak"}})
    changed = configure(BY, office, {"local": {key: values[key] + 1}})
    assert pack_of(changed, MONDAY).local_values()[key] == values[key] + 1
    assert pack_by_id(changed, pack.id).local_values()[key] == values[key] + 1
    assert pack_of(office, MONDAY).local_values()[key] == values[key]
