"""Officers keep away from those with whom they have to do, and judge whom the lot gives them."""

from __future__ import annotations

from datetime import date

import pytest

from setara.kernel.errors import Conflict as Already
from setara.kernel.errors import Forbidden, Invalid, Refused
from setara.ledger.models import Event
from setara.people.service import open_blob
from setara.queueing import service as q
from setara.queueing.judging import lot_of
from setara.queueing.models import Call, Conflict, Line, Ticket
from setara.queueing.tests.flooring import Floor


def last() -> Event:
    """The last event."""
    return Event.objects.order_by("seq").last()


def test_one_tap_and_the_ticket_waits_where_it_waited_for_somebody_else(floor: Floor) -> None:
    first, second = floor.arrive(), floor.arrive()
    one, two = floor.sit("D1", 1), floor.sit("D2", 2)
    memory = Line.objects.get().memory
    call = floor.serve("D1", one)
    with pytest.raises(Forbidden):
        q.recuse(floor.by("D2"), call)
    q.recuse(floor.by("D1"), call)
    event = last()
    assert (event.type, event.payload["label"], event.payload["relation"]) == (
        "queueing.recused", first.label, "unsaid",
    )  # fmt: skip
    assert Line.objects.get().memory == memory == event.payload["memory"]
    call.refresh_from_db()
    first.refresh_from_db()
    assert (call.outcome, first.status) == ("recused", "waiting")
    # Never to that officer again, to the next one first; the event says who was not there for the rule.
    mine = q.call_next(floor.by("D1"), one)
    assert (mine.ticket_id, mine.rule_ticket_id) == (second.pk, second.pk)
    assert last().payload["excluded"] == [first.label]
    theirs = q.call_next(floor.by("D2"), two)
    assert theirs.ticket_id == first.pk
    assert last().payload["excluded"] == []
    q.undo_call(floor.by("D1"), mine)
    q.undo_call(floor.by("D2"), theirs)
    Ticket.objects.filter(pk=second.pk).update(status="absent")
    with pytest.raises(Refused) as nobody:
        q.call_next(floor.by("D1"), one)
    assert nobody.value.code == "queueing.nobody"
    # Not out of turn either.
    with pytest.raises(Refused) as away:
        q.call_out_of_turn(floor.by("KA", "medical_emergency"), one, first)
    assert away.value.code == "queueing.kept_away"
    assert q.call_out_of_turn(floor.by("KA", "medical_emergency"), two, first).ticket_id == first.pk


def test_declared_in_advance_and_decided_by_the_head_within_seven_working_days(floor: Floor) -> None:
    floor.officer("HD", ["head"])
    cousin = floor.appointment()
    with pytest.raises(Invalid):
        q.declare_relation(floor.by("D1"), cousin.application, "neighbour")
    made = q.declare_relation(floor.by("D1"), cousin.application, "family", "sepupu")
    # Monday 2 March 2026; Nyepi and the days around it are no working days of this calendar unless seeded.
    assert made.due_on == date(2026, 3, 11)
    assert "sepupu" not in str(last().payload)
    assert open_blob(made.note) == b"sepupu"
    with pytest.raises(Already):
        q.declare_relation(floor.by("D1"), cousin.application, "friend")
    session = floor.sit("D1", 1)
    q.check_in(floor.by("FD"), cousin, "qr")
    with pytest.raises(Refused):
        q.call_next(floor.by("D1"), session)
    for label in ("D1", "FD"):
        with pytest.raises(Forbidden):
            q.decide_conflict(floor.by(label), made, "confirmed", "ya")
    for decision, words in (("maybe", "ya"), ("confirmed", " ")):
        with pytest.raises(Invalid):
            q.decide_conflict(floor.by("HD"), made, decision, words)
    assert not q.overdue(made, date(2026, 3, 11))
    assert q.overdue(made, date(2026, 3, 12))
    assert [one.pk for one in q.register_of(floor.office)] == [made.pk]
    decided = q.decide_conflict(floor.by("HD"), made, "unfounded", "Hanya senama.")
    assert not q.overdue(decided, date(2026, 3, 12))
    with pytest.raises(Already):
        q.decide_conflict(floor.by("KA"), made, "confirmed", "ya")
    assert (q.register_of(floor.office), len(q.register_of(floor.office, decided=True))) == ([], 1)
    # The file stays with somebody else either way.
    with pytest.raises(Refused):
        q.call_next(floor.by("D1"), session)


