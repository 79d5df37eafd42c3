"""One day of one office again, from its recorded events alone: at each call the rule is asked whom it gives.

Nothing else is read: who waits at each step, since when, by which lane and which re-entry, and what the rule
remembers all follow from the events in their order. So anybody who has the events of a day (an auditor with the
database, a stranger with a published bundle) gets the same answer as the office, or finds that a record was doctored.

    answer = replay(events, pack)
    answer.not_rules_choice      # the calls that were not the rule's choice, whoever made them and why
    answer.disagreements         # where the record says something else than the rule
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from setara.rules.fast import FastLine
from setara.rules.packs import Pack, localised
from setara.rules.queue import Memory, Rule, Waiting, Why, undone

#: Events that say how a step ended, and with it whether and where the ticket waits next.
STEPS: Final = frozenset({"step_ended", "held", "ready", "refused", "finished", "corrected"})
#: The rooms whose events a replay needs.
ROOMS: Final = ("queueing.", "casework.", "offices.configured")


class Happened(NamedTuple):
    """One event: its number, its dotted name, when (aware), its reason, and its fields."""

    seq: int
    type: str
    at: datetime
    reason: str | None
    payload: Mapping[str, Any]


@dataclass(slots=True)
class Replayed:
    """One call: what the record says, and what the rule gives.

    ``depth``: how many the rule would have called before, 0 for its own choice. ``proof``: ``proven``,
    ``unproven`` or "" for a call that needed none; ``approval``: ``approved``, ``pending``, ``refused``, ``lapsed``
    or "". ``differs`` names what the record says otherwise than the rule.
    """

    seq: int
    time: datetime
    step: str
    ticket: str
    lane: str
    counter: int
    officer: str
    rule_choice: str | None
    depth: int
    waiting: int
    reason: str | None
    proof: str
    approval: str
    asked_by: str | None
    approved_by: str | None
    undone: bool = False
    differs: tuple[str, ...] = ()

    @property
    def is_rules_choice(self) -> bool:
        """Whether the ticket called is the one that the rule gives."""
        return self.ticket == self.rule_choice

    @property
    def standing(self) -> str:
        """``rule`` for the rule's choice, else ``lawful`` (proven and approved) or ``unproven``."""
        if self.is_rules_choice:
            return "rule"
        return "lawful" if (self.proof, self.approval) == ("proven", "approved") else "unproven"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Where the record cannot be as it is: the number of the event, the ticket, and what is wrong."""

    seq: int
    ticket: str
    what: str


@dataclass(slots=True)
class Answer:
    """What a replay found."""

    calls: list[Replayed] = field(default_factory=list)
    disagreements: list[Disagreement] = field(default_factory=list)
    versions: set[str] = field(default_factory=set)

    @property
    def not_rules_choice(self) -> list[Replayed]:
        """The calls that were not the rule's choice, in their order; wrong presses that were taken back too."""
        return [call for call in self.calls if not call.is_rules_choice]


@dataclass(slots=True)
class _Visit:
    """What is known of a ticket: how it arrived, and how it stands or last stood in a line."""

    one: Waiting
    step: str
    host: str | None
    # Step -> when it was joined; what a companion stands by.
    joined: dict[str, datetime]


