"""The office whose pages are measured: made once for each schema, then kept in a database of its own."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from benchmarks import common

from setara.site import database

NAME = "setara_bench_pages"
FIRST = date(2025, 7, 14)
NOW = time(10, 15)
MARK = "Kantor contoh Depok (data uji beban, bukan data nyata)"


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is: people of each copied day, how many copies, and people and counters of today."""

    applicants: int
    copies: int
    today: int
    counters: int
    name: str


FULL = Size(applicants=300, copies=333, today=200, counters=12, name=NAME)
QUICK = Size(applicants=8, copies=3, today=8, counters=3, name=f"{NAME}_quick")


class _Enough(Exception):  # noqa: N818 - not an error: the play is stopped in the middle of the day
    """The moment has come at which the hall is looked at."""


@contextlib.contextmanager
def connected(size: Size, *, fresh: bool) -> Iterator[dict[str, Any]]:
    """Django on the benchmark's database, made if it is not there; yields what is in it."""
    os.environ |= {
        "SETARA_DB_NAME": size.name,
        "SETARA_DB_POOL": "0",
        "SETARA_DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "setara.site.settings",
    }
    note = common.kept_at(f"{size.name}-data")
    digest = _digest(size)
    database.ensure_server()
    known = json.loads(note.read_text()) if note.exists() else {}
    if fresh or known.get("digest") != digest or not database.exists(size.name):
        note.unlink(missing_ok=True)
        database.drop(size.name)
        note.write_text(json.dumps(_make(size) | {"digest": digest}))
        known = json.loads(note.read_text())
    else:
        _django()
    yield known


def _digest(size: Size) -> str:
    """What the data depend on: every migration, this recipe, the size."""
    here = Path(__file__).parent
    files = [*sorted(database.PACKAGE.glob("*/migrations/*.py")), here / "many.py", here / "office.py"]
    digest = hashlib.sha256(repr(size).encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _django() -> None:
    import django

    django.setup()


def _make(size: Size) -> dict[str, Any]:
    from setara.site.outside import process

    common.say(f"Making the database {size.name} (kept for the next time) ...")
    database.clone(size.name)
    with process.running() as outside:
        os.environ |= {
            "SETARA_TREASURY_URL": outside.base_url,
            "SETARA_DEVICE_URL": outside.base_url,
            "SETARA_TREASURY_SECRET": outside.secret,
        }
        _django()
        return _fill(size)


def _fill(size: Size) -> dict[str, Any]:
    from benchmarks.pages import many

    from setara.kernel import clock
    from setara.ledger.service import By
    from setara.offices import service as offices
    from setara.site.day import demo_office

    before = datetime.combine(FIRST - timedelta(days=40), time(0), clock.UTC)
    with clock.using(clock.ManualClock(before)):
        demo_office.build(counters=size.counters, applicants=size.applicants, opening=FIRST, spare=0)
        office = offices.office_by_code(demo_office.CODE)
        offices.configure(By(demo_office.PLAYER), office, {"name": MARK})
    _play(FIRST, size.applicants, size.counters, seed=1, until=None)
    calendar = offices.calendar_of(office)
    days = [calendar.add_working_days(FIRST, k) for k in range(1, size.copies + 1)]
    common.say(f"Copying the played day to {len(days)} days ...")
    with database.connect(size.name, "admin") as admin:
        events = many.copy_days(admin, office.pk, FIRST, days, _told)
    today = calendar.add_working_days(days[-1], 8)
    _play(today, size.today, size.counters, seed=2, until=NOW)
    with database.connect(size.name, "admin") as admin:
        admin.execute("VACUUM ANALYZE")
    return {"events": events, "today": today.isoformat()} | _counts()


def _told(k: int) -> None:
    if k % 50 == 0:
        common.say(f"  {k} days")


def _play(day: date, applicants: int, counters: int, *, seed: int, until: time | None) -> None:
    """Play a day by the real operations; `until`: stop in the middle of it and let the clock stand there."""
    from setara.kernel import clock
    from setara.ledger import office_clock
    from setara.ledger.service import By
    from setara.offices import service as offices
    from setara.site.day import demo_office, run

    people = demo_office.load(counters)
    zone = offices.zone_of(people.office)
    end = datetime.combine(day, until, zone) if until else None

    def watch(_count: int) -> None:
        if end is not None and clock.now() >= end:
            raise _Enough

    start = datetime.combine(day - timedelta(days=20), time(0), clock.UTC)
    with clock.using(clock.ManualClock(start)):
        demo_office.restock(By(demo_office.PLAYER), people.office, applicants)
    with contextlib.suppress(_Enough):
        run.play_day(run.Plan(day, applicants, seed), people, watch)
    if end is not None:
        office_clock.set_virtual(end, rate=0.0, note="")


def _counts() -> dict[str, int]:
    from setara.applications.models import Application
    from setara.ledger.models import Event

    return {"applications": Application.objects.count(), "all_events": Event.objects.count()}
