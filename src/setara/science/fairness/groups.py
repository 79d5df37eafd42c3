"""Whether groups are treated alike: ``--by ATTR``, alone or inside strata.

Formula. For each level of an attribute and each measure: ``crude`` = share of cases of the level with the measure
minus that of all other cases (for ``duration`` the difference of mean hours); ``effect`` = the same differences
inside each stratum, weighted n1*n0/(n1+n0).

Null model. The attribute could as well have been dealt out to the cases at random inside the strata; where it is
constant within each day, to the days. For shares the distribution of that permutation is known exactly
(:mod:`setara.science.fairness.exact`); for durations, and between days, it is drawn.

Decision. Benjamini and Hochberg at 5 % over all attributes, levels and measures of the run that vary at all;
``attention`` = q <= 0.05 and an effect of at least ``min_effect`` (for durations the same part of 2.5 times the
mean: 5 % of it at 0.02).

Assumptions. Cases are alike but for what the strata hold; a difference is a question, not an answer.
Sources. W. G. Cochran, Biometrics 10 (1954); N. Mantel and W. Haenszel, JNCI 22 (1959) for the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from setara.science.events.log import Log
from setara.science.fairness import levels as lv
from setara.science.fairness.draws import between_days, durations
from setara.science.fairness.exact import benjamini_hochberg, two_sided
from setara.science.fairness.intervals import Z95, stratified_newcombe
from setara.science.fairness.levels import Levels, levels_of, strata_of, values_of
from setara.science.fairness.measures import DURATION, Cases
from setara.science.progress import Progress, silent

LEVEL: Final = 0.05
#: A duration matters from this many times ``min_effect`` of the mean: 5 % of it where shares need 0.02.
DURATION_FACTOR: Final = 2.5


@dataclass(frozen=True, slots=True)
class Compared:
    """One level against all other cases in one measure; hours for ``duration``, otherwise a signed fraction."""

    attribute: str
    level: str
    measure: str
    n: int
    crude: float
    effect: float
    interval: tuple[float, float]
    p_value: float
    q_value: float = 1.0
    decision: Literal["clear", "attention"] = "clear"


@dataclass(frozen=True, slots=True)
class Untested:
    """A level (or with ``level`` empty a whole attribute) that cannot be compared, and why."""

    attribute: str
    level: str
    n: int
    why: str


@dataclass
class Groups:
    """All comparisons of a run."""

    compared: list[Compared] = field(default_factory=list)
    untested: list[Untested] = field(default_factory=list)
    strata: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)

    @property
    def attention(self) -> list[Compared]:
        """What is worth a look, the surest first."""
        return sorted(
            (one for one in self.compared if one.decision == "attention"), key=lambda one: one.q_value
        )


@dataclass(frozen=True)
class _Test:
    """A comparison before all of them are judged together; ``varies``: it could have come out otherwise."""

    attribute: str
    level: str
    measure: str
    n: int
    crude: float
    effect: float
    interval: tuple[float, float]
    p: float
    varies: bool


def compare(
    log: Log,
    cases: Cases,
    by: Sequence[str],
    strata: Sequence[str] = (),
    *,
    min_effect: float = 0.02,
    seed: int = 1,
    progress: Progress = silent,
) -> Groups:
    """All levels of the attributes ``by`` against the other cases, inside ``strata``.

    ValueError for an attribute that the log does not have, or for strata that change within cases.
    """
    out = Groups(strata=tuple(strata))
    parts = []
    for name in strata:
        values, why = values_of(log, name, cases.names)
        if why:
            raise ValueError(f"The log cannot be divided by {name!r}: {why}.")
        parts.append(levels_of(name, values))
    where = strata_of(parts, cases.height)
    rng = np.random.default_rng(seed)
    tests: list[_Test] = []
    for done, name in enumerate(by):
        values, why = values_of(log, name, cases.names)
        found = levels_of(name, values, why)
        if found.why:
            out.untested.append(Untested(name, "", cases.height, found.why))
        elif len(found.names) < 2 and (found.codes >= 0).all():
            out.untested.append(Untested(name, "", cases.height, "all cases have the same value"))
        else:
            tests += _attribute(found, cases, where, rng, out)
        progress("comparing groups", done + 1, len(by))
    out.compared = _judged(tests, min_effect, cases)
    return out


def _attribute(
    found: Levels, cases: Cases, where: NDArray[np.int64], rng: np.random.Generator, out: Groups
) -> list[_Test]:
    sizes = np.bincount(found.codes[found.codes >= 0], minlength=len(found.names))
    chosen: list[int] = []
    for at, name in enumerate(found.names):
        n = int(sizes[at])
        if n < lv.FEWEST:
            out.untested.append(Untested(found.attribute, name, n, f"under {lv.FEWEST} cases"))
        elif not _overlaps(found.codes == at, where):
            out.untested.append(Untested(found.attribute, name, n, "no stratum has both it and others"))
        else:
            chosen.append(at)
    if not chosen:
        return []
    days = cases.day.rank("dense").fill_null(0).to_numpy().astype(np.int64)
    labels = [found.codes == at for at in chosen]
    daily = len(np.unique(days)) > 1 and len(np.unique(np.stack([days, found.codes]), axis=1).T) == len(
        np.unique(days)
    )
    if daily:
        out.notes.append(f"{found.attribute} is constant within each day and is compared between days")
        p = between_days(found.codes, chosen, days, where, cases, rng)
    else:
        timed = durations(labels, cases.hours, where, rng)
        p = np.asarray([[*_exact(label, cases, where), timed[at]] for at, label in enumerate(labels)])
    tests: list[_Test] = []
    for at, label in enumerate(labels):
        tests += _level(found, chosen[at], label, cases, where, p[at])
    return tests


def _overlaps(label: NDArray[np.bool_], where: NDArray[np.int64]) -> bool:
    strata = int(where.max()) + 1
    mine = np.bincount(where[label], minlength=strata)
    return bool(((mine > 0) & (np.bincount(where, minlength=strata) > mine)).any())


def by_stratum(values: NDArray[Any], where: NDArray[np.int64], strata: int) -> NDArray[np.float64]:
    """Sums over the rows of ``values`` (cases x measures) in each stratum: strata x measures."""
    if strata == 1:
        return np.asarray(values.sum(axis=0, dtype=np.float64), np.float64)[None, :]
    out = np.zeros((strata, values.shape[1]))
    for column in range(values.shape[1]):
        out[:, column] = np.bincount(where, weights=values[:, column], minlength=strata)
    return out


def _exact(label: NDArray[np.bool_], cases: Cases, where: NDArray[np.int64]) -> NDArray[np.float64]:
    strata = int(where.max()) + 1
    n = np.bincount(where, minlength=strata)
    n1 = np.bincount(where[label], minlength=strata)
    k = by_stratum(cases.shares, where, strata)
    x = cases.shares[label].sum(axis=0, dtype=np.float64)
    return np.asarray([two_sided(float(x[m]), n1, n, k[:, m]) for m in range(len(x))], np.float64)


def _level(
    found: Levels,
    at: int,
    label: NDArray[np.bool_],
    cases: Cases,
    where: NDArray[np.int64],
    p: NDArray[np.float64],
) -> list[_Test]:
    """All measures of one level; ``p`` has one value a measure, the duration's last."""
    strata = int(where.max()) + 1
    n = np.bincount(where, minlength=strata).astype(float)
    n1 = np.bincount(where[label], minlength=strata).astype(float)
    both = (n1 > 0) & (n1 < n)
    x = by_stratum(cases.shares, where, strata)
    x1 = by_stratum(cases.shares[label], where[label], strata)
    inside = float(label.sum())
    head = (found.attribute, found.names[at])
    tests = []
    for m, name in enumerate(cases.measures):
        total, mine = float(x[:, m].sum()), float(x1[:, m].sum())
        crude = mine / inside - (total - mine) / (len(label) - inside)
        a, b = x1[both, m], x[both, m] - x1[both, m]
        inside_each = weighted(a / n1[both], b / (n - n1)[both], n1[both], (n - n1)[both])
        effect = crude if strata == 1 else inside_each
        limits = stratified_newcombe(a, n1[both], b, (n - n1)[both])
        varies = bool(((x[both, m] > 0) & (x[both, m] < n[both])).any())
        tests.append(_Test(*head, name, int(inside), crude, effect, limits, float(p[m]), varies))
    hours = _duration(label, cases.hours, where)
    if hours is not None:
        crude, effect, limits = hours
        tests.append(_Test(*head, DURATION, int(inside), crude, effect, limits, float(p[-1]), effect != 0.0))
    return tests


