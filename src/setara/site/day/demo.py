"""The demo's player: fills the demo office while it is served already, then plays day after day at a pace that
people can watch and click along with. Run by the supervisor as `python -m setara.site.day.demo`."""

from __future__ import annotations

import contextlib
import os
import sys
from datetime import UTC, date, datetime, time, timedelta
from time import sleep

SPEED = 60.0
APPLICANTS = 200
COUNTERS = 8
# Days of a demo lie so far apart that nobody applies before the last day was finished.
APART = timedelta(days=9)
PAUSE_SECONDS = 60


def main() -> int:
    """Play until stopped; the exit code is 1 when this is not a demo office."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "setara.site.settings")
    os.environ["SETARA_DB_POOL"] = "0"
    import django

    django.setup()
    from setara.ledger.models import ClockRow
    from setara.offices.service import Office
    from setara.site.day import demo_office, run
    from setara.site.output import say

    if Office.objects.exclude(is_demo=True).exists():
        say("This database holds a real office; demo mode does not start in it.")
        return 1
    speed = float(os.environ.get("SETARA_DEMO_SPEED", SPEED))
    applicants = int(os.environ.get("SETARA_DEMO_APPLICANTS", APPLICANTS))
    if applicants == 0:
        _stand_still()
        return 0
    day = _next_day()
    _prepare(day, applicants)
    while True:
        say(f"event=demo-day date={day}")
        plan = run.Plan(day, applicants, seed=day.toordinal(), speed=speed, show_time=_show)
        run.play_day(plan, demo_office.load(COUNTERS), lambda _n: None)
        row = ClockRow.objects.get(pk=1)
        _show(row.start or datetime.now().astimezone(), 1.0)
        sleep(PAUSE_SECONDS)
        day = _next_day()
        _prepare(day, applicants)


def _stand_still() -> None:
    """SETARA_DEMO_APPLICANTS=0: the office with its accounts and empty days, for people (and tests) who want it
    to themselves. Its time begins at eight on the first day and runs at its own pace; later starts go on."""
    from setara.ledger import office_clock
    from setara.site.day import demo_office

    day = _next_day()
    if not demo_office.exists():
        _prepare(day, APPLICANTS)
    _mode, rate, _note = office_clock.state()
    if rate == 0:
        _show(demo_office.moment_of(day, time(8), demo_office.load(COUNTERS).office), 1.0)


def _next_day() -> date:
    """The day to play: well after the last one in the database, or the next working day from today."""
    from setara.kernel.clock import RealClock
    from setara.ledger.models import Event
    from setara.site.day import demo_office

    last = (
        Event.objects.filter(office=demo_office.CODE)
        .order_by("-seq")
        .values_list("occurred_at", flat=True)
        .first()
    )
    day = (last + APART).date() if last else RealClock().now().date() + timedelta(days=1)
    if demo_office.exists():
        from setara.offices.service import Office, calendar_of

        calendar = calendar_of(Office.objects.get(code=demo_office.CODE))
        while not calendar.is_working_day(day):
            day += timedelta(days=1)
        return day
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def _prepare(day: date, applicants: int) -> None:
    """Make the office at the first start; close a day that a stop left open; keep enough blank books."""
    from django.db import transaction

    from setara.kernel import clock
    from setara.ledger.service import By
    from setara.offices.service import Office, OfficeDay
    from setara.queueing import service as queueing
    from setara.site.day import demo_office

    start = datetime.combine(day - timedelta(days=8), time.min, UTC)
    _show(start, 0.0)
    with clock.using(clock.ManualClock(start)):
        if not demo_office.exists():
            with transaction.atomic():  # killed halfway, the next start finds all of it or nothing
                demo_office.build(counters=COUNTERS, applicants=applicants, opening=day, spare=4)
                demo_office.demo_accounts(By(demo_office.PLAYER), Office.objects.get(code=demo_office.CODE))
        office = Office.objects.get(code=demo_office.CODE)
        for left in OfficeDay.objects.filter(office=office, status=OfficeDay.Status.OPEN):
            # Whoever was being served when the play was stopped has left the hall, too.
            queueing.close_day(By(demo_office.PLAYER), office, left.date, force=True)
        demo_office.restock(By(demo_office.PLAYER), office, applicants)


def _show(moment: datetime, rate: float) -> None:
    """Give every process of the office, and the outside world, this time and pace."""
    from django.conf import settings

    from setara.kernel.clock import RealClock
    from setara.kernel.errors import Unavailable
    from setara.kernel.remote import Remote
    from setara.ledger import office_clock

    note = "Contoh sedang diisi." if rate == 0 else ""
    office_clock.set_virtual(moment, rate=rate, note=note)
    remote = Remote(settings.SETARA_TREASURY_URL, code="outside_down", message="", remedy="", timeout=2)
    with contextlib.suppress(Unavailable):
        remote.call(
            "POST",
            "/clock",
            payload={"start": moment.isoformat(), "rate": rate, "anchor": RealClock().now().isoformat()},
        )


if __name__ == "__main__":
    sys.exit(main())
