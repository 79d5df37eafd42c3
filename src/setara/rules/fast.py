"""The queue rule in a form that goes along with a day: for replay and simulation.

:func:`setara.rules.queue.next_ticket` is asked with everybody who waits and sorts them anew each time.
:class:`FastLine` is told what happens (:meth:`~FastLine.join`, :meth:`~FastLine.leave`, :meth:`~FastLine.absent`,
:meth:`~FastLine.re_enter`, :meth:`~FastLine.called`) and keeps each lane sorted, so that :meth:`~FastLine.next` costs
O(log n). It is no second rule: the keys, the published list, the sharing between lanes and the memory are those of
:mod:`setara.rules.queue`, and ``tests/test_queue_fast.py`` holds both against each other on random states.

    line = FastLine(rule, Memory(opened_at))
    line.join(Waiting("A-001", "booked", ...))
    ticket, why = line.next(now)
    line.called(ticket, why)                    # or the lane of whoever was called instead
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from setara.rules.queue import Key, after, entitlement, listed, stands_early
from setara.rules.terms import Memory, Rule, Waiting, Why


class _Heaps:
    """One lane: due by key, held back until so many were called, early until their window.

    Whoever leaves stays in a heap until found there: ``live`` says which entry of a ticket counts.
    """

    __slots__ = ("due", "early", "held", "present")

    def __init__(self) -> None:
        self.due: list[tuple[Key, int, str]] = []
        self.held: list[tuple[int, Key, int, str]] = []
        self.early: list[tuple[Key, int, str]] = []
        self.present = 0


class _Ahead:
    """A copy of one lane that is called empty without anybody noticing; who has left is left out."""

    __slots__ = ("called", "code", "due", "early", "held")

    def __init__(self, code: str, heaps: _Heaps, live: dict[str, int], memory: Memory) -> None:
        # Sorted lists are heaps, and leaving out of a sorted list leaves it sorted.
        self.code, self.called = code, memory.called_in(code)
        self.due = sorted(each for each in heaps.due if live.get(each[2]) == each[1])
        self.held = sorted(each for each in heaps.held if live.get(each[3]) == each[2])
        self.early = sorted(each for each in heaps.early if live.get(each[2]) == each[1])

    def pop(self) -> str:
        """Call whoever is first."""
        if self.due:
            ticket = heapq.heappop(self.due)[2]
        elif self.held:
            ticket = heapq.heappop(self.held)[3]
        else:
            ticket = heapq.heappop(self.early)[2]
        self.called += 1
        while self.held and self.held[0][0] <= self.called:
            _, key, serial, ticket_held = heapq.heappop(self.held)
            heapq.heappush(self.due, (key, serial, ticket_held))
        return ticket


class FastLine:
    """The line before one step on one day. A moment given to :meth:`next` may lie before the last one (two counters
    press at once), at the price of everybody standing anew.

    ValueError, as in the rule itself, for a ticket that waits already, an unknown lane or re-entry; KeyError
    for a ticket that is not there.
    """

    def __init__(self, rule: Rule, memory: Memory) -> None:
        self.rule = rule
        self._memory = memory
        self._people: dict[str, Waiting] = {}
        self._lanes = {lane.code: _Heaps() for lane in rule.lanes}
        self._live: dict[str, int] = {}
        self._serial = 0
        self._now = datetime.min.replace(tzinfo=memory.opened_at.tzinfo)

    @property
    def memory(self) -> Memory:
        """What the rule remembers; set it to go back before a call that was a wrong press."""
        return self._memory

    @memory.setter
    def memory(self, memory: Memory) -> None:
        before, self._memory = self._memory, memory
        if memory.opened_at != before.opened_at:
            self._all_anew()
            return
        # Fewer calls may count now: whoever was held back for so many may have to be again.
        for one in list(self._people.values()):
            if one.re_entry is not None and memory.called_in(one.lane) < before.called_in(one.lane):
                self._change(one)

    def _all_anew(self) -> None:
        for heaps in self._lanes.values():
            heaps.due, heaps.held, heaps.early, heaps.present = [], [], [], 0
        self._live.clear()
        for one in self._people.values():
            self._stand(one)

    def __len__(self) -> int:
        return len(self._people)

    def __contains__(self, ticket: object) -> bool:
        return ticket in self._people

    def __iter__(self) -> Iterator[Waiting]:
        """Everybody who waits, the absent included; what :func:`next_ticket` would be given."""
        return iter(self._people.values())

    def get(self, ticket: str) -> Waiting | None:
        """The ticket as it waits here; None when it does not."""
        return self._people.get(ticket)

    def join(self, one: Waiting) -> None:
        """Somebody joins the line."""
        if one.ticket in self._people:
            raise ValueError(f"ticket {one.ticket} waits already")
        if one.lane not in self._lanes:
            raise ValueError(f"lane {one.lane!r} of ticket {one.ticket} is not in the rule")
        listed(one, self.rule)
        self._people[one.ticket] = one
        self._stand(one)

    def leave(self, ticket: str) -> Waiting:
        """Somebody leaves the line, called or not."""
        one = self._people.pop(ticket)
        if self._live.pop(ticket, None) is not None:
            self._lanes[one.lane].present -= 1
        return one

    def absent(self, ticket: str) -> None:
        """Somebody is away and not called; the place in the line stays known."""
        self._change(replace(self._people[ticket], absent=True))

    def re_enter(self, ticket: str, reason: str, at: datetime) -> None:
        """Somebody comes back for a reason of the published list."""
        one = self._people[ticket]
        back = replace(
            one,
            absent=False,
            re_entry=reason,
            re_entered_at=at,
            re_entry_count=self._memory.called_in(one.lane),
        )
        listed(back, self.rule)
        self._change(back)

    def next(self, now: datetime) -> tuple[str | None, Why]:
        """The same answer as :func:`setara.rules.queue.next_ticket` for those who wait now."""
        before, self._now = self._now, now
        if now < before:
            self._all_anew()
        rule, memory = self.rule, self._memory
        ready: list[str] = []
        early: list[str] = []
        waiting = 0
        for code, heaps in self._lanes.items():
            if heaps.present:
                waiting += heaps.present
                self._bring_up(code, heaps)
                (ready if heaps.due or heaps.held else early).append(code)
        candidates = ready or early
        if not candidates:
            return None, Why(rule.version, "nobody", served=memory.served)
        code = min(candidates, key=memory.tag)
        heaps = self._lanes[code]
        if heaps.due:
            place, (key, _, ticket) = "due", heaps.due[0]
        elif heaps.held:
            place, (_, key, _, ticket) = "missed_alone", heaps.held[0]
        else:
            place, (key, _, ticket) = "early", heaps.early[0]
        return ticket, Why(
            version=rule.version,
            reason="early" if not ready else "turn" if len(candidates) > 1 else "only_lane",
            lane=code,
            place=place,  # type: ignore[arg-type]
            entitled_at=key[0],
            tags=tuple((each, memory.tag(each)) for each in candidates),
            served=memory.tag(code),
            waiting=waiting,
        )

    def called(self, ticket: str, why: Why) -> Waiting:
        """``ticket`` was called after the rule had said ``why``; the rule remembers it by the lane called."""
        one = self.leave(ticket)
        self._memory = after(self._memory, self.rule, why, one.lane)
        return one

    def depth(self, ticket: str, now: datetime) -> int:
        """How many the rule would call before ``ticket`` if nobody came or left: its place in
        :func:`setara.rules.queue.order`, found without ranking everybody. ValueError for one who is absent."""
        if ticket not in self._live:
            raise ValueError(f"ticket {ticket} does not wait")
        self.next(now)  # brings up whoever is due by now
        lanes = [_Ahead(code, heaps, self._live, self._memory) for code, heaps in self._lanes.items()]
        memory, rule = self._memory, self.rule
        strides = {each.code: rule.stride(each.code) for each in lanes}
        tags = {each.code: memory.tags.get(each.code, 0) for each in lanes}
        served, before = memory.served, 0
        while True:
            ready = [each for each in lanes if each.due or each.held] or [
                each for each in lanes if each.early
            ]
            if not ready:
                raise ValueError(f"ticket {ticket} does not wait")
            lane = min(ready, key=lambda each: max(tags[each.code], served))
            if lane.pop() == ticket:
                return before
            before += 1
            served = max(tags[lane.code], served)
            tags[lane.code] = served + strides[lane.code]

    def _change(self, one: Waiting) -> None:
        self.leave(one.ticket)
        self._people[one.ticket] = one
        self._stand(one)

    def _stand(self, one: Waiting) -> None:
        if one.absent:
            return
        self._serial += 1
        self._live[one.ticket] = self._serial
        heaps = self._lanes[one.lane]
        heaps.present += 1
        key = entitlement(one, self.rule, self._memory)
        if stands_early(one, key, self.rule, self._now):
            heapq.heappush(heaps.early, (key, self._serial, one.ticket))
        else:
            self._due_or_held(heaps, one, key)

    def _due_or_held(self, heaps: _Heaps, one: Waiting, key: Key) -> None:
        entry, serial = listed(one, self.rule), self._live[one.ticket]
        if entry is not None and entry.mode == "after":
            heapq.heappush(heaps.held, (one.re_entry_count + entry.places, key, serial, one.ticket))
        else:
            heapq.heappush(heaps.due, (key, serial, one.ticket))

    def _bring_up(self, code: str, heaps: _Heaps) -> None:
        """Forget who has left, and let those be due whose window has begun or for whom enough were called."""
        live, called = self._live, self._memory.called_in(code)
        while heaps.early:
            key, serial, ticket = heaps.early[0]
            gone = live.get(ticket) != serial
            if not gone and key[0] > self._now:
                break
            heapq.heappop(heaps.early)
            if not gone:
                self._due_or_held(heaps, self._people[ticket], key)
        while heaps.held:
            release, key, serial, ticket = heaps.held[0]
            gone = live.get(ticket) != serial
            if not gone and release > called:
                break
            heapq.heappop(heaps.held)
            if not gone:
                heapq.heappush(heaps.due, (key, serial, ticket))
        while heaps.due and live.get(heaps.due[0][2]) != heaps.due[0][1]:
            heapq.heappop(heaps.due)
