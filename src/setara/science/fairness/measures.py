"""What is compared between groups, one value a case: activities, path, people who took part, and duration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
    index, frame = log.cases, log.frame
    names = frame["case"].gather(index.firsts())
    order = names.arg_sort().to_numpy()  # the cases by name
    heads, names = index.starts[:-1], names.gather(order)
    first = np.full(index.count, np.iinfo(np.int64).max)
    for name in ("enqueue", "call", "start", "time"):
        if name in frame.columns:
            moments = frame[name].to_physical().fill_null(np.iinfo(np.int64).max).to_numpy()
            first = np.minimum(first, np.minimum.reduceat(index.arranged(moments), heads))
    last = index.arranged(frame["time"].to_physical().to_numpy())[index.starts[1:] - 1]
    days = np.minimum.reduceat(index.arranged(frame["day"].to_physical().to_numpy()), heads)
    parts: list[NDArray[np.bool_]] = []
    measures: list[str] = []
    for role in ("activity", "resource"):
        if role in frame.columns:
            values, marks = _took_part(log, role, order)
            measures += [f"{role}:{value}" for value in values]
            parts.append(marks)
    if off_path is not None:
        measures.append(PATH)
        parts.append(~names.is_in(off_path.implode()).to_numpy()[:, None])
    hours = ((last - first) / 3.6e9)[order]
    shares = np.concatenate(parts, axis=1) if parts else np.zeros((len(names), 0), np.bool_)
    return Cases(names, pl.Series("day", days[order]).cast(pl.Date), tuple(measures), shares, hours)


def _took_part(log: Log, role: str, order: NDArray[Any]) -> tuple[list[str], NDArray[np.bool_]]:
    """Which values of a role each case has: (values, cases x values), the cases in ``order``."""
    codes, values = log.codes(role)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    marks = np.zeros((len(order), len(values) + 1), np.bool_)  # the last: no value
    marks[np.repeat(place, log.cases.lengths()), log.cases.arranged(codes)] = True
    return values, marks[:, :-1]
