"""A small office with its staff, counters and made-up people, for the tests of the floor and of files.

People are put before the door as rows (applying, paying and booking have tests of their own); everything
that happens from the door on runs through the real operations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

from setara.applications.service import Application
from setara.booking.service import Appointment, Quota, Window
from setara.casework.devices import Capture as Taken
from setara.casework.service import receive_books
from setara.kernel import ids
from setara.kernel.clock import ManualClock
from setara.ledger.service import Actor, By, system
from setara.offices.service import (
    Counter,
    Office,
    OfficeDay,
    Role,
    Staff,
    actor_for,
    add_counter,
    add_staff,
    create_office,
    day_of,
    open_day,
)
from setara.people.service import PersonData, register
from setara.queueing import service as q
from setara.queueing.models import Ticket
from setara.rules.packs import pack_for

#: Monday, 2 March 2026, 08.00 WIB: the doors open.
MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
BOSS = By(system("test"))
ANSWERS = {
    "paspor": {
        "type": "new",
        "applicant": "adult",
        "special": "none",
        "purpose": "tourism",
        "book": "electronic",
        "validity": "10",
    },
    "legalisasi": {"paper": "family_card", "own": True},
}
PHOTO = Taken(b"\xff\xd8\xff photo", "image/jpeg", 88, "uji")
FINGERS = Taken(b"fingers", "application/octet-stream", 71, "uji")

Role_ = {role.value: role for role in Role}


@dataclass
class Floor:
    """One office on a clock that stands still; officers by label, counters by number."""

    office: Office
    clock: ManualClock
    staff: dict[str, Staff] = field(default_factory=dict)
    counters: dict[int, Counter] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(1))

    @property
    def today(self) -> date:
        """The date of the clock in Jakarta."""
        return (self.clock.now() + timedelta(hours=7)).date()

    def actor(self, label: str) -> Actor:
        """The officer as an actor, competences of today included."""
        return actor_for(Staff.objects.select_related("office").get(pk=self.staff[label].pk))

    def by(self, label: str, reason: str | None = None, key: str | None = None) -> By:
        """An officer who asks."""
        return By(self.actor(label), reason, key)

    def officer(self, label: str, roles: Iterable[str], steps: Iterable[str] = ()) -> Staff:
        """A new officer."""
        self.staff[label] = add_staff(
            BOSS,
            self.office,
            username=f"{label}-{self.office.pk}",
            label=label,
            name="Petugas Rekaan",
            roles=[Role_[role] for role in roles],
            steps=list(steps),
            simulated=True,
        )
        return self.staff[label]

    def counter(self, number: int, steps: Iterable[str]) -> Counter:
        """A new counter."""
        self.counters[number] = add_counter(BOSS, self.office, number, list(steps))
        return self.counters[number]

    def open(self) -> OfficeDay:
        """Open the day of the clock."""
        return open_day(self.by("KA"), self.office, self.today)

    def day(self) -> OfficeDay | None:
        """The day of the clock as it is stored."""
        return day_of(self.office, self.today)

    def after(self, minutes: float) -> datetime:
        """Let time pass."""
        return self.clock.advance(timedelta(minutes=minutes))

    def sit(self, label: str, number: int) -> q.Session:
        """An officer opens a counter."""
        return q.open_counter(self.by(label), self.counters[number])

    def application(
        self, status: str = Application.Status.BOOKED, born: date = date(1990, 8, 17), **other: Any
    ) -> Application:
        """Somebody who has applied."""
        data = PersonData(
            name="Sekar Rekaan",
            nik=f"990101{born:%d%m%y}{next(self.numbers):04d}",
            birth_date=born,
            birth_place="Depok",
            sex="male",
        )
        now = self.clock.now()
        person = register(SimpleNamespace(now=now), data, simulated=True)  # type: ignore[arg-type]
        pack = pack_for(self.office.service, self.today)
        return Application.objects.create(
            reference=ids.reference(),
            office=self.office,
            pack=pack.id,
            person=person,
            status=status,
            type=pack.types[0].code,
            answers=ANSWERS[self.office.service],
            started_at=now,
            **other,
        )

    def appointment(self, minutes: float = 0, days: int = 0, **person: Any) -> Appointment:
        """Somebody who has booked the window ``minutes`` after the doors open, ``days`` from today."""
        opening = datetime.combine(self.today, MONDAY.time(), UTC) + timedelta(days=days)
        starts = opening + timedelta(minutes=minutes)
        window, _made = Window.objects.get_or_create(
            office=self.office,
            date=self.today + timedelta(days=days),
            channel=Quota.Channel.BOOKED,
            starts=starts,
            defaults={"ends": starts + timedelta(minutes=30), "capacity": 200},
        )
        return Appointment.objects.create(
            application=self.application(**person),
            office=self.office,
            window=window,
            date=window.date,
            booked_at=self.clock.now(),
        )

    def arrive(self, minutes: float = 0, **person: Any) -> Ticket:
        """Somebody with an appointment is checked in now."""
        return q.check_in(self.by("FD"), self.appointment(minutes, **person), "qr")

    def old(self) -> Ticket:
        """Somebody of 70 walks in."""
        person = self.application(Application.Status.PAID, born=date(1955, 5, 5))
        return q.check_in_walk_in(self.by("FD"), person, "elderly", "date_of_birth")

    def serve(self, label: str, session: q.Session) -> q.Call:
        """Call the next and begin."""
        return q.start_service(self.by(label), q.call_next(self.by(label), session))


def passport_office(clock: ManualClock, code: str = "uji") -> Floor:
    """A passport office: two document counters, one each for biometrics, interview and handover."""
    floor = Floor(create_office(BOSS, code, f"Kantor {code}"), clock)
    floor.officer("KA", ["supervisor", "head"])
    floor.officer("FD", ["front_desk"])
    floor.officer("D1", ["document_checker"], ["document_check"])
    floor.officer("D2", ["document_checker"], ["document_check"])
    floor.officer("B1", ["biometrics"], ["biometrics"])
    floor.officer("W1", ["interviewer"], ["interview"])
    floor.officer("AJ", ["adjudicator"], ["adjudication"])
    floor.officer("PR", ["printing"], ["printing", "quality_check"])
    floor.officer("HO", ["handover"], ["handover"])
    for number, step in enumerate(
        ("document_check", "document_check", "biometrics", "interview", "handover"), 1
    ):
        floor.counter(number, [step])
    return floor


def village_office(clock: ManualClock) -> Floor:
    """The small second service, through the same code."""
    floor = Floor(create_office(BOSS, "desa", "Kantor desa", service="legalisasi"), clock)
    floor.officer("KA", ["supervisor", "head"])
    floor.officer("FD", ["front_desk"])
    floor.officer("D1", ["document_checker"], ["compare"])
    floor.officer("AJ", ["adjudicator"], ["signature"])
    floor.officer("HO", ["handover"], ["handover"])
    floor.counter(1, ["compare"])
    floor.counter(2, ["handover"])
    return floor


def stock(floor: Floor, count: int = 20, first: str = "X0000001", kind: str = "electronic") -> None:
    """Books in the store."""
    receive_books(floor.by("PR"), floor.office, kind, first, count)
