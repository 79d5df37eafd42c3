"""Somebody whose photo is no good goes back to the camera, to the place held before; nobody is moved ahead."""

from __future__ import annotations

import pytest
from django.urls import reverse

from setara.casework import service as casework
from setara.kernel.errors import Conflict, Forbidden, Invalid
from setara.ledger.models import Event
from setara.queueing import service as q
from setara.queueing.models import Call
from setara.queueing.tests.browsing import send, signed_in, words
from setara.queueing.tests.flooring import FINGERS, PHOTO, Floor


@pytest.fixture
def asked(floor: Floor) -> Call:
    """Somebody in the interview; another has come to the camera after them."""
    floor.arrive(), floor.arrive()
    sessions = {label: floor.sit(label, n) for label, n in (("D1", 1), ("B1", 3), ("W1", 4))}
    for _each in range(2):
        floor.after(1)
        casework.check_documents(floor.by("D1"), floor.serve("D1", sessions["D1"]), "complete")
    floor.after(1)
    casework.capture(floor.by("B1"), floor.serve("B1", sessions["B1"]), PHOTO, FINGERS)
    floor.sessions = sessions
    return floor.serve("W1", sessions["W1"])


def test_back_to_the_camera_at_the_place_of_before(floor: Floor, asked: Call) -> None:
    for step in ("adjudication", "interview", "nonsense"):
        with pytest.raises(Invalid):
            casework.transfer(floor.by("W1"), asked, step, "foto buram")
    with pytest.raises(Invalid):
        casework.transfer(floor.by("W1"), asked, "biometrics", " ")
    with pytest.raises(Forbidden):
        casework.transfer(floor.by("D1"), asked, "biometrics", "foto buram")
    first = Call.objects.get(ticket=asked.ticket, step="biometrics")
    casework.transfer(floor.by("W1"), asked, "biometrics", "foto buram")
    event = Event.objects.order_by("seq").last()
    assert (event.type, event.payload["to"]) == ("casework.transferred", "biometrics")
    assert event.payload["joined_at"] == first.joined_at.isoformat()
    assert "buram" not in str(event.payload)
    asked.refresh_from_db()
    assert (asked.outcome, asked.ended_at is not None) == ("moved", True)
    with pytest.raises(Conflict):
        casework.transfer(floor.by("W1"), asked, "biometrics", "lagi")
    # Called before the other, who came to the camera later; and the file goes on from there.
    again = floor.serve("B1", floor.sessions["B1"])
    assert again.ticket_id == asked.ticket_id
    casework.capture(floor.by("B1"), again, PHOTO, FINGERS)
    call = floor.serve("W1", floor.sessions["W1"])
    assert casework.interview(floor.by("W1"), call, "passed").outcome == "passed"


def test_the_counter_offers_it_where_there_is_an_earlier_step(floor: Floor, asked: Call) -> None:
    officer = signed_in(floor, "W1")
    page = words(officer.get(reverse("counter")))
    assert "Langkah sebelumnya harus diulang?" in page
    assert "data-elapsed=" in page
    refused = send(officer, "counter_transfer", asked.pk, note="foto buram")
    assert (refused.status_code, "foto buram" in words(refused)) == (400, True)
    done = send(officer, "counter_transfer", asked.pk, note="foto buram", step="biometrics")
    assert done.status_code == 302
    camera = signed_in(floor, "B1")
    q.start_service(floor.by("B1"), q.call_next(floor.by("B1"), floor.sessions["B1"]))
    assert "Pemeriksaan" in words(camera.get(reverse("counter")))
    first = signed_in(floor, "D1")
    floor.arrive()
    floor.serve("D1", floor.sessions["D1"])
    assert "Langkah sebelumnya" not in words(first.get(reverse("counter"))), (
        "nothing lies before the first step"
    )
