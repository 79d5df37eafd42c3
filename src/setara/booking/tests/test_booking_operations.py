"""Windows from quotas, booking, moving: what is accepted, and what is refused and why."""

from __future__ import annotations

import itertools
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setara.applications.service import Application
from setara.applications.tests.making import MONDAY, TODAY, House, house
from setara.booking import windows
from setara.booking.models import Appointment, Quota, Seat, Window
from setara.booking.moves import arrive, miss
from setara.booking.service import (
    appointment_by_token,
    appointments_on,
    book,
    move_appointment,
    next_free_days,
    open_windows,
    priority_places,
    windows_of,
)
from setara.kernel.errors import Conflict, Forbidden, NotFound, Refused
from setara.ledger.models import Event
from setara.ledger.service import By, system
from setara.offices import memory
from setara.offices.models import Closure

WORKER = By(system("worker"))
TUESDAY = TODAY + timedelta(days=1)


def explained(error: pytest.ExceptionInfo[Refused], code: str) -> None:
    assert error.value.code == code
    assert str(error.value.message)
    assert str(error.value.rule)
    assert str(error.value.remedy)


@given(places=st.integers(0, 3000), n=st.integers(0, 60))
def test_places_are_shared_evenly_and_all_of_them(places: int, n: int) -> None:
    shares = windows.share(places, n)
    assert len(shares) == n
    if n:
        assert sum(shares) == places
        assert max(shares) - min(shares) <= 1
    assert shares == windows.share(places, n)


times = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@given(first=times, last=times, minutes=st.integers(1, 240))
def test_windows_fill_the_span_without_touching_its_end(first: time, last: time, minutes: int) -> None:
    spans = windows.spans_of(first, last, minutes)
    assert all(a < b for a, b in spans)
    assert all(first <= a and b <= last for a, b in spans)
    assert all(b == c for (_, b), (c, _) in itertools.pairwise(spans))


def test_windows_of_a_day_are_made_once(kanim: House) -> None:
    kanim.quota(per_day=22)
    made = open_windows(WORKER, kanim.office, TUESDAY)
    assert [w.capacity for w in made] == [5, 6, 5, 6]
    assert Seat.objects.filter(window__in=made).count() == 22
    assert open_windows(WORKER, kanim.office, TUESDAY) == made
    assert Event.objects.filter(type="booking.windows_opened").count() == 1
    for day in (date(2026, 3, 7), date(2026, 3, 8)):
        with pytest.raises(Refused) as closed:
            open_windows(WORKER, kanim.office, day)
        explained(closed, "booking.not_working_day")
    with pytest.raises(Refused) as none:
        open_windows(WORKER, house(kanim.clock, "kosong").office, TUESDAY)
    explained(none, "booking.no_quota")
    with pytest.raises(Forbidden):
        open_windows(By(kanim.officer), kanim.office, TODAY + timedelta(days=2))


def test_nobody_is_asked_to_come_in_the_break_of_friday(kanim: House) -> None:
    kanim.quota(per_day=30, first=time(11), last=time(14))
    thursday, friday = date(2026, 3, 5), date(2026, 3, 6)
    starts = {
        d: [windows_local(w) for w in open_windows(WORKER, kanim.office, d)] for d in (thursday, friday)
    }
    assert starts[thursday] == ["11.00", "11.30", "13.00", "13.30"]
    assert starts[friday] == ["11.00", "13.00", "13.30"]
    assert sum(w.capacity for w in open_windows(WORKER, kanim.office, friday)) == 30


def windows_local(window: Window) -> str:
    return (window.starts + timedelta(hours=7)).strftime("%H.%M")


def test_book_and_every_way_not_to(kanim: House) -> None:
    kanim.quota(per_day=4)
    window, other, *_ = open_windows(WORKER, kanim.office, TUESDAY)
    unpaid, by = kanim.submitted()
    with pytest.raises(Refused) as not_paid:
        book(by, unpaid, window)
    explained(not_paid, "booking.not_paid")
    made, by = kanim.paid()
    stranger, not_me = kanim.paid()
    with pytest.raises(Forbidden):
        book(not_me, made, window)
    key = By(by.actor, key="press")
    appointment = book(key, made, window)
    assert book(key, made, window) == appointment
    made.refresh_from_db()
    assert made.status == "booked"
    with pytest.raises(Refused) as already:
        book(by, made, other)
    explained(already, "booking.already")
    with pytest.raises(Refused) as full:
        book(not_me, stranger, window)
    explained(full, "booking.full")
    elsewhere = house(kanim.clock, "lain")
    elsewhere.quota()
    theirs = open_windows(WORKER, elsewhere.office, TUESDAY)[0]
    with pytest.raises(Refused) as office:
        book(not_me, stranger, theirs)
    explained(office, "booking.other_office")
    Closure.objects.create(office=kanim.office, date=TUESDAY, reason="banjir")
    memory.forget()
    with pytest.raises(Refused) as closed:
        book(not_me, stranger, other)
    explained(closed, "booking.not_working_day")
    Closure.objects.update(active=False)
    memory.forget()
    kanim.clock.set(MONDAY + timedelta(days=2))
    with pytest.raises(Refused) as past:
        book(not_me, stranger, other)
    explained(past, "booking.window_past")
    assert Seat.objects.filter(application__isnull=False).count() == 1


