"""Kinds of answer rows, known from the answers alone: all highest, nearly flat, within one item of a given row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Levels = NDArray[np.int8]

#: Kinds, groups and their overlap count from this size on: families are smaller.
SMALLEST: Final = 8
ALL_ROWS: Final = 2_000
_FREQUENT_ROWS: Final = 30
_SMALL_KEY: Final = 4_000_000


@dataclass(frozen=True)
class Kinds:
    """Some kinds. ``near``: distinct rows x kinds; ``pattern``: the distinct row of each row of the table."""

    near: Bools
    pattern: Ints

    def of(self, positions: Ints, kind: int) -> Bools:
        """Which of the rows at ``positions`` are of a kind."""
        return np.asarray(self.near[:, kind][self.pattern[positions]])

    @property
    def total(self) -> int:
        """How many kinds there are."""
        return int(self.near.shape[1])


def patterns(levels: Levels) -> tuple[Ints, Ints, Ints]:
    """Distinct rows: position of the first of each, which one each row is, how many of each."""
    base = int(levels.max(initial=0)) + 1
    if base ** levels.shape[1] < 2**62:
        powers = np.array([base**i for i in range(levels.shape[1])], dtype=np.int64)
        key = _key(levels, powers)
        if base ** levels.shape[1] <= max(_SMALL_KEY, 4 * len(levels)) and len(levels) > ALL_ROWS:
            return _counted(key)
    else:  # a random linear hash; two different rows meet with chance 2^-63
        factors = np.random.default_rng(7).integers(1, 2**63, levels.shape[1], dtype=np.uint64) | np.uint64(1)
        key = (levels.astype(np.uint64) * factors).sum(axis=1, dtype=np.uint64).view(np.int64)
    _, first, which, counts = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    return first, which, counts


def _key(levels: Levels, powers: Ints) -> Ints:
    """The rows as one number each, column by column: no product of all of them is in memory at once."""
    key = np.zeros(len(levels), dtype=np.int64)
    for column, power in zip(levels.T, powers, strict=True):
        key += column * power
    return key


def _counted(key: Ints) -> tuple[Ints, Ints, Ints]:
    """The same for small keys without sorting."""
    size = np.bincount(key)
    there = np.flatnonzero(size)
    place = np.zeros(len(size), dtype=np.int64)
    place[there] = np.arange(len(there))
    which = place[key]
    first = np.empty(len(there), dtype=np.int64)
    first[which[::-1]] = np.arange(len(key) - 1, -1, -1)
    return first, which, size[there]


def within_one(distinct: Levels, chosen: Ints) -> Bools:
    """Which rows differ in at most one element from each of the rows ``chosen``: rows x chosen.

    The number of equal elements is one product of indicators, exact in single precision.
    """
    k, equal = distinct.shape[1], np.zeros((len(distinct), len(chosen)), dtype=np.float32)
    for level in range(int(distinct.max(initial=0)) + 1):
        at = (distinct == level).astype(np.float32)
        equal += at @ at[chosen].T
    return np.asfortranarray(equal > k - 1.5)


def families(levels: Levels, top: int) -> tuple[Kinds, Kinds, Kinds]:
    """Three families of kinds, which share a level equally: every answer the highest or the lowest; every answer
    the same but for one; within one item of a row of the file, where at least ``SMALLEST`` rows are.

    ``levels``: 1 is the lowest, ``top`` the highest, 0 not answered. In large files only the rows given most
    often are looked at.
    """
    first, which, counts = patterns(levels)
    distinct = np.asfortranarray(levels[first])
    given = distinct > 0
    whole = given.sum(axis=1)
    same = [((distinct == level) & given).sum(axis=1) for level in range(1, top + 1)]
    ends = np.column_stack([(same[at] == whole) & (whole > 0) for at in (-1, 0)])
    flat = np.column_stack([(one >= whole - 1) & (whole > 2) for one in same])
    large = len(levels) > ALL_ROWS
    chosen = np.argsort(-counts)[:_FREQUENT_ROWS] if large else np.arange(len(first))
    near = within_one(distinct, chosen)
    near = near[:, counts @ near >= SMALLEST]
    near = near if large or not near.size else np.unique(near, axis=1)
    return Kinds(ends, which), Kinds(flat, which), Kinds(near, which)
