"""What is compared between groups, one value a case: activities, path, people who took part, and duration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setara.science.events.log import Log

#: Share measures are 0 or 1 a case; ``duration`` is in hours.
DURATION, PATH = "duration", "path"


@dataclass(frozen=True)
class Cases:
    """The cases of a log, in the order of their names.

    ``names`` (text), ``day`` (date of the first event), ``shares`` (cases x measures, bool), ``measures``
    (their names), ``hours`` (from the first recorded moment to the last completion; NaN where there is none).
    """

    names: pl.Series
    day: pl.Series
    measures: tuple[str, ...]
    shares: NDArray[np.bool_]
    hours: NDArray[np.float64]

    @property
    def height(self) -> int:
        """Number of cases."""
        return len(self.names)


def cases_of(log: Log, off_path: pl.Series | None = None) -> Cases:
    """The cases of ``log`` with all measures. ``off_path``: the cases that leave the standard path, if known."""
    frame = log.frame
    moments = [name for name in ("enqueue", "call", "start", "time") if name in frame.columns]
    table = (
        frame.lazy()
        .group_by("case")
        .agg(
            first=pl.min_horizontal(moments).min(),
            last=pl.col("time").max(),
            day=pl.col("day").min(),
        )
        .sort("case")
        .collect()
    )
    names = table["case"]
    parts: list[NDArray[np.bool_]] = []
    measures: list[str] = []
    for role in ("activity", "resource"):
        if role in frame.columns:
            values, marks = _took_part(frame, role, names)
            measures += [f"{role}:{value}" for value in values]
            parts.append(marks)
    if off_path is not None:
        measures.append(PATH)
        parts.append(~names.is_in(off_path.implode()).to_numpy()[:, None])
    hours = ((table["last"] - table["first"]).dt.total_microseconds() / 3.6e9).to_numpy().astype(np.float64)
    shares = np.concatenate(parts, axis=1) if parts else np.zeros((len(names), 0), np.bool_)
    return Cases(names, table["day"], tuple(measures), shares, hours)


def _took_part(frame: pl.DataFrame, role: str, names: pl.Series) -> tuple[list[str], NDArray[np.bool_]]:
    """Which values of a role each case has: (values, cases x values)."""
    pairs = frame.select("case", role).drop_nulls().unique()
    values = pairs[role].unique().sort()
    marks = np.zeros((len(names), len(values)), np.bool_)
    if len(values):
        at = pairs["case"].replace_strict(names, np.arange(len(names)), return_dtype=pl.Int64).to_numpy()
        to = pairs[role].replace_strict(values, np.arange(len(values)), return_dtype=pl.Int64).to_numpy()
        marks[at, to] = True
    return values.to_list(), marks
