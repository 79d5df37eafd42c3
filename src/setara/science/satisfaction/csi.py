"""The customer satisfaction index: performance weighted by importance, in per cent of the best possible.

    MIS, MSS = mean importance and mean performance of an item
    WF = MIS / sum of MIS        WS = WF x MSS        CSI = sum of WS / highest score x 100

Bands, of the CSI rounded half up to whole per cent so that there are no holes between them: 81-100 very satisfied,
66-80 satisfied, 51-65 fairly satisfied, 35-50 less satisfied, 0-34 not satisfied. One copy of the bands in
circulation prints 51-60 and leaves 61-65 without a name; this one does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from setara.kernel.words import Words
from setara.science.satisfaction import intervals
from setara.science.satisfaction.instruments import BadInput, Element
from setara.science.satisfaction.intervals import Interval
from setara.science.satisfaction.ipa import importance_of, sides
from setara.science.satisfaction.rounding import half_up
from setara.science.satisfaction.tables import Answers

#: (lowest whole per cent, name), best first.
BANDS: Final[tuple[tuple[int, Words], ...]] = (
    (81, Words(id="sangat puas", en="very satisfied")),
    (66, Words(id="puas", en="satisfied")),
    (51, Words(id="cukup puas", en="fairly satisfied")),
    (35, Words(id="kurang puas", en="less satisfied")),
    (0, Words(id="tidak puas", en="not satisfied")),
)


@dataclass(frozen=True, slots=True)
class Weighed:
    """One item: mean importance and performance, weight factor and weighted score."""

    code: str
    element: Element
    mis: float
    mss: float
    wf: float
    ws: float


@dataclass(frozen=True, slots=True)
class Index:
    """The index in per cent with its interval, and its band."""

    n: int
    items: tuple[Weighed, ...]
    csi: float
    interval: Interval
    band: Words
    importance_from: str
    notes: tuple[Words, ...]


def band(csi: float) -> Words:
    """The name of a CSI in per cent."""
    whole = int(half_up(csi, 0))
    return next(words for low, words in BANDS if whole >= low)


def index(answers: Answers, *, seed: int = 1) -> Index:
    """The CSI of the answers. Raises BadInput without importance or without an answer.

    The interval is that of the linearised ratio: with S the sum of MIS and H the highest score, the derivative is
    (MSS - CSI H) / (S H) for an item's importance and MIS / (S H) for its performance.
    """
    performance, _, _ = sides(answers.instrument)
    importance, called = importance_of(answers)
    if answers.n == 0:
        raise BadInput(f"{answers.source}: no respondent answered any item.")
    y, x = answers.block(importance), answers.block(performance)
    mis, mss = np.nanmean(y, axis=0), np.nanmean(x, axis=0)
    highest, total = answers.instrument.high, float(mis.sum())
    share = float((mis * mss).sum() / total / highest)
    slopes = np.concatenate([(mss - share * highest), mis]) / (total * highest)
    both = np.hstack([y, x])
    linear = intervals.combined(both, slopes[None, :], seed=seed)[0]
    # The linear form has its own value at the estimate; only its spread is wanted.
    moved = Interval(
        share, share + linear.low - linear.estimate, share + linear.high - linear.estimate, linear.method, linear.n,
        linear.confidence, linear.warning,
    )  # fmt: skip
    items = tuple(
        Weighed(
            code, answers.instrument.element(code), float(i), float(s), float(i / total), float(i / total * s)
        )
        for code, i, s in zip(performance, mis, mss, strict=True)
    )
    notes = list(answers.notes)
    if called == "expectation":
        notes.append(
            Words(
                id="tidak ada kolom kepentingan (I1 ..): harapan (E1 ..) dipakai sebagai gantinya",
                en="no columns of importance (I1 ..): expectations (E1 ..) stand in for them",
            )
        )
    csi = share * 100
    return Index(answers.n, items, csi, moved.scaled(100), band(csi), called, tuple(notes))


def as_dict(result: Index) -> dict[str, Any]:
    """The result for JSON."""
    return {
        "n": result.n,
        "csi": result.csi,
        "interval": result.interval.pair,
        "band": result.band.en,
        "bands": {words.en: low for low, words in BANDS},
        "importance_from": result.importance_from,
        "items": {
            one.code: {
                "name": one.element.name_en,
                "mis": one.mis,
                "mss": one.mss,
                "wf": one.wf,
                "ws": one.ws,
            }
            for one in result.items
        },
        "notes": [one.en for one in result.notes],
    }
