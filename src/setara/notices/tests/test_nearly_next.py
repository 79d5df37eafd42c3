"""*You are nearly next* by message: to those whose turn at the first step is near, once, and while it is news."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from setara.kernel import clock
from setara.kernel.clock import ManualClock
from setara.notices import letters, outbox
from setara.notices.models import Notice
from setara.queueing import service as q
from setara.queueing.models import Call, Ticket
from setara.queueing.tests.flooring import MONDAY, Floor, passport_office


@pytest.fixture
def floor(db: None) -> Iterator[Floor]:
    with clock.using(ManualClock(MONDAY)) as source:
        made = passport_office(source)
        made.open()
        yield made


def told(floor: Floor) -> list[str]:
    """The numbers that are told, in the order of the rows."""
    while outbox.collect(floor.office.pk):
        pass
    return [one.params["label"] for one in Notice.objects.filter(kind="nearly").order_by("pk")]


def call(floor: Floor, session: q.Session) -> Call:
    made = q.call_next(floor.by("D1"), session)
    Call.objects.filter(pk=made.pk).update(ended_at=floor.clock.now(), outcome="served")
    Ticket.objects.filter(pk=made.ticket_id).update(step="biometrics")
    return made


def test_those_whose_turn_is_near_are_told_once(floor: Floor) -> None:
    people = [floor.arrive(contact="sms") for _n in range(9)]
    slip = floor.arrive(contact="slip")
    session = floor.sit("D1", 1)
    assert told(floor) == []
    floor.after(1)
    call(floor, session)
    labels = [one.label for one in people]
    assert told(floor) == labels[1 : outbox.NEARLY + 1]
    floor.after(1)
    call(floor, session)
    floor.after(1)
    call(floor, session)  # two calls before the worker comes again
    assert told(floor) == labels[1 : outbox.NEARLY + 3]
    for _n in range(5):
        floor.after(1)
        call(floor, session)
    assert told(floor) == labels[1:]
    assert slip.label not in told(floor), "who has neither phone nor e-mail looks at the board"
    words = letters.words("nearly", people[1].application, {"label": labels[1], "n": "1"})
    assert (
        words
        == f"{floor.office.name}: nomor {labels[1]} hampir dipanggil (urutan ke-1). Mendekatlah ke ruang tunggu."
    )
    assert len(words) <= 160


def test_what_is_no_news_any_more_is_not_told(floor: Floor) -> None:
    """A worker that comes late, and a call at a later step: nobody is told; the control is the test above."""
    for _n in range(4):
        floor.arrive(contact="sms")
    session = floor.sit("D1", 1)
    call(floor, session)
    floor.clock.advance(outbox.FRESH + timedelta(seconds=1))
    assert told(floor) == []
    photo = floor.sit("B1", 3)
    Ticket.objects.filter(step="biometrics").update(status="waiting", joined_at=floor.clock.now())
    q.call_next(floor.by("B1"), photo)
    assert told(floor) == []
