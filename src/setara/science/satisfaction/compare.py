"""Do two periods, groups or offices differ: crudely, and as if both had served the same mix of people.

*Crude*: difference of the index (or an element's mean), Welch's t on the linearised values of each respondent,
because elements may be unanswered. *Adjusted*: direct standardisation; within each stratum of the mix (age x
service, say) the difference is taken, and strata are weighted by their share of both sides together. Strata in
which a side has one respondent only are pooled into one; respondents of strata that the other side does not have
cannot be compared: they are left out of the adjusted difference and counted in ``outside``.

*Many comparisons*: over the indices of a run Holm's step-down p-values (Holm 1979, Scand. J. Stat. 6), so that the
chance of one false difference is at most 5 %; over the elements Benjamini and Hochberg's (1995, JRSS B 57), so that
at most 5 % of those called different are not. Sides under ``MINIMUM_CELL`` respondents are named, not compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan, nan, sqrt
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from setara.science.satisfaction.instruments import BadInput
from setara.science.satisfaction.intervals import CONFIDENCE, MINIMUM_CELL, Floats, linearised

Decision = Literal["higher", "lower", "no clear difference", "too few"]
AGAINST: Final = ("first", "previous", "rest")
INDEX: Final = "index"
_POOLED: Final = -1


@dataclass(frozen=True)
class Side:
    """One side. ``mix``: the stratum of each respondent, as a text; empty where nothing is adjusted."""

    name: str
    scores: Floats
    mix: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Respondents with at least one answer."""
        return int((~np.isnan(self.scores)).any(axis=1).sum())


@dataclass(frozen=True, slots=True)
class Difference:
    """``one`` minus ``other`` for one figure (``index`` or an element's code).

    ``difference`` with ``interval`` is adjusted for the mix where ``adjusted``, else equal to ``crude``. ``outside``:
    the share of both sides' respondents in strata without a counterpart. ``p_adjusted``: after Holm (index) or
    Benjamini-Hochberg (elements). Everything is on the scale of the scores.
    """

    one: str
    other: str
    figure: str
    n: tuple[int, int]
    estimates: tuple[float, float]
    crude: float
    crude_interval: tuple[float, float]
    difference: float
    interval: tuple[float, float]
    adjusted: bool
    outside: float
    p_value: float
    p_adjusted: float
    decision: Decision

    def as_dict(self, factor: float = 1.0) -> dict[str, Any]:
        """Plain data for JSON; undefined numbers are None. ``factor``: to another scale (25 for the IKM)."""

        def plain(value: float) -> float | None:
            return None if isnan(value) else value * factor

        return {
            "one": self.one,
            "other": self.other,
            "figure": self.figure,
            "n": list(self.n),
            "estimates": [plain(value) for value in self.estimates],
            "crude": plain(self.crude),
            "crude_interval": [plain(value) for value in self.crude_interval],
            "difference": plain(self.difference),
            "interval": [plain(value) for value in self.interval],
            "adjusted": self.adjusted,
            "outside": self.outside,
            "p_value": None if isnan(self.p_value) else self.p_value,
            "p_adjusted": None if isnan(self.p_adjusted) else self.p_adjusted,
            "decision": self.decision,
        }


def compare(
    sides: Sequence[Side],
    codes: Sequence[str],
    *,
    against: str = "first",
    minimum: int = MINIMUM_CELL,
    level: float = 0.05,
) -> list[Difference]:
    """Every side against the first one, the previous one, or all others together; index first, then elements.

    ``codes``: the columns of the scores. Raises BadInput for fewer than two sides or an unknown ``against``.
    """
    if len(sides) < 2:
        raise BadInput("A comparison needs two sides: two files, or --by with a column of two values.")
    if against not in AGAINST:
        raise BadInput(f"--against is one of {', '.join(AGAINST)}, not {against!r}.")
    names = [INDEX, *codes]
    k = len(codes)
    matrix = np.vstack([np.full((1, k), 1 / k), np.eye(k)])
    found: list[Difference] = []
    for one, other in _pairs(sides, against):
        if min(one.n, other.n) < minimum:
            found += [_too_few(one, other, name) for name in names]
        else:
            found += _differences(one, other, names, matrix)
    return _judged(found, level)


