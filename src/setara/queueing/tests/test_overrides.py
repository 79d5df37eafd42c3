"""A call out of turn: asked for, proven by records that were there before, decided by somebody else, never hidden."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from setara.applications.service import CleanDocument
from setara.kernel.clock import ManualClock
from setara.kernel.errors import Conflict, Forbidden, Refused
from setara.ledger.models import Event
from setara.ledger.service import By, system
from setara.offices.service import open_day, pack_of
from setara.queueing import service as q
from setara.queueing.models import Call, OverrideRequest, Ticket
from setara.queueing.tests.flooring import Floor, passport_office
from setara.rules.replay import Happened, replay

State = OverrideRequest.State
LETTER = CleanDocument(b"\xff\xd8\xff letter", "image/jpeg", 600, 800, 1, "0" * 64, 900)


@pytest.fixture
def duty(db: None, still: ManualClock) -> Floor:
    """A passport office with two supervisors on today's roster, KA and K2, and the auditor AU."""
    floor = passport_office(still)
    floor.officer("K2", ["supervisor"])
    floor.officer("AU", ["auditor"])
    open_day(
        floor.by("KA"), floor.office, floor.today, [(floor.staff["KA"], None), (floor.staff["K2"], None)]
    )
    floor.session = floor.sit("D1", 1)
    floor.first, floor.second, floor.third = floor.arrive(), floor.arrive(), floor.arrive()
    floor.after(1)
    return floor


def last() -> Event:
    """The last event."""
    return Event.objects.order_by("seq").last()


def approved(
    floor: Floor, reason: str = "bereavement", paper: CleanDocument | None = LETTER
) -> OverrideRequest:
    """KA asked for the third ticket and K2 said yes."""
    request = q.ask_override(floor.by("KA", reason), floor.third, "Ibunya meninggal.", paper)
    return q.approve_override(floor.by("K2"), request)


def test_asked_proven_approved_and_used(duty: Floor) -> None:
    request = q.ask_override(duty.by("KA", "bereavement"), duty.third, "Ibunya meninggal.", LETTER)
    asked = last()
    assert (asked.type, asked.reason, asked.payload["proof"]) == (
        "queueing.override_asked",
        "bereavement",
        "proven",
    )
    assert "Ibunya" not in str(asked.payload)
    assert [one.pk for one in q.approvals_waiting(duty.office)] == [request.pk]
    with pytest.raises(Refused) as early:
        q.call_out_of_turn(duty.by("KA", "bereavement"), duty.session, duty.third)
    assert early.value.code == "queueing.approval_needed"
    q.approve_override(duty.by("K2"), request)
    assert q.approvals_waiting(duty.office) == []
    call = q.call_out_of_turn(duty.by("KA", "bereavement"), duty.session, duty.third)
    assert (call.proof, call.approval, call.depth) == ("proven", "approved", 2)
    said = last().payload
    assert (said["asked_by"], said["approved_by"], said["proof"]) == ("KA", "K2", "proven")
    assert [one["kind"] for one in said["proofs"]] == ["paper"]
    request.refresh_from_db()
    assert (request.state, request.call_id) == (State.USED, call.pk)


def test_nobody_decides_on_what_they_asked_and_only_supervisors_decide(duty: Floor) -> None:
    request = q.ask_override(duty.by("KA", "bereavement"), duty.third)
    for decide in (q.approve_override, q.refuse_override):
        with pytest.raises(Refused) as own:
            decide(duty.by("KA"), request)
        assert own.value.code == "queueing.own_override"
        assert "tidak dapat disetujui atau ditolak sendiri" in str(own.value)
        for label in ("D1", "FD", "AU"):
            with pytest.raises(Forbidden):
                decide(duty.by(label), request)
    # The database keeps it too.
    with pytest.raises(IntegrityError, match="queueing_override_second_person"), transaction.atomic():
        OverrideRequest.objects.filter(pk=request.pk).update(decided_by=request.asked_by)
    q.approve_override(duty.by("K2"), request)
    with pytest.raises(Conflict) as again:
        q.approve_override(duty.by("K2"), request)
    assert again.value.code == "queueing.override_over"


def test_an_officer_asks_and_uses_only_what_was_approved_for_them(duty: Floor) -> None:
    with pytest.raises(Forbidden):
        q.ask_override(duty.by("AU", "bereavement"), duty.third)
    request = q.ask_override(duty.by("D1", "bereavement"), duty.third, paper=LETTER)
    q.approve_override(duty.by("KA"), request)
    other = duty.sit("D2", 2)
    with pytest.raises(Refused) as not_mine:
        q.call_out_of_turn(duty.by("D2", "bereavement"), other, duty.third)
    assert not_mine.value.code == "queueing.approval_needed"
    with pytest.raises(Forbidden):
        q.call_out_of_turn(duty.by("D1", "bereavement"), other, duty.third)
    call = q.call_out_of_turn(duty.by("D1", "bereavement"), duty.session, duty.third)
    assert (call.approval, call.staff.label) == ("approved", "D1")


