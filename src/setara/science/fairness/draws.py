"""Permutation distributions that have to be drawn: durations between cases, and anything between days.

A tail is drawn as long as it is thin: 999 permutations, and for those comparisons with fewer than 20 as extreme
ten and then fifty times as many (sequential Monte Carlo p-values: J. Besag and P. Clifford, Biometrika 78, 1991).
p = (1 + as extreme) / (1 + drawn) is never too small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from setara.science.fairness.measures import Cases

STAGES: Final = (999, 9_999, 49_999)
ENOUGH: Final = 20
#: Random numbers drawn for one attribute at most, and at once.
BUDGET, CHUNK = 200_000_000, 4_000_000
#: From this many cases on, a level and its others of this many each are judged by the normal distribution with
#: the exact mean and variance of the permutation (W. Hoeffding's combinatorial limit theorem, 1951).
MANY, NORMAL_FROM = 20_000, 1_000


def durations(
    labels: Sequence[NDArray[np.bool_]],
    hours: NDArray[np.float64],
    where: NDArray[np.int64],
    rng: np.random.Generator,
) -> list[float]:
    """p of each level's difference in mean hours, hours dealt out anew to the cases inside strata."""
    known = np.isfinite(hours)
    hours, where = hours[known], where[known]
    if len(hours) < 2:
        return [1.0] * len(labels)
    sizes = np.bincount(where)
    rest = hours - (np.bincount(where, hours) / np.maximum(sizes, 1))[where]
    order = np.argsort(where, kind="stable")
    rest, sorted_where = rest[order], where[order]
    marks = np.stack([label[known][order] for label in labels], axis=1)
    seen = np.abs(rest @ marks)
    scale = float(np.abs(rest).sum()) * 1e-12
    p = np.ones(len(labels))
    variances = np.stack([_variance(rest, marks[:, at], sorted_where) for at in range(len(labels))])
    small = np.minimum(marks.sum(axis=0), len(rest) - marks.sum(axis=0))
    by_normal = (len(rest) > MANY) & (small >= NORMAL_FROM) & (variances > 0)
    for at in np.flatnonzero(by_normal):
        p[at] = math.erfc(seen[at] / math.sqrt(2 * variances[at]))
    drawn = np.flatnonzero(~by_normal & (variances > 0))
    if len(rest) > MANY:
        for at in drawn:
            p[at] = _few(rest, marks[:, at], sorted_where, seen[at] - scale, rng)
    elif len(drawn):
        p[drawn] = _dealt(rest, marks[:, drawn].astype(float), sorted_where, seen[drawn] - scale, rng)
    result: list[float] = p.tolist()
    return result


def _variance(rest: NDArray[np.float64], mark: NDArray[np.bool_], where: NDArray[np.int64]) -> float:
    n = np.bincount(where).astype(float)
    n1 = np.bincount(where[mark], minlength=len(n)).astype(float)
    square = np.bincount(where, rest**2)
    live = n > 1
    return float((n1 * (n - n1) * square)[live] @ (1 / (n[live] * (n[live] - 1))))


