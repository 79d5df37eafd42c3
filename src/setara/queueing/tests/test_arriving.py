"""Arrival: each way in, and each way in which it can be wrong, with its own answer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from setara.applications.service import Application
from setara.booking.service import Appointment
from setara.kernel.clock import ManualClock
from setara.kernel.errors import Conflict, Forbidden, Refused
from setara.ledger.models import Event
from setara.offices.service import configure
from setara.queueing import service as q
from setara.queueing.models import Ticket
from setara.queueing.tests.flooring import BOSS, Floor, passport_office

S = Application.Status


def test_check_in_gives_a_ticket_once(floor: Floor) -> None:
    appointment = floor.appointment(30)
    ticket = q.check_in(floor.by("FD", key="qr-1"), appointment, "qr")
    assert (ticket.label, ticket.lane, ticket.step) == ("A-001", "booked", "document_check")
    assert ticket.booked_window == appointment.window.starts
    appointment.refresh_from_db()
    assert appointment.status == Appointment.Status.ARRIVED
    assert Application.objects.get(pk=ticket.application_id).status == S.IN_SERVICE
    event = Event.objects.get(type="queueing.checked_in")
    assert (event.payload["label"], event.payload["arrival"], event.payload["officer"]) == (
        "A-001",
        "qr",
        "FD",
    )
    assert event.application == ticket.application_id
    # The same press again is the same check-in; another press is told which ticket there is.
    assert q.check_in(floor.by("FD", key="qr-1"), appointment, "qr").pk == ticket.pk
    with pytest.raises(Conflict) as twice:
        q.check_in(floor.by("FD"), appointment, "name")
    assert twice.value.code == "queueing.already_checked_in"
    assert "A-001" in str(twice.value)
    assert Ticket.objects.count() == 1
    assert floor.arrive().label == "A-002"


def test_check_in_costs_few_queries(floor: Floor) -> None:
    appointment = floor.appointment()
    by = floor.by("FD", key="k")
    with CaptureQueriesContext(connection) as queries:
        q.check_in(by, appointment, "qr")
    statements = [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]]
    assert len(statements) <= 14, statements


def test_the_database_allows_one_open_ticket(floor: Floor) -> None:
    ticket = floor.arrive()
    with pytest.raises(IntegrityError, match="queueing_one_open_ticket"), transaction.atomic():
        Ticket.objects.create(
            office=floor.office, date=floor.today, application=ticket.application, arrival="qr", lane="booked",
            number=99, label="A-099", step="x", arrived_at=ticket.arrived_at, joined_at=ticket.joined_at,
        )  # fmt: skip


def test_appointment_of_another_day_says_which(floor: Floor) -> None:
    tomorrow = floor.appointment(days=1)
    with pytest.raises(Refused) as early:
        q.check_in(floor.by("FD"), tomorrow, "qr")
    assert early.value.code == "queueing.other_day"
    assert "Selasa, 3 Maret 2026" in str(early.value)
    yesterday = floor.appointment(days=-3)
    with pytest.raises(Refused) as late:
        q.check_in(floor.by("FD"), yesterday, "qr")
    assert "Jumat, 27 Februari 2026" in str(late.value)
    assert "sudah lewat" in str(late.value.remedy)


@pytest.mark.parametrize(("status", "code"), [("moved", "appointment_moved"), ("missed", "appointment_used")])
def test_an_appointment_that_no_longer_counts(floor: Floor, status: str, code: str) -> None:
    appointment = floor.appointment()
    Appointment.objects.filter(pk=appointment.pk).update(status=status)
    with pytest.raises(Refused) as refused:
        q.check_in(floor.by("FD"), appointment, "qr")
    assert refused.value.code == f"queueing.{code}"


def test_appointment_of_another_office_says_which(floor: Floor, still: ManualClock) -> None:
    other = passport_office(still, "lain")
    other.open()
    appointment = other.appointment()
    with pytest.raises(Refused) as elsewhere:
        q.check_in(floor.by("FD"), appointment, "qr")
    assert elsewhere.value.code == "queueing.other_office"
    assert "Kantor lain" in str(elsewhere.value)
    assert q.check_in(other.by("FD"), appointment, "qr").office_id == "lain"


def test_an_application_of_another_office_says_which(floor: Floor, still: ManualClock) -> None:
    other = passport_office(still, "lain")
    other.open()
    paid, ready = other.application(S.PAID), other.application(S.READY)
    for enter in (
        lambda by: q.check_in_walk_in(by, paid, "disabled", "card"),
        lambda by: q.check_in_pickup(by, ready, "name"),
        lambda by: q.check_in_return(by, paid, "name"),
    ):
        with pytest.raises(Refused) as elsewhere:
            enter(floor.by("FD"))
        assert elsewhere.value.code == "queueing.other_office"
    assert not Ticket.objects.exists()
    assert q.check_in_pickup(other.by("FD"), ready, "name").office_id == "lain"


@pytest.mark.parametrize("status", [S.SUBMITTED, S.PAID, S.IN_PROCESS, S.READY, S.DONE])
def test_an_application_that_is_not_booked_says_where_it_is(floor: Floor, status: str) -> None:
    appointment = floor.appointment(status=status)
    with pytest.raises(Refused) as refused:
        q.check_in(floor.by("FD"), appointment, "name")
    assert refused.value.code == f"queueing.application_{status}"
    assert str(refused.value.remedy)
    assert str(S(status).label) in str(refused.value)
    appointment.refresh_from_db()
    assert appointment.status == Appointment.Status.BOOKED


def test_the_day_must_be_open(db: None, still: ManualClock) -> None:
    floor = passport_office(still)
    appointment = floor.appointment()
    with pytest.raises(Refused) as shut:
        q.check_in(floor.by("FD"), appointment, "qr")
    assert shut.value.code == "queueing.day_not_open"
    floor.open()
    q.close_day(floor.by("KA"), floor.office, floor.today)
    appointment = floor.appointment(60)
    with pytest.raises(Refused) as closed:
        q.check_in(floor.by("FD"), appointment, "qr")
    assert closed.value.code == "queueing.day_closed"


def test_only_the_desk_checks_in(floor: Floor) -> None:
    appointment = floor.appointment()
    for label in ("D1", "AJ", "HO"):
        with pytest.raises(Forbidden):
            q.check_in(floor.by(label), appointment, "qr")
    assert q.check_in(floor.by("KA"), appointment, "name").arrival == "name"


def test_walk_in_needs_a_lawful_ground_and_its_proof(floor: Floor) -> None:
    young = floor.application(S.PAID)
    for ground, proof, code in [
        ("", "", "walk_in_needs_ground"),
        ("friend", "visible", "ground_unknown"),
        ("disabled", "", "ground_unproven"),
        ("elderly", "date_of_birth", "ground_not_met"),
    ]:
        with pytest.raises(Refused) as refused:
            q.check_in_walk_in(floor.by("FD"), young, ground, proof)
        assert refused.value.code == code
    ticket = q.check_in_walk_in(floor.by("FD"), young, "disabled", "attestation")
    assert (ticket.label, ticket.ground, ticket.ground_proof) == ("K-001", "disabled", "attestation")
    old = floor.old()
    assert (old.label, old.ground_proof, old.booked_window) == ("K-002", "date_of_birth", None)
    with pytest.raises(Refused) as unpaid:
        q.check_in_walk_in(floor.by("FD"), floor.application(S.SUBMITTED), "disabled", "card")
    assert unpaid.value.code == "queueing.application_submitted"


def test_the_daily_quota_of_the_priority_lane(floor: Floor) -> None:
    configure(BOSS, floor.office, {"local": {"lanes.priority.daily_quota": 2}})
    floor.office.refresh_from_db()
    floor.old()
    floor.old()
    third = floor.application(S.PAID)
    with pytest.raises(Refused) as full:
        q.check_in_walk_in(floor.by("FD"), third, "pregnant", "attestation")
    assert full.value.code == "queueing.quota_full"
    assert "2" in str(full.value)
    third.refresh_from_db()
    assert third.status == S.PAID
    # A refusal gives back its number: no gap in the labels.
    configure(BOSS, floor.office, {"local": {"lanes.priority.daily_quota": 3}})
    assert q.check_in_walk_in(floor.by("FD"), third, "pregnant", "attestation").label == "K-003"


def test_a_companion_belongs_to_somebody_and_is_recorded(floor: Floor) -> None:
    configure(BOSS, floor.office, {"local": {"lanes.priority.daily_quota": 9}})
    host = floor.old()
    first, second = floor.application(S.PAID), floor.application(S.PAID)
    booked = floor.arrive()
    for wrong in (None, booked):
        with pytest.raises(Refused) as refused:
            q.check_in_walk_in(floor.by("FD"), first, "companion", "card", wrong)
        assert refused.value.code == "queueing.companion_of_whom"
    ticket = q.check_in_walk_in(floor.by("FD"), first, "companion", "card", host)
    assert (ticket.lane, ticket.companion_of) == ("priority", host)
    assert Event.objects.order_by("-seq").first().payload["companion_of"] == host.label
    with pytest.raises(Conflict) as enough:
        q.check_in_walk_in(floor.by("FD"), second, "companion", "card", host)
    assert enough.value.code == "queueing.companions_used"


def test_pickup(floor: Floor) -> None:
    with pytest.raises(Refused) as not_ready:
        q.check_in_pickup(floor.by("FD"), floor.application(S.IN_PROCESS), "name")
    assert not_ready.value.code == "queueing.application_in_process"
    ticket = q.check_in_pickup(floor.by("FD"), floor.application(S.READY), "name")
    assert (ticket.label, ticket.step, ticket.purpose) == ("L-001", "handover", "pickup")
    session = floor.sit("HO", 5)
    assert q.call_next(floor.by("HO"), session).ticket_id == ticket.pk


def test_who_was_not_served_comes_back_first(floor: Floor) -> None:
    tired = floor.arrive(120)
    q.close_day(floor.by("KA"), floor.office, floor.today)
    application = tired.application
    with pytest.raises(Refused) as shut:
        q.check_in_return(floor.by("FD"), application, "name")
    assert shut.value.code == "queueing.day_closed"
    floor.clock.advance(timedelta(days=1))
    floor.open()
    booked_now = floor.arrive(0)
    floor.after(1)
    ticket = q.check_in_return(floor.by("FD"), application, "name")
    assert (ticket.step, ticket.lane) == ("document_check", "booked")
    floor.after(40)
    later_window = floor.arrive(30)
    order = [t.pk for t in q.waiting(floor.office, floor.today, "document_check")]
    assert order == [booked_now.pk, ticket.pk, later_window.pk]
    stranger = floor.application(S.PAID)
    with pytest.raises(Refused) as nothing:
        q.check_in_return(floor.by("FD"), stranger, "name")
    assert nothing.value.code == "queueing.nothing_to_return_to"


def test_the_right_to_return_ends(floor: Floor) -> None:
    tired = floor.arrive()
    q.close_day(floor.by("KA"), floor.office, floor.today)
    tired.refresh_from_db()
    assert tired.right_of_return == date(2026, 3, 16)
    floor.clock.advance(timedelta(days=15))
    floor.open()
    with pytest.raises(Refused) as late:
        q.check_in_return(floor.by("FD"), tired.application, "name")
    assert late.value.code == "queueing.return_expired"
    assert "16 Maret 2026" in str(late.value)
