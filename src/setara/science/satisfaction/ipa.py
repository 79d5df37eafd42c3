"""Importance-performance analysis: which items are important and weak, with the rule of the cut stated.

x = mean performance, y = mean importance of an item (Martilla and James 1977). The axes are cut at the mean of all
items' means, at their median, or in the middle of the scale; an item on a cut counts as above it.

    I   concentrate here   important, weak          II  keep up      important, strong
    III low priority       less important, weak     IV  excessive    less important, strong
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from setara.kernel.words import Words
from setara.science.satisfaction import intervals
from setara.science.satisfaction.instruments import BadInput, Element, Instrument
from setara.science.satisfaction.tables import Answers

Cut = Literal["mean", "median", "middle"]
Quadrant = Literal["I", "II", "III", "IV"]

QUADRANTS: Final[dict[Quadrant, Words]] = {
    "I": Words(id="prioritas utama", en="concentrate here"),
    "II": Words(id="pertahankan prestasi", en="keep up"),
    "III": Words(id="prioritas rendah", en="low priority"),
    "IV": Words(id="berlebihan", en="excessive"),
}


@dataclass(frozen=True, slots=True)
class Placed:
    """One item: means, quadrant, and ``sure``: whether neither interval crosses a cut."""

    code: str
    element: Element
    importance: float
    performance: float
    quadrant: Quadrant
    sure: bool


@dataclass(frozen=True, slots=True)
class Plane:
    """All items, where the axes are cut and by which rule; ``importance_from``: which columns said it."""

    n: int
    items: tuple[Placed, ...]
    rule: Cut
    cut_performance: float
    cut_importance: float
    importance_from: str
    notes: tuple[Words, ...]


def sides(instrument: Instrument) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """(performance, importance, expectation) column codes: ``U1``/``I1`` or ``P1``/``I1``/``E1``."""
    codes = [one.code for one in instrument.counted]
    if instrument.kind == "pairs":
        performance = tuple(f"P{code}" for code in codes)
        return performance, tuple(f"I{code}" for code in codes), tuple(f"E{code}" for code in codes)
    numbers = [code.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for code in codes]
    return tuple(codes), tuple(f"I{number}" for number in numbers), ()


def importance_of(answers: Answers) -> tuple[tuple[str, ...], str]:
    """The columns that say how important items are, and how they are called. Raises BadInput without any."""
    performance, importance, expectation = sides(answers.instrument)
    for codes, name in ((importance, "importance"), (expectation, "expectation")):
        lacking = [code for code in codes if code not in answers.codes]
        if codes and not lacking:
            for code in codes:
                if not np.isfinite(answers.column(code)).any():
                    raise BadInput(f"{answers.source}: nobody answered {code}, so its {name} is not known.")
            return codes, name
        if codes and len(lacking) < len(codes):
            raise BadInput(
                f"{answers.source}: no column for the {name} {', '.join(lacking[:6])}. Name it with --map "
                f"'{lacking[0]}=COLUMN'."
            )
    raise BadInput(
        f"{answers.source}: no columns of importance were found ({importance[0]} to {importance[-1]}) beside "
        f"{performance[0]} to {performance[-1]}. Name them, for instance --map '{importance[0]}=COLUMN'."
    )


def plane(answers: Answers, *, cut: Cut = "mean", seed: int = 1) -> Plane:
    """Place the items. Raises BadInput without importance or without an answer."""
    performance, _, _ = sides(answers.instrument)
    importance, called = importance_of(answers)
    if answers.n == 0:
        raise BadInput(f"{answers.source}: no respondent answered any item.")
    scores = np.hstack([answers.block(performance), answers.block(importance)])
    limits = (float(answers.instrument.low), float(answers.instrument.high))
    found = intervals.elements(scores, seed=seed, limits=limits)
    k = len(performance)
    x = np.array([one.estimate for one in found[:k]])
    y = np.array([one.estimate for one in found[k:]])
    middle = (limits[0] + limits[1]) / 2
    cut_x, cut_y = {
        "mean": (x.mean(), y.mean()), "median": (np.median(x), np.median(y)), "middle": (middle, middle)
    }[cut]  # fmt: skip
    items = []
    for place, code in enumerate(performance):
        strong, important = x[place] >= cut_x - 1e-9, y[place] >= cut_y - 1e-9
        quadrant: Quadrant = ("II" if strong else "I") if important else ("IV" if strong else "III")
        sure = all(
            one.pair is not None and not one.low <= at <= one.high
            for one, at in ((found[place], cut_x), (found[k + place], cut_y))
        )
        element = answers.instrument.element(code)
        items.append(Placed(code, element, float(y[place]), float(x[place]), quadrant, sure))
    notes = list(answers.notes)
    if called == "expectation":
        notes.append(
            Words(
                id="tidak ada kolom kepentingan (I1 ..): harapan (E1 ..) dipakai sebagai gantinya",
                en="no columns of importance (I1 ..): expectations (E1 ..) stand in for them",
            )
        )
    return Plane(answers.n, tuple(items), cut, float(cut_x), float(cut_y), called, tuple(notes))


def as_dict(result: Plane) -> dict[str, Any]:
    """The result for JSON."""
    return {
        "n": result.n,
        "cut": {
            "rule": result.rule,
            "performance": result.cut_performance,
            "importance": result.cut_importance,
        },
        "importance_from": result.importance_from,
        "items": {
            one.code: {
                "name": one.element.name_en,
                "importance": one.importance,
                "performance": one.performance,
                "quadrant": one.quadrant,
                "sure": one.sure,
            }
            for one in result.items
        },
        "quadrants": {
            number: {
                "meaning": words.en,
                "items": [one.code for one in result.items if one.quadrant == number],
            }
            for number, words in QUADRANTS.items()
        },
        "notes": [one.en for one in result.notes],
    }
