from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setara.rules.queue import (
    LaneRule,
    Memory,
    ReEntry,
    Rule,
    Waiting,
    after,
    bound,
    entitlement,
    limit,
    next_ticket,
    order,
)

OPEN = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
RULE = Rule((LaneRule("C", 2), LaneRule("B", 3), LaneRule("A", 1)))
JOINED = replace(RULE, order="joined")
START = Memory(OPEN)


def minute(m: float) -> datetime:
    return OPEN + timedelta(minutes=m)


def person(ticket: str, arrived: float, lane: str = "A", **other: object) -> Waiting:
    return Waiting(ticket, lane, minute(arrived), minute(arrived), **other)  # type: ignore[arg-type]


minutes = st.integers(-60, 300)
rules = st.builds(
    Rule,
    st.lists(st.integers(1, 7), min_size=3, max_size=3).map(
        lambda weights: tuple(LaneRule(code, weight) for code, weight in zip("CBA", weights, strict=True))
    ),
    st.sampled_from(["window", "joined"]),
    st.builds(
        lambda places: {
            "missed": ReEntry("after", places),
            "returned": ReEntry("keep"),
            "late": ReEntry("back"),
        },
        st.integers(0, 4),
    ),
)


@st.composite
def halls(draw: st.DrawFn) -> list[Waiting]:
    people = []
    for number in range(draw(st.integers(0, 12))):
        arrived = draw(minutes)
        re_entry = draw(st.sampled_from([None, None, None, "missed", "returned", "late"]))
        window = draw(st.none() | st.integers(-60, 500))
        people.append(
            Waiting(
                ticket=f"{number:03d}",
                lane=draw(st.sampled_from("ABC")),
                arrived_at=minute(arrived),
                joined_at=minute(arrived + draw(st.integers(0, 30))),
                booked_window=None if window is None else minute(window),
                rank=draw(st.none() | st.just(number)) if arrived < 0 else None,
                re_entry=re_entry,
                re_entered_at=minute(arrived + 40) if re_entry else None,
                re_entry_count=draw(st.integers(0, 5)),
                absent=draw(st.integers(0, 5)) == 0,
            )
        )
    # One in six accompanies somebody of the same lane.
    for at, one in enumerate(people):
        host = people[draw(st.integers(0, len(people) - 1))]
        if host.lane == one.lane and host is not one and host.beside is None and draw(st.integers(0, 5)) == 0:
            people[at] = replace(one, beside=replace(host, re_entry=None, re_entered_at=None, absent=False))
    return people


memories = st.builds(
    Memory,
    st.just(OPEN),
    st.fixed_dictionaries({code: st.integers(0, 9) for code in "ABC"}),
    st.fixed_dictionaries({code: st.integers(0, 50) for code in "ABC"}),
    st.integers(0, 50),
)


@given(halls(), rules, memories, minutes, st.randoms(use_true_random=False))
def test_the_answer_does_not_depend_on_how_people_are_listed(hall, rule, memory, m, random) -> None:
    shuffled = list(hall)
    random.shuffle(shuffled)
    assert next_ticket(hall, rule, memory, minute(m)) == next_ticket(shuffled, rule, memory, minute(m))
    assert order(hall, rule, memory, minute(m)) == order(shuffled, rule, memory, minute(m))


@given(halls(), rules, memories, minutes)
@settings(max_examples=100)
def test_the_predicted_order_is_what_calling_gives_even_through_storage(hall, rule, memory, m) -> None:
    predicted = order(hall, rule, memory, minute(m))
    left, called = list(hall), []
    while True:
        rule = Rule.from_dict(json.loads(json.dumps(rule.as_dict())))
        memory = Memory.from_dict(json.loads(json.dumps(memory.as_dict())))
        ticket, why = next_ticket(left, rule, memory, minute(m))
        json.dumps(why.as_dict())
        assert why.text("id")
        assert why.text("en") != why.text("id")
        if ticket is None:
            break
        called.append(ticket)
        left = [one for one in left if one.ticket != ticket]
        memory = after(memory, rule, why)
    assert called == predicted
    assert sorted(called) == sorted(one.ticket for one in hall if not one.absent)


@given(halls(), rules, memories, st.integers(340, 500))
@settings(max_examples=100)
def test_nobody_is_passed_in_a_lane_except_by_a_listed_rule(hall, rule, memory, m) -> None:
    by_ticket = {one.ticket: one for one in hall}
    called = [by_ticket[ticket] for ticket in order(hall, rule, memory, minute(m))]
    for lane in "ABC":
        for first, second in pairwise(one for one in called if one.lane == lane):
            mine, theirs = (entitlement(replace(one, beside=None), rule, memory) for one in (first, second))
            if theirs < mine:
                # Passed: somebody who missed a call stands back for others; a companion stands beside another.
                assert any(one.re_entry == "missed" or one.beside is not None for one in (first, second))


