"""The charts of the reports, each with the sentence that says what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from setara.science.drawing import COLOURS
from setara.science.satisfaction.ikm import Figures
from setara.science.satisfaction.instruments import Language
from setara.science.satisfaction.ipa import QUADRANTS, Plane
from setara.science.satisfaction.rounding import shown
from setara.science.satisfaction.servqual import Gaps

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Steps on which black is easier to read than white.
LIGHT = ("#F0A04B", "#FDDBA3", "#B6CCE2")
#: From worst to best: grey-blue steps that differ in lightness too, so that they survive a copier.
STEPS = ("#7F3B08", "#F0A04B", "#FDDBA3", "#B6CCE2", "#5D90C0", "#1F4E79")


def elements(axes: Axes, result: Figures, lang: Language) -> None:
    """The mean of each element with its interval; the three lowest are marked by pattern and colour."""
    parts = list(reversed(result.elements))
    places = [float(place) for place in range(len(parts))]
    lowest = {one.element.code for one in result.lowest[:3]}
    for place, one in zip(places, parts, strict=True):
        low = one.element.code in lowest
        axes.barh(
            place, one.nrr, color=COLOURS[1] if low else COLOURS[0], hatch="//" if low else None, edgecolor="white"
        )  # fmt: skip
        if one.interval.pair:
            axes.plot(one.interval.pair, [place, place], color="black", linewidth=1.5)
        end = max(one.nrr, *(one.interval.pair or [one.nrr]))
        axes.annotate(
            shown(one.nrr, lang),
            (end, place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            weight="bold",
        )
    axes.set_yticks(places, [f"{one.element.code} {one.element.name(lang)}" for one in parts])
    axes.set_xlim(
        result.instrument.low,
        result.instrument.high + 0.12 * (result.instrument.high - result.instrument.low),
    )
    axes.set_xticks(range(result.instrument.low, result.instrument.high + 1))
    axes.set_xlabel("NRR" if lang == "id" else "mean (NRR)")
    axes.grid(visible=False, axis="y")


def elements_finding(result: Figures, lang: Language) -> str:
    """What :func:`elements` shows."""
    low, high = result.lowest[0], result.lowest[-1]
    if lang == "en":
        return (
            f"Lowest: {low.element.code} {low.element.name(lang)} with {shown(low.nrr)}; highest: "
            f"{high.element.code} "
            f"{high.element.name(lang)} with {shown(high.nrr)}. The black line is the interval."
        )
    return (
        f"Terendah: {low.element.code} {low.element.name(lang)} dengan {shown(low.nrr, lang)}; tertinggi: "
        f"{high.element.code} {high.element.name(lang)} dengan {shown(high.nrr, lang)}. Garis hitam adalah "
        "selang "
        "kepercayaan."
    )


def answers(axes: Axes, result: Figures, lang: Language) -> None:
    """How many per cent gave each score, element by element."""
    parts = list(reversed(result.elements))
    places = [float(place) for place in range(len(parts))]
    points = range(result.instrument.low, result.instrument.high + 1)
    colours = STEPS if len(points) == 6 else (STEPS[0], STEPS[1], STEPS[4], STEPS[5])
    left = np.zeros(len(parts))
    for colour, score in zip(colours, points, strict=False):
        share = np.array([100 * one.counts.get(score, 0) / one.answered for one in parts])
        axes.barh(places, share, left=left, color=colour, edgecolor="white", label=str(score))
        for place, (start, width) in enumerate(zip(left, share, strict=True)):
            if width >= 7:
                axes.text(
                    start + width / 2,
                    place,
                    f"{width:.0f}",
                    ha="center",
                    va="center",
                    color="black" if colour in LIGHT else "white",
                    fontsize=9,
                )
        left = left + share
    axes.set_yticks(places, [one.element.code for one in parts])
    axes.set_xlim(0, 100)
    axes.set_xlabel("% responden" if lang == "id" else "% of respondents")
    axes.legend(
        title="Skor" if lang == "id" else "Score", loc="lower center", ncols=len(points), bbox_to_anchor=(0.5, 1.0),
        frameon=False,
    )  # fmt: skip
    axes.grid(visible=False, axis="y")


def answers_finding(result: Figures, lang: Language) -> str:
    """What :func:`answers` shows."""
    worst = max(result.elements, key=lambda one: low_share(one.counts, one.answered, result))
    share = shown(100 * low_share(worst.counts, worst.answered, result), lang, 0)
    if lang == "en":
        return (
            f"Most low answers: {worst.element.code} {worst.element.name(lang)}, {share} % in the lower half."
        )
    return f"Jawaban rendah terbanyak: {worst.element.code} {worst.element.name(lang)}, {share} % di paruh bawah."


def low_share(counts: object, answered: int, result: Figures) -> float:
    """The share of answers in the lower half of the scale."""
    middle = (result.instrument.low + result.instrument.high) / 2
    given = dict(counts)  # type: ignore[call-overload]
    return float(sum(number for score, number in given.items() if score < middle) / max(answered, 1))


def gaps(axes: Axes, result: Gaps, lang: Language) -> None:
    """The gap of each dimension with its interval (SERVPERF: the perception)."""
    parts = list(reversed(result.dimensions))
    places = [float(place) for place in range(len(parts))]
    values = [one.perception if result.servperf else one.gap for one in parts]
    colours = [COLOURS[1] if value < 0 else COLOURS[0] for value in values]
    axes.barh(places, values, color=colours)
    for place, (one, value) in enumerate(zip(parts, values, strict=True)):
        if one.interval.pair:
            axes.plot(one.interval.pair, [place, place], color="black", linewidth=1.5)
        axes.annotate(
            shown(value, lang), (max(value, *(one.interval.pair or [value]), 0), place), xytext=(6, 0),
            textcoords="offset points", va="center",
        )  # fmt: skip
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(places, [one.dimension.name(lang) for one in parts])
    axes.margins(x=0.15)
    axes.xaxis.set_major_formatter(lambda value, _place: shown(value, lang))
    words = {
        "id": ("persepsi", "gap (persepsi − harapan)"),
        "en": ("perception", "gap (perception − expectation)"),
    }
    axes.set_xlabel(words[lang][0 if result.servperf else 1])
    axes.grid(visible=False, axis="y")


def gaps_finding(result: Gaps, lang: Language) -> str:
    """What :func:`gaps` shows."""
    worst = min(result.dimensions, key=lambda one: one.perception if result.servperf else one.gap)
    value = shown(worst.perception if result.servperf else worst.gap, lang)
    if lang == "en":
        return f"Lowest: {worst.dimension.name(lang)} with {value}. The black line is the interval."
    return f"Terendah: {worst.dimension.name(lang)} dengan {value}. Garis hitam adalah selang kepercayaan."


def plane(axes: Axes, result: Plane, lang: Language) -> None:
    """The four quadrants; an item whose interval crosses a cut is drawn hollow."""
    for one in result.items:
        colour = COLOURS[{"I": 1, "II": 0, "III": 6, "IV": 3}[one.quadrant]]
        marker = {"I": "o", "II": "s", "III": "^", "IV": "D"}[one.quadrant]
        axes.scatter(
            one.performance, one.importance, s=46, marker=marker, edgecolors=colour,
            facecolors=colour if one.sure else "white",
        )  # fmt: skip
        axes.annotate(
            one.code, (one.performance, one.importance), xytext=(5, 4), textcoords="offset points", fontsize=9
        )
    axes.axvline(result.cut_performance, color="black", linewidth=1)
    axes.axhline(result.cut_importance, color="black", linewidth=1)
    axes.margins(0.12)
    corners = {"I": (0.01, 0.99), "II": (0.99, 0.99), "III": (0.01, 0.01), "IV": (0.99, 0.01)}
    for number, (x, y) in corners.items():
        axes.text(
            x, y, f"{number} {QUADRANTS[number].text(lang)}", transform=axes.transAxes,  # type: ignore[index]
            ha="left" if x < 0.5 else "right", va="top" if y > 0.5 else "bottom", color="#444444",
        )  # fmt: skip
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _place: shown(value, lang))
    axes.set_xlabel("kinerja" if lang == "id" else "performance")
    axes.set_ylabel("kepentingan" if lang == "id" else "importance")


def plane_finding(result: Plane, lang: Language) -> str:
    """What :func:`plane` shows."""
    first = [f"{one.code} {one.element.name(lang)}" for one in result.items if one.quadrant == "I"]
    if lang == "en":
        return f"To concentrate on: {', '.join(first)}." if first else "No item is important and weak."
    return f"Prioritas utama: {', '.join(first)}." if first else "Tidak ada butir yang penting tetapi lemah."