def _dealt(
    rest: NDArray[np.float64],
    marks: NDArray[np.float64],
    where: NDArray[np.int64],
    bar: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """p by dealing ``rest`` (sorted by stratum, mean 0 in each) out anew; all levels share the draws."""
    p = np.ones(marks.shape[1])
    pending = np.arange(marks.shape[1])
    hits = np.zeros(marks.shape[1])
    done = 0
    for stage in STAGES:
        if stage * len(rest) > BUDGET:
            break
        while done < stage:
            many = min(stage - done, max(CHUNK // len(rest), 1))
            sums = _permuted(rest, where, many, rng) @ marks[:, pending]
            hits[pending] += (np.abs(sums) >= bar[pending]).sum(axis=0)
            done += many
        p[pending] = (hits[pending] + 1) / (done + 1)
        pending = pending[hits[pending] < ENOUGH]
        if not len(pending):
            break
    return p


def _permuted(
    rest: NDArray[np.float64], where: NDArray[np.int64], many: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """``many`` rows of ``rest``, each permuted inside the strata, which stand together."""
    if where[0] == where[-1]:
        return rng.permuted(np.broadcast_to(rest, (many, len(rest))), axis=1)
    keys = rng.random((many, len(rest))) + where
    drawn: NDArray[np.float64] = rest[np.argsort(keys, axis=1)]
    return drawn


def _few(
    rest: NDArray[np.float64],
    mark: NDArray[np.bool_],
    where: NDArray[np.int64],
    bar: float,
    rng: np.random.Generator,
) -> float:
    """p of a level (or its others, the fewer) that is small in a large log: so many values drawn from each stratum.

    With replacement, which spreads a little more than a permutation and so errs on the safe side.
    """
    n = np.bincount(where)
    mine = mark if mark.sum() * 2 <= len(mark) else ~mark
    at = where[mine]
    first, size = (np.cumsum(n) - n)[at], n[at]
    hits = done = 0
    for stage in STAGES:
        while done < stage:
            many = min(stage - done, max(CHUNK // len(at), 1))
            drawn = rest[first + (rng.random((many, len(at))) * size).astype(np.int64)]
            hits += int((np.abs(drawn.sum(axis=1)) >= bar).sum())
            done += many
        if hits >= ENOUGH or stage * 10 * len(at) > BUDGET:
            break
    return (hits + 1) / (done + 1)


def between_days(
    codes: NDArray[np.int64],
    chosen: Sequence[int],
    days: NDArray[np.int64],
    where: NDArray[np.int64],
    cases: Cases,
    rng: np.random.Generator,
    draws: int = 19_999,
) -> NDArray[np.float64]:
    """p of each chosen level (rows) in each measure, duration last, by dealing the days' levels out anew.

    Days change places inside strata where strata, too, are constant within days, otherwise all with all.
    """
    names, first, day = np.unique(days, return_index=True, return_inverse=True)
    count, strata = len(names), int(where.max()) + 1
    label = codes[first]
    blocks = where[first] if (where == where[first][day]).all() else np.zeros(count, np.int64)
    cell = day * strata + where
    known = np.isfinite(cases.hours)
    sums = np.zeros((count * strata, cases.shares.shape[1] + 1))
    for m in range(cases.shares.shape[1]):
        sums[:, m] = np.bincount(cell, cases.shares[:, m], count * strata)
    sums[:, -1] = np.bincount(cell, np.where(known, cases.hours, 0.0), count * strata)
    n = np.bincount(cell, minlength=count * strata).reshape(count, strata).astype(float)
    timed = np.bincount(cell[known], minlength=count * strata).reshape(count, strata).astype(float)
    data = (n, timed, sums.reshape(count, strata, -1))
    seen = np.stack([np.abs(_difference((label == at)[None, :].astype(float), *data))[0] for at in chosen])
    hits = np.zeros_like(seen)
    done = 0
    width = max(count, strata * seen.shape[1])
    while done < draws:
        many = min(draws - done, max(CHUNK // width, 1))
        order = np.argsort(rng.random((many, count)) + blocks, axis=1)
        back = np.argsort(blocks, kind="stable")
        dealt = np.empty((many, count), np.int64)
        dealt[:, back] = label[order]
        for row, at in enumerate(chosen):
            hits[row] += (np.abs(_difference((dealt == at).astype(float), *data)) >= seen[row] - 1e-12).sum(
                axis=0
            )
        done += many
    p: NDArray[np.float64] = (hits + 1) / (done + 1)
    return p


def _difference(
    picked: NDArray[np.float64], n: NDArray[np.float64], timed: NDArray[np.float64], sums: NDArray[Any]
) -> NDArray[np.float64]:
    """The weighted differences (draws x measures) where ``picked`` (draws x days) are the level's days."""
    count, strata, measures = sums.shape
    x1 = (picked @ sums.reshape(count, -1)).reshape(len(picked), strata, measures)
    x0 = sums.sum(axis=0) - x1
    out = np.empty((len(picked), measures))
    for which, cells in ((slice(0, measures - 1), n), (slice(measures - 1, measures), timed)):
        n1 = picked @ cells
        n0 = cells.sum(axis=0) - n1
        with np.errstate(divide="ignore", invalid="ignore"):
            weight = np.where((n1 > 0) & (n0 > 0), n1 * n0 / (n1 + n0), 0.0)
            gap = x1[:, :, which] / n1[:, :, None] - x0[:, :, which] / n0[:, :, None]
        gap = np.where(weight[:, :, None] > 0, gap, 0.0)
        total = weight.sum(axis=1)
        out[:, which] = (weight[:, :, None] * gap).sum(axis=1) / np.where(total > 0, total, 1.0)[:, None]
    return out
