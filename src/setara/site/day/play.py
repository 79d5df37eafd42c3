"""The play: applicants, officers and the back office as processes that call the real operations."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, TypeVar
from uuid import UUID

from setara.applications.service import Application
from setara.booking.service import Appointment
from setara.casework.devices import SimulatedDevice
from setara.kernel.errors import SetaraError
from setara.ledger.service import Actor, By
from setara.offices import service as offices
from setara.offices.service import Staff
from setara.payments.gateway import SimulatedBank
from setara.site.day.cast import Person
from setara.site.day.demo_office import Cast
from setara.site.day.papers import Scanner
from setara.site.day.planting import Planter
from setara.site.day.stage import Signal, Stage

T = TypeVar("T")


@dataclass(slots=True)
class Tally:
    """What happened in the play beyond what the database tells."""

    operations: int = 0
    refusals: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    no_shows: int = 0
    # The ids of the applications that were played.
    people: frozenset[UUID] = frozenset()
    # What was planted, as rows of the truth file.
    truth: list[dict[str, Any]] = field(default_factory=list)

    def refused(self, error: SetaraError) -> None:
        """Count a refusal by its code."""
        self.refusals[error.code] += 1


class Play:
    """Shared by all processes of one run: the stage, the cast, the outside world, the tally."""

    def __init__(
        self,
        stage: Stage,
        cast: Cast,
        *,
        seed: int,
        scanner: Scanner,
        bank: SimulatedBank,
        device: SimulatedDevice,
        progress: Callable[[int], None],
        tally: Tally,
        planter: Planter,
        watched: bool = False,
    ) -> None:
        self.stage = stage
        self.cast = cast
        self.office = cast.office
        self.calendar = offices.calendar_of(cast.office)
        self.seed = seed
        self.scanner = scanner
        self.bank = bank
        self.device = device
        self.tally = tally
        self.planter = planter
        self._progress = progress
        self._actors: dict[str, Actor] = {}
        self.people: dict[str, Person] = {}
        self.bookings: list[tuple[Person, Appointment]] = []
        self.walk_ins: list[tuple[Person, Application]] = []
        # Given whenever somebody joins the line of a step, so that an idle officer looks again.
        self.joined: dict[str, Signal] = defaultdict(Signal)
        # Counters (by session) that the lot has passed over: when to look again.
        self.look_again: dict[str, datetime] = {}
        # When and of whom the others were last told that the lot gave the next person to somebody else.
        self.told: dict[str, tuple[datetime, str]] = {}
        # How many wait before each step, as far as the play knows.
        self.waiting: dict[str, int] = defaultdict(int)
        # Whether visitors may click along: then the play's own count is only a hint.
        self.watched = watched
        # People of the play in the hall; the day closes when it is empty.
        self.in_hall = 0
        self.dice = random.Random(f"setara/{seed}")  # noqa: S311 - a play, not a secret

    @property
    def now(self) -> datetime:
        """The moment being played."""
        return self.stage.now

    def at(self, day: date, moment: time) -> datetime:
        """`moment` on `day` in the office's zone."""
        return datetime.combine(day, moment, offices.zone_of(self.office))

    def officer(self, staff: Staff) -> Actor:
        """The actor of a member of staff on the day being played (competences are dated)."""
        key = f"{staff.pk}/{self.now.date()}"
        if key not in self._actors:
            self._actors[key] = offices.actor_for(staff)
        return self._actors[key]

    def do(
        self, operation: Callable[..., T], actor: Actor, *args: Any, reason: str | None = None, **kw: Any
    ) -> T:
        """Run one operation and count it. Its key makes the play's own retries harmless."""
        result = operation(
            By(actor, reason=reason, key=f"play/{self.seed}/{self.now}/{self.tally.operations}"), *args, **kw
        )
        self.tally.operations += 1
        self._progress(1)
        return result

    def counted(self) -> None:
        """Count an operation that ran inside an orchestrated call (one with a remote part)."""
        self.tally.operations += 1
        self._progress(1)

    def attempt(
        self, operation: Callable[..., T], actor: Actor, *args: Any, reason: str | None = None, **kw: Any
    ) -> T | None:
        """Like :meth:`do`, but a refusal is part of the play: it is counted by its code and gives None."""
        try:
            return self.do(operation, actor, *args, reason=reason, **kw)
        except SetaraError as error:
            self.tally.refused(error)
            return None
