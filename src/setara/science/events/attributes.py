"""What else a log says: which attributes belong to the case, which are numbers, and under which name they stand.

An attribute that never changes within a case counts as the case's, wherever it was written and however few of
the events state it; the rows keep what they state. Numbers become numbers where every value is one and none is a
code with leading zeros, typed moments stay moments, all else stays text.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numba import njit

from setara.science.events.cases import Cases
from setara.science.events.log import MOMENT, ROLES
from setara.science.events.raw import Raw

_PREFIX = "attribute:"
_RESERVED = frozenset((*ROLES, "day", "offset"))
_NUMBER = r"^[+-]?(?:0|[1-9]\d{0,14})(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$"
_COMMA = r"^[+-]?(?:0|[1-9]\d{0,14})(?:,\d+)?$"


def settled(
    frame: pl.DataFrame, index: Cases, raw: Raw
) -> tuple[pl.DataFrame, tuple[str, ...], tuple[str, ...]]:
    """The frame with its attributes typed and named, and the names of the case's and of the events'."""
    of_case, of_event = [], []
    for column in [one for one in frame.columns if one.startswith(_PREFIX)]:
        name = column.removeprefix(_PREFIX)
        final = f"source:{name}" if name in _RESERVED else name
        series = _typed(frame[column], raw.decimal_comma)
        frame = frame.drop(column)
        if series is None or (name in frame.columns and _same(series, frame[name])):
            continue
        codes = _codes(series)
        if name in raw.case_columns or _constant(index, codes):
            of_case.append(final)
        else:
            of_event.append(final)
        frame = frame.with_columns(series.alias(final))
    return frame, tuple(of_case), tuple(of_event)


def _same(series: pl.Series, role: pl.Series) -> bool:
    """Whether a column only repeats a role, as logs do that were written by several tools."""
    return series.dtype == role.dtype and bool(series.eq_missing(role).all())


def _typed(series: pl.Series, comma: bool) -> pl.Series | None:
    """Text or numbers; None for a column without any value or of a kind that cannot be compared."""
    if series.dtype == pl.Null or series.null_count() == series.len():
        return None
    if series.dtype.is_nested() or series.dtype in {pl.Binary, pl.Object}:
        return None
    if series.dtype == pl.Boolean:
        return series.cast(pl.String)
    if isinstance(series.dtype, pl.Datetime):
        return series.dt.replace_time_zone("UTC") if series.dtype.time_zone is None else _utc(series)
    if series.dtype != pl.String:
        return series if series.dtype.is_numeric() else series.cast(pl.String)
    first = series.drop_nulls().head(1).item()
    if not any(sign.isdigit() for sign in first[:3]):
        return series
    for pattern in (_NUMBER, _COMMA) if comma else (_NUMBER,):
        if series.head(1000).str.contains(pattern).all() and series.str.contains(pattern).all():
            plain = series.str.replace(",", ".", literal=True) if pattern is _COMMA else series
            whole = plain.cast(pl.Int64, strict=False)
            return whole if whole.null_count() == series.null_count() else plain.cast(pl.Float64)
    return series


def _utc(series: pl.Series) -> pl.Series:
    return series.dt.convert_time_zone("UTC").cast(MOMENT)


def _codes(series: pl.Series) -> Any:
    """Numbers that are equal where the values are; 0 for nothing."""
    known = pl.when(series.is_not_null()).then(series.hash(seed=3) | 1).otherwise(0)
    return pl.select(known).to_series().to_numpy()


def _constant(index: Cases, codes: Any) -> bool:
    order = np.empty(0, dtype=np.uint32) if index.order is None else index.order
    return bool(_is_constant(codes, order, index.starts))


@njit(cache=True)
def _is_constant(codes: Any, order: Any, starts: Any) -> bool:  # pragma: no cover - compiled
    moved = len(order) > 0
    for case in range(len(starts) - 1):
        known = np.uint64(0)
        for at in range(starts[case], starts[case + 1]):
            code = codes[order[at]] if moved else codes[at]
            if code and known and code != known:
                return False
            if code:
                known = code
    return True
