"""The charts of an audit report."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from setara.science import drawing
from setara.science.fairness.groups import Compared
from setara.science.fairness.measures import DURATION

MOST_BARS = 12


def depths(evidence: pl.DataFrame, title: str, finding: str, x: str, y: str) -> str:
    """How many people the calls out of turn passed."""
    depth = np.minimum(evidence["depth"].to_numpy(), MOST_BARS)
    counts = np.bincount(depth, minlength=MOST_BARS + 1)[1:]

    def draw(axes: Any) -> None:
        places = np.arange(1, MOST_BARS + 1)
        axes.bar(places, counts, color=drawing.COLOURS[0])
        axes.set_xticks(places, [*map(str, places[:-1]), f"{MOST_BARS}+"])
        axes.set_xlabel(x)
        axes.set_ylabel(y)
        axes.grid(visible=False, axis="x")

    return drawing.svg(draw, title=title, finding=finding, height=3.2)


def effects(found: list[Compared], title: str, finding: str, unit: str) -> str:
    """The strongest differences of shares between groups, with their intervals."""
    rows = [one for one in found if one.measure != DURATION][:MOST_BARS][::-1]

    def draw(axes: Any) -> None:
        places = np.arange(len(rows))
        middle = np.asarray([100 * one.effect for one in rows])
        ends = np.asarray([[100 * one.interval[0], 100 * one.interval[1]] for one in rows])
        axes.errorbar(
            middle, places, xerr=np.abs(ends.T - middle), fmt="o", color=drawing.COLOURS[0], capsize=3
        )
        axes.axvline(0, color="#1b1b1b", linewidth=1)
        axes.set_yticks(places, [_short(f"{one.level}: {one.measure}") for one in rows])
        axes.set_xlabel(unit)

    return drawing.svg(draw, title=title, finding=finding, height=1.2 + 0.34 * len(rows))


def _short(text: str, most: int = 44) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