@given(rules, memories, st.sampled_from("ABC"), st.lists(st.sampled_from("ABC"), min_size=60, max_size=90))
@settings(max_examples=100)
def test_no_lane_waits_longer_than_the_bound(rule, memory, lane, arrivals) -> None:
    """People come all the time, as they like; a lane with somebody in it is called within its bound."""
    memory = Memory(OPEN)
    hall = [person(f"x{n}", n, code) for n, code in enumerate("ABC")]
    others = 0
    for n, code in enumerate(arrivals):
        hall += [person(f"{code}{n}", 5 + n, code), person(f"{lane}{n}+", 5 + n, lane)]
        ticket, why = next_ticket(hall, rule, memory, minute(5 + n))
        hall = [one for one in hall if one.ticket != ticket]
        memory = after(memory, rule, why)
        others = 0 if why.lane == lane else others + 1
        assert others <= bound(rule, lane)


@given(rules, st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 3)), min_size=5, max_size=60))
@settings(max_examples=60, deadline=None)
def test_everybody_is_called_within_a_bounded_number_of_calls(rule, arrivals) -> None:
    """People keep coming, one or more for each call; nobody is called later than the published limit says."""
    memory, hall, left = Memory(OPEN), [], {}
    for n, (lane, more) in enumerate([*arrivals, *[("A", 0)] * 70]):
        now = minute(n)
        for extra in range(more + 1 if n < len(arrivals) else 0):
            one = person(f"{n:03d}-{extra}", n, lane)
            ahead = sum(
                entitlement(o, rule, memory) < entitlement(one, rule, memory) for o in hall if o.lane == lane
            )
            left[one.ticket] = limit(rule, lane, ahead)
            hall.append(one)
        ticket, why = next_ticket(hall, rule, memory, now)
        if ticket is None:
            continue
        hall = [one for one in hall if one.ticket != ticket]
        memory = after(memory, rule, why)
        del left[ticket]
        left = {waits: calls - 1 for waits, calls in left.items()}
        assert all(calls >= 0 for calls in left.values())


def test_a_limit_is_reached_but_never_passed() -> None:
    # The lane of weight 1 among 2 and 3: its third person waits for two of its own and for the others in between.
    hall = [person(f"{code}{n}", n, code) for code in "ABC" for n in range(30)]
    place = order(hall, RULE, START, minute(60)).index("A2")
    assert 2 + 3 * bound(RULE, "A") == limit(RULE, "A", 2) >= place > 2 * bound(RULE, "A") - 2
    with pytest.raises(ValueError, match="not in the rule"):
        limit(RULE, "Z", 0)


def test_a_companion_is_called_right_after_the_person_accompanied() -> None:
    host = person("K-001", 10, "C")
    others = [person(f"K-00{n}", 10 + n, "C") for n in (2, 3)]
    plus_one = person("K-004", 25, "C", beside=host)
    alone = replace(plus_one, beside=None)
    line = [*others, host]
    assert order([*line, plus_one], RULE, START, minute(30)) == ["K-001", "K-004", "K-002", "K-003"]
    assert order([*line, alone], RULE, START, minute(30)) == ["K-001", "K-002", "K-003", "K-004"]
    # The same at a later step that the person accompanied has joined first, and after that person was called.
    assert order([*line, plus_one], JOINED, START, minute(30))[:2] == ["K-001", "K-004"]
    assert order([*others, plus_one], JOINED, START, minute(30))[0] == "K-004"
    # Version 1 did not know it, and is still replayed so.
    first = replace(RULE, version="1")
    assert order([*line, plus_one], first, START, minute(30))[-1] == "K-004"
    # Who comes early with somebody booked waits for the window with them; what comes back "to the end" goes there.
    booked = person("A-001", 5, "C", booked_window=minute(60))
    beside = person("A-002", 6, "C", beside=booked)
    assert order([beside, booked, others[0]], RULE, START, minute(30)) == ["K-002", "A-001", "A-002"]
    rule = replace(RULE, re_entry={"late": ReEntry("back")})
    late = replace(plus_one, re_entry="late", re_entered_at=minute(28))
    assert order([*line, late], rule, START, minute(30))[-1] == "K-004"


def test_calls_are_shared_by_weight_and_evenly_spaced() -> None:
    hall = [person(f"{code}{n}", n, code) for code in "ABC" for n in range(40)]
    lanes = [ticket[0] for ticket in order(hall, RULE, START, minute(60))]
    gaps = [len(run) for run in "".join(lanes[:60]).split("A")[1:-1]]
    assert max(gaps) == 5
    assert bound(RULE, "A") == 7
    assert Counter(lanes[:60]) == {"B": 30, "C": 20, "A": 10}


