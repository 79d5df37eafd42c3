"""D1 under first come, first served for whole countries: the depth of every call, in a few passes over numbers.

It is the same as the tree of ranks in :mod:`setara.science.fairness.kernels` (tests hold the two against each
other). :func:`depths` needs no table at all; :func:`counted` serves the tables of the audit. A line (office, day,
activity, lane) is put in the order of joining; the moments until which people stood there are kept in a small sorted
list. In an office that mostly keeps the order that costs O(n log n) for sorting and O(n + sum of depths) for
counting; where a line proves to be in no order at all, a tree of ranks takes over, O(n log n).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from setara.science.events.log import Log
from setara.science.fairness.kernels import passed_and_waiting

#: Cases with more rows than this are left to the tables; comparing each with each would cost too much.
_LONG: Final = 512
#: How many steps back a row may cost on average before the tree takes over.
_PATIENCE: Final = 64
_NEVER: Final = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Depths:
    """``row``: rows of the log that are calls; ``depth``: whom each passed; ``left_out``: rows that are no calls."""

    row: NDArray[np.uint32]
    depth: NDArray[np.int32]
    left_out: int

    def evidence(self, log: Log) -> pl.DataFrame:
        """The calls out of turn, deepest first, ties in the order of the log."""
        found = np.flatnonzero(self.depth > 0)
        found = found[np.lexsort((self.row[found], -self.depth[found]))]
        kept = ("case", "activity", "time", "resource", "office", "day", "lane", "enqueue", "call")
        rows = log.frame.select(name for name in kept if name in log.frame.columns)[self.row[found]]
        return rows.with_columns(pl.Series("depth", self.depth[found]))


def depths(log: Log) -> Depths | None:
    """The depth of each call under ``fcfs``; None where the log has what only the tables can take into account.

    That is: no moments of joining or calling, calls taken back, the moment of coming back, or very long cases.
    """
    call = "call" if log.has("call") else "start"
    frame = log.frame
    if not log.has("enqueue", call) or "returned" in frame.columns or _taken_back(frame):
        return None
    if not frame.height or int(log.cases.lengths().max()) > _LONG:
        return None
    step, group, groups = line_numbers(log)
    key, called = _numbers(frame, "enqueue"), _numbers(frame, call)
    absent = _numbers(frame, "absent") if log.has("absent") else np.empty(0, dtype=np.int64)
    order = np.empty(0, dtype=np.uint32) if log.cases.order is None else log.cases.order
    since, until = key, called
    if len(absent) or _comes_again(log.cases.starts, order, step):
        since, until = _present(log.cases.starts, order, step, key, called, absent)
    rows, keys, calls, starts = _by_group(group, groups, key, called)
    if since is key:  # everybody stood there from joining to the call
        since, until = keys, calls
    else:
        since, until = since[rows], until[rows]
    depth = _depths(starts, keys, since, until, calls)
    return Depths(rows, depth, frame.height - len(rows))


def counted(
    group: NDArray[np.int32], groups: int, moments: tuple[NDArray[np.int64], ...]
) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[NDArray[np.int64], ...], NDArray[np.int32]]:
    """The depth of each row of a table of calls; ``group`` is its line, ``moments`` are those of joining, ``since``,
    ``until`` and the call, in microseconds, all known, no call before its joining.

    Returns the rows in the order of the lines and, in each, of joining; where each line begins, and the end; the
    moments in that order; and the depths in that order.
    """
    key, since, until, call = moments
    rows, keys, calls, starts = _by_group(group, groups, key, call)
    since = keys if since is key else since[rows]
    until = calls if until is call else until[rows]
    return rows, starts, (keys, since, until, calls), _depths(starts, keys, since, until, calls)


@njit(cache=True, nogil=True)
def waiting(starts: Any, since: Any, until: Any, calls: Any) -> Any:  # pragma: no cover - compiled
    """How many stood in the line at each call, the called one too: those who had come less those who had left."""
    out = np.empty(len(calls), dtype=np.int32)
    for group in range(len(starts) - 1):
        low, high = starts[group], starts[group + 1]
        come, gone = np.empty(high - low, dtype=np.int64), np.empty(high - low, dtype=np.int64)
        size = 0
        for at in range(low, high):
            if since[at] < until[at]:
                come[size], gone[size] = since[at], until[at]
                size += 1
        _rising(come[:size])
        _rising(gone[:size])
        for at in range(low, high):
            had_come = np.searchsorted(come[:size], calls[at])
            out[at] = had_come - np.searchsorted(gone[:size], calls[at], side="right") + 1
    return out


@njit(cache=True, nogil=True)
def _rising(values: Any) -> None:  # pragma: no cover - compiled
    """Sort in place: by insertion as long as it is nearly in order."""
    moves, most = 0, 8 * len(values)
    for at in range(1, len(values)):
        value, place = values[at], at
        while place > 0 and values[place - 1] > value:
            values[place] = values[place - 1]
            place -= 1
        values[place] = value
        moves += at - place
        if moves > most:
            values.sort()
            return


def _taken_back(frame: pl.DataFrame) -> bool:
    if frame.schema.get("outcome") != pl.String:
        return False
    return bool((frame["outcome"] == "undone").any())


def _numbers(frame: pl.DataFrame, name: str) -> NDArray[np.int64]:
    column = frame[name].to_physical()
    numbers: NDArray[np.int64] = (column.fill_null(_NEVER) if column.null_count() else column).to_numpy()
    return numbers


def line_numbers(log: Log) -> tuple[NDArray[np.int32], NDArray[np.int32], int]:
    """For each row the number of its step (office, day and activity), that of its line (step and lane), and how many
    lines there may be. An empty text is nothing."""
    roles = [role for role in ("activity", "office", "lane") if log.has(role)]
    with ThreadPoolExecutor(2) as threads:  # most of it runs without the interpreter's lock
        list(threads.map(log.codes, roles))
    codes, names = log.codes("activity")
    days = log.frame["day"].to_physical().to_numpy()
    first = int(days.min()) if len(days) else 0
    size = (int(days.max()) - first + 1 if len(days) else 1) * len(names)
    offices = len(log.codes("office")[1]) + 1 if log.has("office") else 1
    kind = np.dtype(np.int32 if size * offices < np.iinfo(np.int32).max else np.int64)
    step: NDArray[Any] = (days - first).astype(kind)
    step *= len(names)
    step += codes.astype(kind)
    if log.has("office"):
        step += _whole(log, "office").astype(kind) * kind.type(size)
        size *= offices
    step, size = _few(step, size)
    if not log.has("lane"):
        return step, step, size
    lanes = len(log.codes("lane")[1]) + 1
    line = step.astype(np.int64) * lanes if size * lanes >= np.iinfo(np.int32).max else step * np.int32(lanes)
    line += _whole(log, "lane").astype(line.dtype)
    line, size = _few(line, size * lanes)
    return step, line, size


def _whole(log: Log, role: str) -> NDArray[np.uint32]:
    """The numbers of a text column, the empty text as nothing."""
    codes, names = log.codes(role)
    return np.where(codes == 0, np.uint32(len(names)), codes) if names[:1] == [""] else codes


def _few(numbers: NDArray[Any], size: int) -> tuple[NDArray[np.int32], int]:
    """Without the numbers that nothing has, where that saves much room."""
    if size > 4 * len(numbers) + (1 << 20):
        _, numbers = np.unique(numbers, return_inverse=True)
        size = int(numbers.max()) + 1 if len(numbers) else 1
    return numbers.astype(np.int32, copy=False), size


def comes_again(log: Log, step: NDArray[np.int32]) -> bool:
    """Whether any case has two rows of one office, day and activity, or is too long to be looked through for it."""
    if len(step) and int(log.cases.lengths().max()) > _LONG:
        return True
    order = np.empty(0, dtype=np.uint32) if log.cases.order is None else log.cases.order
    return bool(_comes_again(log.cases.starts, order, step))


@njit(cache=True, nogil=True)
def _comes_again(starts: Any, order: Any, step: Any) -> bool:  # pragma: no cover - compiled
    """Whether any case has two rows of one office, day and activity."""
    moved = len(order) > 0
    for case in range(len(starts) - 1):
        for at in range(starts[case], starts[case + 1]):
            own = step[order[at]] if moved else step[at]
            for other in range(starts[case], at):
                if own == (step[order[other]] if moved else step[other]):
                    return True
    return False


@njit(cache=True, nogil=True)
def _present(
    starts: Any, order: Any, step: Any, key: Any, called: Any, absent: Any
) -> Any:  # pragma: no cover
    """When each row stood in its line, by the rules of ``calls._presence``."""
    moved, marks = len(order) > 0, len(absent) > 0
    since, until = key.copy(), called.copy()
    for case in range(len(starts) - 1):
        low, high = starts[case], starts[case + 1]
        for at in range(low, high):
            row: Any = np.int64(order[at]) if moved else at
            if key[row] == _NEVER or called[row] < key[row]:
                continue
            before: Any = np.int64(-1)
            mark = _NEVER
            for there in range(low, high):
                other: Any = np.int64(order[there]) if moved else there
                if other == row or step[other] != step[row]:
                    continue
                if marks and called[other] == _NEVER and absent[other] != _NEVER:
                    mark = absent[other] if mark == _NEVER else min(mark, absent[other])
                if key[other] == _NEVER or called[other] < key[other]:
                    continue
                if (called[other], other) < (called[row], row) and (
                    before < 0 or (called[other], other) > (called[before], before)
                ):
                    before = other
            if before >= 0 and key[row] <= called[before]:
                missed = marks and absent[before] != _NEVER and absent[before] >= called[before]
                since[row] = called[row] if missed else called[before]
            if marks and absent[row] != _NEVER:
                until[row] = min(until[row], absent[row])
            if mark != _NEVER and mark >= key[row]:
                until[row] = min(until[row], mark)
    return since, until


@njit(cache=True, nogil=True)
def _by_group(group: Any, groups: int, key: Any, called: Any) -> Any:  # pragma: no cover - compiled
    """The rows that are calls by group and in order of joining, their moments, and where each group begins."""
    starts = np.zeros(groups + 1, dtype=np.int64)
    for row in range(len(group)):
        if key[row] != _NEVER and called[row] >= key[row]:
            starts[group[row] + 1] += 1
    for one in range(groups):
        starts[one + 1] += starts[one]
    to, size = starts[:-1].copy(), starts[-1]
    rows, keys = np.empty(size, dtype=np.uint32), np.empty(size, dtype=np.int64)
    calls = np.empty(size, dtype=np.int64)
    for row in range(len(group)):
        if key[row] != _NEVER and called[row] >= key[row]:
            at = to[group[row]]
            rows[at], keys[at], calls[at] = row, key[row], called[row]
            to[group[row]] = at + 1
    for one in range(groups):
        _in_order(rows[starts[one] : starts[one + 1]], keys[starts[one] : starts[one + 1]],
                  calls[starts[one] : starts[one + 1]])  # fmt: skip
    return rows, keys, calls, starts


@njit(cache=True, nogil=True)
def _in_order(rows: Any, keys: Any, calls: Any) -> None:  # pragma: no cover - compiled
    """Sort one group by joining: by insertion as long as it is nearly in order (a log that is sorted by case is)."""
    moves, most = 0, 8 * len(keys)
    for at in range(1, len(keys)):
        key = keys[at]
        if keys[at - 1] <= key:
            continue
        row, call, place = rows[at], calls[at], at
        while place > 0 and keys[place - 1] > key:
            keys[place], rows[place], calls[place] = keys[place - 1], rows[place - 1], calls[place - 1]
            place -= 1
        keys[place], rows[place], calls[place] = key, row, call
        moves += at - place
        if moves > most:
            by = np.argsort(keys)
            keys[:], rows[:], calls[:] = keys[by], rows[by], calls[by]
            return


@njit(cache=True, nogil=True)
def _depths(starts: Any, keys: Any, since: Any, until: Any, calls: Any) -> Any:  # pragma: no cover - compiled
    """The depth of each call; all moments stand in the order of the groups."""
    depth = np.zeros(len(keys), dtype=np.int32)
    longest = 0
    for group in range(len(starts) - 1):
        longest = max(longest, starts[group + 1] - starts[group])
    ends, begins = np.empty(longest, dtype=np.int64), np.empty(longest, dtype=np.int64)
    for group in range(len(starts) - 1):
        low, high = starts[group], starts[group + 1]
        size, work, at = 0, 0, low
        while at < high:
            same = at
            while same < high and keys[same] == keys[at]:
                call, place = calls[same], size - 1
                while place >= 0 and ends[place] > call:
                    depth[same] += begins[place] < call
                    place -= 1
                work += size - place
                same += 1
            for one in range(at, same):
                begin, end = since[one], until[one]
                if begin >= end:
                    continue
                place = size
                while place > 0 and ends[place - 1] > end:
                    ends[place], begins[place] = ends[place - 1], begins[place - 1]
                    place -= 1
                ends[place], begins[place] = end, begin
                work += size - place
                size += 1
            at = same
            if work > _PATIENCE * (high - low):
                whole = np.array([0, high - low])
                counted, _ = passed_and_waiting(
                    whole, keys[low:high], since[low:high], until[low:high], calls[low:high]
                )
                depth[low:high] = counted
                break
    return depth
