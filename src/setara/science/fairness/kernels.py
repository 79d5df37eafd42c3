"""Counting who stood before whom, compiled: every row is a ticket that waits for a while and is called once.

Moments are integers (microseconds). Rows of one group stand together; ``starts`` holds where each group begins,
and the number of rows at its end. A ticket is *present* at a moment ``c`` where ``since < c < until``, or rather
from its joining on: ``since`` differs from ``key`` only where somebody was away before.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

Moments = NDArray[np.int64]
Counts = NDArray[np.int32]


@nb.njit(cache=True)
def _dense(values: Moments) -> Moments:
    """The rank of each value from 1 on, equals sharing one."""
    order = np.argsort(values)
    ranks = np.empty(len(values), np.int64)
    rank = 0
    for place in range(len(order)):
        if place == 0 or values[order[place]] != values[order[place - 1]]:
            rank += 1
        ranks[order[place]] = rank
    return ranks


@nb.njit(cache=True)
def _add(tree: Counts, rank: int, by: int) -> None:
    while rank < len(tree):
        tree[rank] += by
        rank += rank & -rank


@nb.njit(cache=True)
def _upto(tree: Counts, rank: int) -> int:
    total = 0
    while rank > 0:
        total += tree[rank]
        rank -= rank & -rank
    return total


@nb.njit(cache=True)
def passed_and_waiting(
    starts: Moments, key: Moments, since: Moments, until: Moments, call: Moments
) -> tuple[Counts, Counts]:
    """For each call: how many present tickets of its group joined strictly earlier, and how many waited in all.

    O(n log n): going back in time, a ticket enters the tree of ranks when the calls still to be asked lie
    before its ``until``; those who came only after the call (``since >= call``, again a tree) are taken off.
    The called ticket counts as waiting. Tickets with ``since >= until`` were never there.
    """
    depth = np.zeros(len(key), np.int32)
    waiting = np.zeros(len(key), np.int32)
    for group in range(len(starts) - 1):
        low, high = starts[group], starts[group + 1]
        n = high - low
        if n < 2:
            waiting[low:high] = 1
            continue
        k, s, u, c = key[low:high], since[low:high], until[low:high], call[low:high]
        rank = _dense(k)
        by_call, by_until, by_since = np.argsort(c)[::-1], np.argsort(u)[::-1], np.argsort(s)[::-1]
        gone, late = np.zeros(n + 1, np.int32), np.zeros(n + 1, np.int32)
        entered = 0
        not_yet = 0
        there = 0
        for i in by_call:
            while entered < n and u[by_until[entered]] > c[i]:
                j = by_until[entered]
                if s[j] < u[j]:
                    _add(gone, rank[j], 1)
                    there += 1
                entered += 1
            while not_yet < n and s[by_since[not_yet]] >= c[i]:
                j = by_since[not_yet]
                if s[j] < u[j]:
                    _add(late, rank[j], 1)
                    there -= 1
                not_yet += 1
            depth[low + i] = _upto(gone, rank[i] - 1) - _upto(late, rank[i] - 1)
            waiting[low + i] = there + 1
    return depth, waiting


@nb.njit(cache=True)
def passed_with_priority(
    starts: Moments,
    key: Moments,
    since: Moments,
    until: Moments,
    call: Moments,
    first: NDArray[np.bool_],
    most: int,
) -> tuple[Counts, Counts]:
    """The same where the tickets marked ``first`` go before all others of their group.

    ``most`` > 0: after so many of them in a row one of the others is due, if any waits. What counts as a row are
    the calls really made; an earlier breach of the limit counts as having just reached it. Depth is how many
    would have been called before this ticket had the rule gone on from this moment with nobody coming.
    """
    depth = np.zeros(len(key), np.int32)
    waiting = np.zeros(len(key), np.int32)
    for group in range(len(starts) - 1):
        low, high = starts[group], starts[group + 1]
        n = high - low
        k, s, u, c = key[low:high], since[low:high], until[low:high], call[low:high]
        rank = _dense(k)
        by_call, by_until, by_since = np.argsort(c, kind="mergesort"), np.argsort(u), np.argsort(s)
        trees = np.zeros((2, n + 1), np.int32)
        totals = np.zeros(2, np.int64)
        came = 0
        left = 0
        run = 0
        for i in by_call:
            while came < n and s[by_since[came]] < c[i]:
                j = by_since[came]
                if s[j] < u[j]:
                    line = 0 if first[low + j] else 1
                    _add(trees[line], rank[j], 1)
                    totals[line] += 1
                came += 1
            while left < n and u[by_until[left]] <= c[i]:
                j = by_until[left]
                if s[j] < u[j] and s[j] < c[i]:
                    line = 0 if first[low + j] else 1
                    _add(trees[line], rank[j], -1)
                    totals[line] -= 1
                left += 1
            mine = 0 if first[low + i] else 1
            before = _upto(trees[mine], rank[i] - 1)
            others = totals[1 - mine]
            used = min(run, most)
            if mine == 0:
                between = min(others, (used + before) // most) if most > 0 else 0
            else:
                between = min(others, most - used + before * most) if most > 0 else others
            depth[low + i] = before + between
            waiting[low + i] = totals[0] + totals[1] + 1
            run = run + 1 if mine == 0 else 0
    return depth, waiting