def test_a_seat_number_never_enters_the_digest(kanim: House) -> None:
    from setara.booking.events import Booked, Moved

    kanim.quota(per_day=40)
    made, by = kanim.paid()
    book(by, made, open_windows(WORKER, kanim.office, TUESDAY)[0])
    payload = Event.objects.get(type="booking.booked").payload
    assert set(Booked.reproducible(payload)) == {"starts", "ends"}
    assert "seat" in Moved.refs()


def test_moving_once_and_not_too_late(kanim: House) -> None:
    kanim.quota(per_day=4)
    first, second, *_ = open_windows(WORKER, kanim.office, TUESDAY)
    later = open_windows(WORKER, kanim.office, TODAY + timedelta(days=3))[0]
    made, by = kanim.paid()
    with pytest.raises(Refused) as none:
        move_appointment(by, made, first)
    explained(none, "booking.no_appointment")
    old = book(by, made, first)
    with pytest.raises(Refused) as same:
        move_appointment(by, made, first)
    explained(same, "booking.same_window")
    # A full window does not cost the place one has.
    rival, rival_by = kanim.paid()
    book(rival_by, rival, later)
    with pytest.raises(Refused) as full:
        move_appointment(by, made, later)
    explained(full, "booking.full")
    assert Seat.objects.get(application=made).window == first
    new = move_appointment(by, made, second)
    old.refresh_from_db()
    assert (old.status, new.status, new.moves) == ("moved", "booked", 1)
    assert Seat.objects.get(application=made).window == second
    assert Seat.objects.filter(window=first, application__isnull=True).count() == 1
    with pytest.raises(Refused) as used:
        move_appointment(by, made, first)
    explained(used, "booking.moves_used")
    kanim.clock.set(MONDAY + timedelta(days=3))
    with pytest.raises(Refused) as late:
        move_appointment(rival_by, rival, second)
    explained(late, "booking.too_late")


def test_free_days_open_themselves_and_show_full_ones(kanim: House) -> None:
    kanim.quota(per_day=2, first=time(9), last=time(10))
    days = next_free_days(kanim.office, 5)
    assert [d.date for d in days][:2] == [TODAY, TUESDAY]
    assert all(d.date.weekday() < 5 for d in days)
    made, by = kanim.paid()
    book(by, made, days[0].windows[0].window)
    now = next_free_days(kanim.office, 5)
    assert (now[0].free, now[0].windows[0].full, now[0].windows[1].full) == (1, True, False)
    kanim.clock.set(MONDAY + timedelta(hours=1, minutes=45))
    assert len(next_free_days(kanim.office, 1)[0].windows) == 1
    assert windows_of(kanim.office, TODAY, TODAY)[0].free == 1


def test_booking_page_reads_little(kanim: House, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    kanim.quota(per_day=200)
    next_free_days(kanim.office, 10)
    with django_assert_max_num_queries(2):
        next_free_days(kanim.office, 10)


class Inside:
    """Stands for an operation: moves only ask for one."""


def test_arriving_missing_and_tokens(kanim: House) -> None:
    kanim.quota()
    window = open_windows(WORKER, kanim.office, TUESDAY)[0]
    made, by = kanim.paid()
    appointment = book(by, made, window)
    assert appointment_by_token(appointment.token) == appointment
    assert appointments_on(kanim.office, TUESDAY) == [appointment]
    for wrong in ("", "x" * 22, "x" * 99):
        with pytest.raises(NotFound):
            appointment_by_token(wrong)
    miss(Inside(), appointment)
    made.refresh_from_db()
    assert (appointment.status, made.status) == ("missed", "paid")
    with pytest.raises(Conflict):
        arrive(Inside(), appointment)
    again = book(by, made, open_windows(WORKER, kanim.office, TODAY + timedelta(days=3))[0])
    arrive(Inside(), again)
    assert Appointment.objects.get(pk=again.pk).status == "arrived"
    moved_once, by = kanim.paid()
    moved = book(by, moved_once, window)
    Appointment.objects.filter(pk=moved.pk).update(moves=1)
    moved.refresh_from_db()
    miss(Inside(), moved)
    assert Application.objects.get(pk=moved_once.pk).status == "cancelled"


def test_priority_places(kanim: House) -> None:
    assert priority_places(kanim.office, TODAY) is None
    quota = kanim.quota(per_day=15)
    Quota.objects.filter(pk=quota.pk).update(channel="priority")
    assert priority_places(kanim.office, TODAY) == 15
    assert priority_places(kanim.office, date(2025, 12, 31)) is None
