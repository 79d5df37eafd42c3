"""Choosing a day and a window, the appointment, the slip."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from setara.applications.service import Application, access_code
from setara.applications.tests.making import MONDAY, TODAY, House
from setara.booking.models import Appointment, Seat
from setara.booking.service import book, open_windows
from setara.ledger.service import By, system

TUESDAY = TODAY + timedelta(days=1)
DAY = f"{reverse('schedule')}?hari={TUESDAY}"


def holding(client: Client, made: Application) -> Client:
    client.post(reverse("resume"), {"reference": made.reference, "code": access_code(made)})
    return client


def test_choose_book_and_move(kanim: House, client: Client, django_assert_max_num_queries: Any) -> None:
    kanim.quota(per_day=4)
    made, _ = kanim.paid()
    holding(client, made)
    days = client.get(reverse("schedule")).content.decode()
    assert "Selasa, 3 Maret 2026" in days
    assert "4 tempat kosong" in days
    with django_assert_max_num_queries(10):
        client.get(reverse("schedule"))
    first, second, *_ = open_windows(By(system("test")), kanim.office, TUESDAY)
    rival, rival_by = kanim.paid()
    book(rival_by, rival, first)
    page = client.get(DAY).content.decode()
    assert "08.00–08.30 WIB" in page
    assert page.count("disabled") == 1
    assert "Penuh" in page
    nothing = client.post(DAY, {})
    assert (nothing.status_code, "Pilih salah satu waktu" in nothing.content.decode()) == (422, True)
    full = client.post(DAY, {"window": str(first.pk)})
    assert full.status_code == 422
    assert "baru saja habis" in full.content.decode()
    done = client.post(DAY, {"window": str(second.pk), "idempotency_key": "k"})
    assert done["Location"] == reverse("schedule")
    again = client.post(DAY, {"window": str(second.pk), "idempotency_key": "k"})
    assert again["Location"] == reverse("schedule")
    other_key = client.post(DAY, {"window": str(second.pk), "idempotency_key": "l"})
    assert (other_key.status_code, "sudah mempunyai jadwal" in other_key.content.decode()) == (422, True)
    assert Seat.objects.filter(application=made).count() == 1
    shown = client.get(reverse("schedule")).content.decode()
    assert "08.30–09.00 WIB" in shown
    assert "Pindah jadwal" in shown
    move = client.get(reverse("schedule") + "?pindah=1").content.decode()
    assert "tetap berlaku sampai" in move
    third = open_windows(By(system("test")), kanim.office, TUESDAY)[2]
    for _n in range(2):
        moved = client.post(DAY + "&pindah=1", {"window": str(third.pk), "idempotency_key": "m"})
        assert moved["Location"] == reverse("schedule")
    assert Appointment.objects.get(status="booked", application=made).window == third
    once = client.get(reverse("schedule") + "?pindah=1")
    assert (once.status_code, "sudah pernah dipindah" in once.content.decode()) == (422, True)
    slip = client.get(reverse("slip")).content.decode()
    assert "pukul 09.00–09.30 WIB" in slip
    assert 'class="qr"' in slip
    assert "Sekar" not in slip


def test_all_full_and_none_open(kanim: House, client: Client) -> None:
    made, _ = kanim.paid()
    holding(client, made)
    assert "Belum ada hari yang dibuka" in client.get(reverse("schedule")).content.decode()
    kanim.quota(per_day=1, minutes=60)
    client.get(reverse("schedule"))
    for seat in Seat.objects.select_related("window"):
        other, by = kanim.paid()
        book(by, other, seat.window)
    full = client.get(reverse("schedule")).content.decode()
    assert "Semua hari ini penuh" in full
    kanim.clock.set(MONDAY + timedelta(days=1, hours=6))
    assert "Selasa, 3 Maret" not in client.get(reverse("schedule")).content.decode().split("<main")[1]


def test_unpaid_people_are_led_to_the_bill(kanim: House, client: Client) -> None:
    made, _ = kanim.submitted()
    holding(client, made)
    assert client.get(reverse("schedule"))["Location"] == reverse("bill")
