"""D5, the standard path: steps that were skipped, repeated or done out of order, and service out of hours.

Formula. The path is a state machine (:mod:`setara.science.fairness.model`); each case is run through it once, and
every move that it does not hold is found. A move forward over steps that the shortest way holds skips those steps;
a move back is out of order; the same step again is a repetition; anything after an outcome that ends the path comes
after the end. ``effect`` is the share of cases that leave the path, of those that have any step of it.

Out of hours. Where opening hours are given: service that begins outside them. Where the log records calls, the hall
is open from the first call of the office's day to the end of the last service that was called; a step to which
people are called (at least nine of ten of its rows have a call) and that is done without a call outside that is
out of hours, inside it is served without a call.

Null model. None, where the path is a pack's or a file's. A path found in the log is only the usual one: then few
who leave what nearly everybody (nine of ten) keeps are worth a look, many are not.

Assumptions. Every step that was done is recorded. Rows that only say that somebody did not come are no steps; what
outcomes send back may come again; steps of the same moment are taken in the order that fits; a case that begins in
the middle while others do, too, in the first tenth of the log may have begun before it; a case that is not at its
end is not blamed for it.

Source. Conformance checking by replay, W. van der Aalst, "Process Mining" (2nd ed. 2016), ch. 8; here with a state
machine and without search, O(events).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setara.science.events.log import Log
from setara.science.fairness import model as models
from setara.science.fairness import pace
from setara.science.fairness.hours import out_of_hours
from setara.science.fairness.intervals import wilson
from setara.science.fairness.model import Model
from setara.science.fairness.path_kernels import off_path
from setara.science.fairness.result import Finding, not_computable
from setara.science.progress import Progress, silent

ID, NAME = "D5", "standard path and durations"
#: A found path describes the log where so many of the cases keep to it.
KEPT_BY: Final = 0.9
_EARLY, _EARLY_SHARE = 0.1, 0.1
_MOST_AT_ONCE: Final = 6
WHAT: Final = ("skipped", "out of order", "repeated", "after the end", "in spite of its outcome")


@dataclass(frozen=True)
class Coded:
    """The log as the machine reads it: ``symbols`` in the order of the cases, and what they mean."""

    symbols: NDArray[np.int16]
    step_of: NDArray[np.int64]
    allowed: NDArray[np.bool_]
    first: NDArray[np.bool_]
    outcomes: tuple[str, ...]
    in_vain: int

    def outcome_of(self, symbol: int) -> str:
        """The outcome that a symbol stands for; empty where none is known."""
        return self.outcomes[symbol % len(self.outcomes)]


def model_of(log: Log, path: Path | None) -> Model:
    """The model in a file; without one the pack whose steps the log names, else the path found in the log.

    Raises :class:`~setara.science.fairness.model.ModelError`.
    """
    if path is not None:
        return models.read(path)
    codes, names = log.codes("activity")
    day = log.frame["day"].min()
    known = models.recognised(names, day)  # type: ignore[arg-type]
    return known or models.found(names, log.cases.arranged(codes), log.cases)


def coded(log: Log, model: Model) -> Coded:
    """The events as numbers of the model's steps and outcomes."""
    acts, names = log.codes("activity")
    outcomes = ("", *sorted({one for ways in model.follows.values() for one in ways if one}))
    wide, at = len(outcomes), {step: place for place, step in enumerate(model.steps)}
    step_of_name = np.array([at.get(name, -1) for name in names], dtype=np.int16)
    if wide > 1 and log.frame.schema.get("outcome") == pl.String:
        codes, told = log.codes("outcome")
        place = {name: number for number, name in enumerate(outcomes)}
        number = np.array([place.get(name, 0) for name in told] + [0], dtype=np.int16)
        table = np.where(step_of_name[:, None] >= 0, step_of_name[:, None] * wide + number[None, :], -1)
        symbols = table.astype(np.int16)[acts, codes]
    else:
        symbols = np.where(step_of_name >= 0, step_of_name * wide, -1).astype(np.int16)[acts]
    done = _done(log)
    in_vain = 0
    if done is not None:
        in_vain = int((~done & (symbols >= 0)).sum())
        symbols = np.where(done, symbols, np.int16(-1))
    allowed = np.zeros((len(model.steps) * wide, len(model.steps)), dtype=bool)
    for step, row in at.items():
        for number_, outcome in enumerate(outcomes):
            allowed[row * wide + number_, [at[one] for one in model.next_of(step, outcome)]] = True
    first = np.array([step in model.first for step in model.steps])
    step_of = np.repeat(np.arange(len(model.steps)), wide)
    return Coded(log.cases.arranged(symbols), step_of, allowed, first, outcomes, in_vain)