def test_an_empty_lane_neither_saves_turns_nor_loses_them() -> None:
    memory, hall = START, [person(f"B{n}", n, "B") for n in range(60)]
    for _ in range(30):
        ticket, why = next_ticket(hall, RULE, memory, minute(100))
        hall = [one for one in hall if one.ticket != ticket]
        memory = after(memory, RULE, why)
    assert why.reason == "only_lane"
    hall += [person(f"C{n}", 99, "C") for n in range(20)]
    lanes = "".join(ticket[0] for ticket in order(hall, RULE, memory, minute(100))[:10])
    assert lanes.count("C") in (4, 5)
    assert "C" in lanes[:2]


def test_first_step_order_window_arrival_lottery_and_lateness() -> None:
    hall = [
        person("walk-0810", 10),
        person("booked-0900", 20, booked_window=minute(60)),
        person("booked-0800-late", 50, booked_window=minute(0)),
        person("booked-0800-too-late", 70, booked_window=minute(0)),
        person("booked-0800-early", -30, booked_window=minute(0)),
        person("door-2nd", -90, rank=2),
        person("door-1st", -5, rank=1),
        person("walk-0905", 65),
        person("gone", -99, absent=True),
    ]
    assert order(hall, RULE, START, minute(90)) == [
        "booked-0800-early",
        "booked-0800-late",
        "door-1st",
        "door-2nd",
        "walk-0810",
        "booked-0900",
        "walk-0905",
        "booked-0800-too-late",
    ]
    # Before nine the nine o'clock booking waits, even for a walk-in of another lane.
    early = [person("booked", 0, "B", booked_window=minute(60)), person("walk", 30, "A")]
    assert next_ticket(early, RULE, START, minute(31))[0] == "walk"
    ticket, why = next_ticket(early[:1], RULE, START, minute(31))
    assert (ticket, why.reason, why.place) == ("booked", "early", "early")
    assert next_ticket(early, RULE, START, minute(60))[0] == "booked"


def test_later_steps_are_first_in_first_out() -> None:
    slow = Waiting("slow", "A", minute(50), minute(0), booked_window=minute(0))
    fast = Waiting("fast", "A", minute(40), minute(30), booked_window=minute(300))
    assert order([slow, fast], JOINED, START, minute(60)) == ["fast", "slow"]


def test_re_entry_by_the_published_list() -> None:
    others = [person(f"w{n}", n) for n in range(1, 6)]
    missed = person("missed", 0, re_entry="missed", re_entered_at=minute(9), re_entry_count=4)
    memory = Memory(OPEN, {"A": 4})
    assert order([*others, missed], RULE, memory, minute(10)) == ["w1", "w2", "w3", "missed", "w4", "w5"]
    alone = next_ticket([missed], RULE, memory, minute(10))
    assert (alone[0], alone[1].place) == ("missed", "missed_alone")
    for reason in ("returned", "outage"):
        back = replace(missed, ticket="back", re_entry=reason)
        assert order([*others, back], RULE, memory, minute(10))[0] == "back"
        assert order([*others, back], JOINED, memory, minute(10))[0] == "back"
    last = replace(RULE, re_entry={"missed": ReEntry("back")})
    assert order([*others, missed], last, memory, minute(10))[-1] == "missed"
    assert order([*others, missed], replace(last, order="joined"), memory, minute(10))[-1] == "missed"


def test_an_override_is_charged_to_its_lane_and_costs_the_others_nothing() -> None:
    hall = [person(f"{code}{n}", n, code) for code in "ABC" for n in range(9)]
    ticket, why = next_ticket(hall, RULE, START, minute(20))
    assert ticket == "C0"
    overridden = after(START, RULE, why, called_lane="A")
    assert overridden.called_in("A") == 1
    assert next_ticket([one for one in hall if one.ticket != "A8"], RULE, overridden, minute(20))[0] == "C0"


def test_what_the_rule_does_not_know_is_refused() -> None:
    for broken in (
        lambda: next_ticket([person("a", 0, "Z")], RULE, START, OPEN),
        lambda: next_ticket([person("a", 0), person("a", 1)], RULE, START, OPEN),
        lambda: next_ticket([person("a", 0, re_entry="friend")], RULE, START, OPEN),
        lambda: Rule(()),
        lambda: Rule((LaneRule("A"), LaneRule("A"))),
        lambda: Rule((LaneRule("A", 0),)),
        lambda: replace(RULE, version="0"),
        lambda: RULE.stride("Z"),
    ):
        with pytest.raises(ValueError, match=r"."):
            broken()
    assert next_ticket([], RULE, START, OPEN)[1].reason == "nobody"
    assert after(START, RULE, next_ticket([], RULE, START, OPEN)[1]) == START
