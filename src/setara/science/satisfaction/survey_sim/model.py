"""Visitors, what they think, who of them answers, when and on which device."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Relative number of visitors in the hours from eight to three; ten o'clock is the busy one.
HOURS: Final = (1.2, 2.2, 2.6, 1.6, 0.5, 1.0, 0.8)
FIRST_HOUR: Final = 8
KIOSK: Final = 0
CHANNELS: Final = ("kiosk", "online")
GROUPS: Final = {
    "sex": (("L", "P"), (0.52, 0.48), (0.0, 0.0)),
    "age": (("17-25", "26-40", "41-60", "61+"), (0.22, 0.4, 0.28, 0.1), (-0.1, 0.0, 0.05, 0.15)),
    "education": (
        ("SMP", "SMA", "D3", "S1", "S2"),
        (0.1, 0.42, 0.13, 0.3, 0.05),
        (0.1, 0.05, 0.0, -0.1, -0.15),
    ),
    "service": (("baru", "penggantian", "percepatan"), (0.5, 0.38, 0.12), (0.0, 0.1, -0.2)),
}


@dataclass(frozen=True, slots=True)
class Design:
    """What is simulated. Shares are of 1, effects in standard deviations of the latent satisfaction.

    ``respondents``: rows of the file. ``response_rate``: respondents / visitors. ``selection``: how much readier a
    person one standard deviation more satisfied is to answer (log odds; 0: everybody alike). ``satisfaction``: the
    level of everybody; 0 gives an SKM index near 3.1, 1.6 one near 3.8. ``loading``: the correlation of an answer
    with the latent satisfaction. ``unanswered``: share of single elements left out. ``offsets``: how
    much better (in deviations) each element does than the mean; from -0.25 to 0.25 if not said.
    """

    respondents: int = 150
    elements: int = 9
    low: int = 1
    high: int = 4
    days: int = 10
    start: date = date(2026, 3, 2)
    satisfaction: float = 0.0
    loading: float = 0.7
    straight_liners: float = 0.3
    response_rate: float = 0.5
    selection: float = 0.0
    busy_effect: float = -0.3
    kiosk: float = 0.25
    kiosk_effect: float = -0.2
    families: float = 0.25
    unanswered: float = 0.0
    offsets: tuple[float, ...] = ()


@dataclass(frozen=True)
class Simulated:
    """A file and its truth. Arrays have one row a respondent, in the order of time.

    ``overall``: overall satisfaction, which hangs on the elements by :func:`importance`. ``tampered`` marks rows that
    no visitor gave. ``true_means``: element means over all visitors, those who did not answer included; their mean is
    the true index. ``honest_means``: of the honest rows of the file.
    """

    design: Design
    scores: Floats
    time: NDArray[np.datetime64]
    seconds: Floats
    device: Ints
    channel: Ints
    groups: dict[str, Ints]
    overall: Floats
    tampered: Bools
    true_means: Floats
    honest_means: Floats


def simulate(design: Design, seed: int) -> Simulated:
    """One honest file. ``seed``: the same file for the same seed and design."""
    rng = np.random.default_rng(seed)
    visitors = max(design.respondents, round(design.respondents / design.response_rate))
    groups, latent = _visitors(visitors, rng)
    time = _arrivals(design, visitors, rng)
    kiosk = rng.random(visitors) < design.kiosk
    family = _families(design, visitors, kiosk, rng)
    order = np.argsort(time, kind="stable")
    time, latent, groups = time[order], latent[order], {name: one[order] for name, one in groups.items()}
    time, latent = _together(time, latent, family, rng)
    hour = (time % 86_400) // 3_600 - FIRST_HOUR
    latent = latent + design.busy_effect * ((hour == 1) | (hour == 2)) + design.kiosk_effect * kiosk
    scores = _scores(design, latent, rng)
    chosen = _responding(design, latent, family, rng)
    device = np.where(kiosk, KIOSK, 1 + np.unique(family, return_inverse=True)[1])
    seconds = np.round(rng.lognormal(np.log(6.0 * design.elements), 0.45, visitors), 1)
    true_means = scores.mean(axis=0)
    overall = _overall(design, scores, np.random.default_rng([seed, 5]))
    scores = np.where(rng.random(scores.shape) < design.unanswered, np.nan, scores)
    chosen = chosen[np.argsort(time[chosen], kind="stable")]
    return Simulated(
        design,
        scores[chosen],
        time[chosen].astype("datetime64[s]"),
        seconds[chosen],
        device[chosen],
        np.where(kiosk, 0, 1)[chosen],
        {name: one[chosen] for name, one in groups.items()},
        overall[chosen],
        np.zeros(len(chosen), dtype=bool),
        true_means,
        np.nanmean(scores[chosen], axis=0),
    )


def thresholds(design: Design) -> Floats:
    """Where the latent value passes from one label to the next; few people choose the lowest."""
    steps = design.high - design.low
    if steps == 3:
        return np.array([-2.2, -1.2, 0.7]) - design.satisfaction
    return np.linspace(-2.2, 0.9, steps) - design.satisfaction


def importance(elements: int) -> Floats:
    """The weight of each element in overall satisfaction: half of it is the third, a quarter the seventh, if there
    is one, and the rest is shared alike. Of pairs only the perceptions count.
    """
    counted = elements // 2 if elements > 22 else elements
    weights = np.full(counted, 0.25 / max(1, counted - 2))
    weights[2], weights[min(6, counted - 1)] = 0.5, 0.25
    return np.concatenate([np.zeros(elements - counted), weights / weights.sum()])


def _overall(design: Design, scores: Floats, rng: np.random.Generator) -> Floats:
    values = scores @ importance(design.elements) + rng.normal(0, 0.25, len(scores))
    return np.asarray(np.clip(np.round(values), design.low, design.high))


def _visitors(visitors: int, rng: np.random.Generator) -> tuple[dict[str, Ints], Floats]:
    groups, latent = {}, rng.normal(size=visitors)
    for name, (_labels, shares, effects) in GROUPS.items():
        groups[name] = rng.choice(len(shares), size=visitors, p=shares).astype(np.int64)
        latent = latent + np.array(effects)[groups[name]]
    return groups, latent


def _arrivals(design: Design, visitors: int, rng: np.random.Generator) -> Ints:
    """Moments in seconds since 1970: working days, more people in the busy hours."""
    first = np.datetime64(design.start, "D")
    days = (
        np.busday_offset(first, np.arange(design.days), roll="forward")
        .astype("datetime64[s]")
        .astype(np.int64)
    )
    share = np.array(HOURS) / sum(HOURS)
    hours = rng.choice(len(HOURS), size=visitors, p=share) + FIRST_HOUR
    return np.asarray(rng.choice(days, size=visitors) + hours * 3_600 + rng.integers(0, 3_600, visitors))


def _families(design: Design, visitors: int, kiosk: Bools, rng: np.random.Generator) -> Ints:
    """A number for each family of two to five who come one after the other; most people are one by themselves."""
    family = np.arange(visitors)
    at = 0
    while at < visitors:
        size = int(rng.integers(2, 6))
        if rng.random() < design.families / 3.5 / (1 - design.families + design.families / 3.5):
            members = np.arange(at, min(at + size, visitors))
            family[members] = at
            kiosk[members] = kiosk[at]
            at += size
        else:
            at += 1
    return family


def _together(time: Ints, latent: Floats, family: Ints, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Families answer within some minutes and think alike (correlation 0.5)."""
    first = time[family]
    minutes = rng.integers(40, 120, len(time)) * (np.arange(len(time)) - family)
    common = rng.normal(size=len(time))[family]
    alone = family == np.roll(family, 1)
    member = alone | (family == np.roll(family, -1))
    mixed = np.where(member, np.sqrt(0.5) * latent + np.sqrt(0.5) * common, latent)
    return np.where(member, first + minutes, time), mixed


def _scores(design: Design, latent: Floats, rng: np.random.Generator) -> Floats:
    own = rng.normal(size=(len(latent), design.elements))
    each = np.array(design.offsets) if design.offsets else np.linspace(-0.25, 0.25, design.elements)
    values = design.loading * latent[:, None] + np.sqrt(1 - design.loading**2) * own + each
    straight = rng.random(len(latent)) < design.straight_liners
    values[straight] = latent[straight, None]
    return np.asarray(design.low + np.searchsorted(thresholds(design), values), dtype=np.float64)


def _responding(design: Design, latent: Floats, family: Ints, rng: np.random.Generator) -> Ints:
    """Exactly so many respondents, drawn without replacement with weights exp(selection * satisfaction); families
    answer or stay away together.
    """
    keys = design.selection * latent + rng.gumbel(size=len(latent))[family]
    return np.argsort(-keys)[: design.respondents].astype(np.int64)
