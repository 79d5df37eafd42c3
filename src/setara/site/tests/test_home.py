"""The front door: one office or several, the promise with its number, free days, and what monitors ask."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from setara.booking.service import Appointment, Seat, Window
from setara.casework.service import Case
from setara.kernel import clock
from setara.kernel.clock import ManualClock
from setara.ledger.models import Event
from setara.offices.models import Closure, Holiday
from setara.queueing.tests.flooring import MONDAY, Floor, passport_office
from setara.site.home import free_days


@pytest.fixture
def floor(db: None) -> Iterator[Floor]:
    with clock.using(ManualClock(MONDAY)) as source:
        yield passport_office(source)


def words(answer: object) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def seats(floor: Floor, days: int, n: int) -> None:
    """A window ``days`` from today with ``n`` free places and one that is taken."""
    starts = MONDAY + timedelta(days=days)
    window = Window.objects.create(
        office=floor.office,
        date=starts.date(),
        starts=starts,
        ends=starts + timedelta(minutes=30),
        capacity=n + 1,
    )
    taken = floor.application()
    for number in range(n + 1):
        Seat.objects.create(window=window, number=number, application=taken if number == n else None)
    assert not Appointment.objects.filter(window=window).exists()


def test_one_office_is_the_front_page_and_several_are_a_list(floor: Floor, client: Client) -> None:
    alone = words(client.get("/"))
    assert "Siapa yang menunggu" in alone
    assert "Belum dibuka" in alone
    passport_office(floor.clock, "lain")
    both = client.get("/")
    assert "Pilih kantor" in words(both)
    assert all(f'href="/kantor/{code}/"' in both.content.decode() for code in ("uji", "lain"))
    floor.open()
    assert "Belum dibuka" in words(client.get("/kantor/lain/"))
    assert "Belum dibuka" not in words(client.get("/kantor/uji/"))


def test_the_front_page_of_a_node_without_an_office_says_what_to_do(db: None, client: Client) -> None:
    assert "setara init" in words(client.get("/"))
    assert client.get("/health/").json()["ledger"] == {}
    assert client.get("/tentang/").status_code == client.get("/privasi/").status_code == 200


def test_the_promise_stands_with_its_number(floor: Floor, client: Client) -> None:
    assert "Belum ada berkas yang selesai dalam 30 hari terakhir" in words(client.get("/"))
    for late in (False, False, True):
        Case.objects.create(
            application=floor.application("done"),
            office=floor.office,
            step="handover",
            joined_at=MONDAY,
            due_on=floor.today - timedelta(days=1 if late else 0),
            clock_stopped_at=MONDAY,
        )
    said = words(client.get("/"))
    assert "66 %" in said
    assert "2 dari 3 berkas dalam 30 hari terakhir, janji 4 hari kerja" in said


def test_free_days_leave_out_full_closed_and_past_ones_and_write_nothing(
    floor: Floor, client: Client
) -> None:
    for days, n in ((1, 3), (2, 0), (3, 2), (4, 2), (20, 5)):
        seats(floor, days, n)
    Closure.objects.create(office=floor.office, date=floor.today + timedelta(days=3), reason="x")
    Holiday.objects.create(date=floor.today + timedelta(days=4), name="x", kind="national", active=False)
    before = Event.objects.count()
    assert [(one.date.day, one.free) for one in free_days(floor.office)] == [(3, 3), (6, 2)]
    assert "Selasa, 3 Maret 2026: 3 tempat" in words(client.get("/"))
    assert Event.objects.count() == before
    floor.clock.advance(timedelta(days=1, hours=2))
    assert [one.date.day for one in free_days(floor.office)] == [6]


def test_monitors_see_clock_and_ledger(floor: Floor, client: Client) -> None:
    body = client.get("/health/").json()
    assert (body["ok"], body["database"]) == (True, True)
    assert body["ledger"] == {"uji": Event.objects.count()}
    assert body["clock"] == {"mode": "real", "rate": 1.0, "now": MONDAY.isoformat()}


def test_a_database_that_does_not_answer_is_said(floor: Floor, client: Client) -> None:
    """The transaction is broken on purpose: no query can run in it any more."""
    from django.db import transaction

    with transaction.atomic():
        transaction.set_rollback(True)
        answer = client.get("/health/")
    assert (answer.status_code, answer.json()["ok"], answer.json()["database"]) == (503, False, False)
    assert client.get("/health/").status_code == 200


def test_about_and_privacy_take_their_facts_from_the_rules_in_force(floor: Floor, client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        about = words(client.get("/tentang/"))
    assert len(queries) <= 10
    assert "Keadaan darurat medis" in about
    assert "A, Terjadwal (bobot 3)" in about
    assert "[S" not in about
    assert "EUPL-1.2" in about
    privacy = words(client.get("/privasi/"))
    assert "Foto dan sidik jari 90 hari" in privacy
    assert "Berkas yang Anda unggah 365 hari" in privacy
    passport_office(floor.clock, "lain")
    assert "365 hari" not in words(client.get("/privasi/"))
    assert "365 hari" in words(client.get("/privasi/?kantor=lain"))
    assert client.get("/privasi/?kantor=tiada").status_code == 200