class _Day:
    """The lines of the day, as the events make them."""

    def __init__(self, pack: Pack, local: Mapping[str, Any]) -> None:
        self.answer = Answer()
        self._pack, self._local = pack, dict(local)
        self._visits: dict[str, _Visit] = {}
        self._lines: dict[str, FastLine] = {}
        # Whoever joins before the first call waits here: only a call tells when the doors opened.
        self._before: dict[str, dict[str, Waiting]] = {}
        self._calls: dict[str, tuple[Replayed, Memory, Why]] = {}
        self._requests: dict[str, Replayed] = {}
        self._rules: dict[tuple[str, str], Rule] = {}

    def rule(self, step: str, version: str) -> Rule:
        """The rule of a step, as the pack and the office's own values have it now."""
        if (step, version) not in self._rules:
            pack = localised(self._pack.id, {k: v for k, v in self._local.items() if k in self._pack.local})
            self._rules[step, version] = replace(pack.queue_rule(step), version=version)
        return self._rules[step, version]

    def configured(self, local: Mapping[str, Any]) -> None:
        """The office changed its own values: lines go on under the new rule."""
        self._local = dict(local)
        self._rules.clear()
        for step, line in self._lines.items():
            self._renew(step, line.rule.version, line.memory)

    def line(self, step: str, doors: datetime, version: str) -> FastLine:
        """The line of a step at a call."""
        line = self._lines.get(step)
        if line is None:
            line = self._lines[step] = FastLine(self.rule(step, version), Memory(doors))
            for one in self._before.pop(step, {}).values():
                line.join(one)
        elif line.rule.version != version:
            line = self._renew(step, version, line.memory)
        return line

    def _renew(self, step: str, version: str, memory: Memory) -> FastLine:
        people = list(self._lines[step])
        self._lines[step] = line = FastLine(self.rule(step, version), memory)
        for one in people:
            line.join(one)
        return line

    def _join(self, visit: _Visit, step: str, one: Waiting) -> None:
        if (line := self._lines.get(step)) is not None:
            line.join(one)
        elif one.ticket in (before := self._before.setdefault(step, {})):
            raise ValueError(f"ticket {one.ticket} waits already")
        else:
            before[one.ticket] = one
        visit.step, visit.one = step, one
        visit.joined[step] = one.joined_at

    def _leave(self, visit: _Visit) -> None:
        line = self._lines.get(visit.step)
        if line is not None and visit.one.ticket in line:
            line.leave(visit.one.ticket)
        self._before.get(visit.step, {}).pop(visit.one.ticket, None)

    def _beside(self, host: str | None, step: str) -> Waiting | None:
        visit = self._visits.get(host) if host else None
        if visit is None or step not in visit.joined:
            return None
        one = visit.one
        return Waiting(
            one.ticket,
            one.lane,
            visit.joined[step],
            one.arrived_at,
            booked_window=one.booked_window,
            rank=one.rank,
        )

    def _wrong(self, event: Happened, what: str) -> None:
        self.answer.disagreements.append(Disagreement(event.seq, str(event.payload.get("label", "")), what))

    # What happens; each takes the event

    def checked_in(self, event: Happened) -> None:
        """Somebody came."""
        said = event.payload
        joined = datetime.fromisoformat(said["joined_at"])
        host = said["companion_of"]
        one = Waiting(
            ticket=said["label"],
            lane=said["lane"],
            joined_at=joined,
            arrived_at=joined,
            booked_window=datetime.fromisoformat(said["window"]) if said["window"] else None,
            rank=said["rank"],
            re_entry=said["re_entry"] or None,
            re_entered_at=joined if said["re_entry"] else None,
            beside=self._beside(host, said["step"]),
        )
        visit = self._visits[one.ticket] = _Visit(one, said["step"], host, {})
        self._join(visit, said["step"], one)

    def ranked(self, event: Happened) -> None:
        """The draw at the opening gave everybody who stood before the doors a rank: label -> rank."""
        ranks = event.payload["ranks"]
        for label, visit in self._visits.items():
            one = replace(visit.one, rank=ranks.get(label, visit.one.rank))
            if one.beside is not None and visit.host in ranks:
                one = replace(one, beside=replace(one.beside, rank=ranks[visit.host]))
            if one == visit.one:
                continue
            if self._waits(visit):
                self._leave(visit)
                self._join(visit, visit.step, one)
            visit.one = one

    def _waits(self, visit: _Visit) -> bool:
        line = self._lines.get(visit.step)
        return visit.one.ticket in (line if line is not None else self._before.get(visit.step, {}))

    def called(self, event: Happened) -> None:
        """A call: the rule is asked, and then remembers what was really called."""
        said = event.payload
        line = self.line(said["step"], datetime.fromisoformat(said["doors"]), said["rule_version"])
        self.answer.versions.add(line.rule.version)
        # Whom the officer must keep away from is, to the rule, not there.
        away = {label for label in said.get("excluded", ()) if label in line}
        for label in away:
            line.absent(label)
        choice, why = line.next(event.at)
        label = said["label"]
        present = label in line and label not in away
        if not present:
            self._wrong(event, "called although it did not wait at this step")
        depth = 0 if label == choice or not present else line.depth(label, event.at)
        call = Replayed(
            seq=event.seq,
            time=event.at,
            step=said["step"],
            ticket=label,
            lane=said["lane"],
            counter=said["counter"],
            officer=said["officer"],
            rule_choice=choice,
            depth=depth,
            waiting=why.waiting,
            reason=event.reason,
            proof=said.get("proof", "unproven" if event.type.endswith("out_of_turn") else ""),
            approval=said.get("approval", ""),
            asked_by=said.get("asked_by"),
            approved_by=said.get("approved_by"),
            differs=tuple(_differs(said, choice, depth, why)),
        )
        for what in call.differs:
            self._wrong(event, what)
        self.answer.calls.append(call)
        self._calls[said["call"]] = (call, line.memory, why)
        if said.get("request"):
            self._requests[said["request"]] = call
        if label in line:
            one = line.called(label, why)
            self._visits[label].one = one
        for each in away - {label}:
            line.leave(each)
            line.join(self._visits[each].one)

    def call_undone(self, event: Happened) -> None:
        """A wrong press was put right, or the officer stepped back: the ticket waits as before, the rule forgets
        the call."""
        said = event.payload
        call, before, why = self._calls[said["call"]]
        line, visit = self._lines[said["step"]], self._visits[said["label"]]
        call.undone = True
        memory = undone(line.memory, before, line.rule, visit.one.lane, why)
        if memory.as_dict() != said["memory"]:
            self._wrong(event, "the rule remembers something else after the call was taken back")
        self._join(visit, said["step"], visit.one)
        line.memory = memory

    def returned(self, event: Happened) -> None:
        """Somebody came back and stands where the published list says."""
        said = event.payload
        visit = self._visits[said["label"]]
        line = self._lines.get(said["step"])
        called = line.memory.called_in(said["lane"]) if line is not None else 0
        if said["after_calls"] != called:
            self._wrong(event, f"came back after {called} calls of the lane, recorded {said['after_calls']}")
        one = replace(visit.one, re_entry=said["re_entry"], re_entered_at=event.at, re_entry_count=called)
        self._join(visit, said["step"], one)

    def step_ended(self, event: Happened) -> None:
        """A step ended: the ticket joins the next line of the hall, or leaves."""
        said = event.payload
        visit = self._visits.get(said["label"] or "")
        if visit is None:
            return  # a step of the back office, or a ticket of another day
        self._leave(visit)
        if said["joined_at"] is not None:
            self._goes_to(visit, said["goes_to"], datetime.fromisoformat(said["joined_at"]))

    def transferred(self, event: Happened) -> None:
        """Somebody goes back to an earlier step that must be done again, as one who first joined it."""
        said = event.payload
        visit = self._visits[said["label"]]
        self._leave(visit)
        self._goes_to(visit, said["to"], datetime.fromisoformat(said["joined_at"]))

    def _goes_to(self, visit: _Visit, step: str, joined: datetime) -> None:
        one = replace(
            visit.one,
            joined_at=joined,
            re_entry=None,
            re_entered_at=None,
            re_entry_count=0,
            beside=self._beside(visit.host, step),
        )
        self._join(visit, step, one)

    def approved(self, event: Happened) -> None:
        """The second person approved an urgent call after it was made."""
        if event.payload["call"] and (call := self._requests.get(event.payload["request"])):
            call.approval, call.approved_by = "approved", event.payload["officer"]

    def refused(self, event: Happened) -> None:
        """The second person refused an urgent call that was made already: it stands unproven."""
        if event.payload["call"] and (call := self._requests.get(event.payload["request"])):
            call.approval, call.proof = "refused", "unproven"

    def lapsed(self, event: Happened) -> None:
        """Nobody decided on an urgent call by the end of its day: it stands unproven."""
        call = self._requests.get(event.payload["request"])
        if call is not None and call.approval == "pending":
            call.approval, call.proof = "lapsed", "unproven"

    def closed(self, event: Happened) -> None:
        """The hall was closed: nobody waits any longer; urgent calls that nobody approved stand unproven."""
        for call in self.answer.calls:
            if call.approval == "pending" and call.ticket in event.payload.get("lapsed", ()):
                call.approval, call.proof = "lapsed", "unproven"
        for visit in self._visits.values():
            self._leave(visit)