def _done(log: Log) -> NDArray[np.bool_] | None:
    """Which rows are steps that were done; None: all. The others tell of a call in vain, or one taken back."""
    frame = log.frame
    vain = pl.lit(value=False)
    if "absent" in frame.columns and frame["absent"].null_count() < frame.height:
        called = pl.col("call") if "call" in frame.columns else pl.lit(None, dtype=frame.schema["absent"])
        vain = pl.col("absent").is_not_null() & (pl.col("absent") >= called).fill_null(value=True)
    if frame.schema.get("outcome") == pl.String:
        vain = vain | (pl.col("outcome") == "undone").fill_null(value=False)
    flags = frame.select(vain.alias("vain"))["vain"]
    if flags.len() == 1 and frame.height != 1:
        return None
    done: NDArray[np.bool_] = (~flags).to_numpy()
    return done


def leaves(log: Log, code: Coded) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions (in the order of the cases) of moves that leave the path, and of the step before each (-1)."""
    found, before = off_path(log.cases.starts, code.symbols, code.step_of, code.allowed, code.first)
    return found, before


def find(log: Log, path: Path | None = None, progress: Progress = silent) -> tuple[Finding, pl.Series | None]:
    """D5, and the names of the cases that leave the path (None where there is no path).

    Evidence rows: ``case``, ``activity`` (the step that is missing, or was done wrongly), ``time`` and ``resource``
    of the row at which it happened (for a skipped step the step before), ``what``, ``before`` and ``after``.
    """
    progress("standard path", 0, None)
    model = model_of(log, path)
    code = coded(log, model)
    on_path = _cases_with_steps(log, code)
    if not on_path.any():
        why = f"no event of the log is a step of the path '{model.name}': {', '.join(model.steps)}"
        return not_computable(ID, NAME, why), None
    found, before = leaves(log, code)
    found, before, same = _not_by_order(log, code, found, before)
    found, before, early = _not_by_the_cut(log, on_path, found, before)
    rows = _evidence(log, model, code, found, before)
    cases = rows["case"].unique().sort() if rows.height else pl.Series("case", [], dtype=pl.String)
    total, off = int(on_path.sum()), cases.len()
    hours = out_of_hours(log, model)
    evidence = pl.concat([rows, hours.evidence], how="diagonal_relaxed").sort("time", "case")
    keeps = 1 - off / total
    loose = model.source == "log" and keeps < KEPT_BY
    details: dict[str, Any] = {
        "model": model.as_dict(),
        "cases": total,
        "leave_the_path": off,
        "by_kind": dict(evidence["what"].value_counts(sort=True).rows()) if evidence.height else {},
        "hours": hours.rule,
        "pace": pace.of(log, _done(log)),
    }
    if loose:
        details["why_clear"] = (
            f"only {keeps:.0%} of the cases keep to the path that was found; it is no standard"
        )
    explained = (
        ("called in vain, or taken back: no step", code.in_vain),
        ("came back after being sent away or held up", _came_back(log, model, code)),
        ("several steps of the same moment, whose order is not known", same),
        ("may have begun before the log does", early),
    )
    finding = Finding(
        ID,
        NAME if model.source != "log" else f"{NAME} (path found in the log)",
        "attention" if evidence.height and not (loose and not hours.evidence.height) else "clear",
        effect=off / total,
        unit="share of cases",
        interval=wilson(off, total),
        evidence=evidence,
        explained=explained,
        details=details,
    )
    progress("standard path", 1, 1)
    return finding, cases


def _cases_with_steps(log: Log, code: Coded) -> NDArray[np.bool_]:
    starts = log.cases.starts
    some = np.maximum.reduceat(code.symbols >= 0, starts[:-1]) if len(starts) > 1 else np.zeros(0, dtype=bool)
    return np.asarray(some, dtype=bool)


def _row(log: Log, positions: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows of the frame for positions in the order of the cases."""
    order = log.cases.order
    return positions if order is None else order[positions].astype(np.int64)


def _moments(log: Log, positions: NDArray[np.int64]) -> NDArray[np.int64]:
    moments: NDArray[np.int64] = log.frame["time"].gather(_row(log, positions)).to_physical().to_numpy()
    return moments


