"""What a format's reader hands over: a table as it stands in the file, before anybody knows what it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from setara.science.events.errors import LogError

#: How many rows are looked at to guess what a column holds.
SAMPLE = 5_000


@dataclass(frozen=True)
class Raw:
    """A table that can be scanned, not yet read.

    ``known`` are the roles that the format itself names (XES: ``activity`` is ``concept:name``). ``line`` turns
    the number of a row (from 0) into words for a message, such as "line 17"; ``fault`` turns what stopped the
    reading into words. ``streams``: reading makes the data smaller and is worth being done in pieces.
    ``case_columns`` are constant within a case by the format. ``decimal_comma``: numbers may be written ``1,5``;
    ``clean``: texts have no blanks around them.
    """

    table: pl.LazyFrame
    name: str
    known: Mapping[str, str] = field(default_factory=dict)
    line: Callable[[int], str] = lambda row: f"row {row + 1}"
    fault: Callable[[Exception], LogError] = lambda wrong: LogError(str(wrong).strip().splitlines()[0])
    streams: bool = True
    case_columns: frozenset[str] = frozenset()
    decimal_comma: bool = False
    clean: bool = False
    notes: tuple[str, ...] = ()