def _pairs(sides: Sequence[Side], against: str) -> list[tuple[Side, Side]]:
    if against == "first":
        return [(side, sides[0]) for side in sides[1:]]
    if against == "previous":
        return list(zip(sides[1:], sides[:-1], strict=True))
    if len(sides) == 2:
        return [(sides[0], sides[1])]
    pairs = []
    for side in sides:
        others = [one for one in sides if one is not side]
        mix = tuple(label for one in others for label in one.mix)
        pairs.append((side, Side("rest", np.vstack([one.scores for one in others]), mix)))
    return pairs


def _differences(one: Side, other: Side, names: Sequence[str], matrix: Floats) -> list[Difference]:
    """Crude and, where both sides have a mix, adjusted differences of all figures."""
    one, other = _answered(one), _answered(other)
    (a, va, fa), (b, vb, fb) = (_moments(side.scores, matrix) for side in (one, other))
    crude, half = a - b, _half(va, vb, fa, fb)
    adjusted = bool(one.mix and other.mix)
    difference, error, free, outside = crude, np.sqrt(va + vb), _free(va, vb, fa, fb), 0.0
    if adjusted:
        difference, error, free, outside = _standardised(one, other, matrix)
    found = []
    for i, name in enumerate(names):
        reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, free[i])) * float(error[i])
        t = abs(difference[i]) / error[i] if error[i] > 0 else (np.inf if difference[i] else 0.0)
        found.append(
            Difference(
                one.name,
                other.name,
                name,
                (one.n, other.n),
                (float(a[i]), float(b[i])),
                float(crude[i]),
                (float(crude[i] - half[i]), float(crude[i] + half[i])),
                float(difference[i]),
                (float(difference[i] - reach), float(difference[i] + reach)),
                adjusted,
                outside,
                float(2 * stats.t.sf(t, free[i])),
                nan,
                "no clear difference",
            )
        )
    return found


def _answered(side: Side) -> Side:
    keep: NDArray[np.bool_] = np.asarray((~np.isnan(side.scores)).any(axis=1))
    mix = tuple(label for label, kept in zip(side.mix, keep, strict=True) if kept) if side.mix else ()
    return Side(side.name, side.scores[keep], mix)


def _moments(scores: Floats, matrix: Floats) -> tuple[Floats, Floats, float]:
    """Estimates, their variances, and degrees of freedom."""
    estimates, influence = linearised(scores, matrix)
    n = len(scores)
    return estimates, influence.var(axis=0, ddof=1) / n, n - 1.0


def _free(va: Floats, vb: Floats, fa: float, fb: float) -> Floats:
    """Welch and Satterthwaite's degrees of freedom."""
    below = va**2 / fa + vb**2 / fb
    return np.asarray(np.divide((va + vb) ** 2, below, out=np.full(len(va), fa + fb), where=below > 0))


def _half(va: Floats, vb: Floats, fa: float, fb: float) -> Floats:
    return np.asarray(stats.t.ppf((1 + CONFIDENCE) / 2, _free(va, vb, fa, fb)) * np.sqrt(va + vb))