def _not_by_order(
    log: Log, code: Coded, found: NDArray[np.int64], before: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """What is left when steps of the same moment may stand in any order; and how many moves that explains."""
    near = before >= 0
    tied = np.zeros(len(found), dtype=bool)
    tied[near] = _moments(log, found[near]) == _moments(log, before[near])
    keep = np.ones(len(found), dtype=bool)
    for at in np.flatnonzero(tied):
        if keep[at] and (span := _reordered(log, code, int(found[at]))) is not None:
            keep[(found >= span[0]) & (found <= span[1])] = False
    return found[keep], before[keep], int((~keep).sum())


def _reordered(log: Log, code: Coded, at: int) -> tuple[int, int] | None:
    """The positions whose moves are all good in another order of the steps of one moment; None: there is none."""
    starts = log.cases.starts
    case = int(np.searchsorted(starts, at, side="right")) - 1
    here = np.arange(starts[case], starts[case + 1])
    here = here[code.symbols[here] >= 0]
    moments = _moments(log, here)
    group = np.flatnonzero(moments == moments[np.searchsorted(here, at)])
    if len(group) > _MOST_AT_ONCE:
        return None
    low, high = int(group[0]), int(group[-1])
    symbols = [int(one) for one in code.symbols[here]]
    end = min(high + 1, len(here) - 1)
    for order in permutations(symbols[low : high + 1]):
        way = [*symbols[max(low - 1, 0) : low], *order, *symbols[high + 1 : end + 1]]
        good = low > 0 or code.first[code.step_of[way[0]]]
        if good and all(code.allowed[a, code.step_of[b]] for a, b in pairwise(way)):
            return int(here[low]), int(here[end])
    return None


def _not_by_the_cut(
    log: Log, on_path: NDArray[np.bool_], found: NDArray[np.int64], before: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Without the cases of the first tenth that begin in the middle, where so many do that the log was cut."""
    headless = before < 0
    if not headless.any():
        return found, before, 0
    times = log.frame["time"].to_physical().to_numpy()
    begins = times[log.cases.firsts()]
    low, high = int(times.min()), int(times.max())
    young = begins <= low + _EARLY * (high - low)
    of_case = np.searchsorted(log.cases.starts, found, side="right") - 1
    cut = headless & young[of_case]
    if cut.sum() < _EARLY_SHARE * max(int((young & on_path).sum()), 1):
        return found, before, 0
    return found[~cut], before[~cut], int(cut.sum())


def _evidence(
    log: Log, model: Model, code: Coded, found: NDArray[np.int64], before: NDArray[np.int64]
) -> pl.DataFrame:
    """One row for each step that is missing or was done wrongly."""
    after_step = code.step_of[code.symbols[found]]
    state = np.where(before >= 0, code.symbols[np.maximum(before, 0)], -1).astype(np.int64)
    kinds: dict[tuple[int, int], tuple[str, list[str]]] = {}
    for pair in set(zip(state.tolist(), after_step.tolist(), strict=True)):
        kinds[pair] = _kind(model, code, *pair)
    told = [kinds[pair] for pair in zip(state.tolist(), after_step.tolist(), strict=True)]
    at_before = np.array([kind == "skipped" for kind, _ in told], dtype=bool) & (before >= 0)
    rows = _row(log, np.where(at_before, before, found))
    kept = [name for name in ("case", "time", "resource", "office", "start") if name in log.frame.columns]
    steps = np.array(model.steps, dtype=object)
    table = log.frame.select(kept)[rows].with_columns(
        pl.Series("activity", [steps for _, steps in told], dtype=pl.List(pl.String)),
        pl.Series("what", [kind for kind, _ in told], dtype=pl.String),
        pl.Series(
            "before", [None if one < 0 else steps[code.step_of[one]] for one in state], dtype=pl.String
        ),
        pl.Series("after", steps[after_step].tolist(), dtype=pl.String),
        pl.Series("position:", found),
    )
    table = table.explode("activity")
    table = _later_after_all(log, model, code, table)
    order = ("case", "activity", "time", "resource", "what", "before", "after", "office", "start")
    return table.select(name for name in order if name in table.columns)


def _kind(model: Model, code: Coded, state: int, step: int) -> tuple[str, list[str]]:
    """What is wrong with a move, and the steps that it concerns."""
    after = model.steps[step]
    if state >= 0:
        before = model.steps[code.step_of[state]]
        if not code.allowed[state].any():
            return "after the end", [after]
        if before == after:
            return "repeated", [after]
        missing = model.missing(before, after)
        if missing == []:
            return "in spite of its outcome", [after]
    else:
        missing = model.missing(None, after)
    return ("skipped", missing) if missing else ("out of order", [after])


def _later_after_all(log: Log, model: Model, code: Coded, table: pl.DataFrame) -> pl.DataFrame:
    """A step that was skipped and done later in the same case was done out of order."""
    skipped = table.filter(pl.col("what") == "skipped")
    if skipped.is_empty():
        return table
    at = {step: place for place, step in enumerate(model.steps)}
    starts = log.cases.starts
    late = []
    for position, activity in skipped.select("position:", "activity").iter_rows():
        end = starts[np.searchsorted(starts, position, side="right")]
        ahead = code.symbols[position:end]
        late.append(bool((code.step_of[ahead[ahead >= 0]] == at[activity]).any()))
    marked = skipped.select("position:", "activity", pl.Series("late:", late))
    return (
        table.join(marked, on=["position:", "activity"], how="left", maintain_order="left")
        .with_columns(pl.when("late:").then(pl.lit("out of order")).otherwise("what").alias("what"))
        .drop("late:")
    )


def _came_back(log: Log, model: Model, code: Coded) -> int:
    """How many steps were done again, or from an earlier one on, because an outcome let somebody come back."""
    if not model.again:
        return 0
    wide = len(code.outcomes)
    again = [
        model.steps.index(step) * wide + code.outcomes.index(outcome)
        for step, outcome in model.again
        if outcome in code.outcomes
    ]
    let = np.isin(code.symbols, np.array(again, dtype=np.int16))
    last = np.zeros(len(let), dtype=bool)
    last[log.cases.starts[1:] - 1] = True  # nobody has come back yet
    return int((let & ~last).sum())