def test_without_a_record_it_is_unproven_and_says_so(duty: Floor) -> None:
    approved(duty, paper=None)
    call = q.call_out_of_turn(duty.by("KA", "bereavement"), duty.session, duty.third)
    assert (call.proof, call.approval) == ("unproven", "approved")
    assert last().payload["proofs"] == []


def test_what_the_second_person_saw_counts_only_where_the_pack_says_so(duty: Floor) -> None:
    for reason, proof in (("medical_emergency", "proven"), ("bereavement", "unproven")):
        ticket = duty.arrive()
        request = q.ask_override(duty.by("KA", reason), ticket)
        assert request.proof == "unproven"
        assert q.approve_override(duty.by("K2"), request, saw=True).proof == proof


def test_an_absence_mark_proves_only_if_it_was_there_before(duty: Floor) -> None:
    call = q.call_next(duty.by("D1"), duty.session)
    duty.after(5)
    for _twice in range(2):
        q.repeat_call(duty.by("D1"), call)
    q.mark_absent(duty.by("D1"), call)
    duty.after(1)
    missed = q.return_ticket(duty.by("FD"), duty.first)
    asked = {
        ticket.pk: q.ask_override(duty.by("KA", "call_not_heard"), ticket) for ticket in (missed, duty.second)
    }
    assert asked[missed.pk].proofs == [
        {"kind": "absence", "at": (duty.clock.now() - timedelta(minutes=1)).isoformat()}
    ]
    assert asked[duty.second.pk].proofs == []
    # A mark made after the asking does not change what was asked.
    Call.objects.filter(pk=call.pk).update(ended_at=duty.after(1))
    duty.after(30)
    q.expire_override(By(system("worker", duty.office.pk)), asked[missed.pk])
    Call.objects.filter(pk=call.pk).update(ended_at=duty.clock.now())
    assert q.ask_override(duty.by("KA", "call_not_heard"), missed).proofs == []


def test_an_absence_at_a_step_that_is_behind_proves_nothing_at_the_next(duty: Floor) -> None:
    call = q.call_next(duty.by("D1"), duty.session)
    duty.after(5)
    for _twice in range(2):
        q.repeat_call(duty.by("D1"), call)
    q.mark_absent(duty.by("D1"), call)
    back = q.return_ticket(duty.by("FD"), duty.first)
    duty.after(1)
    request = q.ask_override(duty.by("KA", "call_not_heard"), back)
    assert request.proof == "proven"
    q.refuse_override(duty.by("K2"), request)
    Ticket.objects.filter(pk=back.pk).update(step="biometrics", joined_at=duty.after(20))
    duty.after(1)
    assert q.ask_override(duty.by("KA", "call_not_heard"), back).proof == "unproven"


def test_a_wrong_press_proves_an_error_of_the_office(duty: Floor) -> None:
    q.undo_call(duty.by("D1"), q.call_next(duty.by("D1"), duty.session))
    duty.after(1)
    (proof,) = q.ask_override(duty.by("KA", "office_error"), duty.first).proofs
    assert proof["kind"] == "error"
    assert q.ask_override(duty.by("KA", "office_error"), duty.second).proofs == []


def test_a_request_and_an_approval_run_out(duty: Floor) -> None:
    worker = By(system("worker", duty.office.pk))
    request = q.ask_override(duty.by("KA", "bereavement"), duty.third, paper=LETTER)
    with pytest.raises(Conflict) as one:
        q.ask_override(duty.by("D1", "bereavement"), duty.third)
    assert one.value.code == "queueing.one_override"
    with pytest.raises(Conflict):
        q.expire_override(worker, request)
    duty.after(15)
    assert q.approvals_waiting(duty.office) == []
    with pytest.raises(Conflict) as late:
        q.approve_override(duty.by("K2"), request)
    assert "Lewat waktu" in str(late.value)
    assert q.expire_override(worker, request).state == State.EXPIRED
    assert last().payload["was"] == "waiting"
    approved(duty)
    duty.after(10)
    with pytest.raises(Refused):
        q.call_out_of_turn(duty.by("KA", "bereavement"), duty.session, duty.third)
    # Nobody has to wait for the worker: a new request takes the place of the one that ran out.
    approved(duty)
    assert q.call_out_of_turn(duty.by("KA", "bereavement"), duty.session, duty.third).approval == "approved"


def test_whoever_was_called_by_the_rule_meanwhile_needs_no_approval(duty: Floor) -> None:
    request = q.ask_override(duty.by("KA", "bereavement"), duty.first)
    assert [one.pk for one in q.approvals_waiting(duty.office)] == [request.pk]
    assert q.call_next(duty.by("D1"), duty.session).ticket_id == duty.first.pk
    assert q.approvals_waiting(duty.office) == []


