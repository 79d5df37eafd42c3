"""One day of one office, event by event, compiled: who came, who was called when by whom, and why out of turn.

All chance of a day comes from its own seed, so a day is the same whatever was simulated before it.
"""

from __future__ import annotations

import heapq
from typing import Final

import numba as nb
import numpy as np
from numpy.typing import NDArray

from setara.science.simulate.queue_kernel import (
    ARRIVED,
    BACK_AT,
    COUNT,
    JOINED,
    LANE,
    MODE,
    NONE,
    PLACES,
    RANK,
    RULE_COLUMNS,
    UNRANKED,
    WINDOW,
    Ints,
    after,
    choose,
    key,
    place,
)

Floats = NDArray[np.float64]

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
OPENING: Final = 8 * 60 * MINUTE
WINDOWS: Final = 8  # half-hours of the morning
WINDOW_LENGTH: Final = 30 * MINUTE

#: More columns of a person, behind those of the rule. STEP: where next; SCHEME: what is planted on the person.
STEP, GROUP, SCHEME, VAIN_AT, BACK_IN, SENT_AT = range(RULE_COLUMNS, RULE_COLUMNS + 6)
PERSON_COLUMNS: Final = RULE_COLUMNS + 6

#: Columns of a call. DEPTH: people of the lane who had joined earlier; PLACE: people whom the rule would have
#: called before; WAITING: people of the lane, the called one included.
(
    WHO,
    AT,
    COUNTER,
    OFFICER,
    ENQUEUE,
    CALLED,
    START,
    END,
    VAIN,
    CHOICE,
    DEPTH,
    PLACE,
    WAITING,
    CAUSE,
    REASON,
) = range(15)
CALL_COLUMNS: Final = 15
#: Causes and reasons of a call.
BY_RULE, FAVOUR, SLIP, LAWFUL = range(4)
NO_REASON, FAMILY, FALSE = range(3)
JOIN, FREE = 0, 1

#: Places of the numbers that :func:`play` is given. The first are whole, the others shares or minutes.
(N_HALL, N_COLLECT, OFFICERS, PATRON, PARTNER, WATCHED) = range(6)
(ERROR, RATIO, F_PRIORITY, F_FAMILY, F_NO_SHOW, F_BACK, F_SENT, F_OUTAGE, ANYWHERE) = range(9)
(SINGLE, ESCORT, FALSE_REASON, FALSE_PRIORITY, OFF_HOURS, SKIPPED, SLOW, PAIR, QUOTA, BROKER, ADAPTIVE) = (
    range(1, 12)
)
SLOWER: Final = 3


