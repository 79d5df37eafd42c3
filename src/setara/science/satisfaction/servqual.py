"""SERVQUAL: what people expect (E) and what they perceive (P) of 22 items in five dimensions; SERVPERF: P alone.

    gap of an item       = mean P - mean E, of those who answered both     (negative: below expectation)
    of a dimension       = mean of the gaps of its items
    overall, unweighted  = mean of the five dimensions
    overall, weighted    = sum of points / 100 x gap of the dimension     (100 points shared by the respondents)

Source: Parasuraman, Zeithaml and Berry 1988. Equal treatment (item 23) is reported apart, never inside empathy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from setara.kernel.words import Words
from setara.science.satisfaction import intervals
from setara.science.satisfaction.columns import plain
from setara.science.satisfaction.instruments import BadInput, Dimension, Element
from setara.science.satisfaction.intervals import Interval
from setara.science.satisfaction.reliability import Reliability, reliability
from setara.science.satisfaction.tables import Answers

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ItemGap:
    """One item. ``expectation`` and ``gap`` are NaN for SERVPERF; ``interval`` is of the gap, or of the perception.

    ``below``: share of those who answered both whose perception is below their expectation.
    """

    element: Element
    expectation: float
    perception: float
    gap: float
    interval: Interval
    answered: int
    below: float


@dataclass(frozen=True, slots=True)
class DimensionGap:
    """One dimension; reliability of the perceptions and, unless SERVPERF, of the expectations."""

    dimension: Dimension
    expectation: float
    perception: float
    gap: float
    interval: Interval
    perceived: Reliability
    expected: Reliability | None


@dataclass(frozen=True, slots=True)
class Gaps:
    """The whole result. ``overall``/``weighted``: (expectation, perception, gap); ``points``: dimension "
    "-> points."""

    n: int
    servperf: bool
    scale: tuple[int, int]
    items: tuple[ItemGap, ...]
    apart: tuple[ItemGap, ...]
    dimensions: tuple[DimensionGap, ...]
    overall: tuple[float, float, float]
    overall_interval: Interval
    weighted: float | None
    weighted_interval: Interval | None
    points: Mapping[str, float] | None
    notes: tuple[Words, ...]

    @property
    def below(self) -> float:
        """The share of single gaps that are negative, over all items."""
        total = sum(one.answered for one in self.items)
        return (
            sum(one.below * one.answered for one in self.items) / total
            if total and not self.servperf
            else nan
        )


def gaps(
    answers: Answers, *, points: Mapping[str, float] | None = None, servperf: bool = False, seed: int = 1
) -> Gaps:
    """The gaps with intervals. ``points``: dimension -> its share of 100; without it, from the file if it has them.

    Raises BadInput without an answer, or for points that are not 100 in all.
    """
    instrument = answers.instrument
    if answers.n == 0:
        raise BadInput(f"{answers.source}: no respondent answered any item, so there is no gap.")
    counted, extra = instrument.counted, tuple(one for one in instrument.elements if one.apart)
    notes = list(answers.notes)
    e, p = _paired(answers, counted, servperf, notes)
    taken = np.isfinite(p).any(axis=1)
    e, p = e[taken], p[taken]
    if not len(p):
        raise BadInput(f"{answers.source}: nobody answered expectation and perception of one item.")
    chosen = _points(answers, points, notes)
    if chosen is not None and servperf:
        notes.append(
            Words(
                id="bobot diterapkan pada persepsi, karena tidak ada gap",
                en="the points weigh perceptions, since there are no gaps",
            )
        )
    matrix = _matrix(counted, instrument.dimensions, chosen)
    found = _intervals(e, p, matrix, servperf, answers, seed)
    k, d = len(counted), len(instrument.dimensions)
    items = tuple(_item(one, e[:, i], p[:, i], found[i]) for i, one in enumerate(counted))
    dimensions = []
    for place, dimension in enumerate(instrument.dimensions):
        inside = [i for i, one in enumerate(counted) if one.dimension == dimension.code]
        mean_e, mean_p = (
            float(np.mean([getattr(items[i], name) for i in inside]))
            for name in ("expectation", "perception")
        )
        # A gap needs both of a pair; how well the perceptions hang together does not hang on the expectations.
        perceived = _reliability(answers, [f"P{counted[i].code}" for i in inside], seed)
        expected = None if servperf else _reliability(answers, [f"E{counted[i].code}" for i in inside], seed)
        dimensions.append(
            DimensionGap(dimension, mean_e, mean_p, mean_p - mean_e, found[k + place], perceived, expected)
        )
    overall_e = float(np.mean([one.expectation for one in dimensions]))
    overall_p = float(np.mean([one.perception for one in dimensions]))
    weighted = found[k + d + 1] if chosen is not None else None
    apart = _apart(answers, extra, servperf, seed)
    return Gaps(
        len(p), servperf, (instrument.low, instrument.high), items, apart, tuple(dimensions),
        (overall_e, overall_p, overall_p - overall_e), found[k + d], weighted.estimate if weighted else None,
        weighted, chosen, tuple(notes),
    )  # fmt: skip


