"""Intervals of shares and of differences, at 95 %."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959963984540054


def wilson(x: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of ``x`` of ``n`` (E. B. Wilson, JASA 22, 1927); (0, 1) where nothing was counted."""
    if n <= 0:
        return 0.0, 1.0
    low, high = wilson_limits(np.asarray([x / n]), np.asarray([float(n)]), z)
    return float(low[0]), float(high[0])


def wilson_limits(
    p: NDArray[np.float64], n: NDArray[np.float64], z: float | NDArray[np.float64] = Z95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same for arrays of shares ``p`` of ``n`` (> 0)."""
    square = np.square(z)
    middle = (p + square / (2 * n)) / (1 + square / n)
    half = z / (1 + square / n) * np.sqrt(p * (1 - p) / n + square / (4 * n * n))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def stratified_newcombe(
    x1: NDArray[np.float64], n1: NDArray[np.float64], x0: NDArray[np.float64], n0: NDArray[np.float64]
) -> tuple[float, float]:
    """Interval of the difference of two shares over strata weighted n1*n0/(n1+n0).

    Newcombe's hybrid score interval (Statistics in Medicine 17, 1998), in its stratified form (X. Yan and
    X. G. Su, Statistics in Biopharmaceutical Research 2(3), 2010). All four arrays are one a stratum, n > 0.
    """
    weight = n1 * n0 / (n1 + n0)
    weight = weight / weight.sum()
    p1, p0 = x1 / n1, x0 / n0
    difference = float((weight * (p1 - p0)).sum())
    low1, high1 = (float((weight * each).sum()) for each in wilson_limits(p1, n1, _inside(weight, n1)))
    low0, high0 = (float((weight * each).sum()) for each in wilson_limits(p0, n0, _inside(weight, n0)))
    share1, share0 = float((weight**2 / n1).sum()), float((weight**2 / n0).sum())
    below = share1 * low1 * (1 - low1) + share0 * high0 * (1 - high0)
    above = share1 * high1 * (1 - high1) + share0 * low0 * (1 - low0)
    return max(difference - Z95 * math.sqrt(below), -1.0), min(difference + Z95 * math.sqrt(above), 1.0)


def _inside(weight: NDArray[np.float64], n: NDArray[np.float64]) -> Any:
    """The quantile inside each stratum that gives Z95 over all of them; Z95 itself for one stratum."""
    variance = weight**2 / n
    return Z95 * np.sqrt(variance.sum()) / (weight / np.sqrt(n)).sum()
