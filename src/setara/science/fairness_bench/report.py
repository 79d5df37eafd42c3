"""The protocol's results as tables in Markdown, and as charts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from setara.science.drawing import COLOURS, svg
from setara.science.fairness_bench.measuring import BY
from setara.science.fairness_bench.protocol import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes


QUICK = "**A quick run: far too small to measure anything.** "


def files(results: Results, command: str) -> dict[str, str]:
    """Name and content of every file of the report; ``command`` is what made it."""
    return {
        "tables.md": tables(results, command),
        "officers-found.svg": officers_found(results),
        "applicants.svg": applicants_chart(results),
        "classical.svg": classical_chart(results),
    }


def tables(results: Results, command: str) -> str:
    """All tables as one page."""
    size = results.size
    parts = [
        "# Measured: favouritism found, and the innocent left alone\n\n",
        f"Made by `{command}`. {QUICK if results.quick else ''}Intervals: 95 %. A month has {size.offices} offices "
        f"of 8 officers and {size.days} working days of about 200 applicants; the audit is told an honest error of "
        "0.2 %.\n",
        "\n## D3, favoured applicants: found the same day\n\n",
        _table(
            ("Setting", "Office-days", "Favours a day", "Of 5 places and more", "Of all",
             "False share of a day's list", "Innocents, all lists pooled", "Innocents a day"),
            (
                (_mark(row), row["office_days"], f"{row['favours_a_day']:.2f}", _share(row["power_large"]),
                 _share(row["power"]), _mean(row["fdp"]), _share(row["innocent_on_list"]),
                 f"{row['innocent_a_day']:.3f}")
                for row in results.applicants
            ),
        ),
        "\n\\* The audit assumes something that is not so.\n",
        "\n## D4, favouring officers: worth a look\n\n",
        _officers(results.officers, "look"),
        "\n## D4, favouring officers: the standing list\n\n",
        _officers(results.officers, "standing"),
        "\n## The classical measures, after the same months\n\n",
        _table(
            ("Method", "Honest error", "Favouring officers named", "False officers in 10,000 officer-months"),
            (
                (row["words"], f"{row['honest_error']:.1%}", _share(row["found"]), _rate(row["false"]))
                for row in results.classical
            ),
        ),
        "\n", _days(results.days),
        "\n## D10, change alarm\n\n", _alarms(results.alarms),
        "\n## Another lane rule than the published one\n\n",
        _table(
            ("Offices", "Calls", "Explained by the rule", "Of the officer in the middle", "Rule fits", "D3", "D4"),
            (
                (row["words"], row["calls"], _percent(row["explained"]),
                 _percent(row["of_the_officer_in_the_middle"]), "yes" if row["fits"] else "no", row["d3"], row["d4"])
                for row in results.lanes
            ),
        ),
    ]  # fmt: skip
    return "".join(parts)


def _officers(rows: Sequence[dict[str, Any]], name: str) -> str:
    heads = ("Setting", "Favouring officers", *(f"By day {day}" for day in BY), "Median day",
             "False officers", "Officer-months", "In 10,000 officer-months")  # fmt: skip
    return _table(
        heads,
        (
            (_mark(row), row["favouring"], *(_share(each) for each in row[name]["found_by"]),
             f"{row[name]['median_day']:g}" if row[name]["median_day"] is not None else "-",
             row[name]["false"]["x"], row[name]["false"]["n"], _rate(row[name]["false"]))
            for row in rows
        ),
    )  # fmt: skip


def _days(days: dict[str, Any]) -> str:
    curve = ", ".join(f"{name} {value:.2f}" for name, value in days["auc"].items())
    return (
        f"In the honest offices {days['overtaken_in_honest_offices']:.0%} of the applicants of a day were overtaken "
        f"on their way and {days['overtook_in_honest_offices']:.0%} overtook somebody: counters that work side by "
        f"side are enough. How well a measure tells a day with favours from one of an honest office (area under "
        f"the curve, 0.5 is a coin, {days['office_days']} office-days): {curve}.\n"
    )


def _alarms(rows: Sequence[dict[str, Any]]) -> str:
    quiet, changed = rows[0], rows[1:]
    head = (
        f"False alarms of honest offices: {quiet['false_in_ten_years']['x']} in {quiet['office_days']} office-days, "
        f"{_rate(quiet['false_in_ten_years'])} in ten years of an office (stated: at most 1).\n\n"
    )
    return head + _table(
        ("Taken up", "Offices", "Alarmed", "Within days", "Median delay, days", "Change dated wrong by, days"),
        (
            (row["words"], row["offices"], _percent(row["alarmed"]), row["within"],
             "-" if row["median_delay"] is None else f"{row['median_delay']:g}",
             "-" if row["median_error_of_date"] is None else f"{row['median_error_of_date']:g}")
            for row in changed
        ),
    )  # fmt: skip


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _mark(row: dict[str, Any]) -> str:
    words: str = row["words"]
    return f"{words} \\*" if row["twin"] else words


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


def _share(one: dict[str, Any]) -> str:
    if not one["n"]:
        return "-"
    low, high = one["interval"]
    return f"{100 * one['share']:.1f} % ({100 * low:.1f}-{100 * high:.1f})"


def _mean(one: dict[str, Any]) -> str:
    low, high = one["interval"]
    return f"{100 * one['mean']:.1f} % ({100 * low:.1f}-{100 * high:.1f})"


def _rate(one: dict[str, Any]) -> str:
    low, high = one["interval"]
    return f"{_short(one['rate'])} ({_short(low)}-{_short(high)})"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.2g}"


# Charts


def officers_found(results: Results) -> str:
    """Share of the favouring officers on a list by working day, for some settings."""
    chosen = [row for row in results.officers if row["setting"] in
              {"base", "half", "quarter", "adaptive", "error-doubled"}]  # fmt: skip

    def draw(axes: Axes) -> None:
        for colour, marker, row in zip(COLOURS, "osD^v", chosen, strict=False):
            found = np.cumsum(row["look"]["day_found"]) / max(row["favouring"], 1)
            axes.plot(range(1, len(found) + 1), 100 * found, marker=marker, color=colour, label=row["words"])
        axes.axhline(75, color="black", linestyle=":", linewidth=1)
        axes.set(xlabel="working day", ylabel="favouring officers found, %", ylim=(0, 102))
        axes.set_xticks([1, *range(5, len(chosen[0]["look"]["day_found"]) + 1, 5)])
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, fontsize=9, frameon=False)

    base = results.officers[0]["look"]["found_by"][1]
    finding = f"By working day 10, {_share(base)} of the officers who favour 1 in 100 are on a list."
    return svg(draw, title="Favouring officers found, by working day", finding=finding)


def applicants_chart(results: Results) -> str:
    """Power for large favours and the false share of a day's list, with intervals, by setting."""
    rows = results.applicants[::-1]

    def draw(axes: Axes) -> None:
        for at, row in enumerate(rows):
            power, false = row["power_large"], row["fdp"]
            for colour, marker, label, value, (low, high) in (
                (
                    COLOURS[0],
                    "o",
                    "favours of 5 places and more found",
                    power["share"],
                    power["interval"] or (0, 0),
                ),
                (COLOURS[1], "D", "false share of a day's list", false["mean"], false["interval"]),
            ):
                if value is not None:
                    axes.plot([100 * low, 100 * high], [at, at], color=colour, linewidth=2)
                    named = label if row is results.applicants[0] else None
                    axes.plot(100 * value, at, marker=marker, color=colour, linestyle="", label=named)
        for limit in (5, 95):
            axes.axvline(limit, color="black", linestyle=":", linewidth=1)
        axes.set_yticks(range(len(rows)), [row["words"] for row in rows])
        axes.set(xlabel="%")
        axes.legend(loc="center", fontsize=9)

    base = results.applicants[0]
    finding = (
        f"{_share(base['power_large'])} of favours of five places and more are found the same day; "
        f"{_mean(base['fdp'])} of a day's list is innocent."
    )
    return svg(draw, title="Favoured applicants: found, and falsely listed", finding=finding, width=9)