@nb.njit(cache=True, nogil=True)
def _people(whole: Ints, shares: Floats, rates: Floats, sits: bool) -> Ints:
    """The people of a day: visitors in the order of their windows, then those who collect."""
    n, collect = whole[N_HALL], whole[N_COLLECT]
    people = np.full((n + collect, PERSON_COLUMNS), NONE, np.int64)
    people[:, RANK] = UNRANKED
    people[:, MODE] = 0
    people[:, PLACES] = 0
    people[:, COUNT] = 0
    people[:, SCHEME] = 0
    for i in range(n + collect):
        person = people[i]
        if i >= n:
            person[LANE] = 0
            person[STEP] = 3
            person[ARRIVED] = OPENING + np.int64(np.random.random() * 360 * MINUTE)
        else:
            person[STEP] = 0
            walk_in = np.random.random() < shares[F_PRIORITY]
            person[LANE] = 0 if walk_in else 1
            window = OPENING + (i * WINDOWS // n) * WINDOW_LENGTH
            # Who comes early is checked in when the window opens, in the order of coming.
            late = np.random.random() * (3 if np.random.random() < 0.5 else 29) * MINUTE
            person[ARRIVED] = window + np.int64(late)
            if not walk_in:
                person[WINDOW] = window
            if np.random.random() < shares[F_NO_SHOW]:
                person[VAIN_AT] = np.random.randint(0, 3)
                if np.random.random() < shares[F_BACK]:
                    person[BACK_IN] = np.int64((5 + 25 * np.random.random()) * MINUTE)
            elif np.random.random() < shares[F_SENT]:
                person[SENT_AT] = 0 if np.random.random() < 0.8 else 2
            draw = np.random.random()
            for scheme in range(1, len(rates)):
                if draw < rates[scheme] and sits and not walk_in and person[VAIN_AT] == NONE:
                    person[SCHEME] = scheme
                    person[SENT_AT] = NONE
                    break
                draw -= rates[scheme]
            if person[SCHEME] == FALSE_PRIORITY:
                person[LANE] = 0
                person[WINDOW] = NONE
            pairs = i % 2 == 1 and np.random.random() < shares[F_FAMILY]
            other = people[i - 1]
            if pairs and other[LANE] == person[LANE] and other[WINDOW] == person[WINDOW]:
                person[GROUP] = i - 1
                other[GROUP] = i - 1
                person[ARRIVED] = other[ARRIVED] + 2_000_003
        person[JOINED] = person[ARRIVED]
    return people


@nb.njit(cache=True, nogil=True)
def _roster(whole: Ints, rates: Floats, counter_step: Ints) -> tuple[Ints, Ints]:
    """Who sits at each counter: by the public lot, and really (a pair swaps so that one follows the other)."""
    lot = np.random.permutation(whole[OFFICERS])[: len(counter_step)].astype(np.int64)
    real = lot.copy()
    if rates[PAIR] > 0 and whole[PATRON] != NONE:
        mine = np.flatnonzero(real == whole[PATRON])
        theirs = np.flatnonzero(real == whole[PARTNER])
        if len(mine) and len(theirs):
            step = counter_step[mine[0]]
            follows = np.flatnonzero(counter_step == (step + 1 if step < 2 else step - 1))
            if counter_step[theirs[0]] != counter_step[follows[0]]:
                real[theirs[0]], real[follows[0]] = real[follows[0]], real[theirs[0]]
    return lot, real


@nb.njit(cache=True, nogil=True)
def _favours(person: Ints, officer: int, whole: Ints) -> bool:
    """Whether this officer calls this person at once."""
    scheme = person[SCHEME]
    if scheme == ESCORT:
        return True
    if scheme == PAIR:
        return bool(officer == whole[PATRON] or officer == whole[PARTNER])
    if scheme == ADAPTIVE and whole[WATCHED] == 1:
        return False
    return bool(officer == whole[PATRON] and (scheme in {SINGLE, FALSE_REASON, ADAPTIVE}))


@nb.njit(cache=True, nogil=True)
def _nth(people: Ints, line: Ints, size: int, lane: int, rule: Ints, n: int) -> int:
    """The person with ``n`` others of the lane before, by the rule's key."""
    members = np.empty(size, np.int64)
    k = 0
    for at in range(size):
        if people[line[at], LANE] == lane:
            members[k] = line[at]
            k += 1
    for i in range(min(n + 1, k)):
        for j in range(i + 1, k):
            if key(people[members[j]], rule[0] == 1, rule[1], rule[2]) < key(
                people[members[i]], rule[0] == 1, rule[1], rule[2]
            ):
                members[i], members[j] = members[j], members[i]
    found: int = members[min(n, k - 1)]
    return found


@nb.njit(cache=True, nogil=True)
def _deviation(
    people: Ints, line: Ints, size: int, choice: int, lane: int, rule: Ints, whole: Ints, shares: Floats,
    officer: int, care: float, last: int, grounds: bool,
) -> tuple[int, int, int, int]:  # fmt: skip
    """Who is called instead of ``choice``, the cause, the reason given, and how many of the lane wait.

    Nobody deviates while somebody of the lane waits who came back: a log that does not record the moment of
    coming back could not show whether that person was passed. Nor do they at the first call of the priority
    lane, whose rows carry the ground of the lane as their reason.
    """
    waiting, favoured, companion, came_back = 0, NONE, NONE, False
    for at in range(size):
        person = people[line[at]]
        if person[LANE] != lane:
            continue
        waiting += 1
        came_back |= person[MODE] != 0
        if last != NONE and person[GROUP] != NONE and person[GROUP] == people[last, GROUP]:
            companion = line[at]
        if _favours(person, officer, whole) and (
            favoured == NONE or person[JOINED] < people[favoured, JOINED]
        ):
            favoured = line[at]
    if waiting < 2 or came_back or (grounds and lane == 0):
        return choice, BY_RULE, NO_REASON, waiting
    if companion != NONE:
        return companion, BY_RULE if companion == choice else LAWFUL, FAMILY, waiting
    if favoured != NONE:
        reason = FALSE if people[favoured, SCHEME] == FALSE_REASON else NO_REASON
        return favoured, BY_RULE if favoured == choice else FAVOUR, reason, waiting
    if np.random.random() < shares[ERROR] * care:
        room = 1 - shares[RATIO] ** (waiting - 1)
        depth = 1 + int(np.log(1 - np.random.random() * room) / np.log(shares[RATIO]))
        if shares[ANYWHERE] > 0 and np.random.random() < shares[ANYWHERE]:
            depth = np.random.randint(1, waiting)
        who = _nth(people, line, size, lane, rule, min(depth, waiting - 1))
        return who, BY_RULE if who == choice else SLIP, NO_REASON, waiting
    return choice, BY_RULE, NO_REASON, waiting


@nb.njit(cache=True, nogil=True)
def _still(counters: int, steps: int, shares: Floats) -> tuple[Ints, Ints, Ints]:
    """When each counter takes its break, and from when to when each step stands still (0 to 0: never)."""
    pause = np.empty(counters, np.int64)
    since, until = np.zeros(steps, np.int64), np.zeros(steps, np.int64)
    for counter in range(counters):
        pause[counter] = (12 * 60 + 15 * (counter % 3)) * MINUTE + np.int64(np.random.random() * MINUTE)
    for step in range(steps):
        if np.random.random() < shares[F_OUTAGE] / steps:
            since[step] = (9 * 60 + np.int64(np.random.random() * 240)) * MINUTE
            until[step] = since[step] + np.int64((20 + 20 * np.random.random()) * MINUTE)
    return pause, since, until


@nb.njit(cache=True, nogil=True)
def _held(counter: int, step: int, now: int, pause: Ints, since: Ints, until: Ints) -> int:
    """When a counter that takes its break now, or whose step stands still, is free again; NONE if it may call."""
    if now >= pause[counter]:
        pause[counter] = np.int64(1) << 62
        return now + 30 * MINUTE
    if since[step] <= now < until[step]:
        return int(until[step] + (counter + 1) * 137_011)
    return NONE


@nb.njit(cache=True, nogil=True)
def _joins(
    who: int, now: int, people: Ints, lines: Ints, sizes: Ints, called: Ints, idle: NDArray[np.bool_],
    counter_step: Ints,
) -> int:  # fmt: skip
    """Put a person into the line of the next step; the idle counter that notices it, or NONE."""
    step = people[who, STEP]
    if people[who, MODE] != 0:
        people[who, BACK_AT], people[who, COUNT] = now, called[step, people[who, LANE]]
    lines[step, sizes[step]] = who
    sizes[step] += 1
    for each in range(len(idle)):
        if idle[each] and counter_step[each] == step:
            idle[each] = False
            return each
    return NONE


@nb.njit(cache=True, nogil=True)
def _write(
    call: Ints, who: int, choice: int, cause: int, reason: int, waiting: int, now: int, people: Ints, line: Ints,
    size: int,
) -> None:  # fmt: skip
    """Write down a call, and whom it passes: people of the lane who had joined earlier."""
    person = people[who]
    call[WHO], call[CHOICE], call[CAUSE], call[WAITING] = who, choice, cause, waiting
    call[ENQUEUE], call[CALLED] = person[JOINED], now
    call[REASON] = reason if cause != BY_RULE else NO_REASON
    call[DEPTH], call[PLACE], call[VAIN] = 0, 0, 0
    if cause != BY_RULE:
        for i in range(size):
            other = people[line[i]]
            call[DEPTH] += other[LANE] == person[LANE] and other[JOINED] < person[JOINED]


@nb.njit(cache=True, nogil=True)
def _without(line: Ints, size: int, who: int) -> int:
    """Take ``who`` out of a line; its new length."""
    for i in range(size):
        if line[i] == who:
            line[i] = line[size - 1]
            return size - 1
    return size


@nb.njit(cache=True, nogil=True)
def _serve(call: Ints, person: Ints, step: int, whole: Ints, minutes: Floats, missed: Ints) -> int:
    """What comes of a call: its moments, where the person goes, and when he or she joins a line again (or NONE)."""
    now = call[CALLED]
    if person[VAIN_AT] == step:
        call[VAIN] = 1
        call[END] = now + 90_000_000
        person[VAIN_AT] = NONE
        if person[BACK_IN] == NONE:
            return NONE
        person[MODE], person[PLACES] = missed[0], missed[1]
        return int(call[END] + person[BACK_IN])
    call[START] = now + np.int64((20 + 40 * np.random.random()) * 1_000_000)
    length = minutes[step] * np.random.gamma(4.0, 0.25)
    if person[SCHEME] == SLOW and call[OFFICER] == whole[PATRON]:
        length *= SLOWER
    call[END] = call[START] + np.int64(length * MINUTE) + 1
    following = step + 1
    if person[SCHEME] == SKIPPED and following == 2:
        following = 3
    if person[SENT_AT] == step or following > 2:
        return NONE
    person[STEP], person[JOINED], person[MODE] = following, call[END], 0
    return int(call[END])


@nb.njit(cache=True, nogil=True)
def play(
    seed: int, whole: Ints, shares: Floats, rates: Floats, care: Floats, counter_step: Ints, minutes: Floats,
    strides: Ints, rules: Ints, missed: Ints,
) -> tuple[Ints, Ints, Ints, Ints]:  # fmt: skip
    """People, calls, the lot and the real roster of one day.

    ``strides`` and ``rules`` have a row a step (see :func:`setara.science.simulate.queue_kernel.choose`);
    ``missed`` is the mode and the places of coming back after a missed call; ``minutes`` the mean service.
    """
    np.random.seed(seed)
    lot, officers = _roster(whole, rates, counter_step)
    sits = whole[PATRON] != NONE and bool(np.any(officers == whole[PATRON]))
    people = _people(whole, shares, rates, sits)
    steps, counters = len(minutes), len(counter_step)
    lines, sizes = np.empty((steps, len(people)), np.int64), np.zeros(steps, np.int64)
    tags, called = np.zeros(strides.shape, np.int64), np.zeros(strides.shape, np.int64)
    served = np.zeros((steps, 1), np.int64)
    idle, last = np.ones(counters, np.bool_), np.full(counters, NONE, np.int64)
    pause, out_from, out_to = _still(counters, steps, shares)
    heap = [(people[i, ARRIVED], JOIN, i) for i in range(len(people)) if people[i, SCHEME] != OFF_HOURS]
    heapq.heapify(heap)
    calls = np.full((4 * len(people) + 16, CALL_COLUMNS), NONE, np.int64)
    made = 0
    while heap:
        now, kind, who = heapq.heappop(heap)
        if kind == JOIN:
            each = _joins(who, now, people, lines, sizes, called, idle, counter_step)
            if each != NONE:  # the officer needs a moment to press the button
                heapq.heappush(heap, (now + np.int64((1 + 4 * np.random.random()) * SECOND), FREE, each))
            continue
        counter, step = who, counter_step[who]
        again = _held(counter, step, now, pause, out_from, out_to)
        if again != NONE:
            heapq.heappush(heap, (again, FREE, counter))
            continue
        line, size, rule, stride = lines[step], sizes[step], rules[step], strides[step]
        tagged, latest, counted = tags[step], served[step], called[step]
        at, lane, tag = choose(people, line, size, rule, stride, tagged, latest, counted, now)
        if at == NONE:
            idle[counter] = True
            continue
        choice, officer = line[at], officers[counter]
        who, cause, reason, waiting = _deviation(
            people, line, size, choice, lane, rule, whole, shares, officer, care[officer], last[counter], step == 0
        )  # fmt: skip
        call, made = calls[made], made + 1
        call[AT], call[COUNTER], call[OFFICER] = step, counter, officer
        _write(call, who, choice, cause, reason, waiting, now, people, line, size)
        if cause != BY_RULE:
            call[PLACE] = place(who, people, line, size, rule, stride, tagged, latest, counted, now)
        after(lane, tag, stride, tagged, latest, counted)
        sizes[step] = _without(line, size, who)
        joins = _serve(call, people[who], step, whole, minutes, missed)
        if call[VAIN] == 0:
            last[counter] = who
        if joins != NONE:
            heapq.heappush(heap, (joins, JOIN, who))
        heapq.heappush(heap, (call[END], FREE, counter))
    return people, calls[:made], lot, officers
