"""How sure a satisfaction figure is: intervals for the index, an element, a gap and for alpha.

Every figure but alpha is a fixed combination of column means, ``matrix @ means``, where the mean of a column
divides by those who answered it. Its interval comes from one of these ways, and says which (``method``):

``bca``          bias-corrected and accelerated bootstrap (Efron 1987, J. Am. Stat. Assoc. 82) over whole
                 respondents, 1,000 repetitions, in closed form where it has one: the repetitions are one product
                 of a matrix of multinomial counts with the scores, the acceleration is the skewness of the
                 influence values / (6 sqrt n). The tail probabilities are widened as a t distribution with
                 n - 1 degrees of freedom is wider than a normal one (Hesterberg 2015, Am. Stat. 69, 4.4):
                 plain BCa is too narrow at n = 30.
``closed form``  above 5,000 respondents, where both agree: estimate +- z * sd(influence values) / sqrt n.
``stratified``   design-based: strata of known size, finite-population correction in each (Cochran 1977, 5.4),
                 Satterthwaite's degrees of freedom.
``bound``        all answers equal, so that nothing can be resampled: had a share p of the people thought otherwise,
                 n equal answers would have had the chance (1 - p)^n. The largest p not ruled out, and its worst
                 case on the scale, is the interval; it is wide, and true for any distribution.
``none``         fewer than three respondents, or a column that nobody answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite, nan, sqrt
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from setara.kernel.words import Words

Floats = NDArray[np.float64]

#: Groups of fewer answers are not printed by themselves: their figure says little, and may show one person.
MINIMUM_CELL: Final = 10
CLOSED_FORM_ABOVE: Final = 5_000
REPETITIONS: Final = 1_000
CONFIDENCE: Final = 0.95
#: Below this an interval is none: two answers say nothing of how answers differ.
MINIMUM: Final = 3
_CHUNK: Final = 1_000_000  # counts of the bootstrap in memory at once


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its limits. ``low`` and ``high`` are NaN where ``method`` is ``none``.

    ``n``: respondents it rests on. ``warning``: what a reader must know about it, where there is something.
    """

    estimate: float
    low: float
    high: float
    method: str
    n: int
    confidence: float = CONFIDENCE
    warning: Words | None = None

    @property
    def pair(self) -> list[float] | None:
        """``[low, high]`` for JSON; None where there is no interval."""
        return [self.low, self.high] if isfinite(self.low) and isfinite(self.high) else None

    def scaled(self, factor: float) -> Interval:
        """The same interval on a scale ``factor`` times as long (x25 for the IKM)."""
        return replace(self, estimate=self.estimate * factor, low=self.low * factor, high=self.high * factor)


def combined(
    scores: ArrayLike,
    matrix: ArrayLike,
    *,
    seed: int = 1,
    repetitions: int = REPETITIONS,
    confidence: float = CONFIDENCE,
    population: int | None = None,
    limits: tuple[float, float] | None = None,
) -> list[Interval]:
    """Intervals of ``matrix @ means``: one for each row of ``matrix``, all from the same repetitions.

    ``scores``: respondents x columns, NaN where not answered. ``matrix``: figures x columns, the weight of each
    column in each figure. ``population``: how many there are in all, for the finite-population correction.
    ``limits``: lowest and highest possible score, needed for ``bound``. Rows without any answer are left out.
    """
    x, weights = np.asarray(scores, dtype=np.float64), np.atleast_2d(np.asarray(matrix, dtype=np.float64))
    x = x[~np.isnan(x).all(axis=1)] if x.size else x
    n = len(x)
    estimates, influence = linearised(x, weights)
    shrink = sqrt(max(0.0, 1 - n / population)) if population else 1.0
    usable = [n >= MINIMUM and isfinite(one) for one in estimates]
    varies = influence.std(axis=0) > 1e-12 if n else np.zeros(len(weights), dtype=bool)
    drawn: Floats | None = None
    if n <= CLOSED_FORM_ABOVE and any(u and v for u, v in zip(usable, varies, strict=True)):
        drawn = _repeated(x, weights, seed, repetitions)
    found = []
    for i, estimate in enumerate(estimates):
        low, high, method = nan, nan, "none"
        if usable[i] and not varies[i]:
            low, high, method = _bound(float(estimate), n, confidence, limits, weights[i])
        elif usable[i] and drawn is not None:
            low, high = _bca(drawn[:, i], float(estimate), influence[:, i], confidence)
            method = "bca"
        elif usable[i]:
            half = stats.norm.ppf((1 + confidence) / 2) * influence[:, i].std(ddof=1) / sqrt(n)
            low, high, method = estimate - half, estimate + half, "closed form"
        low, high = estimate + (low - estimate) * shrink, estimate + (high - estimate) * shrink
        found.append(
            Interval(float(estimate), float(low), float(high), method, n, confidence, _caution(n, method))
        )
    return found


