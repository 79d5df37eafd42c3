"""Who did not answer: single elements left out, people who stayed away, and how far the truth may lie because of it.

*Element*: the share left out with Wilson's interval, and whether those who left it out are otherwise less (or more)
satisfied: difference of the mean of their other answers, Welch's t, Holm over the elements. *People*: the response
rate, and the worst case without any assumption (Manski 2003): had all who stayed away given the lowest or the highest
answer, the index would lie between ``low`` and ``high``. The interval of sampling knows nothing of this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt
from typing import Any

import numpy as np
from scipy import stats

from setara.science.satisfaction.compare import holm
from setara.science.satisfaction.instruments import BadInput
from setara.science.satisfaction.intervals import CONFIDENCE, MINIMUM_CELL, Floats


@dataclass(frozen=True, slots=True)
class Unanswered:
    """One element. ``difference``: other answers of those who left it out minus the others'; NaN below ten."""

    code: str
    missing: int
    n: int
    share: float
    interval: tuple[float, float]
    difference: float
    p_adjusted: float

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        known = self.difference == self.difference
        return {
            "missing": self.missing,
            "n": self.n,
            "share": self.share,
            "interval": list(self.interval),
            "difference": self.difference if known else None,
            "p_adjusted": self.p_adjusted if self.p_adjusted == self.p_adjusted else None,
        }


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the index could be if everybody had answered. ``rate``: answered / invited."""

    invited: int
    answered: int
    rate: float
    rate_interval: tuple[float, float]
    index: float
    low: float
    high: float

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "invited": self.invited,
            "answered": self.answered,
            "rate": self.rate,
            "rate_interval": list(self.rate_interval),
            "index": self.index,
            "worst_case": [self.low, self.high],
        }


def unanswered(scores: Floats, codes: Sequence[str]) -> list[Unanswered]:
    """Each element's share of answers left out, of those who answered something, and what it goes with."""
    scores = scores[(~np.isnan(scores)).any(axis=1)]
    n = len(scores)
    found: list[tuple[str, int, float, float]] = []
    for j, code in enumerate(codes):
        gone = np.isnan(scores[:, j])
        rest = np.delete(scores, j, axis=1)
        gap, p = nan, nan
        with_rest = (~np.isnan(rest)).any(axis=1)
        sides = [
            np.nanmean(rest[with_rest & side], axis=1) if (with_rest & side).any() else np.zeros(0)
            for side in (gone, ~gone)
        ]
        if min(map(len, sides)) >= MINIMUM_CELL:
            gap = float(sides[0].mean() - sides[1].mean())
            constant = max(map(np.ptp, sides)) == 0
            p = float(gap == 0) if constant else float(stats.ttest_ind(*sides, equal_var=False).pvalue)
        found.append((code, int(gone.sum()), gap, p))
    tested = [i for i, one in enumerate(found) if one[3] == one[3]]
    adjusted = dict(zip(tested, holm(np.array([found[i][3] for i in tested])), strict=True))
    return [
        Unanswered(code, gone, n, gone / n if n else nan, wilson(gone, n), gap, float(adjusted.get(i, nan)))
        for i, (code, gone, gap, _p) in enumerate(found)
    ]


def bounds(index: float, answered: int, invited: int, limits: tuple[float, float]) -> Bounds:
    """The worst case for those who stayed away. Raises BadInput where more answered than were invited."""
    if answered < 1 or invited < answered:
        raise BadInput(f"{invited} invited and {answered} answered: --invited counts all who were asked.")
    rate = answered / invited
    low, high = (rate * index + (1 - rate) * limit for limit in limits)
    return Bounds(invited, answered, rate, wilson(answered, invited), index, low, high)


def wilson(count: int, n: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Wilson's (1927) interval of a share; (0, 1) without any observation."""
    if n == 0:
        return 0.0, 1.0
    z = float(stats.norm.ppf((1 + confidence) / 2))
    share = count / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
