"""The desk: found by code, number or name; checked in once; refused in words with what was typed kept."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from setara.applications.service import Application
from setara.kernel.ids import reference, uuid7
from setara.queueing import service as q
from setara.queueing.models import Ticket
from setara.queueing.tests.browsing import send, signed_in, words
from setara.queueing.tests.flooring import Floor, passport_office

S = Application.Status


def letters_only() -> str:
    """A reference that has no digit."""
    return next(r for r in iter(reference, "") if not any(symbol.isdigit() for symbol in r))


def test_people_are_found_by_code_number_and_name_and_no_name_enters_an_address(floor: Floor) -> None:
    desk, appointment = signed_in(floor, "FD"), floor.appointment()
    page = reverse("desk_person", args=[appointment.application.reference])
    for typed in (
        appointment.token,
        f"https://contoh.example/jadwal/{appointment.token}/",
        appointment.application.reference.lower(),
        "sekar",
    ):
        found = send(desk, "desk", wanted=typed)
        assert (found.status_code, found["Location"].split("?")[0]) == (302, page)
    assert send(desk, "desk", wanted=appointment.token)["Location"].endswith("?cara=qr")
    lettered = floor.appointment(30)
    Application.objects.filter(pk=lettered.application_id).update(reference=letters_only())
    lettered.application.refresh_from_db()
    found = send(desk, "desk", wanted=lettered.application.reference)
    assert found.status_code == 302, "a reference without a single digit is no name"
    several = send(desk, "desk", wanted="rekaan")
    assert several.status_code == 200
    assert words(several).count("Sekar Rekaan") == 2
    for typed, code in (
        ("xy", 400),
        ("Nobody Here", 404),
        ("K7HF-3MT2", 400),
        ("ABCDEFGHIJKLMNOPQRSTUV", 404),
    ):
        refused = send(desk, "desk", wanted=typed)
        assert refused.status_code == code, typed
        assert typed in words(refused), "what was typed is kept"


def test_what_is_searched_for_goes_by_post(floor: Floor) -> None:
    """The address of a search would stand in logs and in the browser's history."""
    desk = signed_in(floor, "FD")
    floor.appointment()
    page = desk.get(reverse("desk"), {"wanted": "sekar"})
    assert (page.status_code, "Sekar" in words(page)) == (200, False)
    form = re.search(r'<form[^>]*>(?:(?!</form>).)*name="wanted"', page.content.decode(), re.DOTALL)
    assert form is not None
    assert 'method="post"' in form[0].partition(">")[0]


def test_only_those_who_may_come_today_are_found_by_name(floor: Floor) -> None:
    desk = signed_in(floor, "FD")
    floor.appointment(days=1)
    floor.application(S.IN_PROCESS)
    assert send(desk, "desk", wanted="Sekar").status_code == 404
    floor.application(S.READY)
    assert send(desk, "desk", wanted="Sekar").status_code == 302


def test_check_in_gives_one_ticket_and_refuses_the_second(floor: Floor) -> None:
    desk, appointment = signed_in(floor, "FD"), floor.appointment()
    reference = appointment.application.reference
    shown = desk.get(reverse("desk_person", args=[reference]) + "?cara=qr")
    assert "Sekar Rekaan" in words(shown)
    key = str(uuid7())
    for _again in range(2):
        assert send(desk, "desk_checkin", reference, key=key, how="qr").status_code == 302
    ticket = Ticket.objects.get()
    assert (ticket.arrival, ticket.checked_in_by) == ("qr", floor.staff["FD"])
    second = send(desk, "desk_checkin", reference, how="qr")
    assert second.status_code == 409
    assert ticket.label in words(second)
    paper = desk.get(reverse("desk_ticket", args=[ticket.pk]))
    assert ticket.label in words(paper)
    assert "print-ticket80" in words(paper)
    assert "print-slip" in words(desk.get(reverse("desk_ticket", args=[ticket.pk]) + "?kertas=besar"))
    assert desk.get(reverse("desk_ticket", args=[uuid7()])).status_code == 404