def index(
    scores: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    seed: int = 1,
    repetitions: int = REPETITIONS,
    confidence: float = CONFIDENCE,
    population: int | None = None,
    limits: tuple[float, float] | None = None,
) -> Interval:
    """The interval of an index: the weighted sum of element means (weights 1/k unless given), on the raw scale."""
    x = np.asarray(scores, dtype=np.float64)
    w = np.full(x.shape[1], 1 / x.shape[1]) if weights is None else np.asarray(weights, dtype=np.float64)
    options = {"seed": seed, "repetitions": repetitions, "population": population}
    return combined(x, w[None, :], confidence=confidence, limits=limits, **options)[0]  # type: ignore[arg-type]


def elements(
    scores: ArrayLike,
    *,
    seed: int = 1,
    repetitions: int = REPETITIONS,
    confidence: float = CONFIDENCE,
    population: int | None = None,
    limits: tuple[float, float] | None = None,
) -> list[Interval]:
    """The interval of each column's mean, in the order of the columns; ``n`` counts all respondents."""
    x = np.asarray(scores, dtype=np.float64)
    options = {"seed": seed, "repetitions": repetitions, "population": population}
    return combined(x, np.eye(x.shape[1]), confidence=confidence, limits=limits, **options)  # type: ignore[arg-type]


def linearised(scores: Floats, matrix: Floats) -> tuple[Floats, Floats]:
    """The figures ``matrix @ means`` and each respondent's influence on them (respondents x figures, mean 0).

    Taylor linearisation of a ratio mean: (x - mean) * n / answered, 0 where not answered; the variance of a
    figure is var(influence) / n. A figure that weighs a column nobody answered is NaN.
    """
    n = len(scores)
    if not n:
        return np.full(len(matrix), nan), np.zeros((0, len(matrix)))
    answered = ~np.isnan(scores)
    counts = answered.sum(axis=0)
    filled = np.where(answered, scores, 0.0)
    means = np.divide(filled.sum(axis=0), counts, out=np.zeros(scores.shape[1]), where=counts > 0)
    each = np.where(answered, scores - means, 0.0) * (n / np.maximum(counts, 1))
    estimates = matrix @ means
    estimates[(np.abs(matrix[:, counts == 0]) > 0).any(axis=1)] = nan
    return estimates, each @ matrix.T


def _repeated(scores: Floats, matrix: Floats, seed: int, repetitions: int) -> Floats:
    """The figures in each bootstrap repetition (repetitions x figures)."""
    answered = ~np.isnan(scores)
    filled = np.where(answered, scores, 0.0)
    complete = bool(answered.all())
    means = filled.sum(axis=0) / np.maximum(answered.sum(axis=0), 1)
    parts = []
    for counts in _resampled(len(scores), repetitions, seed):
        if complete:
            parts.append(counts @ (filled @ matrix.T) / len(scores))
            continue
        divide = counts @ answered.astype(np.float64)
        # A repetition in which nobody answered a column says nothing of it: its mean stays.
        drawn = np.divide(counts @ filled, divide, out=np.tile(means, (len(counts), 1)), where=divide > 0)
        parts.append(drawn @ matrix.T)
    return np.concatenate(parts)