def _differs(said: Mapping[str, Any], choice: str | None, depth: int, why: Why) -> Iterable[str]:
    """What the record of a call says otherwise than the rule."""
    if said["rule_label"] != choice:
        yield f"the rule gives {choice or 'nobody'}, the record says {said['rule_label']}"
    if said["depth"] != depth:
        yield f"{depth} stood before it by the rule, the record says {said['depth']}"
    if said["waiting"] != why.waiting:
        yield f"{why.waiting} were waiting, the record says {said['waiting']}"
    elif said["why"] != why.as_dict():
        yield "the rule has another reason than the record"


def replay(events: Iterable[Happened], pack: Pack, local: Mapping[str, Any] | None = None) -> Answer:
    """Replay one day from its events in the order of their numbers; events of other rooms are passed over.

    ``pack``: the service pack in force that day; ``local``: the office's own values as the day began
    (``offices.configured`` changes them from then on). What cannot have happened is a :class:`Disagreement`, not
    an error.
    """
    day = _Day(pack, local or {})
    tell: dict[str, Callable[[Happened], None]] = {
        "queueing.checked_in": day.checked_in,
        "queueing.opening_drawn": day.ranked,
        "queueing.called": day.called,
        "queueing.called_out_of_turn": day.called,
        "queueing.call_undone": day.call_undone,
        "queueing.recused": day.call_undone,
        "queueing.returned": day.returned,
        "casework.transferred": day.transferred,
        "queueing.override_approved": day.approved,
        "queueing.override_refused": day.refused,
        "queueing.override_expired": day.lapsed,
        "queueing.day_closed": day.closed,
    } | {f"casework.{name}": day.step_ended for name in STEPS}
    for event in events:
        if event.type == "offices.configured":
            if event.payload["model"] == "offices.Office" and "local" in event.payload["after"]:
                day.configured(event.payload["after"]["local"])
        elif (happens := tell.get(event.type)) is not None:
            try:
                happens(event)
            except (KeyError, ValueError) as wrong:
                day._wrong(event, f"cannot be: {wrong}")
    return day.answer
