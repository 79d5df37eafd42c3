"""Twenty offices with their counters manned and their halls full, in one database of their own.

Offices, officers, counters and the opening of the day and of each counter come about by the real operations; the
people who wait are rows (arriving has figures of its own), with tickets as check-in gives them.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from benchmarks import common

from setara.site import database

STEP = "document_check"
#: Monday, 2 March 2026, 07.30 WIB: the day is opened. At 10.00 WIB the doors have been open for two hours.
OPENED = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
MOMENT = datetime(2026, 3, 2, 3, tzinfo=UTC)
DAY = date(2026, 3, 2)


@dataclass(frozen=True, slots=True)
class Size:
    """How many offices, counters in each, and people who wait in each."""

    offices: int
    counters: int
    waiting: int
    name: str


@contextlib.contextmanager
def database_of(size: Size) -> Iterator[None]:
    """Django on a database of its own with the offices in it; dropped afterwards. The clock runs from MOMENT on."""
    os.environ |= {
        "SETARA_DB_NAME": size.name,
        "SETARA_DB_POOL": "0",
        "DJANGO_SETTINGS_MODULE": "setara.site.settings",
    }
    database.ensure_server()
    database.drop(size.name)
    database.clone(size.name)
    import django
    from django import db

    django.setup()
    # Of several parts in one process, each has a database of its own.
    db.connections.close_all()
    db.connections.settings["default"]["NAME"] = size.name
    try:
        _fill(size)
        db.connections.close_all()
        yield
    finally:
        db.connections.close_all()
        database.drop(size.name)


def codes(size: Size) -> list[str]:
    """The offices' codes."""
    return [f"bench{number:02d}" for number in range(size.offices)]


def _fill(size: Size) -> None:
    from setara.ledger import office_clock

    office_clock.install()
    office_clock.set_virtual(OPENED, rate=1)
    common.say(
        f"Making {size.offices} offices with {size.counters} counters and {size.waiting} people each ..."
    )
    for code in codes(size):
        _office(code, size)
    office_clock.set_virtual(MOMENT, rate=1)
    with database.connect(size.name, "admin") as admin:
        admin.execute("VACUUM ANALYZE")


def _office(code: str, size: Size) -> None:
    from setara.ledger.service import By, system
    from setara.offices import service as offices
    from setara.queueing import service as queueing

    by = By(system("benchmark"))
    office = offices.create_office(by, code, f"Kantor {code} (data uji beban)")
    boss = offices.add_staff(
        by, office, username=f"boss-{code}", label="KA", name="Petugas Rekaan",
        roles=[offices.Role.SUPERVISOR], steps=[], simulated=True,
    )  # fmt: skip
    offices.open_day(By(offices.actor_for(boss)), office, DAY)
    for number in range(1, size.counters + 1):
        counter = offices.add_counter(by, office, number, [STEP])
        one = offices.add_staff(
            by, office, username=f"{code}-{number}", label=f"D{number}", name="Petugas Rekaan",
            roles=[offices.Role.DOCUMENT_CHECKER], steps=[STEP], simulated=True,
        )  # fmt: skip
        queueing.open_counter(By(offices.actor_for(one)), counter)
    _people(office, size.waiting)


def _people(office: Any, count: int) -> None:
    """Two of three booked in the windows around now, one by a lawful lane; all joined in the last two hours."""
    from types import SimpleNamespace

    from setara.applications.models import Application
    from setara.kernel import ids
    from setara.people.service import PersonData, register
    from setara.queueing.models import Ticket
    from setara.rules.packs import pack_for

    pack = pack_for(office.service, DAY)
    data = PersonData(
        name="Rekaan Beban",
        nik="9901011708900001",
        birth_date=date(1990, 8, 17),
        birth_place="Depok",
        sex="male",
    )
    person = register(SimpleNamespace(now=MOMENT), data, simulated=True)  # type: ignore[arg-type]
    applications = Application.objects.bulk_create(
        Application(
            reference=ids.reference(), office=office, pack=pack.id, person=person, started_at=MOMENT, answers={},
            status=Application.Status.IN_SERVICE, type=pack.types[0].code,
        )
        for _ in range(count)
    )  # fmt: skip
    tickets = []
    for number, application in enumerate(applications, 1):
        lane = "priority" if number % 3 == 0 else "booked"
        joined = MOMENT - timedelta(seconds=7000 * (count - number + 1) / count)
        window = MOMENT - timedelta(minutes=30 * (number % 4)) if lane == "booked" else None
        tickets.append(
            Ticket(
                office=office, date=DAY, application=application, arrival="qr", lane=lane, number=number,
                label=f"{'AP'[lane == 'priority']}-{number:03d}", step=STEP, arrived_at=joined, joined_at=joined,
                booked_window=window,
            )
        )  # fmt: skip
    Ticket.objects.bulk_create(tickets)
