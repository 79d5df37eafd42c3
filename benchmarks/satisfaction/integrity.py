"""How often the integrity tests flag honest files, and how often they find stuffed ones.

Must reach (issue 6): honest files contain 30 % straight-liners, busy hours, families on one device and a shared
kiosk, n = 150 and 400; over all tests together at most 2 % of 1,000 honest files flagged. Stuffing of 10 % of rows,
all highest or copies with at most one item changed, within one hour or one device: at least 90 % found each, where
time or device columns exist; without them what is reached is told.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.common import Report, Result

from setara.science.satisfaction import integrity
from setara.science.satisfaction.integrity import Answers
from setara.science.satisfaction.nonresponse import wilson
from setara.science.satisfaction.survey_sim import (
    KINDS,
    PLACES,
    Design,
    Simulated,
    Tampering,
    simulate,
    tamper,
)

HONEST, STUFFED, OTHER = 1_000, 300, 100
QUICK = 10
SIZES = (150, 400)
#: What a file has: all columns; time or device only; neither.
ALL, TIME, DEVICE, NONE = "time and device", "time only", "device only", "neither"
#: Honest files of other offices, told beside.
ODD = {
    "one day": {"days": 1},
    "three days": {"days": 3},
    "twenty days": {"days": 20},
    "half of the people are families": {"families": 0.5},
    "a kiosk for half of the people, 0.4 s.d. less satisfied": {"kiosk": 0.5, "kiosk_effect": -0.4},
    "busy hours 0.6 s.d. worse": {"busy_effect": -0.6},
    "60 % straight-liners": {"straight_liners": 0.6},
    "mean above 3.7": {"satisfaction": 1.6},
    "answers that hang together closely (loading 0.85)": {"loading": 0.85},
}


@dataclass(frozen=True)
class Rate:
    """Share of files with a finding."""

    what: str
    n: int
    columns: str
    files: int
    flagged: int
    by_test: Counter[str]
    floor: float | None = None
    ceiling: float | None = None

    @property
    def share(self) -> float:
        """Flagged of all, in percent."""
        return 100 * self.flagged / self.files


def answers(made: Simulated, columns: str) -> Answers:
    """The file as the tests read it, with these columns only."""
    timed, devised = columns in {ALL, TIME}, columns in {ALL, DEVICE}
    return Answers(
        made.scores,
        made.design.low,
        made.design.high,
        made.time if timed else None,
        made.seconds if timed else None,
        made.device if devised else None,
        made.channel if columns == ALL else None,
    )


def rate(
    what: str, design: Design, files: int, how: Tampering | None = None, columns: str = ALL, first: int = 0
) -> Rate:
    """Simulate so many files and count those with any finding."""
    flagged, by_test = 0, Counter[str]()
    for seed in range(first, first + files):
        made = simulate(design, seed)
        made = tamper(made, how, seed) if how else made
        found = [
            one.code
            for one in integrity.tests(answers(made, columns), seed=seed)
            if one.decision == "attention"
        ]
        by_test.update(found)
        flagged += bool(found)
    honest = how is None
    judged = columns == ALL or (how is not None and columns == (TIME if how.place == "hour" else DEVICE))
    floor = 90.0 if not honest and judged and design == Design(respondents=design.respondents) else None
    return Rate(what, design.respondents, columns, files, flagged, by_test, floor)


def lines(report: Report, quick: bool, share: int = 1) -> list[Rate]:
    """Measure and report; ``share``: one of so many files only."""
    found = []
    honest, stuffed, other = (
        (QUICK, QUICK, 0) if quick else (HONEST // share, STUFFED // share, OTHER // share)
    )
    for n in SIZES[:1] if quick else SIZES:
        design = Design(respondents=n)
        one = replace(rate("honest", design, honest), ceiling=2.0)
        found.append(_told(report, one))
        for columns in (TIME, DEVICE, NONE) if not quick else ():
            found.append(_told(report, replace(rate("honest", design, honest, columns=columns), ceiling=2.0)))
        for kind in KINDS:
            for place in PLACES:
                how = Tampering(kind, place)
                only = TIME if place == "hour" else DEVICE
                for columns in (ALL,) if quick else (ALL, only, NONE):
                    what = f"10 % {kind}, one {place}"
                    found.append(_told(report, rate(what, design, stuffed, how, columns, 50_000)))
    for what, changes in ODD.items() if other else ():
        for n in SIZES:
            design = replace(Design(respondents=n), **changes)  # type: ignore[arg-type]
            found.append(rate(f"honest ({what})", design, other))
            found += [
                rate(
                    f"10 % {kind}, one {place} ({what})",
                    design,
                    other // 4,
                    Tampering(kind, place),
                    first=50_000,
                )
                for kind in KINDS
                for place in PLACES
            ]
    return found


def _told(report: Report, one: Rate) -> Rate:
    limit, note = (
        one.ceiling or one.floor,
        ", ".join(f"{name} {count}" for name, count in one.by_test.most_common()),
    )
    low, high = (100 * value for value in wilson(one.flagged, one.files))
    name = f"{one.what}, n = {one.n}, {one.columns}"
    text = f"{one.files} files, 95 % interval {low:.1f}-{high:.1f}" + (f"; {note}" if note else "")
    report.add(Result(name, one.share, "% flagged", limit, at_least=one.ceiling is None, note=text))
    return one


def table(found: list[Rate], target: Path) -> None:
    """Write the table for the documents."""
    head = [
        "# What the integrity tests find", "",
        "Made by `python -m benchmarks.satisfaction --integrity --tables`. A file is flagged when any of the eight",
        f"tests says attention; by construction that is at most {100 * integrity.FALSE_ALARM:.1f} % of honest ones. "
        "Honest files contain",
        "30 % straight-liners, busy hours, a quarter of the people in families on one device, and a kiosk that a",
        "quarter of the people share. In brackets behind a name: what else differs.", "",
        "| File | n | Columns | Files | Flagged % | 95 % interval | By | Must reach |",
        "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    rows = []
    for one in found:
        low, high = (100 * value for value in wilson(one.flagged, one.files))
        by = ", ".join(f"{name} {count}" for name, count in one.by_test.most_common())
        must = f"<= {one.ceiling:.0f}" if one.ceiling else f">= {one.floor:.0f}" if one.floor else ""
        rows.append(
            f"| {one.what} | {one.n} | {one.columns} | {one.files} | {one.share:.1f} | {low:.1f}-{high:.1f} | {by} | "
            f"{must} |"
        )
    target.write_text("\n".join([*head, *rows, ""]), encoding="utf-8")
