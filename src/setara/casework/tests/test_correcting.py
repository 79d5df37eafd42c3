"""A wrong press is put right on the same screen: a new run, a new event, and the state as it should be."""

from __future__ import annotations

from datetime import date

import pytest

from setara.applications.service import Application
from setara.casework import service as c
from setara.casework.models import Book, Case, Hold, StepRun
from setara.kernel.errors import Conflict, Forbidden, Refused
from setara.ledger.models import Event
from setara.queueing import service as q
from setara.queueing.tests.flooring import FINGERS, PHOTO, Floor, stock


def status(case: Case) -> str:
    return Application.objects.get(pk=case.pk).status


def send_back(floor: Floor, session: q.Session) -> StepRun:
    call = floor.serve("D1", session)
    return c.check_documents(floor.by("D1"), call, "missing", [c.requirements_for(call)[0].code])


def test_missing_pressed_by_mistake(floor: Floor) -> None:
    ticket = floor.arrive()
    run = send_back(floor, floor.sit("D1", 1))
    pressed = floor.clock.now()
    floor.after(2)
    with pytest.raises(Refused) as why:
        c.correct(floor.by("D1"), run, "complete")
    assert why.value.code == "casework.correction_reason"
    with pytest.raises(Forbidden) as whose:
        c.correct(floor.by("D2", "wrong_press"), run, "complete")
    assert whose.value.code == "casework.not_your_run"
    with pytest.raises(Conflict) as same:
        c.correct(floor.by("D1", "wrong_press"), run, "missing")
    assert same.value.code == "casework.same_outcome"
    right = c.correct(floor.by("D1", "wrong_press"), run, "complete")
    assert (right.corrects, right.outcome, right.call_id) == (run, "complete", run.call_id)
    ticket.refresh_from_db()
    # The person waits at the next step since the first press: nothing is lost by the officer's mistake.
    assert (ticket.status, ticket.step, ticket.joined_at) == ("waiting", "biometrics", pressed)
    case = Case.objects.get()
    assert (case.step, status(case)) == ("biometrics", "in_service")
    hold = Hold.objects.get()
    assert hold.ended_at == hold.started_at
    event = Event.objects.order_by("-seq").first()
    assert (event.type, event.reason) == ("casework.corrected", "wrong_press")
    assert (event.payload["outcome"], event.payload["corrected_outcome"]) == ("complete", "missing")
    assert Event.objects.filter(type="casework.held").count() == 1
    rows = c.timeline(case.application)
    assert [row.state for row in rows if row.step == "document_check"] == ["corrected", "done"]
    assert not any(row.state == "held" for row in rows)


def test_complete_pressed_by_mistake(floor: Floor) -> None:
    ticket = floor.arrive()
    session = floor.sit("D1", 1)
    call = floor.serve("D1", session)
    run = c.check_documents(floor.by("D1"), call, "complete")
    paper = c.requirements_for(call)[0].code
    c.correct(floor.by("KA", "seen_too_late"), run, "missing", [paper])
    ticket.refresh_from_db()
    assert (ticket.status, ticket.step, Case.objects.get().step) == (
        "sent_back",
        "document_check",
        "document_check",
    )
    assert Hold.objects.get(ended_at__isnull=True).missing == [paper]
    q.return_ticket(floor.by("FD"), ticket)
    assert q.call_next(floor.by("D1"), session).ticket_id == ticket.pk


def test_not_once_the_next_step_has_begun(floor: Floor) -> None:
    floor.arrive()
    call = floor.serve("D1", floor.sit("D1", 1))
    run = c.check_documents(floor.by("D1"), call, "complete")
    biometrics = floor.sit("B1", 3)
    call = q.call_next(floor.by("B1"), biometrics)
    with pytest.raises(Refused) as called:
        c.correct(floor.by("D1", "wrong_press"), run, "refused", note="x")
    assert called.value.code == "casework.gone_on"
    q.start_service(floor.by("B1"), call)
    c.capture(floor.by("B1"), call, PHOTO, FINGERS)
    with pytest.raises(Refused) as beyond:
        c.correct(floor.by("D1", "wrong_press"), run, "refused", note="x")
    assert beyond.value.code == "casework.gone_on"
    assert str(beyond.value.remedy)


def test_refused_by_mistake_and_the_clock(floor: Floor) -> None:
    ticket = floor.arrive()
    c.check_documents(floor.by("D1"), floor.serve("D1", floor.sit("D1", 1)), "complete")
    c.capture(floor.by("B1"), floor.serve("B1", floor.sit("B1", 3)), PHOTO, FINGERS)
    run = c.interview(floor.by("W1"), floor.serve("W1", floor.sit("W1", 4)), "refused", "keliru")
    case = Case.objects.get()
    assert (case.status, status(case)) == ("refused", "refused")
    passed = c.correct(floor.by("W1", "wrong_press"), run, "passed")
    case.refresh_from_db()
    assert (case.status, case.step, status(case), case.due_on) == (
        "open",
        "adjudication",
        "in_process",
        date(2026, 3, 6),
    )
    ticket.refresh_from_db()
    assert (ticket.status, ticket.outcome) == ("done", "done")
    # And back again: the clock that the wrong press had started has never run.
    c.correct(floor.by("W1", "wrong_press"), passed, "refused", note="memang")
    case.refresh_from_db()
    assert (case.status, case.clock_started_at, case.due_on) == ("refused", None, None)


def test_quality_pressed_wrongly(floor: Floor) -> None:
    stock(floor, 3)
    floor.arrive()
    c.check_documents(floor.by("D1"), floor.serve("D1", floor.sit("D1", 1)), "complete")
    c.capture(floor.by("B1"), floor.serve("B1", floor.sit("B1", 3)), PHOTO, FINGERS)
    c.interview(floor.by("W1"), floor.serve("W1", floor.sit("W1", 4)), "passed")
    case = Case.objects.get()
    c.adjudicate(floor.by("AJ"), case, "approved")
    case.refresh_from_db()
    c.print_book(floor.by("PR"), case)
    case.refresh_from_db()
    run = c.check_quality(floor.by("PR"), case, "failed", "buram")
    assert Book.objects.get(case=case).status == "spoiled"
    right = c.correct(floor.by("PR", "wrong_press"), run, "passed")
    assert Book.objects.get(case=case).status == "passed"
    # The applicant must hear of it: the correction says what it came to.
    assert Event.objects.order_by("-seq").first().payload["came_to"] == "ready"
    case.refresh_from_db()
    assert (status(case), case.clock_stopped_at is not None) == ("ready", True)
    c.correct(floor.by("PR", "wrong_press"), right, "failed", note="memang buram")
    case.refresh_from_db()
    assert (case.step, status(case), case.clock_stopped_at) == ("printing", "in_process", None)
    assert Book.objects.get(case=case).status == "spoiled"


def test_a_correction_after_the_hall_has_closed(floor: Floor) -> None:
    ticket = floor.arrive()
    run = send_back(floor, floor.sit("D1", 1))
    q.close_day(floor.by("KA"), floor.office, floor.today)
    c.correct(floor.by("D1", "wrong_press"), run, "complete")
    ticket.refresh_from_db()
    case = Case.objects.get()
    assert ticket.closed_at is not None
    assert (case.step, status(case)) == ("biometrics", "returned")
    floor.clock.set(floor.clock.now().replace(day=3))
    floor.open()
    assert q.check_in_return(floor.by("FD"), case.application, "name").step == "biometrics"
