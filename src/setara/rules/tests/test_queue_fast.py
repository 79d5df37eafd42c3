"""The fast form of the rule gives what the rule gives: the same ticket, the same why, the same memory."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from setara.rules.fast import FastLine
from setara.rules.queue import LaneRule, Memory, ReEntry, Rule, Waiting, after, next_ticket, order

OPEN = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
STATES = 10_000


def minute(m: float) -> datetime:
    return OPEN + timedelta(minutes=m)


def rule_of(dice: random.Random) -> Rule:
    codes = dice.sample("ABC", dice.randint(1, 3))
    return Rule(
        tuple(LaneRule(code, dice.randint(1, 5)) for code in codes),
        order=dice.choice(("window", "joined")),
        re_entry={
            "missed": ReEntry("after", dice.randint(0, 4)),
            "returned": ReEntry("keep"),
            "outage": ReEntry("keep"),
            "late": ReEntry("back"),
        },
        version=dice.choice(("1", "2", "2")),
    )


class Day:
    """A line that people join, leave and come back to, kept twice: by the fast form and as a plain list."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.rule = rule_of(self.dice)
        self.memory = Memory(OPEN)
        self.fast = FastLine(self.rule, self.memory)
        self.people: dict[str, Waiting] = {}
        self.now = minute(-30)
        self.made = 0
        self.before: list[tuple[Memory, Waiting]] = []
        self.seen: Counter[str] = Counter()

    def happen(self) -> None:
        """Somebody comes, goes, is called, comes back, or a call is taken back."""
        self.now += timedelta(seconds=self.dice.choice((-1, 0, 20, 60, 200)))
        what = self.dice.choices(
            (self.join, self.call, self.away, self.back, self.go, self.undo), (6, 5, 1, 2, 1, 1)
        )
        what[0]()

    def join(self) -> None:
        self.made += 1
        arrived = self.now - timedelta(minutes=self.dice.choice((0, 0, 5)))
        window = minute(30 * self.dice.randint(-2, 6)) if self.dice.random() < 0.6 else None
        one = Waiting(
            ticket=f"{self.made:03d}",
            lane=self.dice.choice(self.rule.lanes).code,
            joined_at=self.now,
            arrived_at=arrived,
            booked_window=window,
            rank=self.dice.randint(1, 9) if arrived < OPEN and self.dice.random() < 0.5 else None,
        )
        if self.dice.random() < 0.15 and self.people:
            host = self.dice.choice(list(self.people.values()))
            one = replace(one, lane=host.lane, beside=replace(host, re_entry=None, absent=False))
        if self.dice.random() < 0.1:
            one = replace(one, re_entry=self.dice.choice(list(self.rule.re_entry)), re_entered_at=self.now)
        self.people[one.ticket] = one
        self.fast.join(one)

    def call(self) -> None:
        ticket, why = next_ticket(list(self.people.values()), self.rule, self.memory, self.now)
        present = [one for one in self.people.values() if not one.absent]
        if ticket is None:
            return
        if self.dice.random() < 0.1:
            ticket = self.dice.choice(present).ticket  # out of turn
        one = self.people.pop(ticket)
        self.before.append((self.memory, one))
        self.memory = after(self.memory, self.rule, why, one.lane)
        assert self.fast.called(ticket, why) == one

    def away(self) -> None:
        if self.people:
            ticket = self.dice.choice(list(self.people))
            self.people[ticket] = replace(self.people[ticket], absent=True)
            self.fast.absent(ticket)

    def back(self) -> None:
        if away := [one for one in self.people.values() if one.absent]:
            one, reason = self.dice.choice(away), self.dice.choice(list(self.rule.re_entry))
            self.people[one.ticket] = replace(
                one,
                absent=False,
                re_entry=reason,
                re_entered_at=self.now,
                re_entry_count=self.memory.called_in(one.lane),
            )
            self.fast.re_enter(one.ticket, reason, self.now)

    def go(self) -> None:
        if self.people:
            ticket = self.dice.choice(list(self.people))
            del self.people[ticket]
            self.fast.leave(ticket)

    def undo(self) -> None:
        if self.before:
            self.memory, one = self.before.pop()
            self.people[one.ticket] = one
            self.fast.join(one)
            self.fast.memory = self.memory

    def compare(self) -> None:
        waiting = list(self.people.values())
        expected = next_ticket(waiting, self.rule, self.memory, self.now)
        assert self.fast.next(self.now) == expected
        assert self.fast.memory == self.memory
        assert sorted(self.fast, key=lambda one: one.ticket) == sorted(waiting, key=lambda one: one.ticket)
        ticket, why = expected
        self.seen[f"reason {why.reason}"] += 1
        if ticket is not None:
            one = self.people[ticket]
            self.seen[f"place {why.place}"] += 1
            self.seen[f"re-entry {one.re_entry}"] += 1
            self.seen["companion"] += one.beside is not None and self.rule.version == "2"
            self.seen["lottery"] += one.rank is not None
            self.seen["order " + self.rule.order] += 1
            self.seen["version " + self.rule.version] += 1
            self.seen["booked"] += one.booked_window is not None
            if self.seen.total() % 3 == 0:
                ranked = order(waiting, self.rule, self.memory, self.now)
                place = self.dice.randrange(len(ranked))
                assert self.fast.depth(ranked[place], self.now) == place


def days(count: int, length: int) -> Iterator[Day]:
    for seed in range(count):
        day = Day(seed)
        for _ in range(length):
            day.happen()
            day.compare()
        yield day


def test_the_fast_form_chooses_as_the_rule_in_ten_thousand_states_of_every_lane_rule() -> None:
    seen: Counter[str] = Counter()
    for day in days(STATES // 50, 50):
        seen += day.seen
    assert sum(count for name, count in seen.items() if name.startswith("reason")) == STATES
    for what in (
        *("reason turn", "reason only_lane", "reason early", "reason nobody"),
        *("place due", "place missed_alone", "place early", "companion", "lottery", "booked"),
        *("re-entry missed", "re-entry returned", "re-entry outage", "re-entry late"),
        *("order window", "order joined", "version 1", "version 2"),
    ):
        assert seen[what] >= 30, (what, seen)


def test_the_fast_form_refuses_what_the_rule_refuses() -> None:
    line = FastLine(Rule((LaneRule("A"),)), Memory(OPEN))
    one = Waiting("1", "A", OPEN, OPEN)
    line.join(one)
    for wrong in (
        lambda: line.join(one),
        lambda: line.join(replace(one, ticket="2", lane="Z")),
        lambda: line.join(replace(one, ticket="2", re_entry="friend")),
        lambda: line.re_enter("1", "friend", OPEN),
    ):
        with pytest.raises(ValueError, match=r"."):
            wrong()
    with pytest.raises(KeyError):
        line.leave("2")
    assert (len(line), "1" in line, "2" in line, line.get("2")) == (1, True, False, None)
    assert line.next(minute(5))[0] == "1"
