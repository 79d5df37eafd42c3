"""Planting exceptions into a played day: tried through the real operations, and written down as they went.

Nobody's luck in the ordinary play depends on what is planted: who tries what is drawn from a seed of its own. Where
the office makes a scheme impossible, the attempt is made all the same and its refusal, with the message, is the
result. The list of schemes is :mod:`setara.rules.schemes`.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from setara.kernel.errors import SetaraError
from setara.ledger import storage
from setara.ledger.service import Actor
from setara.queueing import service as queueing
from setara.queueing.service import Call, OverrideRequest, Session, Ticket
from setara.rules.schemes import BY_SLUG
from setara.site.day.demo_office import HALL
from setara.site.output import JSON_VERSION, atomic

if TYPE_CHECKING:
    from setara.site.day.cast import Person
    from setara.site.day.play import Play

#: Schemes that want a call out of turn, and at which steps of the hall: all of them, or one that is drawn.
EVERY_STEP = frozenset({"escort"})
ONE_STEP = frozenset({"single-jump", "false-reason", "proven-override"})
OUTCOMES = ("done", "refused", "no_gain", "no_chance")
#: Where favours are asked for: where people wait, most of all before the first step.
LINES = (4, 1, 1)
#: What is claimed: a listed reason that nothing proves.
CLAIMED = {"escort": "state_duty", "false-reason": "call_not_heard", "pair": "office_error"}


@dataclass(slots=True)
class Row:
    """One attempt, as the truth file has it (docs/reference/day.md).

    ``outcome``: ``done``, ``refused`` (with ``code`` and ``message``), ``no_gain`` (it was their turn anyway) or
    ``no_chance`` (the moment never came). ``depth``: so many stood before, by the rule.
    """

    scheme: str
    lawful: bool
    outcome: str
    application: str
    ticket: str | None = None
    step: str | None = None
    time: str | None = None
    counter: int | None = None
    officer: str | None = None
    reason: str | None = None
    proof: str | None = None
    approval: str | None = None
    depth: int | None = None
    event: int | None = None
    code: str | None = None
    message: str | None = None
    note: str = ""


@dataclass(slots=True)
class Wish:
    """Somebody who is to be called out of turn as soon as a counter of the step is free."""

    person: Person
    ticket: Ticket


@dataclass(slots=True)
class Planter:
    """What is tried on this day, for whom, and what came of it. ``rates``: slug -> share of the applicants."""

    seed: int
    day: date
    rates: Mapping[str, float] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    wishes: dict[str, list[Wish]] = field(default_factory=lambda: defaultdict(list))
    # Tickets with a lawful ground that have brought nobody along yet.
    hosts: list[Ticket] = field(default_factory=list)

    def assign(self, person: Person) -> None:
        """Draw which scheme, if any, is tried for this person, and give the traits that it needs."""
        if not self.rates:
            return
        dice = random.Random(f"setara/{self.seed}/{self.day}/{person.index}/scheme")  # noqa: S311 - a play
        slug = _drawn(dice.random(), self.rates)
        if slug is None:
            return
        person.scheme, person.no_show = slug, False
        # Everybody else's luck stays as drawn; those here come with a seat and do what the scheme is about.
        person.priority, person.misses_call, person.incomplete = (
            "",
            slug == "missed-call",
            slug == "send-back",
        )
        person.returns = person.returns or slug == "send-back"
        if slug in ONE_STEP:
            person.scheme_step = dice.choices(HALL, LINES)[0]
        elif slug == "pair":
            person.scheme_step = "interview"

    def joined(self, person: Person | None, ticket: Ticket) -> None:
        """The ticket waits at another step: somebody may want it called before its turn there."""
        if person is not None and (person.scheme in EVERY_STEP or person.scheme_step == ticket.step):
            self.wishes[ticket.step].append(Wish(person, ticket))

    def call(self, play: Play, actor: Actor, session: Session) -> Call | None:
        """What the officer at this free counter tries for one of those who wait at its steps; the call made."""
        for step in session.steps:
            for wish in list(self.wishes[step]):
                wish.ticket.refresh_from_db(fields=["step", "status"])
                if (wish.ticket.step, wish.ticket.status) != (step, Ticket.Status.WAITING):
                    self.wishes[step].remove(wish)  # the rule was quicker
                    self.write(play, wish.person, "no_chance", ticket=wish.ticket, step=step)
                    continue
                if wish.person.scheme == "pair" and session.counter.number != _partner(play):
                    continue
                self.wishes[step].remove(wish)
                return self._out_of_turn(play, actor, session, wish)
        return None

    def _out_of_turn(self, play: Play, actor: Actor, session: Session, wish: Wish) -> Call | None:
        if wish.person.scheme == "single-jump":
            # First as in an office without a rule: just call. Then on an urgent reason while nobody could object.
            bare = {"ticket": wish.ticket, "session": session}
            self.tried_op(play, wish.person, bare, queueing.call_out_of_turn, actor, session, wish.ticket)
            supervisor = play.officer(play.cast.supervisor)
            return self._made(play, supervisor, session, wish, "medical_emergency")
        claimed = CLAIMED.get(wish.person.scheme, "state_duty")
        proven = wish.person.scheme == "proven-override"
        at: dict[str, Any] = {"ticket": wish.ticket, "session": session, "reason": claimed}
        paper = play.scanner.scan() if proven else None
        request = self.tried_op(
            play, wish.person, at, queueing.ask_override, actor, wish.ticket, "", paper, reason=claimed
        )
        if not isinstance(request, OverrideRequest):
            return None
        second = play.officer(play.cast.supervisor)
        if self.tried_op(play, wish.person, at, queueing.approve_override, second, request) is None:
            return None
        return self._made(play, actor, session, wish, claimed)

    def _made(self, play: Play, actor: Actor, session: Session, wish: Wish, reason: str) -> Call | None:
        at: dict[str, Any] = {"ticket": wish.ticket, "session": session, "reason": reason}
        call = self.tried_op(
            play, wish.person, at, queueing.call_out_of_turn, actor, session, wish.ticket, reason=reason
        )
        if not isinstance(call, Call):
            return None
        self.write(
            play, wish.person, "done" if call.depth else "no_gain", **at, proof=str(call.proof),
            approval=str(call.approval), depth=call.depth, event=storage.head(play.office.code),
        )  # fmt: skip
        return call

    def tried_op(
        self,
        play: Play,
        person: Person,
        about: Mapping[str, Any],
        operation: Callable[..., Any],
        actor: Actor,
        *args: Any,
        reason: str | None = None,
        **kw: Any,
    ) -> Any:
        """Run one operation of a scheme; a refusal is written down with its message and gives None."""
        try:
            return play.do(operation, actor, *args, reason=reason, **kw)
        except SetaraError as error:
            play.tally.refused(error)
            self.write(play, person, "refused", **about, code=error.code, message=str(error))
            return None

    def write(
        self,
        play: Play,
        person: Person,
        outcome: str,
        ticket: Ticket | None = None,
        session: Session | None = None,
        step: str | None = None,
        **more: Any,
    ) -> None:
        """Write down an attempt and what came of it."""
        self.rows.append(
            Row(
                scheme=person.scheme,
                lawful=BY_SLUG[person.scheme].lawful,
                outcome=outcome,
                application=person.application,
                ticket=ticket.label if ticket else None,
                step=step or (ticket.step if ticket else None),
                time=play.now.isoformat(),
                counter=session.counter.number if session else None,
                officer=session.staff.label if session else None,
                **more,
            )
        )

    def finish(self, play: Play) -> None:
        """Whoever was to be tried and never was: the moment did not come."""
        seen = {row.application for row in self.rows}
        for person in play.people.values():
            if person.scheme and person.application not in seen:
                self.write(play, person, "no_chance")
        for row in self.rows:
            # What became of calls that nobody had approved yet, at the end of the day.
            if row.event is not None and row.approval == "pending":
                call = Call.objects.get(
                    ticket__label=row.ticket, date=self.day, called_at=_moment(row), step=row.step
                )
                row.proof, row.approval = str(call.proof), str(call.approval)

    def as_rows(self) -> list[dict[str, Any]]:
        """The rows of the truth file in the order in which they happened."""
        return [asdict(row) for row in sorted(self.rows, key=lambda row: (row.time or "", row.application))]


def _drawn(luck: float, rates: Mapping[str, float]) -> str | None:
    """The scheme on whose share of 0 to 1 `luck` falls; None beyond all of them."""
    below = 0.0
    for slug, rate in rates.items():
        below += rate
        if luck < below:
            return slug
    return None


def _moment(row: Row) -> datetime:
    return datetime.fromisoformat(row.time or "")


def _partner(play: Play) -> int:
    """The counter whose officer gets those whom a colleague hands over: the first that interviews."""
    return min(counter.number for _staff, counter in play.cast.desks if "interview" in counter.steps)


def summary(rows: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Scheme -> people for whom it was tried, and attempts by what came of them."""
    found: dict[str, dict[str, int]] = {}
    for slug in BY_SLUG:
        mine = [row for row in rows if row["scheme"] == slug]
        if mine:
            found[slug] = {"tried": len({row["application"] for row in mine})} | {
                outcome: sum(row["outcome"] == outcome for row in mine) for outcome in OUTCOMES
            }
    return found


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write the truth to `path` (.parquet or .json), whole or not at all."""
    with atomic(path) as file:
        if path.suffix == ".parquet":
            import polars as pl

            kinds: dict[str, Any] = {"bool": pl.Boolean, "int | None": pl.Int64}
            schema = {each.name: kinds.get(str(each.type), pl.String) for each in fields(Row)}
            pl.DataFrame(rows, schema=schema, orient="row").write_parquet(file)
        else:
            body = {"schema": "setara.day.truth", "version": JSON_VERSION, "rows": rows}
            file.write((json.dumps(body, ensure_ascii=False, indent=2) + "\n").encode())
