"""What my ticket says of those who went before it: the reason is the rule that let them; people are counted.

Each count is made again here from the tables, by what the issue says: who joined the step after me and was called
there before me.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from setara.applications.service import Application
from setara.casework import service as casework
from setara.offices.service import configure
from setara.queueing import service as q
from setara.queueing import stepping
from setara.queueing.models import Call, Ticket
from setara.queueing.passing import place_on
from setara.queueing.tests.flooring import BOSS, MONDAY, Floor


def before(floor: Floor, mine: Ticket) -> dict[str, str]:
    """Label -> code of those who went before ``mine``; the same people as the tables say."""
    picture = q.load(floor.office, floor.clock.now())
    row = picture.tickets[mine.pk]
    said = {one.label: one.reason for one in place_on(picture, row).exceptions}
    calls = Call.objects.filter(step=row.step, called_at__gte=row.joined_at, joined_at__gt=row.joined_at)
    calls = calls.exclude(ticket=mine).exclude(outcome__in=["undone", "recused"])
    assert set(said) == set(calls.values_list("ticket__label", flat=True))
    return said


def go_on(floor: Floor, call: Call, step: str) -> None:
    """The person is served and waits at ``step``."""
    now = floor.clock.now()
    Call.objects.filter(pk=call.pk).update(ended_at=now, outcome="served")
    Ticket.objects.filter(pk=call.ticket_id).update(step=step, status="waiting", joined_at=now)


def in_vain(floor: Floor, call: Call, label: str) -> None:
    """Nobody comes to the call, and comes back afterwards."""
    for _n in range(2):
        floor.after(2)
        q.repeat_call(floor.by(label), call)
    floor.after(2)
    q.mark_absent(floor.by(label), Call.objects.get(pk=call.pk))
    q.return_ticket(floor.by("FD"), Ticket.objects.get(pk=call.ticket_id))
    floor.after(1)


def at_step(floor: Floor, step: str, *windows: int) -> list[Ticket]:
    """People with these windows (minutes from the opening) who join the step one after the other."""
    people = [floor.arrive(minutes) for minutes in windows]
    for one in people:
        Ticket.objects.filter(pk=one.pk).update(step=step, joined_at=floor.after(1))
    floor.after(1)
    return people


def test_a_companion_is_named_as_one(floor: Floor) -> None:
    configure(BOSS, floor.office, {"local": {"lanes.priority.daily_quota": 9}})
    host = floor.old()
    floor.after(1)
    mine = floor.old()
    floor.after(1)
    person = floor.application(Application.Status.PAID)
    companion = q.check_in_walk_in(floor.by("FD"), person, "companion", "card", host)
    desk = floor.sit("D1", 1)
    floor.after(1)
    go_on(floor, floor.serve("D1", desk), "biometrics")
    assert before(floor, mine) == {}
    go_on(floor, floor.serve("D1", desk), "biometrics")
    assert before(floor, mine) == {companion.label: "companion"}


def test_after_a_missed_call_the_reason_is_mine_and_no_window_where_none_counts(floor: Floor) -> None:
    mine, same, earlier = at_step(floor, "biometrics", 30, 30, 0)
    camera = floor.sit("B1", 3)
    call = q.call_next(floor.by("B1"), camera)
    assert call.ticket == mine
    in_vain(floor, call, "B1")
    for _n in range(2):
        go_on(floor, floor.serve("B1", camera), "interview")
        floor.after(1)
    assert before(floor, mine) == {same.label: "re_entry", earlier.label: "re_entry"}


def test_who_fetched_papers_reads_so(floor: Floor) -> None:
    mine, other = at_step(floor, "document_check", 0, 0)
    desk, second = floor.sit("D1", 1), floor.sit("D2", 2)
    call = floor.serve("D1", desk)
    lacks = [each.code for each in casework.requirements_for(call) if each.required][:1]
    casework.check_documents(floor.by("D1"), call, "missing", lacks)
    floor.after(1)
    floor.serve("D2", second)
    q.return_ticket(floor.by("FD"), Ticket.objects.get(pk=mine.pk))
    assert before(floor, mine) == {other.label: "papers"}


def test_the_draw_at_the_opening_is_the_reason_also_among_booked_people(floor: Floor) -> None:
    floor.clock.set(MONDAY - timedelta(minutes=30))
    people = []
    for _n in range(4):
        floor.after(1)
        people.append(floor.arrive(0))
    floor.clock.set(MONDAY)
    ranks = q.draw_opening(floor.by("KA"), floor.office).ranks
    desk = floor.sit("D1", 1)
    mine = next(one for one in people if ranks[one.label] > 1)
    ahead = [one for one in people if ranks[one.label] < ranks[mine.label]]
    for _one in ahead:
        go_on(floor, floor.serve("D1", desk), "biometrics")
        floor.after(1)
    later = {one.label for one in ahead if one.joined_at > mine.joined_at}
    if people[0] == mine:
        assert later
    assert before(floor, mine) == dict.fromkeys(later, "rank")


@pytest.mark.parametrize("steps_back", [True, False])
def test_an_officer_who_steps_back_passes_nobody_and_the_line_stays_whole(
    floor: Floor, steps_back: bool
) -> None:
    floor.officer("W2", ["interviewer"], ["interview"])
    floor.counter(6, ["interview"])
    mine, second, third = at_step(floor, "interview", 0, 0, 0)
    room = floor.sit("W1", 4)
    call = q.call_next(floor.by("W1"), room)
    assert call.ticket == mine
    floor.after(1)
    q.recuse(floor.by("W1"), call, "friend") if steps_back else q.undo_call(floor.by("W1"), call)
    floor.after(1)
    again = q.call_next(floor.by("W1"), room)
    if not steps_back:
        assert again.ticket == mine
        return
    assert again.ticket == second
    assert before(floor, mine) == {second.label: "elsewhere"}
    picture = q.load(floor.office, floor.clock.now())
    # The first call, taken back, is nobody's: for the third, one person was called.
    assert place_on(picture, picture.tickets[third.pk]).called_before == 1
    floor.after(1)
    other = floor.sit("W2", 6)
    assert q.call_next(floor.by("W2"), other).ticket == mine
    picture = q.load(floor.office, floor.clock.now())
    for n in range(1, 4):
        step = stepping.step_of(picture, n)
        assert step is not None
        labels = [one.label for one in step.line]
        assert (len(labels), step.label in labels) == (step.waited, True), n
        assert (mine.label in labels) == (n != 2)


def test_who_was_called_twice_is_one_person(floor: Floor) -> None:
    mine, other = floor.arrive(90), floor.arrive(0)
    Ticket.objects.filter(pk=other.pk).update(joined_at=floor.after(1))
    desk = floor.sit("D1", 1)
    call = q.call_next(floor.by("D1"), desk)
    in_vain(floor, call, "D1")
    assert before(floor, mine) == {other.label: "window"}
    again = q.call_next(floor.by("D1"), desk)
    assert again.ticket == other
    picture = q.load(floor.office, floor.clock.now())
    place = place_on(picture, picture.tickets[mine.pk])
    assert (place.called_before, [one.label for one in place.exceptions]) == (1, [other.label])
