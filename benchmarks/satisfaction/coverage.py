"""How often the intervals hold the truth: simulated surveys whose true values are known.

Must reach (issue 6), 5,000 repetitions, bootstrap 1,000: index and gap 93-97 % at n = 150 and 400; at least 91 % at
n = 30 and in the ceiling case (mean above 3.7 of 4). Alpha: at least 88 % at n >= 150; at n = 30 told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import sqrt
from pathlib import Path

import numpy as np
from benchmarks.common import Report, Result
from numpy.typing import NDArray

from setara.science.satisfaction import intervals
from setara.science.satisfaction.intervals import Interval
from setara.science.satisfaction.survey_sim import Design, simulate

REPETITIONS, QUICK_REPETITIONS, TRUTH, QUICK_TRUTH = 5_000, 60, 400_000, 100_000
#: Respondents are independent here: families answer alike, which no interval of single respondents knows.
SKM = Design(families=0.0, response_rate=1.0)
CEILING = replace(SKM, satisfaction=1.6)
SERVQUAL = replace(SKM, elements=44, high=5, offsets=(0.8,) * 22 + (0.0,) * 22)
PROUD = replace(SERVQUAL, offsets=(2.6,) * 22 + (2.2,) * 22)
Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """One line of the table."""

    figure: str
    population: str
    n: int
    design: Design
    interval: Callable[[Scores, int], Interval]
    floor: float | None
    ceiling: float | None = None


@dataclass(frozen=True)
class Coverage:
    """What came out. ``below``/``above``: how often the truth lay below or above the interval; ``error``: one
    standard error of the simulation; ``width``: mean width of the intervals.
    """

    case: Case
    truth: float
    repetitions: int
    covered: float
    below: float
    above: float
    width: float

    @property
    def error(self) -> float:
        """One standard error of ``covered``, from the number of repetitions."""
        return sqrt(self.covered * (1 - self.covered) / self.repetitions)


def _index(x: Scores, seed: int) -> Interval:
    return intervals.index(x, seed=seed, limits=(1, 4))


def _gap(x: Scores, seed: int) -> Interval:
    gaps = x[:, 22:] - x[:, :22]
    return intervals.index(gaps, seed=seed, limits=(-4, 4))


def _element(x: Scores, seed: int) -> Interval:
    return intervals.index(x[:, :1], seed=seed, limits=(1, 4))


def _alpha(x: Scores, seed: int) -> Interval:
    return intervals.alpha(x, seed=seed)


def cases() -> list[Case]:
    """Every line of the table, in its order."""
    found = []
    for n in (30, 150, 400):
        mean = (91.0, None) if n == 30 else (93.0, 97.0)
        found += [
            Case("index", "usual", n, SKM, _index, *mean),
            Case("index", "ceiling", n, CEILING, _index, 91.0),
            Case("gap", "usual", n, SERVQUAL, _gap, *mean),
            Case("gap", "ceiling", n, PROUD, _gap, 91.0),
            Case("one element", "usual", n, SKM, _element, None),
            Case("one element", "ceiling", n, CEILING, _element, None),
            Case("alpha", "usual", n, SKM, _alpha, 88.0 if n >= 150 else None),
            Case("alpha", "ceiling", n, CEILING, _alpha, 88.0 if n >= 150 else None),
        ]
    return found


def measure(case: Case, repetitions: int, truth: float) -> Coverage:
    """Draw a survey so many times and see whether its interval holds the truth."""
    low = high = 0
    widths = []
    for at in range(repetitions):
        made = simulate(replace(case.design, respondents=case.n), seed=1_000_000 * case.n + at)
        found = case.interval(made.scores, at)
        low, high = low + (truth < found.low), high + (truth > found.high)
        widths.append(found.high - found.low)
    missed = (low + high) / repetitions
    return Coverage(
        case, truth, repetitions, 1 - missed, low / repetitions, high / repetitions, float(np.mean(widths))
    )


def truths(size: int) -> dict[tuple[str, str], float]:
    """The true value of each figure: of so many simulated people."""
    found = {}
    for case in cases():
        if (key := (case.figure, case.population)) not in found:
            big = simulate(replace(case.design, respondents=size), seed=99).scores
            found[key] = case.interval(big, 1).estimate
    return found


def lines(report: Report, quick: bool, share: int = 1) -> list[Coverage]:
    """Measure and report every case; ``share``: one of so many repetitions only."""
    repetitions, known = (QUICK_REPETITIONS, QUICK_TRUTH) if quick else (REPETITIONS // share, TRUTH)
    chosen = [case for case in cases() if not quick or (case.n == 30 and case.figure != "gap")]
    true, found = truths(known), []
    for case in chosen:
        one = measure(case, repetitions, true[case.figure, case.population])
        found.append(one)
        name = f"coverage of {case.figure}, {case.population}, n = {case.n}"
        note = f"Monte-Carlo error {100 * one.error:.2f}, truth {one.truth:.3f}"
        report.add(Result(name, 100 * one.covered, "%", case.floor, at_least=True, note=note))
    upper = [100 * one.covered for one in found if one.case.ceiling]
    if upper:
        report.add(Result("highest coverage of index and gap, n >= 150", max(upper), "%", 97.0))
    return found


def table(found: list[Coverage], target: Path) -> None:
    """Write the table for the documents."""
    rows = [
        f"| {one.case.figure} | {one.case.population} | {one.case.n} | {one.truth:.3f} | {100 * one.covered:.1f} | "
        f"{100 * one.error:.2f} | {100 * one.below:.1f} | {100 * one.above:.1f} | {one.width:.3f} | "
        f"{f'>= {one.case.floor:.0f}' if one.case.floor else ''} |"
        for one in found
    ]
    text = [
        "# Coverage of the intervals", "",
        f"{found[0].repetitions} simulated surveys a line, bootstrap {intervals.REPETITIONS}; made by "
        "`python -m benchmarks.satisfaction --coverage --tables`.", "",
        "Nominal: 95 %. *usual*: SKM index near 3.1, SERVQUAL gap near -0.5; *ceiling*: mean above 3.7 of 4.",
        "30 % straight-liners, respondents independent of each other. *error*: standard error of the simulation.",
        "*truth below*, *above*: how often the true value lay under or over the interval.", "",
        "| Figure | People | n | Truth | Covered % | Error | Truth below % | Above % | Mean width | Must reach |",
        "|---|---|---|---|---|---|---|---|---|---|", *rows, "",
    ]  # fmt: skip
    target.write_text("\n".join(text), encoding="utf-8")
