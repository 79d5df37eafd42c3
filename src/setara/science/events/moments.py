"""Moments as people and systems write them, turned into UTC with the offset that the row itself states.

A moment with an offset (``+07:00``, ``Z``) is taken at its word, row by row. One without is taken as given:
its clock is the log's own clock, and it is kept as if it were UTC.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from setara.science.events.log import MOMENT

_CLOCKS: Final = ("%H:%M:%S%.f", "%H:%M", "%H.%M.%S", "%H.%M")
_TWELVE: Final = ("%I:%M:%S%.f %p", "%I:%M %p")
_YEAR_FIRST: Final = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d")
_DAY_FIRST: Final = ("%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%d/%m/%y", "%d-%m-%y", "%d.%m.%y")
_MONTH_FIRST: Final = ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y")
_NAMED: Final = ("%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%y")
_SINCE_1970: Final = {"seconds": 1_000_000, "milliseconds": 1_000, "microseconds": 1}
#: The offset behind a time of day: Z, UTC, +07, +0700, +07:00.
_OFFSET: Final = r"(?i)(?:\d[:.]\d\d(?:[.,]\d+)?|[ap]m)\s*(z|utc|gmt|[+-]\d\d(?::?\d\d)?)$"
_ISO: Final = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?$"
_ISO_OFFSET: Final = _ISO.replace("$", r"(?:Z|[+-]\d\d(?::?\d\d)?)$")
_OFFSET_TAIL: Final = r"(?i)\s*(?:z|utc|gmt|[+-]\d\d(?::?\d\d)?)$"
_HAS_OFFSET: Final = re.compile(_OFFSET)
_DATE_ONLY: Final = re.compile(r"^\d+[-/.]\w+[-/.]\d+$")
#: Indonesian and Dutch months, where they differ from the English ones in their first three letters.
_MONTHS: Final = {
    "Mei": "May", "Mrt": "Mar", "Maret": "Mar", "Maart": "Mar", "Okt": "Oct", "Oktober": "Oct",
    "Agu": "Aug", "Agt": "Aug", "Agustus": "Aug", "Augustus": "Aug", "Des": "Dec", "Desember": "Dec",
    "Januari": "Jan", "Februari": "Feb", "Juni": "Jun", "Juli": "Jul",
    "mei": "May", "mrt": "Mar", "maret": "Mar", "maart": "Mar", "okt": "Oct", "oktober": "Oct",
    "agu": "Aug", "agt": "Aug", "agustus": "Aug", "augustus": "Aug", "des": "Dec", "desember": "Dec",
    "januari": "Jan", "februari": "Feb", "juni": "Jun", "juli": "Jul",
}  # fmt: skip


def _swaps(dates: Sequence[str]) -> list[str]:
    return [date.replace("%d", "%?").replace("%m", "%d").replace("%?", "%m") for date in dates]


@dataclass(frozen=True)
class Reading:
    """How the moments of one column are written.

    ``formats`` are tried in this order; ``unit`` is set for a count since 1970 instead. ``offsets``: whether
    any value states its offset. ``doubtful``: day and month cannot be told apart from the values seen. ``iso``:
    what stands between date and clock where all values are plain ISO 8601, which needs no cleaning.
    """

    formats: tuple[str, ...] = ()
    unit: str = ""
    offsets: bool = False
    named: bool = False
    doubtful: bool = False
    iso: str = ""

    def swapped(self) -> Reading:
        """The month before the day, where the values seen first did not tell and later ones do."""
        dates = dict(zip(_DAY_FIRST, _swaps(_DAY_FIRST), strict=True))
        formats = [
            form.replace(day, dates[day]) for form in self.formats for day in _DAY_FIRST if day in form
        ]
        return replace(self, formats=tuple(formats), doubtful=False)

    def general(self) -> Reading:
        """The same with everything else that could be meant: for a column that mixes its ways of writing."""
        day_first = self.formats and self.formats[0].startswith("%d")
        dates = (*_YEAR_FIRST, *(_DAY_FIRST if day_first or not self.formats else _MONTH_FIRST + _DAY_FIRST))
        wide = (*self.formats, *_with_clocks((*dates, *_NAMED)))
        return Reading(tuple(dict.fromkeys(wide)), "", offsets=True, named=True, doubtful=self.doubtful)


def how(values: Sequence[str]) -> Reading | None:
    """How these values (a sample, none of them empty) are written; None: they are no moments.

    A way is taken where it reads at least half of the values; whoever reads the rest says what is wrong there.
    """
    if not values:
        return None
    text = pl.Series("t", values, dtype=pl.String)
    for unit, least, most in (("seconds", 9, 10), ("milliseconds", 12, 13), ("microseconds", 15, 16)):
        if text.str.contains(rf"^\d{{{least},{most}}}(?:\.\d+)?$").mean() >= 0.9:  # type: ignore[operator]
            return Reading(unit=unit)
    for pattern, stated in ((_ISO_OFFSET, True), (_ISO, False)):
        if text.str.contains(pattern).all() and text.str.slice(10, 1).n_unique() == 1:
            return Reading((f"{_YEAR_FIRST[0]} {_CLOCKS[0]}",), offsets=stated, iso=values[0][10])
    offsets = any(_HAS_OFFSET.search(one) for one in values)
    named = bool(text.str.contains("[A-Za-z]{3}").mean() >= 0.5)  # type: ignore[operator]
    cleaned = text.to_frame().select(_clean(pl.col("t"), offsets=offsets, named=named)).to_series()
    if named:
        groups: tuple[tuple[str, ...], ...] = (_NAMED,)
    else:
        groups = (_YEAR_FIRST, _DAY_FIRST, _MONTH_FIRST)
    best: tuple[int, tuple[str, ...], bool] = (0, (), False)
    scores = []
    for dates in groups:
        formats, read = _reads(cleaned, _with_clocks(dates))
        scores.append(read)
        if read > best[0]:
            best = (read, formats, dates is _DAY_FIRST)
        if dates is _YEAR_FIRST and read == len(values):  # nothing else begins with four digits
            break
    if best[0] < 0.5 * len(values):
        return None
    doubtful = best[2] and scores[-1] == best[0]
    return Reading(best[1], offsets=offsets, named=named, doubtful=doubtful)


def _with_clocks(dates: Sequence[str]) -> tuple[str, ...]:
    clocks = tuple(f"{date} {clock}" for date in dates for clock in (*_CLOCKS, *_TWELVE))
    return clocks + tuple(dates)


def _reads(text: pl.Series, formats: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """The formats that read something nobody read before, greedily, and how much they read together."""
    tries = text.to_frame("t").select(
        _strptime(pl.col("t"), form).is_not_null().alias(str(at)) for at, form in enumerate(formats)
    )
    good = tries.to_numpy()
    open_ = np.ones(len(good), dtype=bool)
    used: list[str] = []
    while open_.any() and len(used) < 4:
        counts = good[open_].sum(axis=0)
        if not counts.max():
            break
        used.append(formats[int(counts.argmax())])
        open_ &= ~good[:, int(counts.argmax())]
    return tuple(used), int((~open_).sum())


def _strptime(text: pl.Expr, form: str) -> pl.Expr:
    if "%H" in form or "%I" in form:
        return text.str.to_datetime(form, time_unit="us", strict=False, exact=True)
    return text.str.to_date(form, strict=False, exact=True).cast(pl.Datetime("us"))


def _clean(text: pl.Expr, *, offsets: bool, named: bool) -> pl.Expr:
    text = text.str.replace(r"^(\d+[-/.]\w+[-/.]\d+)[T,]\s*(\d)", "$1 $2")
    text = text.str.replace(r":(\d\d),(\d+)", ":$1.$2")
    if offsets:
        text = pl.when(text.str.contains(_OFFSET)).then(text.str.replace(_OFFSET_TAIL, "")).otherwise(text)
    if named:
        text = text.str.replace_many(list(_MONTHS), list(_MONTHS.values()), leftmost=True)
    return text


def parsed(column: pl.Expr, reading: Reading) -> tuple[pl.Expr, pl.Expr | None]:
    """The moment (UTC) of a text column, null where it cannot be read, and the stated offset in minutes.

    The offset is None where the column states none anywhere.
    """
    if reading.unit:
        factor = _SINCE_1970[reading.unit]
        # Whole and broken parts apart: a float has no room for microseconds since 1970 in nanoseconds.
        count = (column.cast(pl.Float64, strict=False) * factor).round().cast(pl.Int64, strict=False)
        return count.cast(pl.Datetime("us")).dt.replace_time_zone("UTC"), None
    if reading.iso:
        return _plain_iso(column, reading)
    text = _clean(column, offsets=reading.offsets, named=reading.named)
    ways = [_strptime(text, form) for form in reading.formats]
    local = ways[0] if len(ways) == 1 else pl.coalesce(ways)
    if not reading.offsets:
        return local.dt.replace_time_zone("UTC"), None
    minutes = _minutes(column)
    utc = local - pl.duration(minutes=minutes.fill_null(0))
    return utc.dt.cast_time_unit("us").dt.replace_time_zone("UTC").cast(MOMENT), minutes.cast(pl.Int16)


def _plain_iso(column: pl.Expr, reading: Reading) -> tuple[pl.Expr, pl.Expr | None]:
    form = f"%Y-%m-%d{reading.iso}%H:%M:%S"
    if not reading.offsets:
        local = column.str.to_datetime(f"{form}%.f", time_unit="us", strict=False)
        return local.dt.replace_time_zone("UTC"), None
    utc = column.str.to_datetime(f"{form}%.f%#z", time_unit="us", time_zone="UTC", strict=False)
    clock = column.str.slice(0, 19).str.to_datetime(form, time_unit="us", strict=False)
    apart = (
        clock.dt.replace_time_zone("UTC").to_physical() - utc.to_physical()
    )  # short of the offset by less than 1 s
    return utc, ((apart + 30_000_000) // 60_000_000).cast(pl.Int16)


def _minutes(column: pl.Expr) -> pl.Expr:
    """Minutes east of UTC as stated behind the time of day; null where nothing is stated."""
    stated = column.str.extract(_OFFSET)
    sign = pl.when(stated.str.starts_with("-")).then(-1).otherwise(1)
    hours = stated.str.extract(r"^[+-](\d\d)").cast(pl.Int32)
    rest = stated.str.extract(r"^[+-]\d\d:?(\d\d)$").cast(pl.Int32).fill_null(0)
    return (
        pl.when(hours.is_null())
        .then(pl.when(stated.is_null()).then(None).otherwise(0))
        .otherwise(sign * (hours * 60 + rest))
    )
