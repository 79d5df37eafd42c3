"""Ties: days whose figures agree better with one another than chance lets them.

Whoever makes up answers to a wanted result makes every day alike. *Null*: answers are exchangeable between days.
*Statistic*: the variance of the daily means of the respondents' own means, between days; small is suspicious, and
p is the share of 1,999 permutations of the answers over the days at least as even (by the F distribution above 2,000
rows). Days that truly differ, busy hours and families only make days less even, so that honest files are flagged at
most as often as stated. Needs five days of five answers.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from setara.kernel.words import Words
from setara.science.satisfaction.integrity.answers import (
    Answers,
    Floats,
    Outcome,
    decided,
    not_computable,
)
from setara.science.satisfaction.integrity.kinds import Ints

CODE: Final = "ties"
NAME: Final = Words(id="Hari yang terlalu sama", en="Days too much alike")
FALSE_ALARM: Final = 0.001
DAYS: Final = 5
ANSWERS: Final = 5
_PERMUTATIONS: Final = 1_999
_DAY: Final = 86_400


def run(answers: Answers, seed: int = 1) -> Outcome:
    """Compare the days; see the module."""
    why = Words(
        id=f"Perlu {DAYS} hari dengan masing-masing {ANSWERS} jawaban.",
        en=f"It needs {DAYS} days of {ANSWERS} answers each.",
    )
    if answers.moments is None:
        return not_computable(CODE, NAME, FALSE_ALARM, why)
    rows = np.flatnonzero(answers.timed & ~np.isnan(answers.own))
    day = answers.moments[rows] // _DAY
    day = day - day.min(initial=day[0] if len(day) else 0)
    counts = np.bincount(day)
    large = counts >= ANSWERS
    if large.sum() < DAYS:
        return not_computable(CODE, NAME, FALSE_ALARM, why)
    keep = large[day]
    rows, day = rows[keep], (np.cumsum(large) - 1)[day[keep]]
    values = answers.own[rows]
    p = _evenness(values, day, seed)
    means = np.bincount(day, weights=values) / np.bincount(day)
    details = {"days": len(means), "lowest": float(means.min()), "highest": float(means.max())}
    said = f"{details['lowest']:.3f}-{details['highest']:.3f}"
    if decided(p, FALSE_ALARM) == "clear":
        finding = Words(
            id=f"Rata-rata harian berbeda sewajarnya ({said}, {len(means)} hari).",
            en=f"Daily means differ as chance lets them ({said}, {len(means)} days).",
        )
        return Outcome(CODE, NAME, "clear", FALSE_ALARM, finding, p, details=details)
    finding = Words(
        id=f"Rata-rata {len(means)} hari terlalu sama ({said}) dibanding perbedaan antarresponden.",
        en=f"The means of {len(means)} days are too much alike ({said}) for people who differ as these do.",
    )
    return Outcome(CODE, NAME, "attention", FALSE_ALARM, finding, p, answers.numbers(rows), details)


def _evenness(values: Floats, day: Ints, seed: int) -> float:
    """P(days at least as even) if answers are exchangeable; 1 where all answers are equal."""
    n, days = len(values), int(day.max()) + 1
    if np.ptp(values) < 1e-12:
        return 1.0
    values = values - values.mean()
    sizes = np.bincount(day)
    order = np.argsort(day, kind="stable")
    starts = np.append(0, np.cumsum(sizes)[:-1])

    def between(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((np.add.reduceat(rows, starts, axis=-1) ** 2 / sizes).sum(axis=-1))

    seen = float(between(values[order]))
    if n > 2_000:
        within = float((values**2).sum()) - seen
        return float(stats.f.cdf(seen / (days - 1) / (within / (n - days)), days - 1, n - days))
    rng = np.random.default_rng([seed, 5])
    drawn = between(rng.permuted(np.tile(values, (_PERMUTATIONS, 1)), axis=1))
    return float((1 + np.count_nonzero(drawn <= seen * (1 + 1e-9) + 1e-12)) / (_PERMUTATIONS + 1))
