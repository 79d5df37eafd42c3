"""A simulation as tables of numbers: all calls of many office-days, fast enough for tens of thousands of months."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from setara.science.progress import Progress, silent
from setara.science.simulate import hall
from setara.science.simulate.office import (
    HANDOVER,
    LANES,
    NUMBER,
    PACK,
    PICKUP,
    STEPS,
    World,
    published_rule,
)
from setara.science.simulate.queue_kernel import AFTER, BACK, KEEP, NONE

_MODES = {"keep": KEEP, "after": AFTER, "back": BACK}
#: An adaptive officer is watched in every second week of five working days.
WEEK = 5


@dataclass(frozen=True)
class Day:
    """One day of one office: the arrays of :mod:`setara.science.simulate.hall`."""

    office: int
    day: int
    people: NDArray[np.int64]
    calls: NDArray[np.int64]
    lot: NDArray[np.int64]
    roster: NDArray[np.int64]
    patron: int = NONE


@dataclass(frozen=True)
class Staff:
    """The officers of one office: how careful each is, and who favours (-1: nobody)."""

    care: NDArray[np.float64]
    patron: int
    partner: int


def staff(world: World, seed: int, office: int) -> Staff:
    """The officers of an office; the same for all its days."""
    chance = np.random.default_rng([seed, 1, office])
    shape = world.care_shape
    care = np.ones(world.officers) if shape is None else chance.gamma(shape, 1 / shape, world.officers)
    first, second = chance.permutation(world.officers)[:2] if world.officers > 1 else (0, 0)
    favours = bool(world.schemes) and (
        world.favouring is None or office - world.first_office < world.favouring
    )
    return Staff(care, int(first) if favours else NONE, int(second) if favours else NONE)


class Simulation:
    """The days of a world, one after the other. The same world and seed give the same numbers."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.seed = world, seed
        self.staff = {office: staff(world, seed, office) for office in self.offices}
        self._fixed = _fixed(world)

    @property
    def offices(self) -> range:
        """The numbers of the offices."""
        return range(self.world.first_office, self.world.first_office + self.world.offices)

    def play(self, office: int, day: int, collecting: int | None = None) -> Day:
        """One day of one office; ``collecting`` people fetch something (default: as many as usually come)."""
        world, who = self.world, self.staff[office]
        watched = (day // WEEK) % 2 == 1
        n = world.per_day(day)
        if collecting is None:
            collecting = n if world.collect else 0
        whole = np.array([n, collecting, world.officers, who.patron, who.partner, watched], np.int64)
        state = np.random.SeedSequence([self.seed, 2, office, day]).generate_state(1)
        made = hall.play(int(state[0]), whole, self._fixed[0], self._fixed[1], who.care, *self._fixed[2:])
        return Day(office, day, *made, who.patron)

    def days(self, progress: Progress = silent) -> Iterator[Day]:
        """All days of all offices, day by day."""
        for day in range(self.world.days):
            for office in self.offices:
                yield self.play(office, day)
            progress("simulating", day + 1, self.world.days)


def _fixed(world: World) -> tuple[Any, ...]:
    shares = np.array(
        [
            world.honest_error, world.slip_ratio, world.priority, world.families, world.no_shows, world.come_back,
            world.sent_back, world.outages, world.slip_anywhere,
        ]
    )  # fmt: skip
    rates = np.zeros(len(NUMBER) + 1)
    for name, rate in world.schemes.items():
        rates[NUMBER[name]] = rate
    counter_step = np.repeat(np.arange(len(STEPS)), world.counters).astype(np.int64)
    # As long as the counters are busy for this share of five hours (those who hand over: of six).
    hours = np.array([300.0, 300.0, 300.0, 360.0 * 0.8])
    minutes = world.load * hours * np.array(world.counters) / world.applicants
    strides = np.ones((len(STEPS), 2), np.int64)
    rules = np.zeros((len(STEPS), 3), np.int64)
    for step in range(len(STEPS)):
        rule = published_rule(step)
        lanes = [LANES[PICKUP]] if step == HANDOVER else list(LANES[:PICKUP])
        # Lanes that nobody comes to change nothing; those that people come to stand in the order of the rule.
        if [lane.code for lane in rule.lanes if lane.code in lanes] != lanes:
            raise ValueError(
                f"The pack {PACK} no longer has the lanes of the simulation, {', '.join(lanes)}."
            )
        strides[step, : len(lanes)] = [rule.stride(code) for code in lanes]
        if world.weights and step != HANDOVER:
            strides[step] = np.lcm(*world.weights) // np.array(world.weights)
        rules[step] = rule.order == "window", rule.late_grace.total_seconds() * 1_000_000, hall.OPENING
    entry = published_rule(0).re_entry["missed"]
    missed = np.array([_MODES[entry.mode], entry.places], np.int64)
    return shares, rates, counter_step, minutes, strides, rules, missed
