"""The public satisfaction index (SKM -> IKM), and in the same way SPKP, SPAK and the index of 2004.

    NRR_e    = sum of the scores of element e / how many answered e
    weighted = NRR_e / k                      k elements, so 1/9 in the SKM: not the 0.11 that is printed
    index    = sum of the weighted values     on the scale of one answer
    ikm      = index x 25                     (SPKP and SPAK: index / 1.5)
    grade    = of ikm, rounded half up to two decimals

Source: PermenPANRB 14/2017. Nothing is rounded but what is printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum
from typing import Any

import numpy as np

from setara.kernel.words import Words
from setara.science.satisfaction import intervals
from setara.science.satisfaction.instruments import BadInput, Element, Grade, Instrument
from setara.science.satisfaction.intervals import Interval
from setara.science.satisfaction.rounding import graded, half_up, shown
from setara.science.satisfaction.tables import Answers


@dataclass(frozen=True, slots=True)
class ElementFigure:
    """One element: mean (``nrr``), its share of the index, who answered, the interval of the mean, the answers.

    ``counts``: score -> how many gave it; scores between labels count at the lower one.
    """

    element: Element
    nrr: float
    weighted: float
    answered: int
    interval: Interval
    counts: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """A survey's result. ``interval`` is of ``ikm``; ``stratified`` is of ``ikm`` too, where strata are "
    "known."""

    instrument: Instrument
    n: int
    rows: int
    elements: tuple[ElementFigure, ...]
    index: float
    ikm: float
    grade: Grade | None
    interval: Interval
    stratified: Interval | None = None
    notes: tuple[Words, ...] = ()

    @property
    def lowest(self) -> list[ElementFigure]:
        """The elements from the lowest up, which is the order of the follow-up plan."""
        return sorted(self.elements, key=lambda one: (one.nrr, one.element.code))

    @property
    def grades_within(self) -> list[str]:
        """The grades from the lower to the upper end of the interval; empty without interval or grades."""
        if self.interval.pair is None or not self.instrument.grades:
            return []
        ends = [half_up(end) for end in self.interval.pair]
        low = graded(float(ends[0]), self.instrument.grades)
        high = graded(float(ends[1]), self.instrument.grades)
        bottom = low.low if low else 0.0
        fit = [one for one in self.instrument.grades if bottom <= one.low <= (high.low if high else 0.0)]
        return [one.grade for one in sorted(fit, key=lambda one: one.low)]


def figures(
    answers: Answers,
    *,
    seed: int = 1,
    confidence: float = intervals.CONFIDENCE,
    population: int | None = None,
    strata: Mapping[str, int] | None = None,
) -> Figures:
    """The index of the answers, with its interval.

    ``population``: how many were served in all (finite-population correction); ``strata``: stratum -> how many were
    served in it, for a sample drawn by strata (column role ``stratum``). Raises BadInput without any answer.
    """
    instrument = answers.instrument
    codes = instrument.required
    scores = answers.block(codes)
    taken = answers.answered
    n = int(taken.sum())
    if n == 0:
        raise BadInput(f"{answers.source}: no respondent answered any element, so there is no index.")
    scores = scores if taken.all() else scores[taken]
    k = len(codes)
    limits = (float(instrument.low), float(instrument.high))
    matrix = np.vstack([np.full(k, 1 / k), np.eye(k)])
    found = intervals.combined(
        scores, matrix, seed=seed, confidence=confidence, population=population, limits=limits
    )
    parts = tuple(
        _element(instrument.element(code), scores[:, place], interval, k)
        for place, (code, interval) in enumerate(zip(codes, found[1:], strict=True))
    )
    # Divided once: nine weighted fours add up to a hair more than four, which no answer can give.
    index = fsum(one.nrr for one in parts) / k
    ikm = index * instrument.factor
    whole = found[0].scaled(instrument.factor)
    design = None
    if strata:
        design = _by_strata(answers, scores, strata, confidence)
    return Figures(
        instrument, n, len(answers.scores), parts, index, ikm, graded(ikm, instrument.grades), whole, design,
        _cautions(answers, parts, n),
    )  # fmt: skip


