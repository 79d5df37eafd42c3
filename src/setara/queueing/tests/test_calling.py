"""Calling by the rule: next, out of turn, absent, back again, a wrong press, and what the database forbids."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from setara.kernel.clock import ManualClock
from setara.kernel.errors import Conflict, Forbidden, Refused
from setara.ledger.models import Event
from setara.queueing import service as q
from setara.queueing.models import Call, Line, Ticket
from setara.queueing.tests.flooring import MONDAY, Floor, passport_office


def last_event() -> Event:
    return Event.objects.order_by("-seq").first()


def test_the_rule_picks_and_the_event_says_so(floor: Floor) -> None:
    """Booked 3 to priority 2: booked people by window, not by arrival; every call says what the rule gave."""
    late = floor.arrive(60)
    floor.after(1)
    early = floor.arrive(30)
    old = floor.old()
    floor.after(61)
    session = floor.sit("D1", 1)
    called = []
    for _ in range(3):
        call = floor.serve("D1", session)
        event = Event.objects.filter(type="queueing.called").order_by("-seq").first()
        assert event.payload["label"] == event.payload["rule_label"] == call.ticket.label
        assert (event.payload["depth"], event.payload["officer"], event.payload["counter"]) == (0, "D1", 1)
        assert event.payload["rule_version"] == "2"
        assert event.payload["waiting"] == 3 - len(called)
        assert event.payload["why"]["reason"] == ("only_lane" if called else "turn")
        called.append(call.ticket_id)
        Call.objects.filter(pk=call.pk).update(ended_at=floor.clock.now(), outcome="served")
        Ticket.objects.filter(pk=call.ticket_id).update(status="done", closed_at=floor.clock.now())
    assert called == [old.pk, early.pk, late.pk]
    with pytest.raises(Refused) as nobody:
        q.call_next(floor.by("D1"), session)
    assert nobody.value.code == "queueing.nobody"


def test_a_call_costs_few_queries(floor: Floor) -> None:
    for n in range(30):
        floor.arrive(n)
    session = floor.sit("D1", 1)
    by = floor.by("D1", key="k1")
    with CaptureQueriesContext(connection) as first:
        call = q.call_next(by, session)
    q.undo_call(floor.by("D1"), call)
    by = floor.by("D1", key="k2")
    with CaptureQueriesContext(connection) as queries:
        q.call_next(by, session)
    statements = [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]]
    assert len(statements) <= 12, statements
    assert len(first) < 20


def test_before_the_doors_people_may_come_but_nobody_is_called(db: None, still: ManualClock) -> None:
    still.set(MONDAY - timedelta(minutes=30))
    floor = passport_office(still)
    floor.open()
    session = floor.sit("D1", 1)
    second_window = floor.arrive(30)
    floor.after(1)
    first_window = floor.arrive(0)
    with pytest.raises(Refused) as shut:
        q.call_next(floor.by("D1"), session)
    assert shut.value.code == "queueing.before_doors"
    assert "08.00 WIB" in str(shut.value.remedy)
    still.set(MONDAY)
    with pytest.raises(Refused) as lots:
        q.call_next(floor.by("D1"), session)
    assert lots.value.code == "queueing.draw_first"
    q.draw_opening(floor.by("KA"), floor.office)
    assert q.call_next(floor.by("D1"), session).ticket_id == first_window.pk
    assert q.place_of(second_window).position == 1


def test_out_of_turn_needs_a_second_person_a_listed_reason_and_says_how_deep(floor: Floor) -> None:
    floor.officer("FA", ["auditor"])
    tickets = []
    for _ in range(4):
        tickets.append(floor.arrive(0))
        floor.after(1)
    session = floor.sit("D1", 1)
    with pytest.raises(Forbidden):
        q.call_out_of_turn(floor.by("FA", "medical_emergency"), session, tickets[3])
    for reason in (None, "a friend"):
        with pytest.raises(Refused) as why:
            q.call_out_of_turn(floor.by("KA", reason), session, tickets[3])
        assert why.value.code == "queueing.reason_needed"
    call = q.call_out_of_turn(floor.by("KA", "medical_emergency"), session, tickets[3], "pingsan di kursi")
    event = last_event()
    assert event.type == "queueing.called_out_of_turn"
    assert (event.reason, event.actor_kind) == ("medical_emergency", "officer")
    assert (event.payload["label"], event.payload["rule_label"]) == (tickets[3].label, tickets[0].label)
    assert (event.payload["depth"], event.payload["waiting"]) == (3, 4)
    assert len(event.payload["note_digest"]) == 64
    assert "pingsan" not in str(event.payload)
    assert (call.depth, call.rule_ticket_id, call.ticket_id) == (3, tickets[0].pk, tickets[3].pk)
    place = q.place_of(tickets[0])
    assert (place.position, place.called_before) == (1, 1)
    (passed,) = place.exceptions
    assert (passed.label, passed.reason, passed.out_of_turn) == (
        tickets[3].label,
        "unproven.medical_emergency",
        True,
    )
    assert "Keadaan darurat medis" in str(passed.words)
    # Somebody who is not waiting cannot be called, at a counter that does not serve the step neither.
    with pytest.raises(Conflict) as gone:
        q.call_out_of_turn(floor.by("KA", "medical_emergency"), floor.sit("D2", 2), tickets[3])
    assert gone.value.code == "queueing.not_waiting"
    with pytest.raises(Refused) as wrong:
        q.call_out_of_turn(floor.by("KA", "medical_emergency"), floor.sit("B1", 3), tickets[1])
    assert wrong.value.code == "queueing.wrong_counter"


def test_one_counter_one_call_one_officer_one_counter(floor: Floor) -> None:
    floor.arrive()
    floor.arrive()
    session = floor.sit("D1", 1)
    call = q.call_next(floor.by("D1"), session)
    with pytest.raises(Conflict) as busy, transaction.atomic():
        q.call_next(floor.by("D1"), session)
    assert busy.value.code == "queueing.one_call_per_counter"
    assert "satu nomor" in str(busy.value.rule)
    with pytest.raises(IntegrityError, match="one_call_per_counter"), transaction.atomic():
        Call.objects.create(
            office=floor.office, date=floor.today, step="x", ticket=floor.arrive(), rule_version="1",
            session=session, counter=session.counter, staff=session.staff, called_at=call.called_at,
            joined_at=call.called_at, reason="x", proof="unproven", approval="pending",
        )  # fmt: skip
    with pytest.raises(Conflict) as taken, transaction.atomic():
        floor.sit("D2", 1)
    assert taken.value.code == "queueing.one_session_per_counter"
    with pytest.raises(Conflict) as twice, transaction.atomic():
        floor.sit("D1", 2)
    assert twice.value.code == "queueing.one_counter_per_officer"
    with pytest.raises(Refused) as other:
        floor.sit("B1", 1)
    assert other.value.code == "queueing.no_step"
    with pytest.raises(Forbidden):
        q.call_next(floor.by("D2"), session)
    for stop in (q.pause_counter, q.close_counter):
        with pytest.raises(Refused) as running:
            stop(floor.by("D1"), session)
        assert running.value.code == "queueing.call_running"
        assert call.ticket.label in str(running.value)


def test_a_retried_press_calls_once(floor: Floor) -> None:
    floor.arrive()
    floor.arrive()
    session = floor.sit("D1", 1)
    first = q.call_next(floor.by("D1", key="press"), session)
    assert q.call_next(floor.by("D1", key="press"), session).pk == first.pk
    assert Call.objects.count() == 1


def test_breaks_and_closing(floor: Floor) -> None:
    floor.arrive()
    session = floor.sit("D1", 1)
    q.pause_counter(floor.by("D1"), session)
    with pytest.raises(Conflict) as paused:
        q.call_next(floor.by("D1"), session)
    assert paused.value.code == "queueing.counter_state"
    q.resume_counter(floor.by("D1"), session)
    with pytest.raises(Forbidden):
        q.close_counter(floor.by("D2"), session)
    assert q.close_counter(floor.by("KA"), session).state == "closed"
    with pytest.raises(Conflict):
        q.close_counter(floor.by("D1"), session)
    assert q.open_session(floor.staff["D1"]) is None
    floor.sit("D1", 1)
    assert q.open_session(floor.staff["D1"]).counter.number == 1


def test_absent_only_as_the_pack_says_and_back_after_three(floor: Floor) -> None:
    absent = floor.arrive()
    session = floor.sit("D1", 1)
    call = q.call_next(floor.by("D1"), session)
    others = []
    for _ in range(5):
        floor.after(0.1)
        others.append(floor.arrive())
    with pytest.raises(Refused) as early:
        q.mark_absent(floor.by("D1"), call)
    assert early.value.code == "queueing.too_early_for_absent"
    assert "3" in str(early.value.rule)
    q.repeat_call(floor.by("D1"), call)
    assert q.repeat_call(floor.by("D1"), call).repeats == 2
    with pytest.raises(Refused):
        q.mark_absent(floor.by("D1"), call)
    floor.after(2)
    Call.objects.filter(pk=call.pk).update(repeats=1)
    with pytest.raises(Refused):  # long enough, but not called often enough
        q.mark_absent(floor.by("D1"), call)
    q.repeat_call(floor.by("D1"), call)
    q.mark_absent(floor.by("D1"), call)
    absent.refresh_from_db()
    assert (absent.status, absent.calls_missed) == ("absent", 1)
    assert [t.pk for t in q.waiting(floor.office, floor.today, "document_check")] == [t.pk for t in others]
    q.return_ticket(floor.by("FD"), absent)
    order = [t.pk for t in q.waiting(floor.office, floor.today, "document_check")]
    assert order.index(absent.pk) == 3
    with pytest.raises(Conflict) as twice:
        q.return_ticket(floor.by("FD"), absent)
    assert twice.value.code == "queueing.not_away"


def test_a_wrong_press_gives_back_the_exact_place_and_the_memory(floor: Floor) -> None:
    for _ in range(3):
        floor.arrive()
        floor.old()
        floor.after(1)
    session, second = floor.sit("D1", 1), floor.sit("D2", 2)
    q.call_next(floor.by("D2"), second)
    before = Line.objects.get().memory
    order = [t.pk for t in q.waiting(floor.office, floor.today, "document_check")]
    call = q.call_next(floor.by("D1"), session)
    assert Line.objects.get().memory != before
    q.undo_call(floor.by("D1"), call)
    assert Line.objects.get().memory == before
    assert [t.pk for t in q.waiting(floor.office, floor.today, "document_check")] == order
    assert [e.type for e in Event.objects.order_by("-seq")[:2]] == ["queueing.call_undone", "queueing.called"]
    with pytest.raises(Conflict) as over:
        q.undo_call(floor.by("D1"), call)
    assert over.value.code == "queueing.call_over"
    # The next press gives the same ticket: nothing is gained by a wrong press.
    assert q.call_next(floor.by("D1"), session).ticket_id == call.ticket_id


def test_undo_after_another_call_takes_back_only_its_own(floor: Floor) -> None:
    for _ in range(4):
        floor.arrive()
    a, b = floor.sit("D1", 1), floor.sit("D2", 2)
    first = q.call_next(floor.by("D1"), a)
    q.call_next(floor.by("D2"), b)
    q.undo_call(floor.by("D1"), first)
    assert Line.objects.get().memory["called"] == {"booked": 1}
    assert q.call_next(floor.by("D1"), a).ticket_id == first.ticket_id


def test_starting_and_what_comes_after(floor: Floor) -> None:
    ticket = floor.arrive()
    session = floor.sit("D1", 1)
    assert q.current_call(session) is None
    call = q.call_next(floor.by("D1"), session)
    assert q.current_call(session) == call
    with pytest.raises(Forbidden):
        q.start_service(floor.by("D2"), call)
    q.start_service(floor.by("D1"), call)
    ticket.refresh_from_db()
    assert ticket.status == "serving"
    for again in (q.start_service, q.repeat_call, q.mark_absent):
        with pytest.raises(Conflict) as started:
            again(floor.by("D1"), call)
        assert started.value.code == "queueing.already_started"
