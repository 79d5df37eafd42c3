"""How sure D3 is of each visit, compiled: score and p as :mod:`setara.science.fairness.applicants` states them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from setara.science.fairness.honest import SMALLEST

#: Scores equal on paper but not in floating point.
_SLACK = 1e-9


@njit(cache=True)
def score_and_p(
    starts: Any, ratio: Any, waiting: Any, depth: Any, error: float
) -> Any:  # pragma: no cover - compiled
    """Score and p of each visit; its calls stand from ``starts`` to the next, in lines of at least two.

    ``depth`` is 0 where a call is in turn. O(calls^2 x length of the lines) a visit.
    """
    scores, ps = np.zeros(len(starts) - 1), np.zeros(len(starts) - 1)
    for visit in range(len(starts) - 1):
        low, high = starts[visit], starts[visit + 1]
        ends = np.zeros(high - low + 1, dtype=np.int64)
        for at in range(low, high):
            ends[at - low + 1] = ends[at - low] + waiting[at] - 1
        chance, value = np.empty(ends[-1]), np.empty(ends[-1])
        score = 0.0
        for at in range(low, high):
            end = ratio[at] ** np.float64(waiting[at] - 1)
            first = ends[at - low]
            for d in range(waiting[at] - 1):
                beyond = max((ratio[at] ** np.float64(d) - end) / (1 - end), SMALLEST)
                chance[first + d] = error * beyond
                value[first + d] = -np.log(error * beyond)
            if depth[at] > 0:
                score += value[first + depth[at] - 1]
        p = 0.0
        for one in range(high - low):
            p += _reaching(value, chance, ends[one], ends[one + 1], score - _SLACK)
            for other in range(one + 1, high - low):
                p += _both(value, chance, ends[one], ends[one + 1], ends[other], ends[other + 1], score)
        calls = high - low
        p += calls * (calls - 1) * (calls - 2) / 6 * error**3
        scores[visit], ps[visit] = score, min(p, 1.0)
    return scores, ps


@njit(cache=True)
def _reaching(
    value: Any, chance: Any, low: int, high: int, bar: float
) -> float:  # pragma: no cover - compiled
    """The chance that one call alone scores at least ``bar``; values rise with the depth."""
    at = low + np.searchsorted(value[low:high], bar)
    return chance[at] if at < high else 0.0


@njit(cache=True)
def _both(
    value: Any, chance: Any, low: int, high: int, other_low: int, other_high: int, score: float
) -> Any:  # pragma: no cover - compiled
    """The chance that two calls are out of turn and score at least ``score`` together."""
    p, at = 0.0, other_high
    for d in range(low, high):
        bar = score - value[d] - _SLACK
        while at > other_low and value[at - 1] >= bar:
            at -= 1
        if at == other_low:  # whatever the other one scores is enough, here and deeper
            return p + chance[d] * chance[at]
        exactly = chance[d] - (chance[d + 1] if d + 1 < high else 0.0)
        p += exactly * (chance[at] if at < other_high else 0.0)
    return p