def _element(element: Element, scores: np.ndarray[Any, Any], interval: Interval, k: int) -> ElementFigure:
    given = scores[np.isfinite(scores)]
    nrr = float(given.sum() / len(given))
    numbers = np.bincount(given.astype(np.int64))
    counts = {score: int(number) for score, number in enumerate(numbers) if number}
    return ElementFigure(element, nrr, nrr / k, len(given), interval, counts)


def _by_strata(
    answers: Answers, scores: np.ndarray[Any, Any], strata: Mapping[str, int], confidence: float
) -> Interval:
    if "stratum" not in answers.meta:
        raise BadInput(f"{answers.source} has no column for the stratum. Name it with --map stratum=COLUMN.")
    labels = answers.meta["stratum"].fill_null("").to_numpy()[answers.answered]
    try:
        sizes: dict[object, int] = {name: size for name, size in strata.items()}  # noqa: C416 - keys widen
        found = intervals.stratified(scores, labels, sizes, confidence=confidence)[0]
    except ValueError as error:
        raise BadInput(f"{answers.source}: {error} (--stratum NAME=SIZE).") from error
    return found.scaled(answers.instrument.factor)


def _cautions(answers: Answers, parts: tuple[ElementFigure, ...], n: int) -> tuple[Words, ...]:
    notes = list(answers.notes)
    rows = len(answers.scores)
    if rows > n:
        notes.append(
            Words(
                id=f"{rows - n} dari {rows} baris tanpa jawaban sama sekali, tidak dihitung dalam n",
                en=f"{rows - n} of {rows} rows have no answer at all and are not counted in n",
            )
        )
    if "weight" in answers.meta:
        notes.append(
            Words(
                id="kolom bobot responden tidak dipakai: rumus resmi tidak membobot responden",
                en="the column of respondents' weights is not used: the official formula does not weigh respondents",
            )
        )
    if n < intervals.MINIMUM_CELL:
        notes.append(
            Words(
                id=f"hanya {n} yang menjawab: angkanya kurang berarti, dan bila diumumkan jawaban "
                "seseorang dapat terbaca",
                en=f"only {n} answered: the figure says little, and publishing it may show a person's answer",
            )
        )
    for one in parts:
        if one.answered < 0.9 * n:
            code, some = one.element.code, one.answered
            notes.append(
                Words(
                    id=f"{code} dijawab {some} dari {n}; yang tidak menjawab mungkin berpendapat lain",
                    en=f"{code} was answered by {some} of {n}; who leaves it out may think otherwise",
                )
            )
        if one.element.note_en and one.nrr > 3:
            notes.append(
                Words(
                    id=f"{one.element.code} = {shown(one.nrr, 'id')}. {one.element.note_id}",
                    en=f"{one.element.code} is {shown(one.nrr)}. {one.element.note_en}",
                )
            )
    return tuple(notes)


def as_dict(result: Figures) -> dict[str, Any]:
    """The result for JSON, unrounded; keys as in docs/reference/survey-json.md."""
    instrument = result.instrument
    factor = instrument.factor
    body: dict[str, Any] = {
        "instrument": {"code": instrument.code, "version": instrument.version, "source": instrument.source},
        "n": result.n,
        "rows": result.rows,
        "elements": {
            one.element.code: {
                "name": one.element.name_en,
                "nrr": one.nrr,
                "weighted": one.weighted,
                "answered": one.answered,
                "interval": one.interval.pair,
                "counts": {str(score): number for score, number in one.counts.items()},
            }
            for one in result.elements
        },
        "index": result.index,
        "index_scale": [instrument.low, instrument.high],
        "ikm": result.ikm,
        "ikm_scale": [instrument.low * factor, instrument.high * factor],
        "ikm_printed": str(half_up(result.ikm)),
        "grade": result.grade.grade if result.grade else None,
        "performance": result.grade.name_id if result.grade else None,
        "interval": result.interval.pair,
        "interval_index": result.interval.scaled(1 / factor).pair,
        "interval_method": result.interval.method,
        "confidence": result.interval.confidence,
        "grades_within_interval": result.grades_within,
        "lowest": [one.element.code for one in result.lowest[:3]],
        "notes": [one.en for one in result.notes],
    }
    if result.stratified:
        found = result.stratified
        body["stratified"] = {"ikm": found.estimate, "interval": found.pair, "method": found.method}
    return body