def classical_chart(results: Results) -> str:
    """False officers in 10,000 officer-months: ours and the classical tests."""
    base = results.officers[0]
    ours = [row for row in results.officers if row["setting"] in {"base", "by-hand"}]
    rows = [
        (f"e-process, {error} error", row["look"]["false"], row["look"]["found_by"][-1])
        for row, error in zip(ours, ("0.2%", "1.0%"), strict=True)
    ]
    rows += [
        (f"{row['words']}, {row['honest_error']:.1%} error", row["false"], row["found"])
        for row in results.classical
    ]
    rows = rows[::-1]

    def draw(axes: Axes) -> None:
        axes.barh(range(len(rows)), [false["rate"] for _, false, _ in rows], color=COLOURS[1])
        for at, (_, false, found) in enumerate(rows):
            words = f"  {_short(false['rate'])} (finds {_percent(found['share'])})"
            axes.text(false["rate"], at, words, va="center", fontsize=9)
        axes.set_yticks(range(len(rows)), [words for words, _, _ in rows])
        axes.set(xlabel="honest officers accused in 10,000 officer-months")
        axes.grid(visible=False, axis="y")
        axes.margins(x=0.6)

    finding = f"Ours: {_rate(base['look']['false'])} false officers in 10,000 officer-months."
    return svg(draw, title="Honest officers accused, by method", finding=finding, width=9)
