"""Whether items measure one thing: Cronbach's alpha, McDonald's omega, item-total correlation, the r-table.

    alpha = k/(k-1) (1 - sum of item variances / variance of the total)         Cronbach 1951
    omega = (sum of loadings)^2 / ((sum of loadings)^2 + sum of unique variances)  McDonald 1999, one factor

The factor is fitted by minimum residuals (Harman and Jones 1966) on the correlations; loadings are brought back to
the items' own scale, because the score is a plain sum. ``r`` is the correlation of an item with the total, as
Indonesian theses compare it with the r-table; ``corrected`` leaves the item itself out of the total. The r-table is
t / sqrt(df + t^2) at two-sided 5 % with df = n - 2. Only respondents who answered all items count.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from setara.science.satisfaction import intervals
from setara.science.satisfaction.intervals import Interval

Floats = NDArray[np.float64]

#: What theses take as enough, and what is usual elsewhere.
ACCEPTED: Final = 0.60
USUAL: Final = 0.70


@dataclass(frozen=True, slots=True)
class ItemFit:
    """One item: ``r`` with the total, ``corrected`` with that of the others, alpha without it; NaN: "
    "undefined."""

    code: str
    r: float
    corrected: float
    alpha_without: float
    r_table: float

    @property
    def passes(self) -> bool | None:
        """Whether ``r`` exceeds the r-table, as theses ask; None where it is undefined."""
        return None if np.isnan(self.r) or np.isnan(self.r_table) else self.r > self.r_table


@dataclass(frozen=True, slots=True)
class Reliability:
    """A scale: alpha with its interval, omega (NaN where there is no factor), the items; ``n`` complete "
    "answers."""

    n: int
    alpha: Interval
    omega: float
    items: tuple[ItemFit, ...]


def reliability(scores: Floats, codes: tuple[str, ...], *, seed: int = 1) -> Reliability:
    """The reliability of a scale; ``scores``: respondents x items, NaN where not answered."""
    complete = scores[np.isfinite(scores).all(axis=1)]
    n, k = complete.shape
    alpha = intervals.alpha(complete, seed=seed)
    critical = r_table(n)
    total = complete.sum(axis=1)
    items = []
    for place, code in enumerate(codes):
        item, rest = complete[:, place], np.delete(complete, place, axis=1)
        without = _alpha(rest) if k > 2 else nan
        items.append(ItemFit(code, _r(item, total), _r(item, rest.sum(axis=1)), without, critical))
    return Reliability(n, alpha, omega(complete), tuple(items))


def r_table(n: int, level: float = 0.05) -> float:
    """The critical correlation for ``n`` respondents, two-sided; NaN below three."""
    if n < 3:
        return nan
    t = float(stats.t.ppf(1 - level / 2, n - 2))
    return t / sqrt(n - 2 + t * t)


def _r(one: Floats, other: Floats) -> float:
    if len(one) < 3 or np.ptp(one) < 1e-12 or np.ptp(other) < 1e-12:
        return nan
    return float(np.corrcoef(one, other)[0, 1])


def _alpha(scores: Floats) -> float:
    k, total = scores.shape[1], scores.sum(axis=1)
    if len(scores) < 3 or np.ptp(total) < 1e-12:
        return nan
    return float(k / (k - 1) * (1 - scores.var(axis=0, ddof=1).sum() / total.var(ddof=1)))


def omega(scores: Floats) -> float:
    """McDonald's omega of one factor; NaN with fewer than three items, an item that does not vary, or no "
    "factor."""
    n, k = scores.shape
    if n < 3 or k < 3 or (np.ptp(scores, axis=0) < 1e-12).any():
        return nan
    loadings = one_factor(np.asarray(np.corrcoef(scores, rowvar=False)))
    if loadings is None:
        return nan
    spread = scores.std(axis=0, ddof=1)
    common = float((loadings * spread).sum()) ** 2
    unique = float((spread**2 * (1 - loadings**2)).sum())
    return common / (common + unique)


def one_factor(correlations: Floats) -> Floats | None:
    """The loadings of one factor by minimum residuals; None when a communality passes 1 (Heywood) or nothing fits.

    Each step is the exact minimum over one loading, so that the sum of squared residuals never rises.
    """
    r = correlations - np.diag(np.diag(correlations))
    values, vectors = np.linalg.eigh(correlations)
    loadings = vectors[:, -1] * sqrt(max(values[-1] - 1, 0.1)) * np.sign(vectors[:, -1].sum() or 1.0)
    for _ in range(5_000):
        before = loadings.copy()
        for place in range(len(loadings)):
            squares = float(loadings @ loadings - loadings[place] ** 2)
            if squares < 1e-12:
                return None
            loadings[place] = float(r[place] @ loadings) / squares
        if float(np.abs(loadings - before).max()) < 1e-10:
            break
    return None if (np.abs(loadings) > 1).any() else loadings
