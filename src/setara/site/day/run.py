"""Playing one day from beginning to end in the database that Django is connected to."""

from __future__ import annotations

import time as real_time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings

from setara.booking import service as booking
from setara.casework.devices import SimulatedDevice
from setara.kernel import clock
from setara.kernel.clock import ManualClock
from setara.ledger import office_clock
from setara.offices import service as offices
from setara.payments.gateway import SimulatedBank
from setara.site.day import after, before, cast, hall, schemes
from setara.site.day.demo_office import PLAYER, Cast
from setara.site.day.papers import Scanner
from setara.site.day.planting import Planter
from setara.site.day.play import Play, Tally
from setara.site.day.stage import Stage
from setara.site.day.summary import DAYS_AFTER

DAYS_BEFORE = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """What to play. `speed` None plays as fast as the operations go."""

    day: date
    applicants: int
    seed: int
    speed: float | None = None
    # What is planted: slug of setara.rules.schemes -> share of the applicants for whom it is tried.
    schemes: Mapping[str, float] = field(default_factory=dict)
    # Whether the files are decided, printed and handed out on the days after; without, only the visits are played.
    finish: bool = True
    # Called with the moment before each step; for a demo that shows its time to the other processes.
    show_time: Callable[[datetime, float], None] | None = None


def estimate(applicants: int) -> int:
    """About how many operations a day of so many applicants is; for the progress bar."""
    return round(applicants * 24.5) + 60


def play_day(plan: Plan, people: Cast, progress: Callable[[int], None]) -> Tally:
    """Play the days before, the day and the days after; returns the tally. Raises SetaraError."""
    zone = offices.zone_of(people.office)
    first = datetime.combine(plan.day - timedelta(days=DAYS_BEFORE), time(7), zone)
    manual = ManualClock(first)
    pace = Pace(
        plan, datetime.combine(plan.day, time(7, 30), zone), datetime.combine(plan.day, time(18, 30), zone)
    )
    with clock.using(manual), Scanner(plan.seed) as scanner:
        # Visitors may click along beside a watched play: whom they served, the play finds gone.
        watched = plan.show_time is not None
        tally = Tally()
        stage = Stage(manual, pace, tally.refused if watched else None)
        play = Play(
            stage,
            people,
            seed=plan.seed,
            scanner=scanner,
            bank=SimulatedBank(settings.SETARA_TREASURY_URL),
            device=SimulatedDevice(settings.SETARA_DEVICE_URL),
            progress=progress,
            tally=tally,
            planter=Planter(plan.seed, plan.day, plan.schemes),
            watched=watched,
        )
        _before(play, plan)
        _day(play, plan, people)
        play.planter.finish(play)
        tally.truth = play.planter.as_rows()
        if plan.finish:
            _after(play, plan, people)
    tally.people = frozenset(map(UUID, play.people))
    return tally


def _before(play: Play, plan: Plan) -> None:
    play.do(booking.open_windows, PLAYER, play.office, plan.day)
    for index in range(plan.applicants):
        person = cast.draw(plan.seed, index, plan.day)
        play.planter.assign(person)
        play.stage.start(before.applicant(play, person, plan.day))
    play.stage.run()


def _day(play: Play, plan: Plan, people: Cast) -> None:
    stage = play.stage
    _set(stage, play.at(plan.day, time(7, 30)))
    hall.open_day(play, plan.day, people.desks)
    stage.start(hall.opening_draw(play, plan.day))
    for person, appointment in play.bookings:
        stage.start(hall.arrival(play, person, appointment))
        if person.scheme == "off-hours":
            stage.start(schemes.before_the_doors(play, person, plan.day))
    for person, application in play.walk_ins:
        if person.scheme == "family":
            stage.start(hall.companion(play, person, application, plan.day))
        else:
            stage.start(hall.walk_in(play, person, application, plan.day))
    for turn, (staff, counter) in enumerate(people.desks):
        stage.start(hall.officer(play, staff, counter, plan.day, turn))
    stage.start(hall.closing(play, plan.day))
    stage.run()


def _after(play: Play, plan: Plan, people: Cast) -> None:
    """Decided on the next working day, printed the day after that, collected from then on."""
    stage = play.stage
    for number in range(1, DAYS_AFTER + 1):
        day = play.calendar.add_working_days(plan.day, number)
        _set(stage, play.at(day, time(7, 30)))
        hall.open_day(play, day, people.pickup)
        stage.start(hall.opening_draw(play, day))
        stage.start(after.released(play, day))
        if number <= 3:
            stage.start(after.adjudication(play, day))
            stage.start(after.printing(play, day))
        if number >= 3:
            stage.start(after.collecting(play, day, number - 3))
        for turn, (staff, counter) in enumerate(people.pickup):
            stage.start(hall.officer(play, staff, counter, day, turn))
        stage.start(hall.closing(play, day))
        if number == DAYS_AFTER:
            stage.start(after.invitations(play, day))
        stage.run()


def _set(stage: Stage, moment: datetime) -> None:
    if moment > stage.now:
        stage.clock.set(moment)


class Pace:
    """Lets the hall's day run at the wanted speed and everything around it as fast as it goes.

    In the paced span the other processes are given a running clock; outside it they are shown the moment being
    played, at most a few times a second.
    """

    def __init__(self, plan: Plan, begins: datetime, ends: datetime) -> None:
        self._plan = plan
        self._begins, self._ends = begins, ends
        self._anchor: tuple[datetime, float] | None = None
        self._shown = 0.0

    def __call__(self, moment: datetime) -> None:
        """Sleep until `moment` is due, and show the time."""
        show, speed = self._plan.show_time, self._plan.speed
        if speed is None or not self._begins <= moment <= self._ends:
            self._anchor = None
            if show and real_time.monotonic() - self._shown > 0.5:
                show(moment, 0.0)
                self._shown = real_time.monotonic()
            return
        if self._anchor is None:
            self._anchor = (moment, real_time.monotonic())
            if show:
                show(moment, speed)
        start, since = self._anchor
        wait = (moment - start).total_seconds() / speed - (real_time.monotonic() - since)
        if wait > 0:
            real_time.sleep(wait)


def show_time(note: str) -> Callable[[datetime, float], None]:
    """A `show_time` that writes the clock row, so that every process of the office agrees."""

    def show(moment: datetime, rate: float) -> None:
        office_clock.set_virtual(moment, rate=rate, note=note)

    return show
