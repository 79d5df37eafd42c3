"""What comparisons, drivers, non-response and opinion against record print on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from setara.science.satisfaction.compare import INDEX, Difference
from setara.science.satisfaction.drivers import Drivers
from setara.science.satisfaction.facts import NAMES
from setara.science.satisfaction.nonresponse import Bounds, Unanswered
from setara.science.satisfaction.record import MARGIN, Record


def _rows(heads: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Rows under their headings; the first ``left`` columns are text, the others numbers."""
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    return [
        "  ".join(
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [heads, *rows]
    ]


def _number(value: float, places: int = 2) -> str:
    return "-" if isnan(value) else f"{value:.{places}f}"


def _percent(value: float) -> str:
    return "-" if isnan(value) else f"{100 * value:.1f}"


def _p(value: float) -> str:
    return "-" if isnan(value) else "<0.001" if value < 0.001 else f"{value:.3f}"


def differences(found: Sequence[Difference]) -> str:
    """The index of each side against the other, then the elements that clearly differ."""
    adjusted = any(one.adjusted for one in found)
    index = [one for one in found if one.figure == INDEX]
    heads = [
        "one",
        "other",
        "n",
        "means",
        *(["crude"] if adjusted else []),
        "difference",
        "interval",
        "p",
        "decision",
    ]
    rows = [_difference(one, adjusted) for one in index]
    lines = ["Index (p after Holm)", *_rows(heads, rows, 2)]
    clear = [one for one in found if one.figure != INDEX and one.decision in {"higher", "lower"}]
    lines += ["", "Elements that differ (p after Benjamini-Hochberg)"]
    if clear:
        rows = [[one.figure, *_difference(one, adjusted)] for one in clear]
        lines += _rows(["element", *heads], rows, 3)
    else:
        lines.append("none")
    if outside := max((one.outside for one in index), default=0.0):
        lines.append(
            f"note: up to {outside:.0%} of the respondents have no counterpart and are not compared."
        )
    if any(one.decision == "too few" for one in index):
        lines.append("note: groups with too few answers are named and not compared.")
    return "\n".join(lines)


def _difference(one: Difference, adjusted: bool) -> list[str]:
    low, high = one.interval
    crude = [f"{one.crude:+.2f}" if not isnan(one.crude) else "-"] if adjusted else []
    return [
        one.one, one.other, f"{one.n[0]}/{one.n[1]}", f"{_number(one.estimates[0])}/{_number(one.estimates[1])}",
        *crude, "-" if isnan(one.difference) else f"{one.difference:+.2f}",
        "-" if isnan(low) else f"{low:+.2f} to {high:+.2f}", _p(one.p_adjusted), one.decision,
    ]  # fmt: skip


def drivers(found: Drivers) -> str:
    """Elements by importance."""
    ordered = sorted(found.elements, key=lambda one: -one.importance)
    rows = [
        [
            one.code, _number(one.mean), _percent(one.importance),
            f"{_percent(one.importance_interval[0])} to {_percent(one.importance_interval[1])}", f"{one.effect:+.2f}",
            f"{one.effect_interval[0]:+.2f} to {one.effect_interval[1]:+.2f}", _p(one.p_value),
        ]
        for one in ordered
    ]  # fmt: skip
    heads = ("element", "mean", "importance %", "interval", "effect", "interval", "p")
    return "\n".join(
        [
            f"{found.n} respondents, R2 {found.r2:.2f}, importance by {found.method}",
            "",
            *_rows(heads, rows),
            "note: a respondent in a good mood scores everything higher; none of this shows a cause.",
        ]
    )


def unanswered(found: Sequence[Unanswered], bounds: Bounds | None) -> str:
    """Elements left out, and the worst case of those who stayed away."""
    rows = [
        [
            one.code, str(one.missing), _percent(one.share),
            f"{_percent(one.interval[0])} to {_percent(one.interval[1])}",
            "-" if isnan(one.difference) else f"{one.difference:+.2f}", _p(one.p_adjusted),
        ]
        for one in found
    ]  # fmt: skip
    heads = ("element", "left out", "%", "interval", "other answers", "p")
    lines = [
        *_rows(heads, rows),
        "other answers: of those who left it out minus those who did not (p after Holm)",
    ]
    if bounds:
        low, high = bounds.rate_interval
        lines += [
            "",
            f"invited      {bounds.invited}, answered {bounds.answered}: {_percent(bounds.rate)} % "
            f"({_percent(low)} to {_percent(high)})",
            f"index        {bounds.index:.2f}",
            f"worst case   {bounds.low:.2f} to {bounds.high:.2f}, had all others given the lowest or highest answer",
        ]
    return "\n".join(lines)


def record(found: Record) -> str:
    """Each item beside its fact."""
    rows = [
        [
            one.item, NAMES[one.fact.code].en, f"{_percent(one.opinion)} ({one.n})",
            f"{_percent(one.fact.share)} ({one.fact.n})", f"{100 * one.difference:+.1f}",
            f"{100 * one.interval[0]:+.1f} to {100 * one.interval[1]:+.1f}", one.decision,
        ]
        for one in found.pairs
    ]  # fmt: skip
    heads = ("item", "record says", "opinion % (n)", "record % (n)", "difference", "interval", "decision")
    lines = [*_rows(heads, rows, 2), ""]
    for one in found.pairs:
        if one.linked:
            (a, n), (b, m) = one.linked.kept, one.linked.broken
            lines.append(
                f"{one.item} of the same cases: promise kept {a} of {n} content, broken {b} of {m} "
                f"(p {_p(one.linked.p_value)})"
            )
    lines.append(
        f"note: differences within {100 * MARGIN:.0f} points count as agreement; intervals hold together."
    )
    lines += [f"note: {NAMES[code].en}: {words.en}" for code, words in found.without.items()]
    return "\n".join(lines)
