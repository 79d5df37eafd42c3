"""Inside the office under test: sets its clock, reads its ledger, and puts many people at every stage at once.

    python -m tests.e2e.inside        one JSON request a line on standard input, one JSON answer a line

A process of the office's own environment, because keys and database belong to its data folder.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import date, datetime, time, timedelta
from time import sleep
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "setara.site.settings")
os.environ["SETARA_DB_POOL"] = "0"

import django

django.setup()

from tests.e2e import stage  # noqa: E402

from setara.applications.models import Application  # noqa: E402
from setara.applications.service import access_code  # noqa: E402
from setara.booking.service import Appointment  # noqa: E402
from setara.kernel import clock  # noqa: E402
from setara.ledger import office_clock, storage  # noqa: E402
from setara.ledger.models import Event  # noqa: E402
from setara.ledger.service import VISITOR, By, system  # noqa: E402
from setara.offices import kelola  # noqa: E402
from setara.offices import service as offices  # noqa: E402
from setara.queueing import service as queueing  # noqa: E402
from setara.queueing.operations.objections import object_to  # noqa: E402
from setara.site.day import demo, demo_office  # noqa: E402


def office() -> offices.Office:
    """The demo office."""
    return offices.Office.objects.get(code=demo_office.CODE)


def move(day: str, hour: str) -> str:
    """Everybody's clock, the treasury's too: this day and hour in the office's zone, then at real pace."""
    return _show(demo_office.moment_of(date.fromisoformat(day), time.fromisoformat(hour), office()))


def _show(at: datetime) -> str:
    # Each process reads the clock's row anew after this many seconds, so until then some live in the past.
    demo._show(at, 1.0)
    sleep(office_clock.REFRESH_SECONDS + 0.1)
    return at.isoformat()


def fresh_day(hour: str = "08:00") -> str:
    """A working day well after everything that has happened so far, at ``hour``; earlier days are closed."""
    for left in offices.OfficeDay.objects.filter(office=office(), status=offices.OfficeDay.Status.OPEN):
        queueing.close_day(stage.by("rekaan-pengawas"), office(), left.date, force=True)
    last = Event.objects.filter(office=demo_office.CODE).order_by("-occurred_at").first()
    assert last is not None
    day = max(offices.local_date(office(), last.occurred_at), offices.local_date(office(), clock.now()))
    found = offices.calendar_of(office()).add_working_days(day, 6).isoformat()
    move(found, hour)
    return found


def today() -> str:
    """The office's date."""
    return offices.local_date(office(), clock.now()).isoformat()


def working_day(day: str, after: int) -> str:
    """The working day so many after ``day``."""
    found = offices.calendar_of(office()).add_working_days(date.fromisoformat(day), after)
    return found.isoformat()


def events(reference: str) -> list[dict[str, Any]]:
    """What happened to an application, in order."""
    rows = Event.objects.filter(application__in=_pks(reference)).order_by("seq")
    return [{"type": e.type, "actor": e.actor_kind, "reason": e.reason, "payload": e.payload} for e in rows]


def _pks(reference: str) -> list[Any]:
    return list(Application.objects.filter(reference=reference).values_list("pk", flat=True))


def token(reference: str) -> str:
    """What the QR code of the appointment says."""
    found = Appointment.objects.filter(application__reference=reference).order_by("-booked_at").first()
    return "" if found is None else str(found.token)


def visit(reference: str) -> str:
    """The day of the appointment."""
    found = Appointment.objects.filter(application__reference=reference).order_by("-booked_at").first()
    assert found is not None
    return found.date.isoformat()


def code(reference: str) -> str:
    """The access code of an application."""
    return access_code(Application.objects.get(reference=reference))


def faults() -> list[str]:
    """What the check of the ledger finds."""
    return list(storage.verify(demo_office.CODE))


def later(minutes: float) -> str:
    """Time passes."""
    return _show(clock.now() + timedelta(minutes=minutes))


def now() -> str:
    """The office's time."""
    return clock.now().isoformat()


def link() -> str:
    """The one-time link of a new officer."""
    by = By(system("test", demo_office.CODE))
    number = offices.Staff.objects.count()
    new = offices.add_staff(
        by, office(), username=f"baru{number}", label=f"N-{number}", name="Petugas Rekaan Baru",
        roles=["front_desk"], simulated=True,
    )  # fmt: skip
    return str(offices.link_for(offices.one_time_link(by, new)))


def objected(token: str = "") -> str:
    """Somebody (the holder of the ticket with this token) objects to the last call of the day; the objection's id."""
    found = queueing.Call.objects.filter(office__code=demo_office.CODE).order_by("called_at").last()
    mine = queueing.Ticket.objects.filter(token=token).first() if token else None
    return str(object_to(By(VISITOR), found, mine, "Mengapa nomor itu lebih dahulu?", "ticket").pk)


def last_event() -> int:
    """The number of the newest event."""
    return int(
        Event.objects.filter(office=demo_office.CODE).order_by("-seq").values_list("seq", flat=True)[0]
    )


def served() -> int:
    """How many were served so far."""
    return (
        queueing.Call.objects.filter(office__code=demo_office.CODE, started_at__isnull=False)
        .exclude(ended_at=None)
        .count()
    )


def days_closed() -> int:
    """How many days of service are over."""
    return offices.OfficeDay.objects.filter(office=office(), status=offices.OfficeDay.Status.CLOSED).count()


def configured() -> dict[str, str]:
    """One row of each kind that the administrator configures: its id by ``app_model``."""
    found = {}
    for model in kelola.site._registry:
        if (row := model.objects.order_by("pk").first()) is not None:
            found[f"{model._meta.app_label}_{model._meta.model_name}"] = str(row.pk)
    return found


def put(*stages: str, **wishes: Any) -> Any:
    """Put people at the stages of :mod:`tests.e2e.stage`."""
    return stage.put(office(), *stages, **wishes)


TASKS = {
    one.__name__: one
    for one in (
        link, last_event, objected, configured, served, days_closed, move, fresh_day, today, working_day, events,
        token, visit, code, faults, later, now, put,
    )
}  # fmt: skip


def main() -> None:
    """Answer until the other end closes."""
    for line in sys.stdin:
        wish = json.loads(line)
        try:
            answer = {"ok": TASKS[wish["task"]](*wish["args"], **wish["more"])}
        except Exception as error:  # noqa: BLE001 - the test shows it
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer, default=str) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
