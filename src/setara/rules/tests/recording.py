"""A hall that writes the events of a day as the rooms write them, choosing by the slow form of the rule.

Only the fields that a replay reads are there. `Hall` takes single steps; `whole_day` plays many at random.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from setara.rules import packs
from setara.rules.queue import Memory, Waiting, Why, after, next_ticket, order, undone
from setara.rules.replay import Happened

OPEN = datetime(2026, 3, 3, 1, tzinfo=UTC)
PACK = packs.pack("paspor/2024-12-17")
STEPS = ("document_check", "biometrics", "interview", "handover")


@dataclass
class Hall:
    """One day: the lines, what the rule remembers, and the events so far."""

    events: list[Happened] = field(default_factory=list)
    lines: dict[str, dict[str, Waiting]] = field(default_factory=lambda: defaultdict(dict))
    memories: dict[str, Memory] = field(default_factory=lambda: defaultdict(lambda: Memory(OPEN)))
    people: dict[str, Waiting] = field(default_factory=dict)
    joined: dict[tuple[str, str], datetime] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)
    calls: dict[str, tuple[str, Memory, Why]] = field(default_factory=dict)
    made: int = 0

    def tell(self, type: str, at: datetime, reason: str | None = None, **payload: Any) -> None:
        """Record one event."""
        self.events.append(Happened(len(self.events) + 1, type, at, reason, payload))

    def check_in(
        self,
        at: datetime,
        lane: str = "booked",
        window: datetime | None = None,
        host: str | None = None,
        step: str = STEPS[0],
        rank: int | None = None,
    ) -> str:
        """Somebody comes; the label."""
        self.made += 1
        label = f"{PACK.lane(lane).letter}-{self.made:03d}"
        if host:
            self.hosts[label] = host
        one = Waiting(label, lane, at, at, window, rank, beside=self._beside(label, step))
        self._stand(one, step)
        self.tell(
            "queueing.checked_in", at, label=label, lane=lane, step=step, joined_at=at.isoformat(),
            window=window.isoformat() if window else None, rank=rank, companion_of=host, re_entry="",
        )  # fmt: skip
        return label

    def call(
        self,
        at: datetime,
        step: str,
        label: str | None = None,
        reason: str | None = None,
        excluded: tuple[str, ...] = (),
        **standing: Any,
    ) -> str | None:
        """A counter calls the rule's choice, or ``label``; its officer keeps away from ``excluded``."""
        rule, memory = PACK.queue_rule(step), self.memories[step]
        waiting = [one for one in self.lines[step].values() if one.ticket not in excluded]
        given, why = next_ticket(waiting, rule, memory, at)
        taken = label or given
        if taken is None:
            return None
        one = self.lines[step].pop(taken)
        self.calls[taken] = (f"call-{len(self.events)}", memory, why)
        self.memories[step] = after(memory, rule, why, one.lane)
        self.tell(
            "queueing.called_out_of_turn" if label else "queueing.called", at, reason,
            call=self.calls[taken][0], rule_label=given, label=taken, step=step, counter=1, officer="P-01",
            lane=one.lane, waiting=len(waiting), depth=order(waiting, rule, memory, at).index(taken),
            rule_version=rule.version, doors=OPEN.isoformat(), why=why.as_dict(), excluded=list(excluded),
            **standing,
        )  # fmt: skip
        return taken

    def undo(self, at: datetime, label: str, step: str) -> None:
        """A wrong press is put right."""
        call, before, why = self.calls[label]
        one = self.people[label]
        self.memories[step] = undone(self.memories[step], before, PACK.queue_rule(step), one.lane, why)
        self.lines[step][label] = one
        memory = self.memories[step].as_dict()
        self.tell("queueing.call_undone", at, call=call, label=label, step=step, memory=memory)

    def end(self, at: datetime, label: str, step: str, goes_to: str | None) -> None:
        """A step ends; the ticket goes on to another line of the hall, or leaves."""
        self.tell(
            "casework.step_ended", at, label=label, step=step, goes_to=goes_to or "done",
            joined_at=at.isoformat() if goes_to else None,
        )  # fmt: skip
        if goes_to:
            clean = {"re_entry": None, "re_entered_at": None, "re_entry_count": 0}
            one = replace(self.people[label], joined_at=at, beside=self._beside(label, goes_to), **clean)
            self._stand(one, goes_to)

    def come_back(self, at: datetime, label: str, step: str, reason: str) -> None:
        """Somebody who missed the call or fetched a paper waits again."""
        one = self.people[label]
        count = self.memories[step].called_in(one.lane)
        self._stand(replace(one, re_entry=reason, re_entered_at=at, re_entry_count=count), step)
        self.tell(
            "queueing.returned", at, label=label, lane=one.lane, step=step, re_entry=reason, after_calls=count
        )

    def _stand(self, one: Waiting, step: str) -> None:
        self.people[one.ticket] = self.lines[step][one.ticket] = one
        self.joined[one.ticket, step] = one.joined_at

    def _beside(self, label: str, step: str) -> Waiting | None:
        host = self.hosts.get(label)
        if host is None or (host, step) not in self.joined:
            return None
        one = self.people[host]
        return replace(
            one,
            joined_at=self.joined[host, step],
            beside=None,
            re_entry=None,
            re_entered_at=None,
            re_entry_count=0,
        )


def whole_day(seed: int, tickets: int, misses: float = 0.1, favours: float = 0.1) -> tuple[Hall, list[int]]:
    """A day of so many tickets; the hall, and the numbers of the events of calls out of turn."""
    dice, hall, planted = random.Random(seed), Hall(), []
    comes = sorted(OPEN + timedelta(seconds=dice.randint(-1800, tickets * 20)) for _ in range(tickets))
    now, away, serving = OPEN, [], []
    while comes or away or serving or any(hall.lines.values()):
        now += timedelta(seconds=dice.randint(1, 7))
        while comes and comes[0] <= now:
            _arrives(dice, hall, comes.pop(0))
        if away and dice.random() < 0.2:
            label, step, reason = away.pop(0)
            hall.come_back(now, label, step, reason)
        step = dice.choice(STEPS[:-1])
        label = None
        if len(hall.lines[step]) > 1 and dice.random() < favours:
            label = dice.choice(list(hall.lines[step]))
        rule_choice = next_ticket(
            list(hall.lines[step].values()), PACK.queue_rule(step), hall.memories[step], now
        )[0]
        taken = hall.call(now, step, label, "state_duty" if label else None) if rule_choice else None
        if taken is not None:
            if taken != rule_choice:
                planted.append(hall.events[-1].seq)
            fate = dice.random()
            if fate < misses / 4:
                hall.undo(now, taken, step)
            elif fate < misses:
                away.append((taken, step, dice.choice(("missed", "returned"))))
            else:
                serving.append((taken, step))
        if serving and dice.random() < 0.8:
            label, step = serving.pop(0)
            at = STEPS.index(step)
            hall.end(now, label, step, STEPS[at + 1] if at + 1 < len(STEPS) - 1 else None)
    hall.tell("queueing.day_closed", now, lapsed=[])
    return hall, planted


def _arrives(dice: random.Random, hall: Hall, at: datetime) -> None:
    lane = dice.choice(("booked", "booked", "priority"))
    window = OPEN + timedelta(minutes=30 * dice.randint(0, 10)) if lane == "booked" else None
    hosts = [one.ticket for one in hall.lines[STEPS[0]].values() if one.lane == "priority"]
    host = hosts[-1] if lane == "priority" and hosts and dice.random() < 0.2 else None
    hall.check_in(at, lane, window, host, rank=dice.randint(1, 99) if at < OPEN else None)