def _paired(
    answers: Answers, elements: tuple[Element, ...], servperf: bool, notes: list[Words]
) -> tuple[Floats, Floats]:
    """Expectations and perceptions, respondents x items; where one of a pair is missing both are."""
    p = answers.block([f"P{one.code}" for one in elements]).copy()
    if servperf:
        return np.full_like(p, nan), p
    e = answers.block([f"E{one.code}" for one in elements]).copy()
    half = np.isfinite(e) != np.isfinite(p)
    if half.any():
        many = int(half.sum())
        notes.append(
            Words(
                id=f"{many} jawaban hanya berisi harapan atau persepsi; gap memerlukan keduanya",
                en=f"{many} answers have only expectation or perception; a gap needs both",
            )
        )
    e[half] = p[half] = nan
    return e, p


def _reliability(answers: Answers, codes: list[str], seed: int) -> Reliability:
    """Of all who answered these columns, whatever they left out elsewhere."""
    return reliability(answers.block(codes), tuple(codes), seed=seed)


def _points(
    answers: Answers, given: Mapping[str, float] | None, notes: list[Words]
) -> dict[str, float] | None:
    dimensions = answers.instrument.dimensions
    if given is not None:
        codes = [one.code for one in dimensions]
        if set(given) != set(codes):
            raise BadInput(f"--points is needed once for each of: {', '.join(codes)}.")
        if abs(sum(given.values()) - 100) > 0.01 or min(given.values()) < 0:
            raise BadInput(
                f"The points must be 100 in all and none negative; they are {sum(given.values()):g}."
            )
        return dict(given)
    columns = {plain(name): name for name in answers.frame.columns}
    names: list[str] = []
    for place, one in enumerate(dimensions, 1):
        words = (f"w{place}", f"bobot {place}", f"points {one.code}", f"bobot {plain(one.name_id)}", one.code)
        hit = next((columns[word] for word in words if word in columns), None)
        if hit is None:
            return None
        names.append(hit)
    text = [answers.frame.get_column(name).cast(str).str.replace(",", ".", literal=True) for name in names]
    table = np.column_stack([one.cast(float, strict=False).to_numpy() for one in text]).astype(np.float64)
    full = np.isfinite(table).all(axis=1)
    bad = full & (np.abs(table.sum(axis=1) - 100) > 0.5)
    if bad.any():
        at = int(bad.argmax())
        raise BadInput(
            f"{answers.source}, row {answers.rows[at]}, columns {', '.join(names)}: the points are "
            f"{table[at].sum():g} in all and must be 100. Correct the row or leave its points empty."
        )
    if not full.any():
        return None
    many = int(full.sum())
    notes.append(
        Words(
            id=f"bobot dimensi: rata-rata {many} responden",
            en=f"points of the dimensions: mean of {many} respondents",
        )
    )
    means = table[full].mean(axis=0)
    return {one.code: float(mean) for one, mean in zip(dimensions, means, strict=True)}


def _matrix(
    elements: tuple[Element, ...], dimensions: tuple[Dimension, ...], points: Mapping[str, float] | None
) -> Floats:
    """Figures x items: every item, every dimension, overall and, with points, weighted."""
    of = np.array([[one.dimension == d.code for one in elements] for d in dimensions], dtype=np.float64)
    by_dimension = of / of.sum(axis=1, keepdims=True)
    rows = [np.eye(len(elements)), by_dimension, by_dimension.mean(axis=0, keepdims=True)]
    if points is not None:
        shares = np.array([points[d.code] / 100 for d in dimensions])
        rows.append((shares @ by_dimension)[None, :])
    return np.vstack(rows)


