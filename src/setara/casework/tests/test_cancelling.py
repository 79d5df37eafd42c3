"""An application that nobody has worked on can be cancelled: its place is free, its code good no longer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from setara.applications.service import Application
from setara.applications.tests.making import MONDAY, TODAY, House, house
from setara.booking.service import Appointment, Seat, book, open_windows
from setara.casework import service as c
from setara.casework.tests.test_backoffice_pages import through_the_hall
from setara.kernel import clock
from setara.kernel.clock import ManualClock
from setara.kernel.errors import Forbidden, Invalid, Refused
from setara.kernel.ids import uuid7
from setara.ledger.models import Event
from setara.ledger.service import Actor, By, outside, system
from setara.notices import outbox
from setara.notices.models import Notice
from setara.payments.service import Bill, Payment, record_bill, record_payment, request_bill
from setara.queueing import service as q
from setara.queueing.tests.browsing import signed_in
from setara.queueing.tests.flooring import Floor

CODE = "820260302000001"


@pytest.fixture
def kanim(db: None) -> Iterator[House]:
    with clock.using(ManualClock(MONDAY)) as source:
        made = house(source)
        made.quota(per_day=4)
        yield made


def billed(kanim: House) -> tuple[Application, By]:
    made, by = kanim.submitted()
    lines = [{"code": "x", "name": "x", "name_en": "x", "amount": made.fee}]
    record_bill(by, made, CODE, made.fee, lines, kanim.clock.now() + timedelta(hours=2))
    return made, by


def booked(kanim: House) -> tuple[Application, By, Appointment]:
    made, by = kanim.paid()
    window = open_windows(By(system("test")), kanim.office, TODAY + timedelta(days=1))[0]
    return made, by, book(by, made, window)


def browser(application: Application) -> Client:
    client = Client()
    session = client.session
    session["application"] = str(application.pk)
    session.save()
    return client


def last(kind: str = "casework.cancelled") -> dict[str, Any]:
    payload: dict[str, Any] = Event.objects.filter(type=kind).latest("seq").payload
    return payload


def test_the_place_is_free_at_once_and_the_event_says_what_was_given_up(kanim: House) -> None:
    made, by, appointment = booked(kanim)
    assert Seat.objects.filter(application=made).count() == 1
    with pytest.raises(Invalid) as reason:
        c.cancel(By(by.actor, reason="because"), made)
    assert reason.value.field == "reason"
    other, theirs = kanim.draft(nik="9901015708900002")
    with pytest.raises(Forbidden):
        c.cancel(theirs, made)
    c.cancel(By(by.actor, reason="no_longer_needed"), made)
    appointment.refresh_from_db()
    assert (made.status, appointment.status) == ("cancelled", "given_up")
    assert Seat.objects.filter(application=made).count() == 0
    event = Event.objects.get(type="casework.cancelled")
    assert event.reason == "no_longer_needed"
    assert (event.payload["was"], event.payload["paid"], event.payload["typed_by"]) == ("booked", True, "")
    assert event.payload["appointment"] == str(appointment.pk)
    with pytest.raises(Refused) as again:
        c.cancel(by, made)
    assert again.value.code == "casework.too_late_to_cancel"
    # A draft too, and without saying why.
    c.cancel(theirs, other)
    assert last()["was"] == "draft"


def test_an_unpaid_code_is_closed_and_money_that_comes_all_the_same_is_written_down(kanim: House) -> None:
    made, by = billed(kanim)
    c.cancel(by, made)
    assert last()["bill_closed"]
    assert Bill.objects.get().status == "expired"
    with pytest.raises(Refused) as no_code:
        request_bill(by.actor, made)
    assert no_code.value.code == "payments.cancelled"
    record_payment(By(outside("treasury", "uji")), CODE, "N1", kanim.clock.now(), made.fee)
    made.refresh_from_db()
    assert (made.status, Payment.objects.count(), last("payments.paid")["surplus"]) == ("cancelled", 1, True)
    while outbox.collect("uji"):
        pass
    told = [notice.kind for notice in Notice.objects.order_by("created_at", "pk")]
    assert told == ["welcome", "cancelled", "surplus"]
    # The control: money for an application that stands is no surplus.
    other, _by = kanim.submitted()
    record_bill(_by, other, CODE[:-1] + "2", other.fee, [], kanim.clock.now() + timedelta(hours=2))
    record_payment(By(outside("treasury", "uji")), CODE[:-1] + "2", "N2", kanim.clock.now(), other.fee)
    assert not last("payments.paid")["surplus"]


def test_what_the_office_works_on_is_not_cancelled_so(floor: Floor) -> None:
    case = through_the_hall(floor)
    me = By(Actor("applicant", str(case.pk)))
    waiting = floor.arrive()
    for application in (case.application, waiting.application):
        with pytest.raises(Refused) as late:
            c.cancel(me if application == case.application else floor.by("FD"), application)
        assert late.value.code == "casework.too_late_to_cancel"
    client = browser(case.application)
    assert client.get(reverse("cancel")).status_code == 302
    assert reverse("cancel") not in client.get(reverse("application")).content.decode()
    answer = client.post(reverse("cancel"), {"idempotency_key": str(uuid7())})
    assert answer.status_code == 422
    assert "belum mengerjakannya" in answer.content.decode()


def test_a_cancelled_appointment_opens_no_door(floor: Floor) -> None:
    appointment = floor.appointment()
    c.cancel(floor.by("FD"), appointment.application)
    with pytest.raises(Refused) as gone:
        q.check_in(floor.by("FD"), appointment, "qr")
    assert gone.value.code == "queueing.appointment_given_up"
    assert last()["typed_by"] == str(floor.staff["FD"].pk)


def test_the_page_says_what_cancelling_means_and_a_second_press_is_harmless(kanim: House) -> None:
    made, _by, _appointment = booked(kanim)
    client = browser(made)
    assert reverse("cancel") in client.get(reverse("application")).content.decode()
    page = client.get(reverse("cancel")).content.decode()
    assert "langsung dapat dipesan orang lain" in page
    assert "anggaplah biaya itu tidak kembali" in page
    wrong = client.post(reverse("cancel"), {"reason": "x", "idempotency_key": str(uuid7())})
    assert wrong.status_code == 400
    sent = {"reason": "twice", "idempotency_key": str(uuid7())}
    for _twice in range(2):
        assert client.post(reverse("cancel"), sent).status_code == 302
    assert Event.objects.filter(type="casework.cancelled").count() == 1
    page = client.get(reverse("application")).content.decode()
    assert "Permohonan ini dibatalkan" in page
    assert reverse("cancel") not in page
    # Unpaid: nothing is said about a fee that nobody has paid.
    other, _by = billed(kanim)
    page = browser(other).get(reverse("cancel")).content.decode()
    assert "jangan dibayar" in page
    assert "anggaplah biaya" not in page


def test_the_desk_cancels_for_somebody(floor: Floor) -> None:
    reference = floor.appointment(days=1).application.reference
    address = reverse("assist_cancel", args=[reference])
    assert signed_in(floor, "AJ").get(address).status_code == 403
    desk = signed_in(floor, "FD")
    assert address in desk.get(reverse("application_at_desk", args=[reference])).content.decode()
    assert desk.post(address, {"idempotency_key": str(uuid7())}).status_code == 302
    assert Application.objects.get(reference=reference).status == "cancelled"
