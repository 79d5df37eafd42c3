"""Files are decided by whom the lot gave them to, in rotation; who has to do with the applicant steps back."""

from __future__ import annotations

import pytest

from setara.casework import service as casework
from setara.casework.models import Assignment, Case
from setara.kernel.clock import ManualClock
from setara.kernel.errors import Conflict, Forbidden, Refused
from setara.kernel.lots import drawn, seed_of
from setara.ledger.models import Event
from setara.offices.service import change_roster, open_day
from setara.queueing import service as q
from setara.queueing.models import Ticket
from setara.queueing.tests.flooring import FINGERS, PHOTO, Floor, passport_office


@pytest.fixture
def desk(db: None, still: ManualClock) -> Floor:
    """Three adjudicators, of whom AJ and A2 are on duty."""
    floor = passport_office(still)
    for label in ("A2", "A3"):
        floor.officer(label, ["adjudicator"], ["adjudication"])
    roster = [(floor.staff[label], None) for label in ("KA", "AJ", "A2")]
    open_day(floor.by("KA"), floor.office, floor.today, roster)
    floor.sessions = {label: floor.sit(label, n) for label, n in (("D1", 1), ("B1", 3), ("W1", 4))}
    return floor


def file(floor: Floor) -> Case:
    """A file that has come to adjudication."""
    ticket = floor.arrive()
    floor.after(1)
    casework.check_documents(floor.by("D1"), floor.serve("D1", floor.sessions["D1"]), "complete")
    casework.capture(floor.by("B1"), floor.serve("B1", floor.sessions["B1"]), PHOTO, FINGERS)
    casework.interview(floor.by("W1"), floor.serve("W1", floor.sessions["W1"]), "passed")
    return Case.objects.select_related("application__office").get(pk=ticket.application_id)


def test_files_go_round_in_an_order_that_anybody_can_draw_again(desk: Floor) -> None:
    cases = [file(desk) for _ in range(6)]
    rows = list(Assignment.objects.order_by("at"))
    assert [row.case_id for row in rows] == [case.pk for case in cases]
    for round_ in (rows[:2], rows[2:4], rows[4:]):
        first = round_[0]
        assert {row.staff.label for row in round_} == {"AJ", "A2"}, "each once a round; A3 is not on duty"
        assert first.seed == seed_of("2026-03-02", "adjudication", first.at.isoformat())
        assert first.order == round_[1].order == drawn(first.seed, ["AJ", "A2"])
    mine = rows[0].staff.label
    other = next(label for label in ("AJ", "A2") if label != mine)
    for label in (other, "A3"):
        with pytest.raises(Refused) as drawn_other:
            casework.adjudicate(desk.by(label), cases[0], "approved")
        assert (drawn_other.value.code, mine in str(drawn_other.value)) == (
            "casework.assigned_to_another",
            True,
        )
    assert casework.adjudicate(desk.by(mine), cases[0], "approved").outcome == "approved"


def test_one_tap_and_the_file_goes_to_the_other(desk: Floor) -> None:
    case = file(desk)
    mine = casework.assigned(case).staff.label
    other = next(label for label in ("AJ", "A2") if label != mine)
    casework.recuse_file(desk.by(mine), case)
    event = Event.objects.order_by("seq").last()
    assert (event.type, event.payload["officer"], event.payload["to"]) == ("casework.recused", mine, other)
    with pytest.raises(Refused) as away:
        casework.adjudicate(desk.by(mine), case, "approved")
    assert away.value.code == "casework.kept_away"
    # The second steps back too: nobody on duty is left, and the file is open to whoever else is competent.
    casework.recuse_file(desk.by(other), case)
    assert Event.objects.order_by("seq").last().payload["to"] is None
    change_roster(desk.by("KA"), desk.day(), desk.staff["A3"])
    with pytest.raises(Refused):
        casework.adjudicate(desk.by(mine), case, "approved")


def test_a_relation_declared_before_keeps_the_file_away(desk: Floor) -> None:
    seat = desk.appointment()
    for label in ("AJ",):
        q.declare_relation(desk.by(label), seat.application, "family")
    q.check_in(desk.by("FD"), seat, "qr")
    desk.after(1)
    casework.check_documents(desk.by("D1"), desk.serve("D1", desk.sessions["D1"]), "complete")
    casework.capture(desk.by("B1"), desk.serve("B1", desk.sessions["B1"]), PHOTO, FINGERS)
    casework.interview(desk.by("W1"), desk.serve("W1", desk.sessions["W1"]), "passed")
    assert Ticket.objects.get().status == "done"
    case = Case.objects.get(pk=seat.application_id)
    assert casework.assigned(case).staff.label == "A2"


def test_a_supervisor_draws_again_for_an_officer_who_is_not_there(desk: Floor) -> None:
    case = file(desk)
    drawn = casework.assigned(case)
    before = drawn.staff
    with pytest.raises(Forbidden):
        casework.reassign(desk.by("AJ"), case)
    casework.reassign(desk.by("KA"), case)
    after = casework.assigned(case).staff
    assert casework.assigned(case).at > drawn.at  # also when the clock stands still: the later draw counts
    assert {before.label, after.label} == {"AJ", "A2"}
    assert Event.objects.order_by("seq").last().payload["by"] == "KA"
    change_roster(desk.by("KA"), desk.day(), before, leaves=True)
    with pytest.raises(Conflict) as nobody:
        casework.reassign(desk.by("KA"), case)
    assert nobody.value.code == "casework.nobody_else"


def test_without_an_adjudicator_on_duty_a_file_is_open(db: None, still: ManualClock) -> None:
    floor = passport_office(still)
    floor.open()
    floor.sessions = {label: floor.sit(label, n) for label, n in (("D1", 1), ("B1", 3), ("W1", 4))}
    case = file(floor)
    assert casework.assigned(case) is None
    assert casework.adjudicate(floor.by("AJ"), case, "approved").outcome == "approved"