def test_refused_is_refused(duty: Floor) -> None:
    request = q.ask_override(duty.by("KA", "medical_emergency"), duty.third)
    q.refuse_override(duty.by("K2"), request)
    with pytest.raises(Refused):
        q.call_out_of_turn(duty.by("KA", "medical_emergency"), duty.session, duty.third)
    assert Ticket.objects.get(pk=duty.third.pk).status == "waiting"


def alone(floor: Floor) -> None:
    """KA is the only supervisor on today's roster."""
    floor.day().roster.filter(staff=floor.staff["K2"]).update(staff=floor.staff["D2"])


def urgent(floor: Floor) -> Call:
    """The only supervisor on duty calls somebody who has fainted."""
    return q.call_out_of_turn(floor.by("KA", "medical_emergency"), floor.session, floor.third, "pingsan")


def test_alone_on_duty_only_the_urgent_goes_ahead_and_lapses_at_the_end_of_the_day(duty: Floor) -> None:
    with pytest.raises(Refused):
        urgent(duty)
    alone(duty)
    with pytest.raises(Refused):
        q.call_out_of_turn(duty.by("KA", "bereavement"), duty.session, duty.third)
    call = urgent(duty)
    assert (call.approval, call.proof) == ("pending", "unproven")
    (waiting,) = q.approvals_waiting(duty.office)
    assert waiting.call_id == call.pk
    q.close_day(duty.by("KA"), duty.office, duty.today)
    assert last().payload["lapsed"] == [duty.third.label]
    call.refresh_from_db()
    waiting.refresh_from_db()
    assert (call.approval, call.proof, waiting.state) == ("lapsed", "unproven", State.LAPSED)
    with pytest.raises(Conflict):
        q.approve_override(duty.by("K2"), waiting)


@pytest.mark.parametrize(
    ("decide", "approval"), [(q.approve_override, "approved"), (q.refuse_override, "refused")]
)
def test_what_went_ahead_is_decided_on_afterwards(duty: Floor, decide: object, approval: str) -> None:
    alone(duty)
    call = urgent(duty)
    (waiting,) = q.approvals_waiting(duty.office)
    with pytest.raises(Refused):
        decide(duty.by("KA"), waiting)  # type: ignore[operator]
    decide(duty.by("K2"), waiting)  # type: ignore[operator]
    call.refresh_from_db()
    assert (call.approval, call.proof) == (approval, "unproven")
    q.close_day(duty.by("KA"), duty.office, duty.today)
    assert last().payload["lapsed"] == []
    call.refresh_from_db()
    assert call.approval == approval


def test_the_paper_of_an_urgent_request_proves_it_until_nobody_approved(duty: Floor) -> None:
    alone(duty)
    q.ask_override(duty.by("KA", "medical_emergency"), duty.third, paper=LETTER)
    call = urgent(duty)
    assert (call.approval, call.proof) == ("pending", "proven")
    q.close_day(duty.by("KA"), duty.office, duty.today)
    call.refresh_from_db()
    assert (call.approval, call.proof) == ("lapsed", "unproven")


def test_the_database_keeps_a_standing_for_each_call_out_of_turn(duty: Floor) -> None:
    approved(duty)
    call = q.call_out_of_turn(duty.by("KA", "bereavement"), duty.session, duty.third)
    for wrong in ({"proof": ""}, {"approval": ""}, {"reason": None}):
        with pytest.raises(IntegrityError, match="queueing_out_of_turn"), transaction.atomic():
            Call.objects.filter(pk=call.pk).update(**wrong)


def test_an_urgent_call_lapses_when_its_day_ends_also_where_nobody_closed_it(floor: Floor) -> None:
    session, mine = floor.sit("D1", 1), [floor.arrive(), floor.arrive()][-1]
    call = q.call_out_of_turn(floor.by("KA", "medical_emergency"), session, mine)
    request, worker = OverrideRequest.objects.get(), By(system("worker", floor.office.pk))
    floor.officer("K2", ["supervisor"])
    # 23.00 of the same day: a second person may still decide, and nothing lapses.
    floor.clock.set(call.called_at + timedelta(hours=15))
    assert q.overrides_to_expire(floor.clock.now()) == []
    with pytest.raises(Conflict):
        q.expire_override(worker, request)
    floor.clock.set(call.called_at + timedelta(hours=16, minutes=1))
    with pytest.raises(Conflict) as late:
        q.approve_override(floor.by("K2"), request)
    assert late.value.code == "queueing.override_over"
    assert q.overrides_to_expire(floor.clock.now()) == [request]
    assert q.expire_override(worker, request).state == "lapsed"
    call.refresh_from_db()
    assert (call.approval, call.proof) == ("lapsed", "unproven")
    assert q.overrides_to_expire(floor.clock.now()) == []
    rows = Event.objects.filter(office=floor.office.pk).order_by("seq")
    rows = rows.values_list("seq", "type", "occurred_at", "reason", "payload")
    (said,) = replay([Happened(*row) for row in rows], pack_of(floor.office, call.date)).calls
    assert (said.approval, said.proof) == ("lapsed", "unproven")
