"""The levels of an attribute: text as it is, numbers in four bins, and what cannot be compared is said."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setara.science.events.log import Log

FEWEST: Final = 10  # cases a level needs
MOST: Final = 50  # levels an attribute may have
#: Numbers with more different values than this are put into four bins at the quartiles of the cases.
BINNED_FROM: Final = 10
NUMERIC_RULE: Final = (
    f"numbers with more than {BINNED_FROM} different values are put into four bins, at the quartiles"
)


@dataclass(frozen=True)
class Levels:
    """The level of each case: ``codes`` into ``names``, -1 where the case has no value. ``why`` not, otherwise."""

    attribute: str
    names: tuple[str, ...]
    codes: NDArray[np.int64]
    why: str = ""


def values_of(log: Log, attribute: str, cases: pl.Series) -> tuple[pl.Series, str]:
    """The value of ``attribute`` for each of ``cases``, found with or without the prefix ``case:``; and what is
    against comparing by it. ValueError where the log has no such attribute; the text lists those it has.
    """
    name = next((each for each in _spellings(attribute, log) if each in log.frame.columns), None)
    if name is None:
        known = sorted({*log.case_attributes, *log.event_attributes, *_roles(log)})
        raise ValueError(f"The log has no attribute {attribute!r}. It has: {', '.join(known) or 'none'}.")
    pairs = log.frame.select("case", value=pl.col(name).cast(pl.String)).drop_nulls()
    table = pairs.group_by("case").agg(
        value=pl.col("value").first(), differing=pl.col("value").n_unique() > 1
    )
    aligned = cases.to_frame("case").join(table, on="case", how="left", maintain_order="left")
    differing = int(aligned["differing"].sum() or 0)
    return aligned["value"], f"it changes within {differing} cases" if differing else ""


def _spellings(attribute: str, log: Log) -> tuple[str, ...]:
    """What an attribute may be called in the table: a column that became a role has the role's name there."""
    bare = attribute.removeprefix("case:")
    written = (attribute, bare, f"case:{bare}")
    roles = {name: role for role, name in log.columns.items() if role in log.frame.columns}
    return *written, f"source:{bare}", *(roles[name] for name in written if name in roles)


def _roles(log: Log) -> set[str]:
    return {name for name in ("resource", "counter", "lane", "office", "reason") if name in log.frame.columns}


def levels_of(attribute: str, values: pl.Series, why: str = "") -> Levels:
    """The levels of the cases' ``values`` (text or null)."""
    numbers = values.cast(pl.Float64, strict=False)
    numeric = numbers.null_count() == values.null_count() and bool(numbers.drop_nulls().is_finite().all())
    if numeric and values.n_unique() - (values.null_count() > 0) > BINNED_FROM:
        return _binned(attribute, numbers, why)
    names = values.drop_nulls().unique().sort()
    if len(names) > MOST and not why:
        why = f"it has {len(names)} levels, over {MOST}"
    lookup = {name: at for at, name in enumerate(names)}
    codes = np.asarray([-1 if value is None else lookup[value] for value in values], np.int64)
    return Levels(attribute, tuple(names), codes, why)


def _binned(attribute: str, numbers: pl.Series, why: str) -> Levels:
    found = numbers.drop_nulls().to_numpy()
    edges = np.unique(np.quantile(found, [0.25, 0.5, 0.75], method="inverted_cdf"))
    edges = edges[edges < found.max()]
    values = numbers.fill_null(float("nan")).to_numpy()
    codes = np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="left")).astype(np.int64)
    written = [f"{edge:g}" for edge in edges]
    names = [f"up to {written[0]}"] if written else ["all"]
    names += [f"over {low} to {high}" for low, high in itertools.pairwise(written)]
    names += [f"over {written[-1]}"] if written else []
    return Levels(attribute, tuple(names), codes, why)


def strata_of(parts: list[Levels], cases: int) -> NDArray[np.int64]:
    """One number a case: its combination of levels; no value is a level of its own. All 0 without parts."""
    strata = np.zeros(cases, np.int64)
    for part in parts:
        strata = strata * (len(part.names) + 1) + part.codes + 1
    return np.unique(strata, return_inverse=True)[1].astype(np.int64)