def test_appointment_of_another_day_and_another_office_are_explained(floor: Floor) -> None:
    desk, tomorrow = signed_in(floor, "FD"), floor.appointment(days=1)
    shown = desk.get(reverse("desk_person", args=[tomorrow.application.reference]))
    assert shown.status_code == 200
    assert "3 Maret 2026" in words(shown)
    assert "Masukkan dan beri nomor" not in words(shown)
    assert send(desk, "desk_checkin", tomorrow.application.reference).status_code == 422
    other = passport_office(floor.clock, "lain")
    other.open()
    theirs = other.appointment()
    assert send(desk, "desk", wanted=theirs.token).status_code == 422
    assert desk.get(reverse("desk_person", args=[theirs.application.reference])).status_code == 404


def test_priority_needs_ground_and_proof(floor: Floor) -> None:
    desk = signed_in(floor, "FD")
    person = floor.application(S.PAID, born=date(1990, 1, 1))
    page = words(desk.get(reverse("desk_person", args=[person.reference])))
    assert "Lihat surat keterangannya" in page
    none = send(desk, "desk_walkin", person.reference)
    assert none.status_code == 400
    young = send(desk, "desk_walkin", person.reference, ground="elderly")
    assert young.status_code == 400
    assert "36 tahun" in words(young)
    unseen = send(desk, "desk_walkin", person.reference, ground="disabled")
    assert "belum dibuktikan" in words(unseen)
    assert 'value="disabled"' in words(unseen)
    assert not Ticket.objects.exists()
    assert send(desk, "desk_walkin", person.reference, ground="disabled", seen="on").status_code == 302
    ticket = Ticket.objects.get()
    assert (ticket.ground, ticket.ground_proof, ticket.arrival) == ("disabled", "attestation", "walk_in")
    friend = floor.application(S.PAID)
    alone = send(desk, "desk_walkin", friend.reference, ground="companion", seen="on", companion_of="C-999")
    assert alone.status_code == 400
    assert "C-999" in words(alone)
    done = send(
        desk, "desk_walkin", friend.reference, ground="companion", seen="on", companion_of=ticket.label
    )
    assert done.status_code == 302
    booked = floor.appointment(born=date(1950, 1, 1))
    first = send(desk, "desk_checkin", booked.application.reference, priority="1", ground="elderly")
    assert first.status_code == 302
    assert Ticket.objects.get(application=booked.application).lane == "priority"


def test_pickup_and_coming_back(floor: Floor) -> None:
    desk, ready = signed_in(floor, "FD"), floor.application(S.READY)
    assert "Beri nomor pengambilan" in words(desk.get(reverse("desk_person", args=[ready.reference])))
    assert send(desk, "desk_pickup", ready.reference).status_code == 302
    assert Ticket.objects.get().purpose == "pickup"
    assert send(desk, "desk_pickup", ready.reference).status_code == 409
    session, ticket = floor.sit("D1", 1), floor.arrive()
    call = q.call_next(floor.by("D1"), session)
    reference = ticket.application.reference
    assert send(desk, "desk_return", reference).status_code == 409, "somebody who did not go away"
    for _again in range(2):
        q.repeat_call(floor.by("D1"), call)
    floor.after(3)
    q.mark_absent(floor.by("D1"), call)
    assert ticket.label in words(desk.get(reverse("desk"))), "waited for again"
    assert send(desk, "desk_return", reference).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.status, ticket.re_entry) == ("waiting", "missed")


@pytest.mark.parametrize("label", ["D1", "AJ", "HO"])
def test_the_desk_is_not_for_every_role(floor: Floor, label: str) -> None:
    assert signed_in(floor, "FD").get(reverse("desk")).status_code == 200
    assert signed_in(floor, label).get(reverse("desk")).status_code == 403
    assert Client().get(reverse("desk")).status_code == 302


def test_the_desk_asks_the_database_a_fixed_number_of_times(floor: Floor) -> None:
    desk = signed_in(floor, "FD")
    counts = []
    for n in (1, 12):
        for _ in range(n):
            floor.arrive()
        desk.get(reverse("desk"))
        with CaptureQueriesContext(
            connection,
        ) as seen:
            desk.get(reverse("desk"))
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 20
