"""The whole protocol: what is measured, in which order, from which seeds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from setara.science.fairness import applicants, change, officers
from setara.science.fairness_bench import alarms, classical
from setara.science.fairness_bench.measuring import LARGE, favoured, favouring
from setara.science.fairness_bench.settings import (
    APPLICANTS,
    FAVOURING,
    FULL,
    MONTH,
    OFFICERS,
    QUICK,
    STATED_ERROR,
    Size,
)  # fmt: skip
from setara.science.progress import Progress, silent

#: Honest errors at which the classical measures are shown: software calls, and people call by hand.
CLASSICAL_ERRORS = (STATED_ERROR, 0.01)


@dataclass(frozen=True)
class Results:
    """All tables: ``applicants`` (D3) and ``officers`` (D4) have a row a setting; the first row is the base."""

    seed: int
    quick: bool
    size: Size
    applicants: list[dict[str, Any]]
    officers: list[dict[str, Any]]
    classical: list[dict[str, Any]]
    days: dict[str, Any]
    alarms: list[dict[str, Any]]
    lanes: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """For the JSON document."""
        return {
            "quick": self.quick,
            "world": {
                "offices": self.size.offices, "officers": MONTH.officers, "days": self.size.days,
                "applicants_a_day": MONTH.applicants, "favouring_officers": FAVOURING, "stated_error": STATED_ERROR,
                "d3_level": applicants.LEVEL, "d4_level": officers.LEVEL, "large_from": LARGE,
                "d10_days_to_a_false_alarm": change.RUN,
            },
            "favoured_applicants": self.applicants,
            "favouring_officers": self.officers,
            "classical_officers": self.classical,
            "classical_days": self.days,
            "change_alarm": self.alarms,
            "lane_rule": self.lanes,
        }  # fmt: skip


def run(seed: int, *, quick: bool = False, progress: Progress = silent) -> Results:
    """Run the protocol. ``quick`` is far too small to measure anything; it shows that everything works."""
    size = QUICK if quick else FULL
    a_month = size.offices * MONTH.officers - FAVOURING
    base_months = math.ceil(size.officer_months / a_month)
    return Results(
        seed=seed,
        quick=quick,
        size=size,
        applicants=[
            favoured(each, size, size.months if at else size.base_months, seed + at, progress)
            for at, each in enumerate(APPLICANTS)
        ],
        officers=[
            favouring(each, size, _more(size, at, base_months), seed + 50 + at, progress)
            for at, each in enumerate(OFFICERS)
        ],
        classical=[
            row
            for error in CLASSICAL_ERRORS
            for row in classical.officers(size, _more(size, 1, base_months), seed + 50, error, progress)
        ],
        days=classical.days(size, seed + 80),
        alarms=alarms.alarms(size, seed + 90, progress),
        lanes=alarms.lanes(size, seed + 95, progress),
    )


def _more(size: Size, at: int, base_months: int) -> int:
    """Months for D4: an officer is rarer than a favour, so four times as many."""
    return base_months if at == 0 else size.months * (1 if size is QUICK else 4)
