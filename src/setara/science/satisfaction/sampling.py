"""How many people to ask, how many in each stratum, and which ones.

Krejcie and Morgan's table and Slovin's formula are what offices and theses use; both are for *shares* at 50 %. An
index is a *mean*: :func:`for_mean` needs fewer people for the same certainty, or says what a margin really costs.
Sizes are rounded up, but for Krejcie and Morgan's, whose printed table rounds to the nearest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import Final, TypeVar

import numpy as np
from scipy import stats

from setara.science.satisfaction.instruments import BadInput

Item = TypeVar("Item")
DESIGNS: Final = ("krejcie-morgan", "slovin", "cochran", "mean")
ALLOCATIONS: Final = ("proportional", "neyman", "equal")
#: Chi-square of one degree of freedom at 95 %, as printed in the paper.
_CHI2: Final = 3.841


def krejcie_morgan(population: int, *, margin: float = 0.05, share: float = 0.5) -> int:
    """s = X N P(1-P) / (d^2 (N-1) + X P(1-P)), X = 3.841 (Krejcie and Morgan 1970, Educ. Psychol. Meas. 30).

    The printed table has 384 for N = 100,000; the formula gives 383.
    """
    population, margin, share = _population(population), _share(margin, "margin"), _share(share, "share")
    spread = _CHI2 * share * (1 - share)
    return min(population, floor(spread * population / (margin**2 * (population - 1) + spread) + 0.5))


def slovin(population: int, *, margin: float = 0.05) -> int:
    """n = N / (1 + N e^2): Yamane's (1967) formula, known in Indonesia as Slovin's; 95 % and P = 0.5 are built in."""
    population, margin = _population(population), _share(margin, "margin")
    return min(population, _up(population / (1 + population * margin**2)))


def cochran(
    population: int | None = None, *, margin: float = 0.05, share: float = 0.5, confidence: float = 0.95
) -> int:
    """n0 = z^2 P(1-P) / d^2, n = n0 / (1 + (n0 - 1) / N) (Cochran 1977, 4.4); no population: n0."""
    margin, share = _share(margin, "margin"), _share(share, "share")
    n0 = _z(confidence) ** 2 * share * (1 - share) / margin**2
    if population is None:
        return _up(n0)
    return min(_population(population), _up(n0 / (1 + (n0 - 1) / population)))


def for_mean(
    deviation: float, *, margin: float, population: int | None = None, confidence: float = 0.95
) -> int:
    """n0 = (z S / d)^2, n = n0 / (1 + n0 / N) (Cochran 1977, 4.6): the sample for a mean.

    ``deviation``: standard deviation of the respondents' own means, from last year's file or a pilot. ``margin``: in
    the same unit, half the width of the interval that is wanted.
    """
    if deviation <= 0 or margin <= 0:
        raise BadInput("The standard deviation and the margin must be above 0, both in points of the scale.")
    n0 = (_z(confidence) * deviation / margin) ** 2
    if population is None:
        return _up(n0)
    return min(_population(population), _up(n0 / (1 + n0 / population)))


def invitations(size: int, response_rate: float) -> int:
    """How many to invite so that ``size`` answer. It makes the file larger, not less one-sided."""
    return _up(size / _share(response_rate, "response rate", top=True))


def allocate(
    size: int,
    strata: Mapping[str, int],
    *,
    how: str = "proportional",
    deviations: Mapping[str, float] | None = None,
    smallest: int = 2,
) -> dict[str, int]:
    """The sample of each stratum; sums to ``size`` unless the strata are smaller or their minimum larger.

    ``strata``: name -> people in it. ``how``: ``proportional`` to N_h; ``neyman`` to N_h S_h (``deviations``);
    ``equal``. No stratum gets more than it has, nor fewer than ``smallest`` (two, so that its variance is known).
    Fractions go to the largest remainders.
    """
    if how not in ALLOCATIONS:
        raise BadInput(f"Allocation {how!r} is not known; it is one of {', '.join(ALLOCATIONS)}.")
    if not strata or min(strata.values()) < 1:
        raise BadInput("Every stratum needs a name and at least one person, as in --stratum paspor=1200.")
    if how == "neyman" and set(deviations or {}) != set(strata):
        raise BadInput(
            "Neyman's allocation needs a standard deviation for each stratum: --stratum NAME=SIZE:SD."
        )
    weight = {
        name: people * (deviations or {})[name]
        if how == "neyman"
        else 1.0
        if how == "equal"
        else float(people)
        for name, people in strata.items()
    }
    given = {name: min(smallest, people) for name, people in strata.items()}
    wanted = min(size, sum(strata.values()))
    fixed = {name for name in strata if weight[name] <= 0}
    while len(fixed) < len(strata):
        free = [name for name in strata if name not in fixed]
        left = wanted - sum(given[name] for name in fixed)
        whole = sum(weight[name] for name in free)
        share = {name: left * weight[name] / whole for name in free}
        beyond = [name for name in free if share[name] > strata[name]]
        below = [name for name in free if share[name] < min(smallest, strata[name])]
        if not beyond and not below:
            return given | _whole(share, left)
        for name in beyond or below:
            given[name] = strata[name] if beyond else min(smallest, strata[name])
            fixed.add(name)
    return given


def systematic(items: Sequence[Item], size: int, *, seed: int) -> list[Item]:
    """``size`` of the items at equal distances N/n from a random start: everybody has the same chance n/N.

    Drawn from tickets in the order of their numbers it spreads over hours and days by itself (Cochran 1977, 8.1).
    The start is ``numpy``'s PCG64 generator of ``seed``, so that anybody can draw the same list again.
    """
    if not 0 < size <= len(items):
        raise BadInput(f"{size} cannot be drawn from a list of {len(items)}.")
    step = len(items) / size
    start = float(np.random.default_rng(seed).uniform(0, step))
    return [items[min(len(items) - 1, floor(start + i * step))] for i in range(size)]


def _whole(shares: Mapping[str, float], total: int) -> dict[str, int]:
    """Whole numbers that sum to ``total``, by largest remainders."""
    found = {name: floor(value) for name, value in shares.items()}
    order = sorted(shares, key=lambda name: (found[name] - shares[name], name))
    for name in order[: total - sum(found.values())]:
        found[name] += 1
    return found


def _population(value: int) -> int:
    if value < 1:
        raise BadInput(f"A population of {value} has nobody to ask; give the number of people served.")
    return value


def _share(value: float, name: str, *, top: bool = False) -> float:
    if not (0 < value < 1 or (top and value == 1)):
        raise BadInput(f"The {name} is a share between 0 and 1, such as 0.05; {value:g} is not.")
    return value


def _z(confidence: float) -> float:
    return float(stats.norm.ppf((1 + _share(confidence, "confidence")) / 2))


def _up(value: float) -> int:
    return ceil(value - 1e-9)
