"""Many people at the same second: no place is given twice, none is lost, and the control shows that it could be."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from psycopg import Connection

from setara.applications.tests.making import TODAY, House, together
from setara.booking import seats
from setara.booking.models import Appointment, Seat, Window
from setara.booking.service import book, move_appointment, open_windows
from setara.kernel.errors import Refused
from setara.ledger.models import Event
from setara.ledger.service import By, system

pytestmark = pytest.mark.race

TUESDAY = TODAY + timedelta(days=1)
WORKER = By(system("worker"))
CROWD = 20


def window_with(house: House, places: int) -> Window:
    house.quota(per_day=places * 4)
    return open_windows(WORKER, house.office, TUESDAY)[0]


def test_the_last_places_go_to_as_many_people_as_there_are_places(racing: House) -> None:
    window = window_with(racing, 6)
    people = [racing.paid() for _ in range(CROWD)]
    outcomes = together(CROWD, lambda i: book(people[i][1], people[i][0], window))
    got = [o for o in outcomes if isinstance(o, Appointment)]
    refused = [o.code for o in outcomes if isinstance(o, Refused)]
    assert (len(got), refused) == (6, ["booking.full"] * (CROWD - 6))
    taken = Seat.objects.filter(window=window, application__isnull=False)
    assert {s.application_id for s in taken} == {a.application_id for a in got}
    assert Appointment.objects.filter(window=window).count() == 6
    assert Event.objects.filter(type="booking.booked").count() == 6


def test_control_the_same_claim_without_its_lock_sells_a_place_twice(
    racing: House, owner_connection: Connection
) -> None:
    """With the lock and the rule of one seat each taken away, more people are told yes than there are places."""
    window = window_with(racing, 6)
    owner_connection.execute("DROP INDEX booking_one_seat_each")
    people = [racing.paid()[0] for _ in range(CROWD)]
    looked = threading.Barrier(CROWD)

    def unprotected(i: int) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM booking_seat WHERE window_id = %s AND application_id IS NULL "
                "ORDER BY number LIMIT 1",
                [window.pk],
            )
            row = cursor.fetchone()
            looked.wait(20)
            cursor.execute(
                "UPDATE booking_seat SET application_id = %s WHERE id = %s", [people[i].pk, row[0]]
            )
        return True

    told_yes = together(CROWD, unprotected).count(True)
    assert told_yes > Seat.objects.filter(window=window, application__isnull=False).count()


def test_the_database_itself_refuses_a_second_place(racing: House) -> None:
    from django.db import IntegrityError

    window = window_with(racing, 6)
    made, _ = racing.paid()
    assert seats.claim(window, made.pk)
    with pytest.raises(IntegrityError):
        seats.claim(window, made.pk)


def test_a_double_click_books_once(racing: House) -> None:
    window = window_with(racing, 6)
    made, by = racing.paid()
    same = together(6, lambda i: book(By(by.actor, key="one press"), made_again(made), window))
    assert {o.pk for o in same} == {Appointment.objects.get().pk}
    other, by = racing.paid()
    codes = [
        getattr(o, "code", "booked")
        for o in together(6, lambda i: book(By(by.actor, key=f"press {i}"), made_again(other), window))
    ]
    assert sorted(codes) == ["booked", *["booking.already"] * 5]
    assert Seat.objects.filter(application=other).count() == 1


def made_again(application):  # type: ignore[no-untyped-def]
    """A fresh object of the same row: each request has its own."""
    return type(application).objects.select_related("office").get(pk=application.pk)


def test_people_who_swap_windows_do_not_lock_each_other_out(racing: House) -> None:
    first = window_with(racing, 2)
    second = open_windows(WORKER, racing.office, TUESDAY)[1]
    people = [racing.paid() for _ in range(4)]
    for i, (made, by) in enumerate(people):
        book(by, made, first if i < 2 else second)
    outcomes = together(
        4, lambda i: move_appointment(people[i][1], made_again(people[i][0]), second if i < 2 else first)
    )
    moved = [o for o in outcomes if isinstance(o, Appointment)]
    refused = [o.code for o in outcomes if isinstance(o, Refused)]
    assert len(moved) + len(refused) == 4
    assert set(refused) <= {"booking.full"}
    assert Seat.objects.filter(application__isnull=False).count() == 4
    assert Appointment.objects.filter(status="booked").count() == 4


def test_a_day_is_opened_once_whoever_opens_it(racing: House) -> None:
    racing.quota(per_day=40)
    outcomes = together(6, lambda i: open_windows(By(system(f"process-{i % 2}")), racing.office, TUESDAY))
    assert {tuple(w.pk for w in o) for o in outcomes} == {
        tuple(Window.objects.order_by("starts").values_list("pk", flat=True))
    }
    assert Seat.objects.count() == 40
    assert Event.objects.filter(type="booking.windows_opened").count() == 1
