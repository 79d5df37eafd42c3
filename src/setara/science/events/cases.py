"""Which rows belong to which case, in order of time, without moving the rows: an index, made once in O(n).

Cases are told apart by 96 bits of hashes of their id, so that millions of long text ids cost no sorting of text;
any two of ten million ids share them with a chance below 1e-14 (birthday bound, n^2 / 2^97). Where the rows of a
case already stand together, 64 bits only have to tell neighbours and the runs apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
_SHORT = 64


@dataclass(frozen=True)
class Cases:
    """``order``: row numbers, the rows of a case together and in order of time, ties in the order of the rows;
    None where the rows stand so already. ``starts``: where each case begins in that order, and the end.
    Cases come in no promised order.
    """

    order: NDArray[np.uint32] | None
    starts: Ints

    @property
    def count(self) -> int:
        """How many cases there are."""
        return len(self.starts) - 1

    def lengths(self) -> Ints:
        """How many rows each case has."""
        return np.diff(self.starts)

    def arranged(self, values: NDArray[Any]) -> NDArray[Any]:
        """A column in the order of the cases."""
        return values if self.order is None else values[self.order]

    def firsts(self) -> Ints:
        """The number of the first row (in time) of each case."""
        heads = self.starts[:-1]
        return heads if self.order is None else self.order[heads].astype(np.int64)

    def codes(self) -> NDArray[np.uint32]:
        """For each row, in the order of the rows, the number of its case."""
        numbers = np.repeat(np.arange(self.count, dtype=np.uint32), self.lengths())
        if self.order is None:
            return numbers
        codes = np.empty_like(numbers)
        codes[self.order] = numbers
        return codes


def index(case: pl.Series, time: pl.Series) -> Cases:
    """The index of a log; ``time`` (moments) decides inside a case."""
    size = case.len()
    if not size:
        return Cases(None, np.zeros(1, dtype=np.int64))
    one = case.hash(seed=1).to_numpy()
    moments = time.to_physical().to_numpy()
    heads = np.flatnonzero(np.concatenate(([True], one[1:] != one[:-1])))
    if _rising(case, heads) or _all_differ(one[heads]):
        starts = np.append(heads, size).astype(np.int64)
        if _in_time(moments, starts):
            return Cases(None, starts)
        order, moments = np.arange(size, dtype=np.uint32), moments.copy()
    else:
        other = case.hash(seed=2).to_numpy()
        order, moments, starts = _gathered(*_parted(one, other, moments))
    _by_time(order, starts, moments)
    return Cases(order, starts)


def _rising(case: pl.Series, heads: Ints) -> bool:
    """Whether the runs begin with ever higher ids: a file that is sorted by case, and each id only once."""
    first, second = case.gather(heads[:1000]), case.gather(heads[1:1001])
    if not (first[: second.len()] < second).all():
        return False
    runs = case.gather(heads)
    return bool((runs[:-1] < runs[1:]).all())


def _all_differ(hashes: NDArray[np.uint64]) -> bool:
    few = hashes[: 1 << 16]  # a shuffled log shows itself soon
    return bool(pl.Series(few).n_unique() == len(few) and pl.Series(hashes).n_unique() == len(hashes))


@njit(cache=True)
def _in_time(moments: Any, starts: Any) -> bool:  # pragma: no cover - compiled
    for case in range(len(starts) - 1):
        for row in range(starts[case] + 1, starts[case + 1]):
            if moments[row] < moments[row - 1]:
                return False
    return True


@njit(cache=True)
def _parted(one: Any, other: Any, moments: Any) -> Any:  # pragma: no cover - compiled
    """Rows parted by the highest byte of the hash: each part then fits the cache of the processor."""
    ends = np.zeros(257, dtype=np.int64)
    for row in range(len(one)):
        ends[np.int64(one[row] >> np.uint64(56)) + 1] += 1
    for byte in range(256):
        ends[byte + 1] += ends[byte]
    to = ends[:-1].copy()
    size = len(one)
    hashes, checks = np.empty(size, dtype=np.uint64), np.empty(size, dtype=np.uint32)
    times, rows = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.uint32)
    for row in range(size):
        part: Any = np.int64(one[row] >> np.uint64(56))
        at = to[part]
        hashes[at], checks[at] = one[row], np.uint32(other[row] >> np.uint64(32))
        times[at], rows[at] = moments[row], row
        to[part] += 1
    return ends, hashes, checks, times, rows


@njit(cache=True)
def _gathered(
    ends: Any, hashes: Any, checks: Any, times: Any, rows: Any
) -> Any:  # pragma: no cover - compiled
    """Inside each part: cases numbered by an open hash table, then rows and times laid out by a counting sort."""
    order, moments = np.empty(len(rows), dtype=np.uint32), np.empty(len(rows), dtype=np.int64)
    starts = np.empty(len(rows) + 1, dtype=np.int64)
    cases = 0
    for part in range(256):
        low, high = ends[part], ends[part + 1]
        size: Any = 1024
        while size < 2 * (high - low):
            size *= 2
        table = np.full(size, -1, dtype=np.int64)
        codes = np.empty(high - low, dtype=np.int64)
        firsts = np.empty(high - low, dtype=np.int64)
        count = 0
        for at in range(low, high):
            slot = np.int64(hashes[at] & np.uint64(size - 1))
            while True:
                code = table[slot]
                if code < 0:
                    table[slot] = codes[at - low] = count
                    firsts[count] = at
                    count += 1
                    break
                if hashes[firsts[code]] == hashes[at] and checks[firsts[code]] == checks[at]:
                    codes[at - low] = code
                    break
                slot = (slot + 1) & (size - 1)
        lengths = np.zeros(count + 1, dtype=np.int64)
        for code in codes:
            lengths[code + 1] += 1
        for code in range(count):
            lengths[code + 1] += lengths[code]
            starts[cases + code] = low + lengths[code]
        for at in range(low, high):
            to = low + lengths[codes[at - low]]
            lengths[codes[at - low]] += 1
            order[to], moments[to] = rows[at], times[at]
        cases += count
    starts[cases] = len(rows)
    return order, moments, starts[: cases + 1].copy()


def _by_time(order: Any, starts: Ints, moments: Any) -> None:
    """Sort each case by time, ties in the order of the rows. ``moments`` stands in the order of ``order`` and is
    moved with it. Short cases by insertion, all long ones in one go."""
    long = np.flatnonzero(np.diff(starts) > _SHORT)
    _insert(order, starts, moments)
    if len(long):
        lengths = np.diff(starts)[long]
        at = np.concatenate([np.arange(starts[case], starts[case + 1]) for case in long])
        to = np.lexsort((moments[at], np.repeat(np.arange(len(long)), lengths)))
        order[at], moments[at] = order[at[to]], moments[at[to]]


@njit(cache=True)
def _insert(order: Any, starts: Any, moments: Any) -> None:  # pragma: no cover - compiled
    for case in range(len(starts) - 1):
        low, high = starts[case], starts[case + 1]
        if high - low > _SHORT:
            continue
        for at in range(low + 1, high):
            row, moment = order[at], moments[at]
            to = at
            while to > low and moments[to - 1] > moment:
                order[to], moments[to] = order[to - 1], moments[to - 1]
                to -= 1
            order[to], moments[to] = row, moment


def same_moment(index: Cases, time: pl.Series) -> NDArray[np.int64]:
    """The rows that share case and time with another row."""
    moments = index.arranged(time.to_physical().to_numpy())
    twin = moments[1:] == moments[:-1]
    twin[index.starts[1:-1] - 1] = False
    either = np.zeros(len(moments), dtype=bool)
    either[1:] |= twin
    either[:-1] |= twin
    at = np.flatnonzero(either)
    return np.sort(at if index.order is None else index.order[at]).astype(np.int64)