def _intervals(
    e: Floats, p: Floats, matrix: Floats, servperf: bool, answers: Answers, seed: int
) -> list[Interval]:
    low, high = float(answers.instrument.low), float(answers.instrument.high)
    if servperf:
        return intervals.combined(p, matrix, seed=seed, limits=(low, high))
    # A gap is one number for each respondent and item, from low - high to high - low.
    return intervals.combined(p - e, matrix, seed=seed, limits=(low - high, high - low))


def _item(element: Element, e: Floats, p: Floats, interval: Interval) -> ItemGap:
    both = np.isfinite(p)
    perception = float(p[both].mean()) if both.any() else nan
    paired = both & np.isfinite(e)
    if not paired.any():
        return ItemGap(element, nan, perception, nan, interval, int(both.sum()), nan)
    expectation = float(e[paired].mean())
    below = float((p[paired] < e[paired]).mean())
    return ItemGap(
        element, expectation, perception, perception - expectation, interval, int(paired.sum()), below
    )


def _apart(answers: Answers, elements: tuple[Element, ...], servperf: bool, seed: int) -> tuple[ItemGap, ...]:
    """What is reported apart, where the file has it."""
    out = []
    for one in elements:
        wanted = [f"P{one.code}"] if servperf else [f"E{one.code}", f"P{one.code}"]
        if not set(wanted) <= set(answers.codes):
            continue
        e, p = _paired(answers, (one,), servperf, [])
        if np.isfinite(p).any():
            interval = _intervals(e, p, np.eye(1), servperf, answers, seed)[0]
            out.append(_item(one, e[:, 0], p[:, 0], interval))
    return tuple(out)


def number(value: float | None) -> float | None:
    """The number for JSON: None where it is undefined."""
    return value if value is not None and isfinite(value) else None


def as_dict(result: Gaps) -> dict[str, Any]:
    """The result for JSON, unrounded; keys as in docs/reference/survey-json.md."""
    body: dict[str, Any] = {
        "model": "servperf" if result.servperf else "servqual",
        "n": result.n,
        "scale": list(result.scale),
        "items": {one.element.code: _item_dict(one) for one in result.items},
        "dimensions": {one.dimension.code: _dimension_dict(one) for one in result.dimensions},
        "overall": number(result.overall[1] if result.servperf else result.overall[2]),
        "overall_interval": result.overall_interval.pair,
        "overall_expectation": number(result.overall[0]),
        "overall_perception": number(result.overall[1]),
        "weighted": number(result.weighted),
        "weighted_interval": result.weighted_interval.pair if result.weighted_interval else None,
        "points": dict(result.points) if result.points else None,
        "share_below_expectation": number(result.below),
        "equal_treatment": next((_item_dict(one) for one in result.apart), None),
        "notes": [one.en for one in result.notes],
    }
    return body


def _item_dict(one: ItemGap) -> dict[str, Any]:
    return {
        "name": one.element.name_en,
        "expectation": number(one.expectation),
        "perception": number(one.perception),
        "gap": number(one.gap),
        "interval": one.interval.pair,
        "answered": one.answered,
        "share_below_expectation": number(one.below),
    }


def _dimension_dict(one: DimensionGap) -> dict[str, Any]:
    body: dict[str, Any] = {
        "expectation": number(one.expectation),
        "perception": number(one.perception),
        "gap": number(one.gap),
        "interval": one.interval.pair,
    }
    for suffix, scale in (("", one.perceived), ("_expectation", one.expected)):
        body |= {
            f"alpha{suffix}": number(scale.alpha.estimate) if scale else None,
            f"alpha{suffix}_interval": scale.alpha.pair if scale else None,
            f"omega{suffix}": number(scale.omega) if scale else None,
        }
    scales = [scale for scale in (one.perceived, one.expected) if scale]
    body["complete"] = one.perceived.n
    body["r_table"] = number(one.perceived.items[0].r_table)
    body["item_total"] = {
        item.code: {
            "r": number(item.r),
            "r_corrected": number(item.corrected),
            "alpha_without": number(item.alpha_without),
            "above_r_table": item.passes,
        }
        for scale in scales
        for item in scale.items
    }
    return body
