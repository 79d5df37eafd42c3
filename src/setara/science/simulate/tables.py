"""Rows, names and moments of a simulated log."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setara.science.simulate.queue_kernel import NONE

ZONE: Final = "Asia/Jakarta"
FIRST_DAY: Final = date(2026, 3, 2)  # a Monday
WHEN: Final = pl.Datetime("us", ZONE)
COLUMNS: Final[dict[str, Any]] = {
    "case": pl.String, "activity": pl.String, "time": WHEN, "start": WHEN, "call": WHEN, "enqueue": WHEN,
    "absent": WHEN, "resource": pl.String, "counter": pl.String, "lane": pl.String, "window": WHEN, "arrival": WHEN,
    "label": pl.String, "reason": pl.String, "proof": pl.String, "rule_label": pl.String, "outcome": pl.String,
    "office": pl.String, "type": pl.String, "lot": pl.String, "seat": pl.String, "collector": pl.String,
    "serial": pl.String,
}  # fmt: skip


def working_day(number: int) -> date:
    """The date of the ``number``-th working day (from 0), Monday to Friday."""
    return FIRST_DAY + timedelta(days=7 * (number // 5) + number % 5)


def midnight(day: int) -> int:
    """The local midnight of a working day, in microseconds since 1970."""
    on = working_day(day)
    moment = datetime(on.year, on.month, on.day, tzinfo=ZoneInfo(ZONE))
    return int(moment.timestamp()) * 1_000_000


def office_code(office: int) -> str:
    """The code of an office."""
    return f"K{office + 1:02}"


def officer_names(office: int, officers: NDArray[np.int64]) -> list[str]:
    """The pseudonyms of officers."""
    return [f"{office_code(office)}-P{one + 1:02}" for one in officers]


def moments(values: NDArray[np.int64], base: int) -> pl.Series:
    """Microseconds of a day as moments; NONE becomes null."""
    series = pl.Series(values + base).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(ZONE)
    return series.zip_with(pl.Series(values != NONE), pl.Series([None] * len(values), dtype=WHEN))


def table(values: dict[str, Any]) -> pl.DataFrame:
    """Rows of the log; columns that are not given are empty."""
    height = len(values["case"])
    columns = {}
    for name, kind in COLUMNS.items():
        given = values.get(name)
        if given is None:
            columns[name] = pl.Series(name, [None] * height, dtype=kind)
        elif isinstance(given, pl.Series):
            columns[name] = given.alias(name)
        else:
            columns[name] = pl.Series(name, list(given), dtype=kind)
    return pl.DataFrame(columns)
