"""The permutation distribution of a share, exactly: sums of independent hypergeometric counts.

Attaching labels to cases at random inside strata makes the number of labelled cases with some property
hypergeometric in each stratum and independent between strata (the null distribution behind Fisher's exact test
and that of Cochran, Mantel and Haenszel). So no permutation has to be drawn: p is what infinitely many would give.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

#: Beyond this variance the normal distribution with the exact mean and variance is used: the exact one has
#: then over a hundred points within one standard deviation.
NORMAL_FROM = 10_000.0
_SLACK = 1e-7  # deviations equal on paper but not in floating point


def two_sided(x: float, n1: NDArray[Any], n: NDArray[Any], k: NDArray[Any]) -> float:
    """P(|X - E X| >= |x - E X|) where X is the number of labelled cases with the property.

    For each stratum: ``n`` cases, ``n1`` of them labelled, ``k`` with the property. Not a mid-p: it never
    rejects more often than it says.
    """
    n1, n, k = (np.asarray(each, np.float64) for each in (n1, n, k))
    mean = float((n1 * k / n).sum())
    deviation = abs(x - mean)
    with np.errstate(divide="ignore", invalid="ignore"):
        variances = np.where(n > 1, n1 * k * (n - n1) * (n - k) / (n * n * (n - 1)), 0.0)
    variance = float(variances.sum())
    if variance == 0.0 or deviation == 0.0:
        return 1.0
    if variance > NORMAL_FROM:
        return math.erfc(max(deviation - 0.5, 0.0) / math.sqrt(2 * variance))
    live = np.flatnonzero(variances > 0)
    low, total = float((n1 * k / n)[variances == 0].sum()), np.ones(1)
    for at in live:
        first, masses = _hypergeometric(int(n[at]), int(n1[at]), int(k[at]))
        low += first
        total = np.convolve(total, masses)
    values = low + np.arange(len(total))
    tail = float(total[np.abs(values - mean) >= deviation - _SLACK].sum())
    return min(tail, 1.0)


def _hypergeometric(n: int, n1: int, k: int) -> tuple[int, NDArray[np.float64]]:
    """The lowest value and the probabilities of the possible ones."""
    low, high = max(0, n1 + k - n), min(n1, k)
    x = np.arange(low, high + 1)
    logs = (
        _choose(k, x) + _choose(n - k, n1 - x) - _choose(n, np.asarray([n1]))  # log of a ratio of binomials
    )
    masses = np.exp(logs)
    return low, masses / masses.sum()


def _choose(n: int, x: NDArray[Any]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    return result


def benjamini_hochberg(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjusted p-values (q): reject where q <= level (Y. Benjamini and Y. Hochberg, JRSS B 57, 1995)."""
    if len(p) == 0:
        return p
    order = np.argsort(p)
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q