def _resampled(n: int, repetitions: int, seed: int) -> list[Floats]:
    """How often each respondent is drawn in each repetition, in pieces of limited size."""
    rng = np.random.default_rng(seed)
    size = max(1, min(repetitions, _CHUNK // max(n, 1)))
    found = []
    for start in range(0, repetitions, size):
        rows = min(size, repetitions - start)
        picks = rng.integers(0, n, (rows, n)) + np.arange(rows)[:, None] * n
        found.append(np.bincount(picks.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64))
    return found


def _bca(drawn: Floats, estimate: float, influence: Floats, confidence: float) -> tuple[float, float]:
    """Limits by BCa with Hesterberg's widening; ``influence`` may be any multiple of the influence values."""
    n, tolerance = len(influence), 1e-9 * max(1.0, abs(estimate))
    below = (
        float(np.mean(drawn < estimate - tolerance))
        + float(np.mean(np.abs(drawn - estimate) <= tolerance)) / 2
    )
    share = min(max(below, 1 / (2 * len(drawn))), 1 - 1 / (2 * len(drawn)))
    bias = float(stats.norm.ppf(share))
    squares = float((influence**2).sum())
    acceleration = float((influence**3).sum()) / (6 * squares**1.5) if squares > 0 else 0.0
    wide = float(stats.t.ppf((1 + confidence) / 2, n - 1)) * sqrt(n / (n - 1))
    z = np.array([-wide, wide]) + bias
    levels = stats.norm.cdf(bias + z / np.maximum(1 - acceleration * z, 1e-6))
    low, high = np.quantile(drawn, levels)
    return float(low), float(high)


def _bound(
    estimate: float, n: int, confidence: float, limits: tuple[float, float] | None, weights: Floats
) -> tuple[float, float, str]:
    """Limits where all answers are equal; see the module."""
    if limits is None:
        return nan, nan, "none"
    total = float(weights.sum())
    bottom, top = limits[0] * total, limits[1] * total
    if not bottom - 1e-9 <= estimate <= top + 1e-9:
        return nan, nan, "none"
    share = 1 - (1 - confidence) ** (1 / n)
    return estimate - share * (estimate - bottom), estimate + share * (top - estimate), "bound"


def _caution(n: int, method: str) -> Words | None:
    """What must be said of an interval of a mean."""
    if method == "none":
        return Words(
            id=f"{n} jawaban: tidak ada selang kepercayaan.", en=f"{n} answers: there is no interval."
        )
    if method == "bound":
        return Words(
            id="Semua jawaban sama: batas ini berlaku untuk sebaran apa pun, dan lebar.",
            en="All answers are equal: these limits hold for any distribution, and are wide.",
        )
    if n < 30:
        return Words(
            id=f"Hanya {n} jawaban: selang ini dapat terlalu sempit.",
            en=f"Only {n} answers: this interval may be too narrow.",
        )
    return None


def stratified(
    scores: ArrayLike,
    strata: ArrayLike,
    sizes: Mapping[object, int],
    matrix: ArrayLike | None = None,
    *,
    confidence: float = CONFIDENCE,
) -> list[Interval]:
    """Design-based intervals where respondents were drawn within strata of known size.

    ``strata``: the stratum of each respondent; ``sizes``: how many people each holds in all. Estimate: sum of
    N_h/N * estimate_h; variance: sum of (N_h/N)^2 (1 - n_h/N_h) s_h^2 / n_h. Without ``matrix`` one interval of
    the mean of all columns. A stratum with one respondent takes the mean variance of the others. Raises
    ValueError for a stratum without size or respondent.
    """
    x, labels = np.asarray(scores, dtype=np.float64), np.asarray(strata)
    weights = (
        np.full((1, x.shape[1]), 1 / x.shape[1])
        if matrix is None
        else np.atleast_2d(np.asarray(matrix, dtype=np.float64))
    )
    keep = ~np.isnan(x).all(axis=1)
    x, labels = x[keep], labels[keep]
    present = set(labels.tolist())
    if missing := sorted(map(str, present - set(sizes))):
        raise ValueError(f"no size is given for the stratum {', '.join(missing)}")
    if empty := sorted(map(str, (one for one in sizes if sizes[one] > 0 and one not in present))):
        raise ValueError(f"nobody answered in the stratum {', '.join(empty)}; join it with another")
    total = sum(sizes[one] for one in present)
    estimate = np.zeros(len(weights))
    shares, variances, counts, finite = [], [], [], []
    for one in sorted(present, key=str):
        rows = x[labels == one]
        mean, influence = linearised(rows, weights)
        estimate += sizes[one] / total * mean
        shares.append(sizes[one] / total)
        counts.append(len(rows))
        finite.append(max(0.0, 1 - len(rows) / sizes[one]))
        variances.append(influence.var(axis=0, ddof=1) if len(rows) > 1 else np.full(len(weights), nan))
    return _of_strata(
        estimate, np.array(shares), np.array(variances), np.array(counts), np.array(finite), confidence
    )


def _of_strata(
    estimate: Floats, shares: Floats, variances: Floats, counts: Floats, finite: Floats, confidence: float
) -> list[Interval]:
    n = int(counts.sum())
    known = counts > 1
    if not known.any():
        return [
            Interval(float(one), nan, nan, "none", n, confidence, _caution(n, "none")) for one in estimate
        ]
    variances = np.where(known[:, None], variances, np.nanmean(variances[known], axis=0))
    parts = (shares**2 * finite / counts)[:, None] * variances
    variance = parts.sum(axis=0)
    free = np.divide(
        variance**2,
        (parts[known] ** 2 / (counts[known] - 1)[:, None]).sum(axis=0),
        out=np.full(len(variance), float(n)),
        where=variance > 0,
    )
    half = stats.t.ppf((1 + confidence) / 2, np.maximum(free, 1)) * np.sqrt(variance)
    caution = _caution(n, "stratified")
    return [
        Interval(float(e), float(e - h), float(e + h), "stratified", n, confidence, caution)
        for e, h in zip(estimate, half, strict=True)
    ]


def alpha(
    scores: ArrayLike, *, seed: int = 1, repetitions: int = REPETITIONS, confidence: float = CONFIDENCE
) -> Interval:
    """Cronbach's alpha with an interval that assumes no distribution.

    ``scores``: respondents x items; respondents with a missing item are left out. alpha = k/(k-1) * (1 - S/T),
    S the sum of the item variances, T the variance of the totals. BCa as for means, the acceleration from the
    influence values -k/(k-1) * ((s_i - S)/T - S (t_i - T)/T^2) with s_i = sum of squared item deviations,
    t_i = squared deviation of the total (Maydeu-Olivares, Coffman and Hartmann 2007, Psychol. Methods 12);
    above 5,000 respondents their asymptotic interval, on the scale of log(1 - alpha). Undefined (``none``) with
    fewer than two items, fewer than three respondents or totals that do not differ. What was measured of the
    coverage stands in the ``warning``: it is always below 95 %.
    """
    x = np.asarray(scores, dtype=np.float64)
    x = x[~np.isnan(x).any(axis=1)] if x.size else x
    n, k = (len(x), x.shape[1]) if x.ndim == 2 else (0, 0)
    total = x.sum(axis=1) if n else np.zeros(0)
    if k < 2 or n < MINIMUM or float(np.ptp(total)) < 1e-12:
        why = Words(
            id="Alpha tidak terdefinisi: perlu dua butir, tiga jawaban lengkap, dan jumlah yang berbeda.",
            en="Alpha is undefined: it needs two items, three complete answers, and totals that differ.",
        )
        return Interval(nan, nan, nan, "none", n, confidence, why)
    x = x - x.mean(axis=0)
    squares, totals = (x**2).sum(axis=1), x.sum(axis=1) ** 2
    items, whole, factor = squares.mean(), totals.mean(), k / (k - 1)
    estimate = float(factor * (1 - items / whole))
    influence = -factor * ((squares - items) / whole - items * (totals - whole) / whole**2)
    if n > CLOSED_FORM_ABOVE:
        scale = influence.std(ddof=1) / sqrt(n) / (1 - estimate)
        half = float(stats.norm.ppf((1 + confidence) / 2)) * scale
        low, high = 1 - (1 - estimate) * np.exp(half), 1 - (1 - estimate) * np.exp(-half)
        return Interval(estimate, float(low), float(high), "closed form", n, confidence, None)
    drawn, table = [], np.column_stack([x, squares, totals]) / n
    for counts in _resampled(n, repetitions, seed):
        sums = counts @ table
        means = sums[:, :k]
        s = sums[:, k] - (means**2).sum(axis=1)
        t = sums[:, k + 1] - means.sum(axis=1) ** 2
        drawn.append(factor * (1 - s[t > 1e-9 * whole] / t[t > 1e-9 * whole]))
    low, high = _bca(np.concatenate(drawn), estimate, influence, confidence)
    return Interval(estimate, low, high, "bca", n, confidence, _caution_of_alpha(n))


def _caution_of_alpha(n: int) -> Words:
    """What the measurement of coverage (docs/satisfaction) found, rounded down, in words."""
    if n < 150:
        return Words(
            id=f"{n} jawaban lengkap: selang alpha memuat nilai sebenarnya kurang dari 95 dari 100 kali"
            " (terukur 93-94 pada n = 30).",
            en=f"{n} complete answers: the interval of alpha holds the true value less than 95 times in 100"
            " (93 to 94 were measured at n = 30).",
        )
    return Words(
        id="Selang alpha memuat nilai sebenarnya sedikit kurang dari 95 dari 100 kali (terukur 93-95).",
        en="The interval of alpha holds the true value a little less than 95 times in 100 (93 to 95 measured).",
    )
