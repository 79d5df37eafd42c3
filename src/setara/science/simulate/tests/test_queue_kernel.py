"""The compiled rule chooses what the office's rule chooses, on random states of an office."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from setara.rules.queue import LaneRule, Memory, ReEntry, Rule, Waiting, after, next_ticket, order
from setara.science.simulate import queue_kernel as kernel

START = datetime(2026, 3, 2, tzinfo=UTC)
OPENED = 8 * 60
MODES = {"keep": kernel.KEEP, "after": kernel.AFTER, "back": kernel.BACK}
LISTED = {"k": ReEntry("keep"), "a": ReEntry("after", 3), "b": ReEntry("back")}

minutes = st.integers(7 * 60, 11 * 60)
person = st.fixed_dictionaries(
    {
        "lane": st.integers(0, 2),
        "arrived": minutes,
        "joined": minutes,
        "window": st.none() | st.sampled_from([8 * 60, 9 * 60, 10 * 60]),
        "rank": st.none() | st.integers(1, 9),
        "back": st.none() | st.sampled_from(sorted(LISTED)),
        "back_at": minutes,
        "count": st.integers(0, 8),
    }
)
states = st.fixed_dictionaries(
    {
        "weights": st.lists(st.integers(1, 6), min_size=3, max_size=3),
        "by_window": st.booleans(),
        "called": st.lists(st.integers(0, 9), min_size=3, max_size=3),
        "tags": st.lists(st.integers(0, 30), min_size=3, max_size=3),
        "served": st.integers(0, 20),
        "now": minutes,
    }
)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def as_rule(state: dict) -> tuple[Rule, Memory]:
    lanes = tuple(LaneRule(str(lane), weight) for lane, weight in enumerate(state["weights"]))
    rule = Rule(lanes, "window" if state["by_window"] else "joined", LISTED)
    named = [{str(i): value for i, value in enumerate(state[name])} for name in ("called", "tags")]
    return rule, Memory(at(OPENED), *named, state["served"])


def as_waiting(people: list[dict]) -> list[Waiting]:
    return [
        Waiting(
            f"{i:04}",
            str(one["lane"]),
            at(one["joined"]),
            at(one["arrived"]),
            None if one["window"] is None else at(one["window"]),
            one["rank"],
            one["back"],
            at(one["back_at"]) if one["back"] else None,
            one["count"],
        )
        for i, one in enumerate(people)
    ]


def as_rows(people: list[dict]) -> np.ndarray:
    rows = np.full((len(people), kernel.RULE_COLUMNS), kernel.NONE, np.int64)
    for i, one in enumerate(people):
        entry = LISTED.get(one["back"])
        rows[i] = (
            one["lane"],
            one["arrived"],
            kernel.NONE if one["window"] is None else one["window"],
            kernel.UNRANKED if one["rank"] is None else one["rank"],
            one["joined"],
            MODES[entry.mode] if entry else 0,
            entry.places if entry else 0,
            one["back_at"] if entry else kernel.NONE,
            one["count"],
        )
    return rows


@settings(max_examples=120, deadline=None)
@given(st.lists(person, max_size=14), states)
def test_the_compiled_rule_goes_through_a_whole_line_as_the_rule_does(
    people: list[dict], state: dict
) -> None:
    rule, memory = as_rule(state)
    waiting, rows = as_waiting(people), as_rows(people)
    strides = np.array([rule.stride(lane.code) for lane in rule.lanes], np.int64)
    tags, called = np.array(state["tags"], np.int64), np.array(state["called"], np.int64)
    served_state = np.array([state["served"]], np.int64)
    parameters = np.array([int(state["by_window"]), 60, OPENED], np.int64)
    whole = order(waiting, rule, memory, at(state["now"]))
    line = np.arange(len(people), dtype=np.int64)
    size = len(people)
    for rank, ticket in enumerate(whole):
        args = (rows, line, size, parameters, strides, tags, served_state, called, state["now"])
        assert kernel.place(int(ticket), *args) == 0
        assert kernel.place(int(whole[-1]), *args) == len(whole) - 1 - rank
        found, lane, served = kernel.choose(*args)
        chosen, why = next_ticket(waiting, rule, memory, at(state["now"]))
        assert (f"{line[found]:04}", str(lane), served) == (chosen, why.lane, why.served)
        assert chosen == ticket
        memory = after(memory, rule, why)
        kernel.after(lane, served, strides, tags, served_state, called)
        waiting = [one for one in waiting if one.ticket != chosen]
        line = np.delete(line, found)
        size -= 1
    assert kernel.choose(rows, line, 0, parameters, strides, tags, served_state, called, 0)[0] == kernel.NONE
