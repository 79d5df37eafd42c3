"""The end of the day, and what the board and a ticket's place say during it."""

from __future__ import annotations

import json
from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from setara.applications.service import Application
from setara.booking.service import Appointment, Seat
from setara.kernel.errors import Forbidden, Refused
from setara.ledger import storage
from setara.ledger.models import Event
from setara.offices import memory
from setara.offices.service import OpeningHours
from setara.queueing import closing
from setara.queueing import service as q
from setara.queueing.models import Call, Session, Ticket
from setara.queueing.tests.flooring import Floor

S = Application.Status


def test_everybody_gets_an_outcome_and_a_right_to_return(floor: Floor) -> None:
    never_came = floor.appointment()
    Seat.objects.create(window=never_came.window, number=1, application=never_came.application)
    waiting, called, absent, serving = floor.arrive(), floor.arrive(), floor.arrive(), floor.arrive()
    Seat.objects.create(window=never_came.window, number=2, application=waiting.application)
    Ticket.objects.filter(pk=absent.pk).update(status="absent")
    for label, number, ticket in (("D1", 1, called), ("D2", 2, serving)):
        session = floor.sit(label, number)
        q.call_out_of_turn(floor.by("KA", "medical_emergency"), session, ticket)
    q.start_service(floor.by("D2"), Call.objects.get(ticket=serving))
    with pytest.raises(Forbidden):
        q.close_day(floor.by("D1"), floor.office, floor.today)
    with pytest.raises(Refused) as busy:
        q.close_day(floor.by("KA"), floor.office, floor.today)
    assert busy.value.code == "queueing.still_serving"
    assert serving.label in str(busy.value)
    assert Session.objects.exclude(state="closed").count() == 2
    q.close_day(floor.by("KA"), floor.office, floor.today, force=True)
    for ticket, outcome in (
        (waiting, "not_served"),
        (called, "not_served"),
        (absent, "absent"),
        (serving, "not_served"),
    ):
        ticket.refresh_from_db()
        assert (ticket.outcome, ticket.right_of_return) == (outcome, date(2026, 3, 16))
        assert ticket.closed_at is not None
        assert Application.objects.get(pk=ticket.application_id).status == S.PAID
    assert set(Call.objects.values_list("outcome", flat=True)) == {"closed"}
    assert not Session.objects.exclude(state="closed").exists()
    # They may come back, or choose another date: the place used up in vain is free again.
    assert not Seat.objects.filter(application__isnull=False).exists()
    never_came.refresh_from_db()
    assert never_came.status == Appointment.Status.MISSED
    assert floor.day().status == "closed"
    event = Event.objects.order_by("-seq").first()
    assert event.type == "queueing.day_closed"
    assert event.payload["forced"] is True
    assert event.payload["missed_appointments"] == 1
    assert event.payload["counters"] == [1, 2]
    assert [row["label"] for row in event.payload["unserved"]] == [
        t.label for t in (waiting, called, absent, serving)
    ]
    assert {row["return_from"] for row in event.payload["unserved"]} == {"2026-03-03"}
    assert list(storage.verify(floor.office.pk)) == []
    with pytest.raises(Refused) as twice:
        q.close_day(floor.by("KA"), floor.office, floor.today)
    assert twice.value.code == "queueing.day_closed"


def test_the_board_is_plain_data_in_few_queries(floor: Floor) -> None:
    tickets = []
    for _ in range(6):
        tickets.append(floor.arrive())
        floor.after(1)
    old = floor.old()
    session = floor.sit("D1", 1)
    wrong = q.call_next(floor.by("D1"), session)
    q.undo_call(floor.by("D1"), wrong)
    call = floor.serve("D1", session)
    floor.sit("D2", 2)
    floor.office.refresh_from_db()
    q.board(floor.office, floor.clock.now())
    with CaptureQueriesContext(connection) as queries:
        board = q.board(floor.office, floor.clock.now())
    assert len(queries) == 5
    assert json.loads(json.dumps(board)) == board
    assert board["seq"] == Event.objects.count()
    step = board["steps"][0]
    assert (step["code"], step["waiting"], step["lanes"]) == (
        "document_check",
        6,
        {"priority": 0, "booked": 6},
    )
    assert call.ticket_id == old.pk
    assert step["order"] == [t.label for t in tickets]
    assert board["positions"][tickets[2].label] == {"step": "document_check", "place": 3}
    (serving,) = board["serving"]
    assert (serving["label"], serving["counter"], serving["state"]) == (old.label, 1, "serving")
    assert serving["since"] == call.started_at.isoformat()
    assert [one["label"] for one in board["recent"]] == [old.label]
    assert [(c["number"], c["state"]) for c in board["counters"]] == [(1, "open"), (2, "open")]
    place = q.place_of(tickets[0])
    assert (place.position, place.waiting, place.called_before) == (1, 6, 1)
    (passed,) = place.exceptions
    assert (passed.label, passed.reason, passed.out_of_turn) == (old.label, "lane.priority", False)


def test_a_board_before_the_day_is_open(floor: Floor) -> None:
    q.close_day(floor.by("KA"), floor.office, floor.today)
    board = q.board(floor.office, floor.clock.now())
    assert (board["open"], board["serving"], board["counters"]) == (False, [], [])


def test_who_was_not_served_before_a_saturday_with_service_may_return_on_it(floor: Floor) -> None:
    OpeningHours.objects.create(office=floor.office, weekday=5, opens=time(8), closes=time(12))
    memory.forget()  # settings are remembered for some seconds
    floor.clock.set(floor.clock.now() + timedelta(days=4))
    floor.open()
    floor.arrive()
    saturday = date(2026, 3, 7)
    said = closing.preview(floor.office, floor.today)
    assert [one.return_from for one in said.endings] == [saturday]
    q.close_day(floor.by("KA"), floor.office, floor.today)
    assert [one.return_from for one in closing.rights_of(floor.office, floor.today)] == [saturday]
    event = Event.objects.filter(type="queueing.day_closed").latest("seq")
    assert [one["return_from"] for one in event.payload["unserved"]] == [saturday.isoformat()]