def _standardised(one: Side, other: Side, matrix: Floats) -> tuple[Floats, Floats, Floats, float]:
    """Adjusted differences, their errors, degrees of freedom, and the share of respondents outside."""
    labels = {label: i for i, label in enumerate(sorted({*one.mix, *other.mix}))}
    strata = [np.array([labels[label] for label in side.mix], dtype=np.int64) for side in (one, other)]
    strata = _pooled(strata, len(labels))
    total, weights = len(one.scores) + len(other.scores), []
    parts: list[tuple[Floats, Floats, float, float]] = []
    for stratum in np.intersect1d(strata[0], strata[1]):
        rows = one.scores[strata[0] == stratum], other.scores[strata[1] == stratum]
        if min(map(len, rows)) < 2:
            continue
        (a, va, fa), (b, vb, fb) = (_moments(part, matrix) for part in rows)
        if np.isnan(a - b).all():
            continue
        parts.append((a - b, va + vb, fa, fb))
        weights.append(len(rows[0]) + len(rows[1]))
    if not parts:
        raise BadInput(
            f"{one.name} and {other.name} have no group of the mix in common; adjust for fewer or coarser columns."
        )
    share = np.array(weights) / sum(weights)
    gaps, variances = np.array([part[0] for part in parts]), np.array([part[1] for part in parts])
    counted = np.array([min(part[2], part[3]) for part in parts])
    # An element that nobody of a stratum answered leaves that stratum out for this element only.
    known = ~np.isnan(gaps)
    weight = share[:, None] * known
    weight = weight / np.maximum(weight.sum(axis=0), 1e-12)
    gaps, variances = np.where(known, gaps, 0.0), np.where(known, variances, 0.0)
    variance = (weight**2 * variances).sum(axis=0)
    below = ((weight**2 * variances) ** 2 / counted[:, None]).sum(axis=0)
    free = np.divide(variance**2, below, out=np.full(len(variance), float(total)), where=below > 0)
    difference = np.where(known.any(axis=0), (weight * gaps).sum(axis=0), nan)
    return difference, np.sqrt(variance), np.maximum(free, 1.0), 1 - sum(weights) / total


def _pooled(strata: list[NDArray[np.int64]], count: int) -> list[NDArray[np.int64]]:
    """Strata with one respondent on a side become one stratum."""
    smaller = np.array([np.bincount(side, minlength=count) for side in strata]).min(axis=0)
    small = smaller == 1
    return [np.where(small[side], _POOLED, side) for side in strata]


def _too_few(one: Side, other: Side, figure: str) -> Difference:
    none = (nan, nan)
    return Difference(
        one.name, other.name, figure, (one.n, other.n), none, nan, none, nan, none, False, 0.0, nan, nan, "too few"
    )  # fmt: skip


def _judged(found: list[Difference], level: float) -> list[Difference]:
    """The same with adjusted p-values and decisions."""
    judged = list(found)
    for index in (True, False):
        at = [i for i, one in enumerate(found) if (one.figure == INDEX) == index and not isnan(one.p_value)]
        values = np.array([found[i].p_value for i in at])
        adjusted = holm(values) if index else benjamini_hochberg(values)
        for i, p in zip(at, adjusted, strict=True):
            one = found[i]
            clear: Decision = "higher" if one.difference > 0 else "lower"
            judged[i] = replace(
                one, p_adjusted=float(p), decision=clear if p <= level else "no clear difference"
            )
    return judged


def holm(values: Floats) -> Floats:
    """Holm's adjusted p-values, in the order given."""
    order, n = np.argsort(values), len(values)
    stepped = np.maximum.accumulate(values[order] * (n - np.arange(n))) if n else values
    found = np.empty(n)
    found[order] = np.minimum(1.0, stepped)
    return found


def benjamini_hochberg(values: Floats) -> Floats:
    """Benjamini and Hochberg's adjusted p-values, in the order given."""
    order, n = np.argsort(values), len(values)
    scaled = values[order] * n / np.arange(1, n + 1)
    found = np.empty(n)
    found[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1]) if n else scaled
    return found


def smallest_seen(n: int, deviation: float, confidence: float = CONFIDENCE) -> float:
    """The difference between two sides of ``n`` that would be seen four times in five: (1.96 + 0.84) S sqrt(2/n)."""
    return float((stats.norm.ppf((1 + confidence) / 2) + stats.norm.ppf(0.8)) * deviation * sqrt(2 / n))
