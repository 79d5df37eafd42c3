"""What the integrity tests read, and what each of them says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setara.kernel.words import Words
from setara.science.satisfaction.integrity.kinds import Bools, Ints, Kinds, families

Floats = NDArray[np.float64]
_VISIT: Final = 600
Decision = Literal["clear", "attention", "not computable"]


@dataclass(frozen=True, eq=False)
class Answers:
    """An answer file as arrays of one length n; what a file does not have is None.

    ``scores``: n x elements, NaN where not answered, between ``low`` and ``high``. ``time``: when the answer was
    handed in, ``datetime64[s]`` in local time, NaT where unknown. ``seconds``: how long answering took.
    ``device``, ``channel``, ``respondent``: whole numbers, one for each device (and so on), -1 where unknown;
    :func:`codes` makes them from texts. ``rows``: the row numbers of the file, for people who look there.
    """

    scores: Floats
    low: float
    high: float
    time: NDArray[np.datetime64] | None = None
    seconds: Floats | None = None
    device: Ints | None = None
    channel: Ints | None = None
    respondent: Ints | None = None
    rows: Ints | None = None

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.scores)

    def numbers(self, found: NDArray[Any]) -> tuple[int, ...]:
        """Positions of this table as the file's row numbers, in order; without ``rows`` counted from 1."""
        found = np.sort(np.asarray(found, dtype=np.int64))
        return tuple((self.rows[found] if self.rows is not None else found + 1).tolist())

    @cached_property
    def moments(self) -> Ints | None:
        """``time`` in seconds since 1970, the smallest whole number where unknown; None without any time."""
        if self.time is None or np.isnat(self.time).all():
            return None
        return self.time.astype("datetime64[s]").astype(np.int64)

    @cached_property
    def timed(self) -> Bools:
        """Which rows have a time."""
        return ~np.isnat(self.time) if self.time is not None else np.zeros(self.n, dtype=bool)

    @cached_property
    def visits(self) -> Ints:
        """Positions of rows with a time; of one device only the first in ten minutes: a family."""
        rows = np.flatnonzero(self.timed)
        if self.device is None or self.moments is None:
            return rows
        known = rows[self.device[rows] >= 0]
        blocks = (self.moments[known] - self.moments[known].min(initial=self.moments.max())) // _VISIT
        key = self.device[known] * (int(blocks.max(initial=0)) + 1) + blocks
        first = pl.Series(key).is_first_distinct().to_numpy()
        return np.sort(np.concatenate([known[first], rows[self.device[rows] < 0]]))

    @cached_property
    def own(self) -> Floats:
        """Each respondent's own mean; NaN where nothing was answered."""
        sums, counts = np.zeros(self.n), np.zeros(self.n)
        for column in self.scores.T:
            given = ~np.isnan(column)
            sums += np.where(given, column, 0.0)
            counts += given
        return np.asarray(np.divide(sums, counts, out=np.full(self.n, np.nan), where=counts > 0))

    @cached_property
    def resolution(self) -> int:
        """The step of the clock in seconds: 1, 60 where seconds were cut off, 86,400 for dates; 0 without times."""
        return 0 if self.moments is None else int(np.gcd.reduce(np.append(self.moments[self.timed], 86_400)))

    @cached_property
    def levels(self) -> NDArray[np.int8]:
        """The answers as small whole numbers for comparing: 1 is the lowest, 0 not answered."""
        levels = np.empty(self.scores.shape, dtype=np.int8, order="F")
        for place, column in enumerate(self.scores.T):
            levels[:, place] = np.rint(np.where(np.isnan(column), 0.0, column - (self.low - 1)))
        return levels

    @cached_property
    def kinds(self) -> tuple[Kinds, Kinds, Kinds]:
        """The kinds of rows that the scans look for; see :func:`kinds.families`."""
        return families(self.levels, round(self.high - self.low) + 1)

    @cached_property
    def straight(self) -> Bools:
        """Rows that gave every element the same answer, three elements or more."""
        columns = np.asfortranarray(self.levels).T
        top, low, given = (np.zeros(self.n, dtype=np.int8) for _ in range(3))
        low += 127
        for column in columns:
            np.maximum(top, column, out=top)
            np.minimum(low, np.where(column > 0, column, 127), out=low)
            given += column > 0
        return np.asarray((top == low) & (given >= 3))


@dataclass(frozen=True)
class Outcome:
    """What one test says of one file.

    ``false_alarm``: the share of honest files that it flags at most, by construction where the docstring of its
    module says how, under the assumptions named there. ``p_value`` already counts everything the test looked at;
    None for facts. ``rows``: the row numbers of the file that stand behind the finding. ``finding``: a sentence.
    """

    code: str
    name: Words
    decision: Decision
    false_alarm: float
    finding: Words
    p_value: float | None = None
    rows: tuple[int, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self, rows: int = 200) -> dict[str, Any]:
        """Plain data for JSON, with at most ``rows`` row numbers; ``found`` counts all of them."""
        return {
            "code": self.code,
            "name": self.name.as_dict(),
            "decision": self.decision,
            "false_alarm": self.false_alarm,
            "p_value": self.p_value,
            "found": len(self.rows),
            "rows": list(self.rows[:rows]),
            "finding": self.finding.as_dict(),
            "details": dict(self.details),
        }


def codes(values: Any) -> Ints:
    """Whole numbers for the distinct values of a column, in the order of first appearance, -1 for missing ones.

    None, NaN and texts of blanks are missing.
    """
    known: dict[Any, int] = {}
    found = np.empty(len(values), dtype=np.int64)
    for i, value in enumerate(values):
        blank = value is None or value != value or (isinstance(value, str) and not value.strip())
        found[i] = -1 if blank else known.setdefault(value, len(known))
    return found


def not_computable(code: str, name: Words, false_alarm: float, why: Words) -> Outcome:
    """The answer where the file lacks what the test needs."""
    return Outcome(code, name, "not computable", false_alarm, why, None)


def decided(p_value: float, level: float) -> Decision:
    """Attention at or below the level."""
    return "attention" if p_value <= level else "clear"