def test_nobody_decides_on_their_own_declaration(floor: Floor) -> None:
    floor.officer("HD", ["head"])
    made = q.declare_relation(floor.by("KA"), floor.application(), "friend")
    with pytest.raises(Refused) as own:
        q.decide_conflict(floor.by("KA"), made, "unfounded", "bukan")
    assert own.value.code == "queueing.own_conflict"
    assert q.decide_conflict(floor.by("HD"), made, "confirmed", "ya").decision == "confirmed"


@pytest.fixture
def interviews(floor: Floor) -> Floor:
    """Two interviewers are free, and somebody has come to the interview."""
    floor.officer("W2", ["interviewer"], ["interview"])
    floor.counter(6, ["interview"])
    floor.sessions = {"W1": floor.sit("W1", 4), "W2": floor.sit("W2", 6)}
    floor.after(5)
    floor.ticket = floor.arrive()
    Ticket.objects.filter(pk=floor.ticket.pk).update(step="interview", joined_at=floor.clock.now())
    floor.ticket.refresh_from_db()
    floor.lot = lot_of(floor.ticket, ["W1", "W2"])
    return floor


def test_with_two_free_the_lot_says_who_judges(interviews: Floor) -> None:
    first, second = interviews.lot
    assert lot_of(interviews.ticket, ["W2", "W1"]) == interviews.lot, "whoever draws, in whatever order"
    with pytest.raises(Refused) as other:
        q.call_next(interviews.by(second), interviews.sessions[second])
    assert (other.value.code, first in str(other.value)) == ("queueing.drawn_for_another", True)
    assert "08.06 WIB" in str(other.value.remedy)
    assert q.call_next(interviews.by(first), interviews.sessions[first]).ticket_id == interviews.ticket.pk


@pytest.mark.parametrize("why", ["too slow", "busy", "break", "related"])
def test_nobody_waits_for_an_officer_who_does_not_or_must_not_call(interviews: Floor, why: str) -> None:
    first, second = interviews.lot
    if why == "too slow":
        interviews.after(1)
    elif why == "busy":
        interviews.arrive()
        other = interviews.arrive()
        Ticket.objects.filter(pk=other.pk).update(step="interview", joined_at=interviews.clock.now())
        Call.objects.create(
            office=interviews.office, date=interviews.today, step="interview", ticket=other, rule_ticket=other,
            rule_version="1", session=interviews.sessions[first], counter=interviews.sessions[first].counter,
            staff=interviews.staff[first], called_at=interviews.clock.now(), joined_at=interviews.clock.now(),
        )  # fmt: skip
        Ticket.objects.filter(pk=other.pk).update(status="serving")
    elif why == "break":
        q.pause_counter(interviews.by(first), interviews.sessions[first])
    else:
        q.declare_relation(interviews.by(first), interviews.ticket.application, "colleague")
    call = q.call_next(interviews.by(second), interviews.sessions[second])
    assert call.ticket_id == interviews.ticket.pk


def test_the_lot_is_even_in_the_long_run(interviews: Floor) -> None:
    lots = []
    for n in range(400):
        interviews.ticket.label = f"A-{n:03d}"
        lots.append(lot_of(interviews.ticket, ["W1", "W2"])[0])
    assert 150 < lots.count("W1") < 250
    assert Conflict.objects.count() == 0
