"""The door: people counted beside the tickets given, and the draw among those who stood before it."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from setara.kernel.clock import ManualClock
from setara.kernel.errors import Conflict, Forbidden, Refused
from setara.kernel.lots import drawn, seed_of
from setara.ledger.models import Event
from setara.ledger.service import By, system
from setara.queueing import service as q
from setara.queueing.models import DoorCount, OpeningDraw, Ticket
from setara.queueing.tests.browsing import send, signed_in, words
from setara.queueing.tests.flooring import MONDAY, Floor, passport_office


def test_people_are_counted_at_the_door(floor: Floor) -> None:
    desk = signed_in(floor, "FD")
    floor.arrive()
    assert send(desk, "door", hour="8", people="12").status_code == 302
    assert send(desk, "door", hour="8", people="14").status_code == 302
    assert DoorCount.objects.get().people == 14
    assert Event.objects.order_by("seq").last().payload["before"] == 12
    page = words(desk.get(reverse("door")))
    assert "14" in page
    for wrong in ({"hour": "9", "people": "1"}, {"hour": "8", "people": "-1"}, {"hour": "8", "people": ""}):
        assert send(desk, "door", **wrong).status_code == 400
    assert DoorCount.objects.get().people == 14
    assert send(signed_in(floor, "D1"), "door", hour="8", people="1").status_code == 403


@pytest.fixture
def early(db: None, still: ManualClock) -> Floor:
    """Eight people before the doors, five of them booked for the first window, and one who comes after."""
    still.set(MONDAY - timedelta(minutes=20))
    floor = passport_office(still)
    floor.open()
    floor.session = floor.sit("D1", 1)
    floor.early = []
    for n in range(8):
        floor.early.append(floor.arrive(0) if n % 8 < 5 else floor.old())
        floor.after(1)
    return floor


def test_those_before_the_doors_get_their_ranks_by_lot(early: Floor) -> None:
    opening = By(system("opening", early.office.pk))
    assert not q.draw_due(early.office, early.clock.now())
    with pytest.raises(Refused):
        q.draw_opening(opening, early.office)
    early.clock.set(MONDAY)
    late = early.arrive(0)
    assert q.draw_due(early.office, early.clock.now())
    with pytest.raises(Refused) as first:
        q.call_next(early.by("D1"), early.session)
    assert first.value.code == "queueing.draw_first"
    with pytest.raises(Forbidden):
        q.draw_opening(early.by("D1"), early.office)
    draw = q.draw_opening(opening, early.office)
    with pytest.raises(Conflict):
        q.draw_opening(opening, early.office)
    assert not q.draw_due(early.office, early.clock.now())
    # Anybody can draw again from what is published: the labels and moments of arrival.
    said = Event.objects.filter(type="queueing.checked_in", occurred_at__lt=MONDAY)
    facts = sorted(f"{e.payload['label']} {e.payload['joined_at']}" for e in said)
    seed = seed_of("uji", "2026-03-02", *facts)
    order = drawn(seed, (ticket.label for ticket in early.early))
    assert (draw.seed, draw.ranks) == (seed, {label: n for n, label in enumerate(order, 1)})
    assert order != [ticket.label for ticket in early.early], "chance would have it once in 40,320"
    late.refresh_from_db()
    assert late.rank is None
    # Within their lane they are called in the order of the lot, and before whoever came after the opening.
    called = []
    for _each in range(9):
        call = q.call_next(early.by("D1"), early.session)
        called.append(call.ticket)
        q.start_service(early.by("D1"), call)
        q.Call.objects.filter(pk=call.pk).update(ended_at=early.clock.now(), outcome="served")
    booked = [ticket.label for ticket in called if ticket.lane == "booked"]
    lots = [label for label in order if Ticket.objects.get(label=label).lane == "booked"]
    assert booked == [*lots, late.label]


def test_the_first_press_of_the_day_draws(early: Floor) -> None:
    early.clock.set(MONDAY)
    officer = signed_in(early, "D1")
    pressed = send(officer, "counter_act", "panggil", session=str(early.session.pk))
    assert pressed.status_code == 302
    draw = OpeningDraw.objects.get()
    assert q.Call.objects.get().ticket.rank in draw.ranks.values()
    assert len(draw.ranks) == 8


def sha(*lines: str) -> str:
    """What anybody's program gives for these lines."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_anybody_draws_again_from_the_published_page(early: Floor, client: Client) -> None:
    page = reverse("replay_day", args=[early.office.pk, early.today])
    assert "Undian saat pintu dibuka" not in words(client.get(page))
    early.clock.set(MONDAY)
    early.arrive(0)
    draw = q.draw_opening(By(system("opening", early.office.pk)), early.office)
    with CaptureQueriesContext(connection) as seen:
        body = words(client.get(page))
    assert len(seen) <= 10
    assert "8 orang sudah menunggu saat pintu dibuka" in body
    (seed,) = re.findall(r'<code class="draw-seed">(\w+)</code>', body)
    lines = re.findall(r"<li><code>(.+?)</code></li>", body)
    assert seed == sha("uji", "2026-03-02", *sorted(lines))
    labels = [line.split()[0] for line in lines]
    assert labels == sorted(labels, key=lambda label: sha(seed, label))
    assert {label: n for n, label in enumerate(labels, 1)} == draw.ranks
    assert len(labels) == 8
    english = words(client.get(page, headers={"accept-language": "en"}))
    assert ("Anybody can draw again" in english, seed in english, len(english) < 60_000) == (True, True, True)
    # The page of a single call is not burdened with it, and the day before had no draw.
    q.call_next(early.by("D1"), early.session)
    assert seed not in words(client.get(f"{page}?ke=1"))
    assert seed in words(client.get(page))
