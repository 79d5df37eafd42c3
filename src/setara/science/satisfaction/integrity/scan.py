"""Looks for a group of rows in which one kind of answer is much too frequent.

A *kind* is a set of rows known from the answers alone (all highest; within one item of a given row). A *group* is
a stretch of rows known from labels alone (an hour, a device). If labels have nothing to do with answers, the count
of a kind in a group is hypergeometric, whatever the answers are and however they hang together; so the smallest
of the tail probabilities times the number of pairs looked at (Bonferroni) is an honest p-value.

Real groups do differ a little: a busy hour is a worse hour, a kiosk is used by others than the form at home. A
``tolerance`` t therefore lets the odds of the kind be up to t times as high in a group as outside of it before
anything counts: the tail is that of Fisher's noncentral hypergeometric distribution with odds ratio t (Fog 2008,
Commun. Stat. Simul. Comput. 37).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from setara.science.satisfaction.integrity.answers import Answers
from setara.science.satisfaction.integrity.kinds import SMALLEST, Ints, Kinds

_EXACT: Final = 24


@dataclass(frozen=True)
class Hit:
    """The most telling pair. ``p_value`` counts all pairs; ``span``: the group, as a slice of the sorted rows."""

    p_value: float
    kind: int = -1
    span: tuple[int, int] = (0, 0)
    count: int = 0
    expected: float = 0.0


def windows(sorted_moments: Ints, length: int) -> Ints:
    """Stretches of ``length`` of sorted moments, one from every quarter of it on, of at least ``SMALLEST`` rows.

    A stretch that lies within the one before is left out.
    """
    step = max(1, length // 4)
    marks = sorted_moments // step
    marks = marks[np.append(True, np.diff(marks) > 0)[: len(marks)]] * step
    starts = np.searchsorted(sorted_moments, marks, side="left")
    ends = np.searchsorted(sorted_moments, marks + length, side="left")
    spans = np.column_stack([starts, ends])[ends - starts >= SMALLEST]
    fresh = np.append(True, spans[1:, 1] > spans[:-1, 1])
    return np.asarray(spans[fresh[: len(spans)]])


def segments(sorted_labels: Ints) -> NDArray[np.int64]:
    """Stretches of equal labels, -1 left out, of at least ``SMALLEST`` rows."""
    if not len(sorted_labels):
        return np.zeros((0, 2), dtype=np.int64)
    cuts = np.flatnonzero(np.diff(sorted_labels)) + 1
    spans = np.column_stack([np.append(0, cuts), np.append(cuts, len(sorted_labels))])
    large = (spans[:, 1] - spans[:, 0] >= SMALLEST) & (sorted_labels[spans[:, 0]] >= 0)
    return np.asarray(spans[large])


def largest_first(spans: Ints) -> NDArray[np.float64]:
    """What a look at each stretch costs when the larger ones get more of the level: rank * (rank + 1), whose
    inverses sum to 1. Sizes are labels, not answers, so that the level holds; stuffing makes its hour a large one.
    """
    rank = np.empty(len(spans))
    rank[np.argsort(spans[:, 0] - spans[:, 1], kind="stable")] = np.arange(1, len(spans) + 1)
    return rank * (rank + 1)


def evenly(spans: Ints) -> NDArray[np.float64]:
    """What a look at each stretch costs when all get the same of the level."""
    return np.full(len(spans), float(len(spans)))


def scan(kinds: Kinds, order: Ints, spans: Ints, cost: NDArray[np.float64], tolerance: float) -> Hit:
    """The pair of group and kind that is least likely.

    ``order``: positions of the rows as sorted for ``spans``; ``cost``: the price of a look at each span, whose
    inverses sum to at most 1. The p-value is the tail times the cost times the number of kinds.
    """
    n = len(order)
    sizes = spans[:, 1] - spans[:, 0]
    best, tested = [], 0
    for kind in range(kinds.total if len(spans) else 0):
        marked = np.concatenate([[0], np.cumsum(kinds.of(order, kind))])
        total = int(marked[-1])
        if total < SMALLEST or total == n:
            continue
        tested += 1
        counts = marked[spans[:, 1]] - marked[spans[:, 0]]
        gain = _surprise(counts, sizes, tolerance * total / (tolerance * total + n - total)) - np.log(cost)
        gain[(counts < SMALLEST) | (sizes == n)] = -np.inf
        best += [(float(gain[at]), kind, int(at), int(counts[at]), total) for at in np.argsort(-gain)[:2]]
    found = Hit(1.0)
    for gained, kind, at, count, total in sorted(best, reverse=True)[:_EXACT]:
        if gained == -np.inf:
            break
        p = min(1.0, _tail(n, total, int(sizes[at]), count, tolerance) * tested * float(cost[at]))
        if p < found.p_value:
            span = (int(spans[at, 0]), int(spans[at, 1]))
            found = Hit(p, kind, span, count, total * int(sizes[at]) / n)
    return found


def least_likely(
    answers: Answers, order: Ints, spans: Ints, cost: NDArray[np.float64], tolerance: float
) -> tuple[Hit, Ints]:
    """The best hit over the families of kinds, its p-value counting all of them; and the rows behind it."""
    hits = [(scan(kinds, order, spans, cost, tolerance), kinds) for kinds in answers.kinds]
    hit, kinds = min(hits, key=lambda one: one[0].p_value)
    stretch = order[hit.span[0] : hit.span[1]]
    rows = stretch[kinds.of(stretch, hit.kind)] if hit.kind >= 0 else stretch[:0]
    return replace(hit, p_value=min(1.0, len(hits) * hit.p_value)), rows


def _surprise(counts: Ints, sizes: Ints, share: float) -> NDArray[np.float64]:
    """size * KL(count/size || share), 0 where the share is not exceeded: ranks pairs by their tail."""
    rate = np.clip(counts / sizes, 1e-12, 1 - 1e-12)
    value = sizes * (rate * np.log(rate / share) + (1 - rate) * np.log((1 - rate) / (1 - share)))
    return np.asarray(np.where(rate > share, value, 0.0))


def _tail(n: int, total: int, size: int, count: int, odds: float) -> float:
    """P(X >= count), X of ``size`` rows drawn from n with ``total`` marked, odds ratio ``odds``."""
    x = np.arange(max(0, size + total - n), min(size, total) + 1)
    log = (
        -gammaln(x + 1) - gammaln(total - x + 1) - gammaln(size - x + 1) - gammaln(n - total - size + x + 1)
    ) + x * np.log(odds)
    weight = np.exp(log - log.max())
    return float(weight[x >= count].sum() / weight.sum())
