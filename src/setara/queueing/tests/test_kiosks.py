"""The kiosk: paired once, gives one ticket to whoever has a slip or a NIK, names nobody, and leads to the desk."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from setara.applications.service import Application
from setara.kernel.clock import ManualClock
from setara.kernel.errors import Refused
from setara.kernel.ids import uuid7
from setara.ledger.models import Event
from setara.ledger.service import By, system
from setara.people.service import open_person
from setara.queueing import operations
from setara.queueing.models import Kiosk, Ticket
from setara.queueing.tests.browsing import send, signed_in, words
from setara.queueing.tests.flooring import Floor, passport_office

S = Application.Status


def kiosk_of(floor: Floor, number: int = 1, paper: str = "80") -> Client:
    """A browser that is a paired kiosk."""
    made = operations.set_up_kiosk(floor.by("KA"), floor.office, number)
    device = Client()
    link = reverse("kiosk_pair", args=[floor.office.pk, f"{made.pk}.{made.secret}"])
    assert device.post(link, {"paper": paper}).status_code == 302
    return device


def type_in(device: Client, floor: Floor, code: str, page: str = "kiosk", key: str = "") -> Any:
    """What a scanner or a thumb types."""
    return send(device, page, floor.office.pk, key=key, code=code)


def nik_of(application: Application) -> str:
    """The NIK that the person has."""
    return open_person(application.person).nik


def test_only_a_paired_device_is_a_kiosk(floor: Floor, still: ManualClock) -> None:
    assert Client().get(reverse("kiosk", args=[floor.office.pk])).status_code == 403
    seat = floor.appointment()
    refused = type_in(Client(), floor, seat.token)
    assert (refused.status_code, "belum dipasang" in words(refused)) == (403, True)
    assert not Ticket.objects.exists()
    boss = signed_in(floor, "KA")
    page = send(boss, "kiosks", number="1")
    kiosk = Kiosk.objects.get()
    link = reverse("kiosk_pair", args=[floor.office.pk, f"{kiosk.pk}.{kiosk.secret}"])
    assert link in words(page)
    first, second = Client(), Client()
    assert first.post(link).status_code == 400
    assert first.post(link, {"paper": "58"}).status_code == 302
    assert first.get(reverse("kiosk", args=[floor.office.pk])).status_code == 200
    assert second.post(link, {"paper": "58"}).status_code == 403, "a link pairs one device, once"
    # Another device for the kiosk, or the end of it, ends the first at once.
    other = passport_office(still, "lain")
    assert first.get(reverse("kiosk", args=[other.office.pk])).status_code == 403
    send(boss, "kiosks", number="1")
    assert first.get(reverse("kiosk", args=[floor.office.pk])).status_code == 403
    device = kiosk_of(floor)
    assert send(boss, "kiosk_retire", kiosk.pk).status_code == 302
    assert device.get(reverse("kiosk", args=[floor.office.pk])).status_code == 403
    assert send(boss, "kiosk_retire", kiosk.pk).status_code == 409
    assert send(signed_in(floor, "FD"), "kiosks", number="2").status_code == 403


@pytest.mark.parametrize("how", ["qr", "nik"])
def test_one_ticket_by_slip_or_nik(floor: Floor, how: str) -> None:
    device, seat = kiosk_of(floor), floor.appointment()
    typed = seat.token if how == "qr" else nik_of(seat.application)
    page = "kiosk" if how == "qr" else "kiosk_nik"
    key = str(uuid7())
    for _again in range(2):
        assert type_in(device, floor, typed, page, key)["Location"] == reverse("kiosk_ticket", args=["uji"])
    ticket = Ticket.objects.get()
    assert (ticket.arrival, ticket.checked_in_by) == (how, None)
    said = Event.objects.get(type="queueing.checked_in")
    assert (said.payload["officer"], said.actor_kind, said.actor_id) == ("kiosk-1", "system", "kiosk-1")
    assert typed not in str(said.payload) or how == "qr"
    given = words(device.get(reverse("kiosk_ticket", args=["uji"])))
    assert ticket.label in given
    assert "<svg" in given, "the QR code is on the screen too, if the printer is away"
    assert "print-ticket80" in given
    assert "Cetak lagi" in given
    assert "Rekaan" not in given.replace("(simulasi)", ""), "a kiosk shows no name"
    # Once more at the door: no second ticket, and no second paper of it.
    again = type_in(device, floor, typed, page)
    assert (
        again.status_code,
        f"Sudah ada nomor antrean untuk kunjungan ini: {ticket.label}" in words(again),
    ) == (400, True)
    assert ticket.token not in words(again)
    assert Ticket.objects.count() == 1


def test_what_was_given_does_not_stay_on_the_screen(floor: Floor) -> None:
    device, seat = kiosk_of(floor, paper="58"), floor.appointment()
    type_in(device, floor, seat.token)
    page = reverse("kiosk_ticket", args=["uji"])
    assert "print-ticket58" in words(device.get(page))
    floor.after(3)
    assert device.get(page)["Location"] == reverse("kiosk", args=["uji"])


def test_what_fits_nobody_is_said_and_leads_to_the_desk(floor: Floor) -> None:
    device = kiosk_of(floor)
    for code, status, word in (
        ("", 400, "Pindai kode QR"),
        ("12345", 400, "16 angka"),
        ("Sekar Rekaan", 400, "bukan kode QR"),
        ("3276010101010001", 400, "meja depan"),
        ("A" * 24, 404, "tidak dikenal"),
    ):
        refused = type_in(device, floor, code, "kiosk_nik")
        assert (refused.status_code, word in words(refused)) == (status, True), code
        assert code in words(refused), "what was typed is kept"
    tomorrow = floor.appointment(days=1)
    assert type_in(device, floor, tomorrow.token).status_code == 422
    assert type_in(device, floor, nik_of(tomorrow.application)).status_code == 400
    assert not Ticket.objects.exists()
    help_page = words(device.get(reverse("kiosk_help", args=["uji"])))
    assert "tanpa ponsel" in help_page
    assert "dengan nama" in help_page


def test_a_nik_never_stands_in_an_address_and_cannot_be_guessed(floor: Floor) -> None:
    device, seat = kiosk_of(floor), floor.appointment()
    nik = nik_of(seat.application)
    assert device.get(reverse("kiosk_nik", args=["uji"]), {"code": nik}).status_code == 200
    assert not Ticket.objects.exists(), "only by POST"
    for n in range(5):
        assert "Tidak ada jadwal" in words(type_in(device, floor, f"327601010101{n:04}"))
    blocked = type_in(device, floor, nik)
    assert (blocked.status_code, "Terlalu banyak percobaan" in words(blocked)) == (422, True)
    # Another kiosk goes on meanwhile, and a slip needs no guessing.
    assert type_in(device, floor, seat.token).status_code == 302
    other = kiosk_of(floor, 2)
    assert type_in(other, floor, nik_of(floor.appointment().application)).status_code == 302


def test_collecting_at_the_kiosk_and_no_lane_without_an_officer(floor: Floor) -> None:
    ready = floor.application(S.READY)
    assert type_in(kiosk_of(floor), floor, nik_of(ready)).status_code == 302
    assert Ticket.objects.get().purpose == "pickup"
    machine = By(system("kiosk-1", floor.office.pk))
    with pytest.raises(Refused) as ground:
        operations.check_in(machine, floor.appointment(), "qr", "elderly", "date_of_birth")
    assert ground.value.code == "queueing.ground_needs_an_officer"
    with pytest.raises(Refused):
        operations.check_in_walk_in(machine, floor.application(S.PAID), "disabled", "visible")


def test_the_devices_clock_counts_for_nothing(floor: Floor) -> None:
    device, seat = kiosk_of(floor), floor.appointment()
    page = words(device.get(reverse("kiosk", args=["uji"])))
    assert f'data-server="{int(floor.clock.now().timestamp() * 1000)}"' in page
    assert "Jam perangkat ini berbeda" in page
    wrong = {"arrived_at": "2026-03-02T00:00:00+00:00", "now": "0"}
    assert send(device, "kiosk", "uji", code=seat.token, **wrong).status_code == 302
    assert Ticket.objects.get().arrived_at == floor.clock.now()
