"""Duplicates: more rows (nearly) like one row than people who answer for themselves would give.

Needs neither times nor devices. *Fact*: the same respondent twice. *Statistic*: for every row that is no straight
line, how many other rows, straight lines left out, differ from it in at most one element. *Null*: among people
equally satisfied (by the mean of their answers, in classes of equal size) the elements are answered independently,
but for a chance of a near copy up to ``TOLERANCE`` times as high. Elements may belong together closer than that; then
rows of every kind have more near copies than the model gives, and the tolerance grows to 1.25 times the worst misfit
of rows more than three elements away from the one in question. The chance of a near copy of each row follows from
the shares of each class; the tail is binomial, times the number of rows looked at (Bonferroni). This is the one test
whose false-alarm rate rests on a model of the answers; the rate is measured in docs/satisfaction.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from setara.kernel.words import Words
from setara.science.satisfaction.integrity.answers import Answers, Floats, Outcome, decided
from setara.science.satisfaction.integrity.kinds import SMALLEST, Ints, Levels, patterns, within_one

CODE: Final = "duplicates"
NAME: Final = Words(id="Jawaban kembar", en="Duplicates")
FALSE_ALARM: Final = 0.002
TOLERANCE: Final = 1.5
_CLASSES: Final = 8
_COMPARED, _APART, _MARGIN = 5, 3, 1.25
_ALL_ROWS, _FREQUENT_ROWS = 2_000, 100


def run(answers: Answers, seed: int = 1) -> Outcome:  # noqa: ARG001 - the same call for every test
    """Look for respondents and for rows that are there too often; see the module."""
    if len(twice := repeated(answers)):
        finding = Words(
            id=f"{len(twice)} baris dari responden yang menjawab lebih dari sekali.",
            en=f"{len(twice)} rows of respondents who answered more than once.",
        )
        details = (
            {"respondents": len(np.unique(answers.respondent[twice]))}
            if answers.respondent is not None
            else {}
        )
        return Outcome(CODE, NAME, "attention", FALSE_ALARM, finding, None, answers.numbers(twice), details)
    rows = np.flatnonzero(~answers.straight & (answers.levels > 0).all(axis=1))
    p, like, expected = _most_copied(answers.levels[rows], round(answers.high - answers.low) + 1)
    if decided(p, FALSE_ALARM) == "clear":
        finding = Words(
            id="Tidak ada baris yang kembarannya lebih banyak daripada kebetulan.",
            en="No row has more near copies than chance gives.",
        )
        return Outcome(CODE, NAME, "clear", FALSE_ALARM, finding, p)
    finding = Words(
        id=f"{len(like)} baris berbeda paling banyak satu unsur dari baris yang sama; diharapkan paling banyak "
        f"{expected:.1f}.",
        en=f"{len(like)} rows differ in at most one element from the same row; {expected:.1f} were expected at most.",
    )
    numbers = answers.numbers(rows[like])
    stated = {"alike": len(like), "expected": expected}
    return Outcome(CODE, NAME, "attention", FALSE_ALARM, finding, p, numbers, stated)


def repeated(answers: Answers) -> Ints:
    """Positions of rows whose respondent is in the file more than once."""
    if answers.respondent is None:
        return np.zeros(0, dtype=np.int64)
    known = np.flatnonzero(answers.respondent >= 0)
    _, which, counts = np.unique(answers.respondent[known], return_inverse=True, return_counts=True)
    return known[counts[which] > 1]


def _most_copied(levels: Levels, top: int) -> tuple[float, Ints, float]:
    """p-value, positions of the rows like the one most copied, and how many were expected with the tolerance."""
    n = len(levels)
    if n < 2 * SMALLEST or levels.shape[1] < 3:
        return 1.0, np.zeros(0, dtype=np.int64), 0.0
    first, which, counts = patterns(levels)
    distinct = np.asfortranarray(levels[first])
    chosen = np.arange(len(first)) if n <= _ALL_ROWS else np.argsort(-counts)[:_FREQUENT_ROWS]
    near = within_one(distinct, chosen)
    totals = counts @ near
    looked_at = np.flatnonzero(totals >= SMALLEST)
    if not len(looked_at):
        return 1.0, np.zeros(0, dtype=np.int64), 0.0
    compared = np.flatnonzero(totals >= _COMPARED)
    chance = np.zeros(len(chosen))
    chance[compared] = _chances(levels, distinct[chosen[compared]], top)
    tails = stats.binom.sf(totals[looked_at] - 2, n - 1, np.minimum(1, TOLERANCE * chance[looked_at]))
    at = int(looked_at[np.argmin(tails)])
    rows = distinct[chosen]
    others = compared[(rows[compared] != rows[at]).sum(axis=1) > _APART]
    misfit = max((totals[others] - 1) / ((n - 1) * chance[others]), default=0.0)
    expected = min(1.0, max(TOLERANCE, _MARGIN * misfit) * float(chance[at])) * (n - 1)
    p = float(stats.binom.sf(totals[at] - 2, n - 1, expected / (n - 1)))  # the row itself is no copy
    return min(1.0, p * len(looked_at)), np.flatnonzero(near[:, at][which]), expected


def _chances(levels: Levels, rows: NDArray[np.int8], top: int) -> Floats:
    """The chance that somebody's answers are within one element of each of ``rows``, by the null."""
    n, k = levels.shape
    totals = levels.sum(axis=1, dtype=np.int64)
    sizes = np.bincount(totals)
    middle = (np.cumsum(sizes) - sizes / 2) / n  # equal totals are in one class
    classes = (middle * min(_CLASSES, max(1, n // 12))).astype(np.int64)[totals]
    inside = np.bincount(classes)
    chance = np.ones((len(inside), len(rows)))
    odds = np.zeros_like(chance)
    for j in range(k):
        table = np.bincount(classes * (top + 1) + levels[:, j], minlength=len(inside) * (top + 1))
        table = table.reshape(len(inside), top + 1).astype(np.float64)
        # Two answers are added to each class, spread as in the whole file: no chance is nought.
        shares = (table + 2 * table.sum(axis=0) / n) / (inside + 2)[:, None]
        p = np.maximum(shares[:, rows[:, j]], 1e-9)
        chance *= p
        odds += (1 - p) / p
    return np.asarray(inside / n @ (chance * (1 + odds)))
