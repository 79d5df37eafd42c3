"""The queue rule of :mod:`setara.rules.queue`, compiled: the same choice, a thousand times as fast.

A person is a row of integers (columns ``LANE`` ... ``COUNT`` below), moments are microseconds, ``NONE`` stands for
nothing. ``tests/test_queue_kernel.py`` holds it against :func:`setara.rules.queue.next_ticket`, ``order`` and
``after`` on random states of an office; there is no second rule.
"""

from __future__ import annotations

from typing import Final

import numba as nb
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

#: Columns of a person. MODE is what coming back does: 0 never left, 1 keep, 2 after PLACES others, 3 back.
LANE, ARRIVED, WINDOW, RANK, JOINED, MODE, PLACES, BACK_AT, COUNT = range(9)
RULE_COLUMNS: Final = 9
KEEP, AFTER, BACK = 1, 2, 3
NONE: Final = -1
#: The rank of those who were not in the draw.
UNRANKED: Final = 1 << 40
DUE, HELD, EARLY = 0, 1, 2


@nb.njit(cache=True, nogil=True)
def booked(person: Ints, grace: int) -> bool:
    """Whether the person counts as booked: has a window and did not come too long after its start."""
    return bool(person[WINDOW] != NONE and person[ARRIVED] <= person[WINDOW] + grace)


@nb.njit(cache=True, nogil=True)
def key(person: Ints, by_window: bool, grace: int, opened: int) -> tuple[int, int, int, int, int]:
    """The key by which a person stands in the lane; smaller is earlier."""
    back = person[MODE] == BACK
    if not by_window:
        joined = person[BACK_AT] if back and person[BACK_AT] != NONE else person[JOINED]
        return joined, 0, 0, person[ARRIVED], person[JOINED]
    if back and person[BACK_AT] != NONE:
        return person[BACK_AT], 1, UNRANKED, person[BACK_AT], person[JOINED]
    if booked(person, grace):
        return person[WINDOW], 0, person[RANK], person[ARRIVED], person[JOINED]
    return max(person[ARRIVED], opened), 1, person[RANK], person[ARRIVED], person[JOINED]


@nb.njit(cache=True, nogil=True)
def _sooner(need: int, one: tuple[int, int, int, int, int], who: int, than: Ints) -> bool:
    """Whether (need, key, who) comes before ``than``, which is overwritten with it then."""
    mine = (need, one[0], one[1], one[2], one[3], one[4], who)
    if mine >= (than[0], than[1], than[2], than[3], than[4], than[5], than[6]):
        return False
    for i, value in enumerate(mine):
        than[i] = value
    return True


@nb.njit(cache=True, nogil=True)
def choose(
    people: Ints,
    line: Ints,
    size: int,
    rule: Ints,
    strides: Ints,
    tags: Ints,
    state: Ints,
    called: Ints,
    now: int,
) -> tuple[int, int, int]:
    """Place in ``line`` of the person to call, the lane, and the tag now being served; (-1, -1, served) for nobody.

    ``rule`` holds by_window (0 or 1), grace and the opening; ``state`` the tag served; ``line[:size]`` rows of
    ``people``, nobody absent among them.
    """
    lanes = len(strides)
    best = np.full((lanes, 3), NONE, np.int64)
    least = np.full((lanes, 3, 7), 1 << 62, np.int64)
    for at in range(size):
        person = people[line[at]]
        lane = person[LANE]
        one = key(person, rule[0] == 1, rule[1], rule[2])
        kind, need = DUE, 0
        if rule[0] == 1 and booked(person, rule[1]) and one[0] > now:
            kind = EARLY
        elif person[MODE] == AFTER and person[COUNT] + person[PLACES] > called[lane]:
            kind, need = HELD, person[COUNT] + person[PLACES]
        if _sooner(need, one, line[at], least[lane, kind]):
            best[lane, kind] = at
    for early in range(2):
        found, lowest = NONE, 0
        for lane in range(lanes):
            there = best[lane, EARLY] if early else max(best[lane, DUE], best[lane, HELD])
            tag = max(tags[lane], state[0])
            if there != NONE and (found == NONE or tag < lowest):
                found, lowest = lane, tag
        if found != NONE:
            for kind in range(3):
                if best[found, kind] != NONE:
                    return best[found, kind], found, lowest
    return NONE, NONE, state[0]


@nb.njit(cache=True, nogil=True)
def after(lane: int, served: int, strides: Ints, tags: Ints, state: Ints, called: Ints) -> None:
    """The memory after a call in ``lane``, changed in place; ``served`` is what :func:`choose` gave."""
    tags[lane] = max(tags[lane], served) + strides[lane]
    called[lane] += 1
    state[0] = served


@nb.njit(cache=True, nogil=True)
def place(
    who: int,
    people: Ints,
    line: Ints,
    size: int,
    rule: Ints,
    strides: Ints,
    tags: Ints,
    state: Ints,
    called: Ints,
    now: int,
) -> int:
    """How many of ``line`` the rule would call before ``who`` if nobody came or left."""
    rest, tags, state, called = line[:size].copy(), tags.copy(), state.copy(), called.copy()
    before = 0
    while size > 0:
        at, lane, served = choose(people, rest, size, rule, strides, tags, state, called, now)
        if rest[at] == who:
            break
        after(lane, served, strides, tags, state, called)
        rest[at : size - 1] = rest[at + 1 : size].copy()
        size -= 1
        before += 1
    return before
