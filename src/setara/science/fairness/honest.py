"""How honest people err: the null model that D3 and D4 share.

A call at which somebody can be passed (at least two of the line are there) is out of turn with the stated chance
``honest_error``. How many are passed then is geometric, cut off where the line ends:

    P(depth >= d | out of turn, waiting) = (r^(d-1) - r^(w-1)) / (1 - r^(w-1)),   w = waiting,   1 <= d < w.

The ratio ``r`` of a step is learnt from the *other* officers of the log. Because some of them may favour somebody
too, the depths are taken as a mixture of three: that geometric part, a uniform one, and people who had just come
(geometric from the end of the line). Only the first is learnt (expectation-maximisation); little data is drawn
towards ``PRIOR_RATIO``.

Assumption: that mistakes of honest people reach ever fewer places further, at an even rate (a log-linear tail).
Source: the depths measured in a simulated office (1, 3, 6 and 9 at the 50, 90, 99 and 99.9 % points) follow it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: What D3, D4 and D10 need of a table of calls: ``waiting`` counts the called one too, ``unexplained`` is the
#: depth of a call without a proven reason, and 0 for all others. Both count the same line.
NEEDED = ("case", "office", "day", "activity", "resource", "time", "call", "waiting", "unexplained")
#: Below so many calls nothing is learnt about how people err.
ENOUGH_CALLS = 1_000
#: Only lines of this length teach the ratio: in shorter ones the end of the line is what is seen.
LONG_LINE = 8
PRIOR_RATIO, PRIOR_WEIGHT = 0.5, 10.0
#: No part falls below this share, so that a few deep calls do not move the ratio.
LEAST = 0.01
#: How fast the chance falls, from the end of the line, that it is somebody who has been there longer.
ARRIVED = 0.5
_ROUNDS = 60
#: In lines of thousands the chance of passing nearly all of them is no number any more.
SMALLEST = 1e-300


def too_few(calls: int) -> str:
    """Why nothing can be said; empty where there are enough calls."""
    if calls >= ENOUGH_CALLS:
        return ""
    return f"{calls} calls; how honest people err is learnt from at least {ENOUGH_CALLS}"


@dataclass(frozen=True)
class Honest:
    """The learnt null model. ``ratio(activity, officer)`` leaves that officer out."""

    error: float
    pooled: float
    like_favours: float
    _by_step: dict[str, tuple[float, float]]
    _by_officer: dict[tuple[str, str], tuple[float, float]]

    def ratio(self, activity: str, officer: str) -> float:
        """The ratio r of a step as everybody but ``officer`` shows it."""
        went, stopped = self._by_step.get(activity, (0.0, 0.0))
        mine_went, mine_stopped = self._by_officer.get((activity, officer), (0.0, 0.0))
        went, stopped = went - mine_went, stopped - mine_stopped
        prior = self.pooled * PRIOR_WEIGHT
        return (went + prior) / (went + stopped + PRIOR_WEIGHT)


def tail(ratio: float, waiting: int) -> Floats:
    """P(depth >= d | out of turn) for d = 1 ... waiting - 1; empty where nobody can be passed."""
    if waiting < 2:
        return np.empty(0)
    end = ratio ** (waiting - 1)
    values = (ratio ** np.arange(waiting - 1) - end) / (1 - end)
    return np.asarray(np.maximum(values, SMALLEST), np.float64)


def learn(calls: pl.DataFrame, honest_error: float) -> Honest:
    """The null model of a log; see the module. ``calls`` has the columns ``NEEDED``."""
    seen = calls.filter((pl.col("unexplained") > 0) & (pl.col("waiting") >= LONG_LINE))
    depth = seen["unexplained"].to_numpy().astype(np.float64)
    waiting = seen["waiting"].to_numpy().astype(np.float64)
    ratio, shares = PRIOR_RATIO, np.array([0.8, 0.1, 0.1])
    spread = 1 / (waiting - 1)
    arrived = (1 - ARRIVED) * ARRIVED ** (waiting - 1 - depth)
    honest: Floats = np.ones(len(depth))
    for _ in range(_ROUNDS if len(depth) else 0):
        parts = shares[:, None] * np.stack([(1 - ratio) * ratio ** (depth - 1), spread, arrived])
        parts = parts / parts.sum(axis=0)
        honest, shares = parts[0], np.maximum(parts.mean(axis=1), LEAST)
        went = float((honest * (depth - 1)).sum()) + PRIOR_RATIO * PRIOR_WEIGHT
        ratio = went / (went + float(honest.sum()) + (1 - PRIOR_RATIO) * PRIOR_WEIGHT)
    table = seen.select("activity", "resource").with_columns(
        went=pl.Series(honest * (depth - 1), dtype=pl.Float64), stopped=pl.Series(honest, dtype=pl.Float64)
    )
    sums = (pl.col("went").sum(), pl.col("stopped").sum())
    steps = table.group_by("activity").agg(sums)
    officers = table.group_by("activity", "resource").agg(sums)
    return Honest(
        error=honest_error,
        pooled=ratio,
        like_favours=float(shares[1:].sum()) if len(depth) else 0.0,
        _by_step={row[0]: (row[1], row[2]) for row in steps.iter_rows()},
        _by_officer={(row[0], row[1]): (row[2], row[3]) for row in officers.iter_rows()},
    )