def weighted(p1: Any, p0: Any, n1: Any, n0: Any) -> float:
    """The mean of differences over strata, weighted n1*n0/(n1+n0)."""
    weight = n1 * n0 / (n1 + n0)
    return float((weight * (p1 - p0)).sum() / weight.sum())


def _duration(
    label: NDArray[np.bool_], hours: NDArray[np.float64], where: NDArray[np.int64]
) -> tuple[float, float, tuple[float, float]] | None:
    """Crude and weighted difference of mean hours with its interval (unequal variances); None without hours."""
    known = np.isfinite(hours)
    label, hours, where = label[known], hours[known], where[known]
    if not label.any() or label.all() or not _overlaps(label, where):
        return None
    crude = float(hours[label].mean() - hours[~label].mean())
    strata = int(where.max()) + 1
    n, total, square = (np.bincount(where, w, strata) for w in (None, hours, hours**2))
    n1, total1, square1 = (
        np.bincount(where[label], w, strata) for w in (None, hours[label], hours[label] ** 2)
    )
    both = (n1 > 0) & (n1 < n)
    n1, n0 = n1[both].astype(float), (n - n1)[both].astype(float)
    m1, m0 = total1[both] / n1, (total - total1)[both] / n0
    pooled = np.maximum(square[both] / (n1 + n0) - (total[both] / (n1 + n0)) ** 2, 0.0)
    v1 = np.where(n1 > 1, np.maximum(square1[both] - n1 * m1**2, 0) / np.maximum(n1 - 1, 1), pooled)
    v0 = np.where(
        n0 > 1, np.maximum((square - square1)[both] - n0 * m0**2, 0) / np.maximum(n0 - 1, 1), pooled
    )
    weight = n1 * n0 / (n1 + n0)
    weight = weight / weight.sum()
    effect = crude if strata == 1 else float((weight * (m1 - m0)).sum())
    half = Z95 * float(np.sqrt((weight**2 * (v1 / n1 + v0 / n0)).sum()))
    return crude, effect, (effect - half, effect + half)


def _judged(tests: list[_Test], min_effect: float, cases: Cases) -> list[Compared]:
    """All comparisons with q over those that vary, and the decision."""
    p = np.asarray([test.p for test in tests if test.varies])
    q = iter(benjamini_hochberg(p).tolist())
    known = cases.hours[np.isfinite(cases.hours)]
    mean = float(known.mean()) if len(known) else 0.0
    out = []
    for test in tests:
        value = next(q) if test.varies else 1.0
        least = DURATION_FACTOR * min_effect * mean if test.measure == DURATION else min_effect
        found = test.varies and value <= LEVEL and abs(test.effect) >= least
        head = (
            test.attribute,
            test.level,
            test.measure,
            test.n,
            test.crude,
            test.effect,
            test.interval,
            test.p,
        )
        out.append(Compared(*head, value, "attention" if found else "clear"))
    return out
