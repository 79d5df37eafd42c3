"""A day replayed from its events: the same choices, every call out of turn found, every doctored record noticed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from setara.rules.replay import Happened, replay
from setara.rules.tests.recording import OPEN, PACK, STEPS, Hall, whole_day

FIRST = STEPS[0]


def minute(m: float):
    return OPEN + timedelta(minutes=m)


@pytest.mark.parametrize("seed", range(6))
def test_a_recorded_day_is_replayed_exactly_and_lists_what_was_not_the_rules_choice(seed: int) -> None:
    hall, planted = whole_day(seed, 60)
    answer = replay(hall.events, PACK)
    assert answer.disagreements == []
    assert [call.seq for call in answer.not_rules_choice] == planted
    assert len(planted) > 3
    recorded = {event.seq: event.payload for event in hall.events if "depth" in event.payload}
    assert len(answer.calls) == len(recorded)
    assert all(call.depth == recorded[call.seq]["depth"] for call in answer.calls)
    assert all((call.depth > 0) == (not call.is_rules_choice) for call in answer.calls)
    assert {call.undone for call in answer.calls} == {True, False}
    # The day without favours lists nothing.
    hall, planted = whole_day(seed, 30, favours=0)
    assert (planted, replay(hall.events, PACK).not_rules_choice) == ([], [])


def doctored(events: list[Happened], at: int, **fields: Any) -> list[Happened]:
    """The events with one changed."""
    return [replace_payload(event, fields) if event.seq == events[at].seq else event for event in events]


def replace_payload(event: Happened, fields: dict[str, Any]) -> Happened:
    return event._replace(payload={**event.payload, **fields})


def test_a_doctored_record_is_noticed_whatever_was_changed() -> None:
    hall = Hall()
    first = hall.check_in(minute(-5), window=minute(0))
    second = hall.check_in(minute(-4), window=minute(0))
    third = hall.check_in(minute(-3), window=minute(0))
    hall.call(minute(1), FIRST, third, "state_duty", proof="unproven", approval="approved")
    called = len(hall.events) - 1
    hall.call(minute(2), FIRST)
    honest = replay(hall.events, PACK)
    assert [(c.ticket, c.rule_choice, c.depth) for c in honest.not_rules_choice] == [(third, first, 2)]
    assert honest.disagreements == []
    for change, says in (
        ({"rule_label": third, "depth": 0}, f"the rule gives {first}, the record says {third}"),
        ({"depth": 1}, "2 stood before it by the rule, the record says 1"),
        ({"waiting": 1}, "3 were waiting, the record says 1"),
        ({"why": {}}, "the rule has another reason than the record"),
        ({"label": "A-999"}, "called although it did not wait at this step"),
    ):
        answer = replay(doctored(hall.events, called, **change), PACK)
        assert says in [one.what for one in answer.disagreements], change
    # An arrival made earlier than it was changes who was first.
    earlier = doctored(hall.events, 1, window=minute(-30).isoformat())
    assert f"the rule gives {second}, the record says {first}" in [
        one.what for one in replay(earlier, PACK).disagreements
    ]
    # So does an arrival that was taken out.
    assert replay(hall.events[1:], PACK).disagreements != []
    # And a call that was taken out: somebody is called who, by the record, still waits behind others.
    assert replay([e for e in hall.events if e.seq != hall.events[called].seq], PACK).disagreements != []


def test_lawful_and_unproven_calls_are_told_apart_to_the_end_of_the_day() -> None:
    hall = Hall()
    labels = [hall.check_in(minute(-9 + n), window=minute(0)) for n in range(9)]
    cases = {
        labels[8]: ({"proof": "proven", "approval": "approved", "approved_by": "B-04"}, "lawful"),
        labels[7]: ({"proof": "unproven", "approval": "approved", "approved_by": "B-04"}, "unproven"),
        labels[6]: ({"proof": "proven", "approval": "pending", "request": "r6"}, "lawful"),
        labels[5]: ({"proof": "proven", "approval": "pending", "request": "r5"}, "unproven"),
        labels[4]: ({"proof": "proven", "approval": "pending", "request": "r4"}, "unproven"),
        labels[3]: ({}, "unproven"),
    }
    for n, (label, (standing, _)) in enumerate(cases.items()):
        hall.call(minute(n), FIRST, label, "medical_emergency", **standing)
    hall.tell("queueing.override_approved", minute(20), request="r6", call="x", officer="B-05")
    hall.tell("queueing.override_refused", minute(21), request="r5", call="x", officer="B-05")
    hall.tell("queueing.day_closed", minute(30), lapsed=[labels[4]])
    answer = replay(hall.events, PACK)
    assert {call.ticket: call.standing for call in answer.not_rules_choice} == {
        label: standing for label, (_, standing) in cases.items()
    }
    found = {call.ticket: (call.proof, call.approval, call.approved_by) for call in answer.calls}
    assert found[labels[6]] == ("proven", "approved", "B-05")
    assert found[labels[5]] == ("unproven", "refused", None)
    assert found[labels[4]] == ("unproven", "lapsed", None)


def test_version_one_and_a_change_of_the_offices_own_values_are_replayed_as_they_were() -> None:
    hall = Hall()
    host = hall.check_in(minute(1), "priority")
    other = hall.check_in(minute(2), "priority")
    companion = hall.check_in(minute(3), "priority", host=host)
    for n in range(3):
        hall.call(minute(5 + n), FIRST)
    order = [event.payload["label"] for event in hall.events if "depth" in event.payload]
    assert order == [host, companion, other]
    assert replay(hall.events, PACK).disagreements == []
    old = [
        replace_payload(event, {"rule_version": "1", "why": {**event.payload["why"], "version": "1"}})
        if "depth" in event.payload
        else event
        for event in hall.events
    ]
    answer = replay(old, PACK)
    assert (answer.versions, answer.calls[1].rule_choice) == ({"1"}, other)
    # Weights that were changed in the middle of the day hold from then on: two calls to one are then one to one.
    hall, _ = whole_day(1, 30, misses=0, favours=0)
    middle = hall.events[len(hall.events) // 2]
    changed = Happened(
        middle.seq, "offices.configured", middle.at, None,
        {"model": "offices.Office", "before": {}, "after": {"local": {"lanes.priority.weight": 3}}},
    )  # fmt: skip
    assert replay(hall.events, PACK, {"lanes.priority.weight": 3}).disagreements != []
    later = [e for e in hall.events if e.seq < middle.seq]
    tail = [e for e in hall.events if e.seq >= middle.seq]
    wrong = replay([*later, changed, *tail], PACK).disagreements
    assert wrong
    assert min(one.seq for one in wrong) >= middle.seq


def test_whom_an_officer_keeps_away_from_is_not_there_for_that_call_only() -> None:
    hall = Hall()
    labels = [hall.check_in(minute(-9 + n), window=minute(0)) for n in range(4)]
    assert hall.call(minute(1), FIRST, excluded=(labels[0], labels[2])) == labels[1]
    assert hall.call(minute(2), FIRST) == labels[0]
    hall.undo(minute(3), labels[0], FIRST)
    hall.events[-1] = hall.events[-1]._replace(type="queueing.recused")
    assert hall.call(minute(3), FIRST, excluded=(labels[0],)) == labels[2]
    assert hall.call(minute(4), FIRST) == labels[0]
    answer = replay(hall.events, PACK)
    assert (answer.disagreements, answer.not_rules_choice) == ([], [])
    # Without what is said of the exclusion the record would not fit.
    for at in (4, 7):
        assert replay(doctored(hall.events, at, excluded=[]), PACK).disagreements != []


def test_ranks_drawn_at_the_opening_hold_from_then_on() -> None:
    hall = Hall()
    labels = [hall.check_in(minute(-9 + n), "priority") for n in range(3)]
    hall.check_in(minute(-1), "priority", host=labels[0])
    ranks = {labels[0]: 3, labels[1]: 2, labels[2]: 1}
    for label, rank in ranks.items():
        hall.lines[FIRST][label] = hall.people[label] = replace(hall.people[label], rank=rank)
    friend = list(hall.lines[FIRST])[3]
    drawn = replace(hall.people[friend], rank=4, beside=replace(hall.people[friend].beside, rank=3))
    hall.lines[FIRST][friend] = hall.people[friend] = drawn
    hall.tell("queueing.opening_drawn", minute(0), ranks=ranks | {friend: 4})
    called = [hall.call(minute(1 + n), FIRST) for n in range(4)]
    assert called == [labels[2], labels[1], labels[0], friend]
    assert replay(hall.events, PACK).disagreements == []
    assert replay(doctored(hall.events, 4, ranks={}), PACK).disagreements != []


def test_what_cannot_have_happened_is_told_and_is_no_crash() -> None:
    hall = Hall()
    label = hall.check_in(minute(-5), window=minute(0))
    hall.tell(
        "queueing.returned",
        minute(1),
        label=label,
        lane="booked",
        step=FIRST,
        re_entry="missed",
        after_calls=0,
    )
    hall.tell(
        "queueing.returned", minute(1), label="X", lane="booked", step=FIRST, re_entry="missed", after_calls=0
    )
    hall.tell("queueing.call_undone", minute(2), call="none", label=label, step=FIRST, memory={})
    hall.call(minute(3), FIRST)
    answer = replay(hall.events, PACK)
    assert [one.seq for one in answer.disagreements] == [2, 3, 4]
    assert [call.is_rules_choice for call in answer.calls] == [True]
    assert replay([], PACK).calls == []
    assert replace(answer.calls[0], ticket="X").standing == "unproven"
