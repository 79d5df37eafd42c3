"""What goes wrong at the door and at the counter, each with the words that the person at the screen reads."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from setara.applications.service import Application
from setara.applications.tests.making import together
from setara.casework import service as casework
from setara.kernel.errors import Refused, SetaraError
from setara.kernel.ids import uuid7
from setara.ledger.models import Event
from setara.ledger.service import Actor, By
from setara.offices.access import SESSION_APPLICATION
from setara.queueing import service as q
from setara.queueing.models import Call, Ticket
from setara.queueing.tests.browsing import send, signed_in, words
from setara.queueing.tests.flooring import Floor

S = Application.Status


def holder(application: Application) -> Client:
    """The owner's browser."""
    client = Client()
    session = client.session
    session[SESSION_APPLICATION] = str(application.pk)
    session.save()
    return client


@pytest.mark.race
def test_two_clerks_press_at_once_for_the_one_who_waits(racing: Floor) -> None:
    ticket = racing.arrive()
    racing.after(1)
    sessions = [racing.sit("D1", 1), racing.sit("D2", 2)]
    actors = [racing.actor("D1"), racing.actor("D2")]
    results = together(2, lambda i: q.call_next(By(actors[i]), sessions[i]))
    (call,) = [one for one in results if isinstance(one, Call)]
    (other,) = [one for one in results if not isinstance(one, Call)]
    assert call.ticket_id == ticket.pk
    assert isinstance(other, Refused)
    assert "Tidak ada yang menunggu untuk loket ini" in str(other)
    assert "Tunggu sampai ada yang datang" in str(other.remedy)


@pytest.mark.race
def test_somebody_arrives_while_the_owner_cancels(racing: Floor) -> None:
    """One of the two happens, and the other is told which."""
    seat = racing.appointment()
    desk, owner = racing.actor("FD"), Actor("applicant", str(seat.application_id))

    def act(i: int) -> Any:
        if i:
            return casework.cancel(By(owner), seat.application)
        return q.check_in(By(desk), seat, "qr")

    done, refused = sorted(together(2, act), key=lambda one: isinstance(one, SetaraError))
    assert isinstance(refused, SetaraError)
    if isinstance(done, Ticket):
        assert "tidak dapat dibatalkan lagi" in str(refused)
    else:
        assert "dibatalkan" in str(refused).lower()
    assert Event.objects.filter(type__in=["queueing.checked_in", "casework.cancelled"]).count() == 1


def test_a_ticket_is_called_while_its_owner_cancels(floor: Floor) -> None:
    ticket, session = floor.arrive(), floor.sit("D1", 1)
    owner = holder(ticket.application)
    q.call_next(floor.by("D1"), session)
    refused = owner.post(reverse("cancel"), {"idempotency_key": str(uuid7())})
    assert refused.status_code == 422
    assert "tidak dapat dibatalkan lagi" in words(refused)
    assert "meja depan" in words(refused)
    ticket.refresh_from_db()
    assert ticket.status == "called", "the call goes on"


def test_the_network_is_lost_between_call_and_start(floor: Floor) -> None:
    """The same press again, with the same key, does nothing more; another press is told that service began."""
    ticket, session = floor.arrive(), floor.sit("D1", 1)
    call, officer, key = q.call_next(floor.by("D1"), session), signed_in(floor, "D1"), str(uuid7())
    assert send(officer, "counter_act", "mulai", key=key, call=str(call.pk)).status_code == 302
    floor.after(4)
    assert send(officer, "counter_act", "mulai", key=key, call=str(call.pk)).status_code == 302
    assert Event.objects.filter(type="queueing.service_started").count() == 1
    page = words(officer.get(reverse("counter")))
    assert ticket.label in page
    assert "Dilayani sejak 08.00" in page, "the first press counts"
    again = send(officer, "counter_act", "mulai", call=str(call.pk))
    assert again.status_code == 409
    assert f"Layanan untuk {ticket.label} sudah dimulai" in words(again)
    # So is calling: the lost answer of a press gives the same call, not the next person.
    floor.arrive()
    casework.check_documents(floor.by("D1"), call, "complete")
    for _again in range(2):
        send(officer, "counter_act", "panggil", key=key, session=str(session.pk))
    assert Call.objects.count() == 2


def test_a_second_check_in_at_the_desk_gives_the_same_number(floor: Floor) -> None:
    desk, seat = signed_in(floor, "FD"), floor.appointment()
    reference = seat.application.reference
    assert send(desk, "desk_checkin", reference, how="name").status_code == 302
    label = Ticket.objects.get().label
    again = send(desk, "desk_checkin", reference, how="name")
    assert (again.status_code, f"sudah memiliki nomor antrean {label}" in words(again)) == (409, True)
    # The printer was away: the paper is printed again, in any width, as often as it takes.
    page = reverse("desk_ticket", args=[Ticket.objects.get().pk])
    for width in ("", "?kertas=58", "?kertas=besar"):
        assert label in words(desk.get(page + width))
    assert Ticket.objects.count() == 1


def test_somebody_without_papers_or_phone_is_found_by_name(floor: Floor) -> None:
    seat = floor.appointment()
    found = send(signed_in(floor, "FD"), "desk", wanted="sekar rekaan")
    assert found["Location"] == reverse("desk_person", args=[seat.application.reference])
