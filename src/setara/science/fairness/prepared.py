"""What every detector is handed: the log, its calls held against the rule, and what was asked for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from setara.science.events.log import Log
from setara.science.fairness import completions, order, reasons
from setara.science.fairness.calls import Lines, lines
from setara.science.fairness.order import Fit
from setara.science.fairness.result import Finding
from setara.science.fairness.rule import OrderRule
from setara.science.progress import Progress, silent


@dataclass(frozen=True)
class Options:
    """What an audit was asked for. ``honest_error``: share of calls that honest people get wrong."""

    rule: OrderRule = field(default_factory=OrderRule)
    model: Path | None = None
    by: tuple[str, ...] = ()
    strata: tuple[str, ...] = ()
    min_effect: float = 0.02
    honest_error: float = 0.002
    seed: int = 1


@dataclass(frozen=True)
class Prepared:
    """The ground of all detectors.

    ``lines``: the calls, or why there are none. ``calls``: those with ``depth``, ``waiting``, ``passed``,
    ``choice``, ``proven`` (a proven reason excuses the call) and ``unexplained`` (the depth, 0 where excused);
    None where there are none. ``order``: D1, which is found on the way. ``off_path``: the cases that leave the
    standard path, once D5 has said so.
    """

    log: Log
    options: Options
    lines: Lines | str
    calls: pl.DataFrame | None
    fit: Fit
    order: Finding
    off_path: pl.Series | None = None
    progress: Progress = silent

    @property
    def no_calls(self) -> str:
        """Why nothing can be said about calls; empty where it can."""
        return self.lines if isinstance(self.lines, str) else ""

    @property
    def not_by_rule(self) -> str:
        """Why people cannot be judged by the rule: no calls, or a rule that does not describe them."""
        if self.no_calls:
            return self.no_calls
        return "" if self.fit.fits else f"the rule does not describe this log. {self.fit.words}"

    def with_path(self, off_path: pl.Series | None) -> Prepared:
        """The same, with the cases that leave the path."""
        return replace(self, off_path=off_path)


def prepare(log: Log, options: Options, progress: Progress = silent) -> Prepared:
    """Find the calls, hold them against the rule, and see whether the rule describes them.

    ValueError where the rule names a lane or a pack that is not there.
    """
    found = lines(log)
    if isinstance(found, str):
        finding, fit = completions.find(log, found)
        return Prepared(log, options, found, None, fit, finding, progress=progress)
    calls = order.with_depth(found, options.rule, progress)
    excused = reasons.excuses(log, found)
    if excused.is_empty():
        calls = calls.with_columns(proven=pl.lit(value=False), unexplained="depth")
    else:
        calls = calls.join(excused, on="row", how="left", maintain_order="left")
        calls = calls.with_columns(pl.col("proven").fill_null(value=False))
        calls = calls.with_columns(unexplained=pl.when("proven").then(0).otherwise(pl.col("depth")))
    fit = order.fit(calls, options.rule)
    finding = order.find(calls, fit, found, options.rule)
    return Prepared(log, options, found, calls, fit, finding, progress=progress)
