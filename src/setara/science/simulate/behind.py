"""What a simulated log tells besides the calls: payments and bookings before, work out of hours, books after."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import polars as pl

from setara.science.simulate import hall
from setara.science.simulate.office import NUMBER, STEPS
from setara.science.simulate.queue_kernel import NONE, WINDOW
from setara.science.simulate.running import Day
from setara.science.simulate.tables import midnight, moments, office_code, officer_names, table
from setara.science.simulate.truth import as_truth, planted

Both = tuple[pl.DataFrame, pl.DataFrame]
SECOND: Final = 1_000_000
HOUR: Final = 3600 * SECOND
#: A place that was given back goes on within this by a leak, and after at least the second figure otherwise.
LEAKED, HONEST = 2 * SECOND, 10 * 60 * SECOND


def _empty_truth() -> pl.DataFrame:
    return as_truth(pl.DataFrame({"case": []}, schema={"case": pl.String}))


def before(day: Day, cases: list[str]) -> Both:
    """Payment and booking of the visitors, three working days before; places given back and booked again."""
    office, base = office_code(day.office), midnight(day.day - 3)
    visitors = [
        i for i in range(len(day.people)) if day.people[i, hall.STEP] != 3 or day.people[i, WINDOW] != NONE
    ]
    leak = NUMBER["quota-leak"]
    values: dict[str, list[Any]] = {
        name: [] for name in ("case", "activity", "at", "resource", "seat", "window")
    }

    def add(
        case: str, activity: str, at: int, resource: str, seat: str | None = None, window: int = NONE
    ) -> None:
        for name, value in zip(values, (case, activity, at, resource, seat, window), strict=True):
            values[name].append(value)

    leaked = []
    for i in visitors:
        window, moment = int(day.people[i, WINDOW]), 8 * HOUR + i * 97 * SECOND + i
        add(cases[i], "payments.paid", moment - HOUR, "applicant")
        if window == NONE:
            continue
        seat, planted_here = f"{office}-{day.day + 1:03}-{i + 1:04}", day.people[i, hall.SCHEME] == leak
        if planted_here or i % 89 == 88:  # about one in ninety places is given back anyway
            holder = f"{cases[i]}-holder"
            add(holder, "booking.booked", moment - 2 * HOUR, "applicant", seat, window)
            gap = LEAKED if planted_here else HONEST + i * SECOND
            add(holder, "booking.cancelled", moment - gap, "applicant", seat, window)
        if planted_here:
            leaked.append(len(values["case"]))
        add(cases[i], "booking.booked", moment, "applicant", seat, window)
    shift = midnight(day.day) - base
    windows = np.array(values.pop("window"), np.int64)
    made = np.array(values.pop("at"), np.int64)
    log = table(
        values
        | {
            "time": moments(made, base),
            "window": moments(np.where(windows == NONE, NONE, windows + shift), base),
            "office": [office] * len(made),
        }
    )
    return log, as_truth(planted(log[leaked], "quota-leak", "D8"))


def off_hours(day: Day, cases: list[str]) -> Both:
    """People who were served from six in the morning on, one after the other, by the officer who favours."""
    chosen = np.flatnonzero(day.people[:, hall.SCHEME] == NUMBER["off-hours"])
    rows = [(cases[who], step, order) for order, who in enumerate(chosen) for step in range(3)]
    if not rows:
        return table({"case": []}), _empty_truth()
    start = np.array([6 * HOUR + (order * 15 + step * 5) * 60 * SECOND for _, step, order in rows], np.int64)
    base = midnight(day.day)
    log = table(
        {
            "case": [case for case, _, _ in rows],
            "activity": [STEPS[step] for _, step, _ in rows],
            "start": moments(start, base),
            "time": moments(start + 240 * SECOND, base),
            "resource": officer_names(day.office, np.full(len(rows), day.patron, np.int64)),
            "lane": ["booked"] * len(rows),
            "outcome": [("complete", "captured", "passed")[step] for _, step, _ in rows],
            "office": [office_code(day.office)] * len(rows),
        }
    )
    known = planted(log, "off-hours", "D5")
    captured = pl.col("activity") == STEPS[1]  # a capture, and nobody was called for it
    return log, as_truth(
        known.with_columns(detector=pl.when(captured).then(pl.lit("D5,D9")).otherwise("detector"))
    )


def books(office: int, chosen: list[tuple[str, bool]], day: int, printed_before: int) -> Both:
    """Decision on the next working day, printing and quality check on the one after, in the order of deciding.

    ``chosen``: cases in the order of leaving the hall, and whether a broker has the book printed first.
    """
    n = len(chosen)
    name = office_code(office)
    decided = _desk([case for case, _ in chosen], "adjudication", "approved", f"{name}-V01", day + 1, 30, n)
    order = sorted(range(n), key=lambda i: not chosen[i][1])
    cases = [chosen[i][0] for i in order]
    printing = _desk(cases, "printing", "printed", f"{name}-C01", day + 2, 0, n)
    printing = printing.with_columns(
        serial=pl.Series([f"{name}X{printed_before + i + 1:06}" for i in range(n)], dtype=pl.String)
    )
    checked = _desk(cases, "quality_check", "passed", f"{name}-C02", day + 2, 20, n)
    overtaken = np.array([sum(1 for other in order[at + 1 :] if other < i) for at, i in enumerate(order)])
    jumped = planted(printing, "broker", "D8").with_columns(depth=pl.Series(overtaken, dtype=pl.Int64))
    return pl.concat([decided, printing, checked]), as_truth(jumped.filter(pl.col("depth") > 0))


def _desk(
    cases: list[str], activity: str, outcome: str, officer: str, day: int, minute: int, n: int
) -> pl.DataFrame:
    """One officer works through the files in this order, evenly over six hours of a day."""
    pace = 6 * HOUR // n
    start = 8 * HOUR + minute * 60 * SECOND + np.arange(n, dtype=np.int64) * pace
    base = midnight(day)
    return table(
        {
            "case": cases,
            "activity": [activity] * n,
            "start": moments(start, base),
            "time": moments(start + pace * 3 // 4, base),
            "resource": [officer] * n,
            "outcome": [outcome] * n,
            "office": [officer.split("-", maxsplit=1)[0]] * n,
        }
    )
