"""Which element moves overall satisfaction: regression, and the share of what is explained that is each element's.

*Regression*: least squares of the overall score on all elements together, both as they were given; ``effect`` is the
change of the overall score for one more point of the element with the others as they are, with errors that allow
for unequal spread (HC3, MacKinnon and White 1985). Elements of one survey hang together, so that effects are unsure
and may even be negative; therefore *relative importance*: the share of R^2 by Lindeman, Merenda and Gold, the mean
of what an element adds over all orders of entering (Groemping 2006, J. Stat. Softw. 17), non-negative, summing to 1,
with bootstrap percentile intervals. Above ten elements Johnson's relative weights (2000, Multivar. Behav. Res. 35)
stand in for it, which agree closely and need no 2^k regressions. *Neither shows a cause*: a respondent in a good
mood scores everything higher.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import factorial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from setara.science.satisfaction.instruments import BadInput
from setara.science.satisfaction.intervals import CONFIDENCE, Floats

Ints = NDArray[np.int64]

#: Respondents for each element below which a regression says nothing.
EACH: Final = 5
_ALL_SUBSETS: Final = 10
_REPETITIONS: Final = 400


@dataclass(frozen=True, slots=True)
class Driver:
    """One element: its mean, its effect on the overall score and its share of the explained variance."""

    code: str
    mean: float
    correlation: float
    effect: float
    effect_interval: tuple[float, float]
    p_value: float
    importance: float
    importance_interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Drivers:
    """``n``: respondents with all answers; ``left_out``: those without; ``r2``: share of the variance explained."""

    n: int
    left_out: int
    r2: float
    method: str
    elements: tuple[Driver, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON, most important element first."""
        ordered = sorted(self.elements, key=lambda one: -one.importance)
        return {
            "n": self.n,
            "left_out": self.left_out,
            "r2": self.r2,
            "method": self.method,
            "elements": [
                {
                    "element": one.code,
                    "mean": one.mean,
                    "correlation": one.correlation,
                    "effect": one.effect,
                    "effect_interval": list(one.effect_interval),
                    "p_value": one.p_value,
                    "importance": one.importance,
                    "importance_interval": list(one.importance_interval),
                }
                for one in ordered
            ],
        }


def drivers(scores: Floats, overall: Floats, codes: Sequence[str], *, seed: int = 1) -> Drivers:
    """Effects and importance. ``scores``: respondents x elements; ``overall``: their overall score.

    Raises BadInput with too few complete answers, or where an element or the overall score never differs.
    """
    keep = ~np.isnan(scores).any(axis=1) & ~np.isnan(overall)
    x, y = scores[keep], overall[keep]
    n, k = x.shape
    if n < max(30, EACH * k):
        raise BadInput(
            f"{n} respondents answered everything; {max(30, EACH * k)} are needed to tell {k} elements apart."
        )
    if flat := [code for code, column in zip(codes, x.T, strict=True) if np.ptp(column) == 0]:
        raise BadInput(f"Everybody gave the same answer to {', '.join(flat)}: it cannot explain anything.")
    if np.ptp(y) == 0:
        raise BadInput("Everybody gave the same overall score: there is nothing to explain.")
    effects, errors, r2 = _regression(x, y)
    share = _shares(np.corrcoef(np.column_stack([x, y]), rowvar=False))
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(_REPETITIONS):
        picked = rng.integers(0, n, n)
        table = np.column_stack([x[picked], y[picked]])
        if (np.ptp(table, axis=0) > 0).all():
            drawn.append(_shares(np.corrcoef(table, rowvar=False)))
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - k - 1))
    found = [
        Driver(
            code,
            float(x[:, j].mean()),
            float(np.corrcoef(x[:, j], y)[0, 1]),
            float(effects[j]),
            (float(effects[j] - reach * errors[j]), float(effects[j] + reach * errors[j])),
            float(2 * stats.t.sf(abs(effects[j]) / errors[j], n - k - 1)),
            float(share[j]),
            (float(low[j]), float(high[j])),
        )
        for j, code in enumerate(codes)
    ]
    method = "Lindeman-Merenda-Gold" if k <= _ALL_SUBSETS else "Johnson"
    return Drivers(n, int((~keep).sum()), r2, method, tuple(found))


def _regression(x: Floats, y: Floats) -> tuple[Floats, Floats, float]:
    """Effects, HC3 errors and R^2."""
    design = np.column_stack([np.ones(len(x)), x])
    inverse = np.linalg.pinv(design.T @ design)
    coefficients = inverse @ design.T @ y
    rest = y - design @ coefficients
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    weighted = design * (rest / np.maximum(1 - leverage, 1e-9))[:, None]
    errors = np.sqrt(np.diag(inverse @ (weighted.T @ weighted) @ inverse))
    r2 = 1 - float((rest**2).sum() / ((y - y.mean()) ** 2).sum())
    return coefficients[1:], np.maximum(errors[1:], 1e-12), r2


def _shares(correlation: Floats) -> Floats:
    """Each element's share of R^2, from the correlations of all elements and, last, the overall score."""
    k = len(correlation) - 1
    within, outcome = correlation[:k, :k], correlation[:k, k]
    raw = _lindeman(within, outcome) if k <= _ALL_SUBSETS else _johnson(within, outcome)
    total = float(raw.sum())
    return np.asarray(raw / total if total > 0 else np.full(k, 1 / k))


def _lindeman(within: Floats, outcome: Floats) -> Floats:
    """What each element adds to R^2, averaged over all orders of entering: from R^2 of all subsets."""
    k = len(outcome)
    by_size, steps = _subsets(k)
    explained = np.zeros(2**k)
    for subsets, at in by_size:
        matrices = within[at[:, :, None], at[:, None, :]] + 1e-9 * np.eye(at.shape[1])
        right = outcome[at]
        explained[subsets] = (np.linalg.solve(matrices, right[:, :, None])[:, :, 0] * right).sum(axis=1)
    found = [
        (weight * (explained[without | (1 << j)] - explained[without])).sum()
        for j, (without, weight) in enumerate(steps)
    ]
    return np.asarray(np.maximum(np.array(found), 0.0))


@lru_cache(maxsize=4)
def _subsets(k: int) -> tuple[list[tuple[Ints, Ints]], list[tuple[Ints, Floats]]]:
    """All subsets of k elements as bits with their members, by size; and for each element those without it, each with
    the share of all orders in which exactly these come before it.
    """
    sizes = np.array([one.bit_count() for one in range(2**k)])
    members = (np.arange(2**k)[:, None] >> np.arange(k) & 1).astype(bool)
    by_size = []
    for size in range(1, k + 1):
        subsets = np.flatnonzero(sizes == size)
        by_size.append((subsets, np.nonzero(members[subsets])[1].reshape(-1, size)))
    orders = np.array([factorial(s) * factorial(k - s - 1) / factorial(k) for s in range(k)])
    without = [np.flatnonzero(~members[:, j]) for j in range(k)]
    return by_size, [(one, orders[sizes[one]]) for one in without]


def _johnson(within: Floats, outcome: Floats) -> Floats:
    """Relative weights: through the orthogonal variables closest to the elements."""
    values, vectors = np.linalg.eigh(within)
    root = vectors @ np.diag(np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    beta = np.linalg.lstsq(root, outcome, rcond=None)[0]
    return np.asarray((root**2) @ (beta**2))
