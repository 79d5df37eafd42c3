"""A small discrete-event stage: processes are generators that wait for a time or for a signal.

A process yields a datetime ("wake me then"), or a :class:`Wait` ("wake me when this signal is given, at the
latest then"); the value of the yield is True when the signal came, False when the time did. Everything runs
in one thread in the order (time, order of asking), so a run is reproducible.
"""

from __future__ import annotations

import heapq
import inspect
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime

from setara.kernel.clock import ManualClock
from setara.kernel.errors import SetaraError


class Signal:
    """Something that processes wait for; giving it wakes the one that has waited longest."""

    def __init__(self) -> None:
        self.waiters: list[_Sleeper] = []

    def __len__(self) -> int:
        return len([w for w in self.waiters if not w.woken])


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait for any of `signals`, at the latest until `until`."""

    signals: tuple[Signal, ...]
    until: datetime


Request = datetime | Wait
Process = Generator[Request, bool, None]


@dataclass(order=True, slots=True)
class _Sleeper:
    at: datetime
    order: int
    process: Process = field(compare=False)
    woken: bool = field(default=False, compare=False)
    by_signal: bool = field(default=False, compare=False)


class Stage:
    """Runs processes on a manual clock. `pace` is called before each step with the moment about to be played
    (it may sleep so that people can watch). `forgive` is told of a refused operation, which then ends only the
    process that asked for it; without it the refusal ends the run."""

    def __init__(
        self,
        clock: ManualClock,
        pace: Callable[[datetime], None] | None = None,
        forgive: Callable[[SetaraError], None] | None = None,
    ) -> None:
        self.clock = clock
        self._forgive = forgive
        self._pace = pace or (lambda _at: None)
        self._heap: list[_Sleeper] = []
        self._order = 0

    @property
    def now(self) -> datetime:
        """The moment being played."""
        return self.clock.now()

    def start(self, process: Process, at: datetime | None = None) -> None:
        """Let a process begin at `at` (now when not given)."""
        self._push(at or self.now, process)

    def give(self, signal: Signal, count: int = 1) -> None:
        """Wake up to `count` of those who wait for `signal`, the longest-waiting first."""
        while count and signal.waiters:
            sleeper = signal.waiters.pop(0)
            if sleeper.woken:
                continue
            sleeper.woken = True
            self._push(self.now, sleeper.process, by_signal=True)
            count -= 1

    def run(self) -> None:
        """Play until no process waits for anything."""
        while self._heap:
            sleeper = heapq.heappop(self._heap)
            if sleeper.woken:  # a signal came first
                continue
            sleeper.woken = True
            self._pace(sleeper.at)
            if sleeper.at > self.now:
                self.clock.set(sleeper.at)
            self._step(sleeper)

    def _step(self, sleeper: _Sleeper) -> None:
        process = sleeper.process
        try:
            # A generator that has not begun takes no value.
            fresh = inspect.getgeneratorstate(process) == inspect.GEN_CREATED
            request = next(process) if fresh else process.send(sleeper.by_signal)
        except StopIteration:
            return
        except SetaraError as error:
            if self._forgive is None:
                raise
            self._forgive(error)
            return
        if isinstance(request, Wait):
            asleep = self._push(max(request.until, self.now), process)
            for signal in request.signals:
                signal.waiters.append(asleep)
        else:
            self._push(max(request, self.now), process)

    def _push(self, at: datetime, process: Process, *, by_signal: bool = False) -> _Sleeper:
        self._order += 1
        sleeper = _Sleeper(at, self._order, process, by_signal=by_signal)
        heapq.heappush(self._heap, sleeper)
        return sleeper
