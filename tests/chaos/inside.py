"""The part of the chaos test that works inside: it calls the operations themselves, in a process of its own
that may be killed too.

    python -m tests.chaos.inside seed            the day opened, people with a seat before the door
    python -m tests.chaos.inside work J S        operations until the file S exists; what was acknowledged goes to J
    python -m tests.chaos.inside look J...       what is in the ledger, against what was acknowledged, as JSON
    python -m tests.chaos.inside later           an hour passes

``work`` may die anywhere: started again it goes on after its last acknowledged step, and does the step that
it knows nothing of once more, under the same key. That is what a retry is.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "setara.site.settings")
os.environ["SETARA_DB_POOL"] = "0"

import django

django.setup()

from django.db import DatabaseError, InterfaceError, connection  # noqa: E402
from PIL import Image  # noqa: E402

from setara.applications import service as applications  # noqa: E402
from setara.booking.models import Appointment  # noqa: E402
from setara.casework import service as casework  # noqa: E402
from setara.kernel import clock  # noqa: E402
from setara.kernel.clock import ManualClock  # noqa: E402
from setara.kernel.errors import SetaraError  # noqa: E402
from setara.ledger import contract, office_clock, storage  # noqa: E402
from setara.ledger.models import Event  # noqa: E402
from setara.ledger.service import VISITOR, Actor, By  # noqa: E402
from setara.notices.service import Notice  # noqa: E402
from setara.offices import service as offices  # noqa: E402
from setara.payments.models import Payment  # noqa: E402
from setara.queueing import service as queueing  # noqa: E402
from setara.queueing.models import Call, Ticket  # noqa: E402
from setara.queueing.tests.flooring import ANSWERS, Floor  # noqa: E402
from setara.site.day import demo_office  # noqa: E402
from setara.site.day.cast import draw  # noqa: E402

GUESTS = 300


def office() -> offices.Office:
    """The demo office."""
    return offices.Office.objects.get(code=demo_office.CODE)


def officer(username: str) -> Actor:
    """An officer of it, by the name of the account."""
    return offices.actor_for(offices.Staff.objects.select_related("office").get(account__username=username))


def seed() -> None:
    """The day of today opened; people with a seat today, put before the door as rows."""
    here = office()
    today = offices.local_date(here, clock.now())
    offices.open_day(By(officer("rekaan-pengawas")), here, today)
    floor = Floor(here, ManualClock(clock.now()))
    for _ in range(GUESTS):
        guest = floor.appointment()
        # They have no telephone: whoever is nearly next is told on their slip only.
        applications.Application.objects.filter(pk=guest.application_id).update(contact="slip")


class Journal:
    """What was acknowledged, and under which key; survives the process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        self.done = {row["key"]: row for row in self.rows}
        self.random = random.Random(len(self.rows))

    def step(self, key: str, act: Callable[..., Any], actor: Actor, *arguments: Any, **named: Any) -> str:
        """Do one step until it is acknowledged; the id of what came out. Raises SetaraError as a refusal."""
        if key in self.done:
            return str(self.done[key]["result"])
        by = By(actor, key=key)
        try:
            result = self._insist(act, by, arguments, named)
        except SetaraError as refused:
            self._write({"key": key, "refused": refused.code, "result": ""})
            raise
        if self.random.random() < 0.25:  # the answer was lost on the way: the same once more
            again = self._insist(act, by, arguments, named)
            assert again.pk == result.pk, f"{key} gave {result.pk} and then {again.pk}"
        name = f"{act.__module__.split('.')[1]}.{act.__name__}"
        row = {"key": key, "operation": name, "kind": actor.kind, "id": actor.id, "result": str(result.pk)}
        self._write(row)
        return row["result"]

    def _write(self, row: dict[str, str]) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")
        self.done[row["key"]] = row

    def _insist(self, act: Callable[..., Any], by: By, arguments: Any, named: Any) -> Any:
        while True:
            try:
                return act(by, *arguments, **named)
            except (DatabaseError, InterfaceError):  # the database was killed: what came of it is not known
                connection.close()
                time.sleep(0.1)


def patient(read: Callable[[], Any]) -> Any:
    """Read until the database is there to be read."""
    while True:
        try:
            return read()
        except (DatabaseError, InterfaceError):
            connection.close()
            time.sleep(0.1)


def work(journal: Journal, stop: Path) -> None:
    """Somebody applies, somebody is checked in, called and served; again and again."""
    picture = io.BytesIO()
    Image.new("RGB", (320, 240), (120, 140, 160)).save(picture, "JPEG", quality=60)
    paper = applications.clean(picture.getvalue())
    here = patient(office)
    front, checker = patient(lambda: officer("rekaan-depan")), patient(lambda: officer("loket1"))
    counter = patient(lambda: offices.Counter.objects.get(office=here, number=1))
    session = journal.step("open", queueing.open_counter, checker, counter)
    today = patient(lambda: offices.local_date(here, clock.now()))
    seats = patient(lambda: list(Appointment.objects.filter(office=here, date=today).order_by("pk")))
    # What was done and not yet noted when this process was killed is taken up again even if the end is near.
    reached = max((int(key.split(".")[0]) for key in journal.done if key[0].isdigit()), default=-1)
    for number in itertools.count():
        if stop.exists() and number > reached + 1:
            return
        for seat in seats[number * 2 : number * 2 + 2]:
            journal.step(f"{number}.{seat.pk}", queueing.check_in, front, seat, "qr")
        _serve(journal, f"{number}", checker, session)
        _apply(journal, number, here, paper)
        time.sleep(0.1)


def _apply(journal: Journal, number: int, here: offices.Office, paper: Any) -> None:
    data = draw(7, number, date(2026, 3, 2)).data
    pk = journal.step(
        f"{number}.start", applications.start, VISITOR, here, data,
        contact="sms", language="id", channel="online", simulated=True,
    )  # fmt: skip
    who = Actor("applicant", pk)
    made = patient(lambda: applications.Application.objects.select_related("office", "person").get(pk=pk))
    journal.step(f"{number}.answer", applications.answer, who, made, ANSWERS["paspor"])
    made = patient(lambda: applications.Application.objects.select_related("office", "person").get(pk=pk))
    for need in patient(lambda: applications.requirements_of(made)):
        if need.required:
            journal.step(f"{number}.{need.code}", applications.attach, who, made, need.code, paper)
    journal.step(f"{number}.submit", applications.submit, who, made)


def _serve(journal: Journal, name: str, checker: Actor, session: str) -> None:
    place = patient(lambda: queueing.Session.objects.select_related("office", "counter").get(pk=session))
    try:
        pk = journal.step(f"{name}.call", queueing.call_next, checker, place)
    except SetaraError as refused:
        if refused.code != "queueing.nobody":  # the counter next door may have been quicker
            raise
        return
    if not pk:
        return

    def call() -> Call:
        return Call.objects.select_related("ticket__application__office", "office", "session").get(pk=pk)

    journal.step(f"{name}.begin", queueing.start_service, checker, patient(call))
    journal.step(f"{name}.check", casework.check_documents, checker, patient(call), "complete")


def look(journals: list[Path]) -> dict[str, Any]:
    """What the ledger and the tables hold, against the journals."""
    code = office().pk
    events = {bytes(e.key): e for e in Event.objects.filter(office=code, key__isnull=False)}
    references = dict(applications.Application.objects.values_list("reference", "pk"))
    staff = dict(offices.Staff.objects.values_list("account__username", "pk"))
    lost, other, known = [], [], set()
    rows = [json.loads(line) for path in journals for line in path.read_text().splitlines()]
    rows = [row for row in rows if "refused" not in row]
    for row in rows:
        who = str(references.get(row["id"]) or staff.get(row["id"]) or row["id"])
        key = contract._key(row["operation"], By(Actor(row["kind"], who), key=row["key"]))
        known.add(key)
        event = events.get(key)
        if event is None:
            lost.append(row)
        elif row.get("result") and event.result.partition(":")[2] != row["result"]:
            other.append(row)
    ours = ("applications.", "queueing.", "casework.", "booking.book", "payments.record_bill")
    unknown = [
        f"{e.operation} #{e.seq}" for key, e in events.items()
        if key not in known and e.operation.startswith(ours)
    ]  # fmt: skip
    twice = [k for k, n in Counter(Ticket.objects.values_list("application", flat=True)).items() if n > 1]
    payers = Counter(Payment.objects.values_list("bill__application", flat=True))
    served = Counter(Call.objects.filter(outcome="served").values_list("ticket", "step"))
    return {
        "acknowledged": dict(Counter(row["operation"] for row in rows)),
        "lost": lost,
        "other": other,
        "unknown": unknown,
        "faults": list(storage.verify(code)),
        "tickets_twice": [str(k) for k in twice],
        "served_twice": [str(k) for k, n in served.items() if n > 1],
        "paid_twice": [str(k) for k, n in payers.items() if n > 1],
        "paid": Payment.objects.count(),
        "events": Event.objects.filter(office=code).count(),
        "digest": storage.digest(Event.objects.filter(office=code).order_by("seq")),
        "waiting_notices": Notice.objects.filter(status=Notice.Status.QUEUED).count(),
        "sent_notices": Notice.objects.filter(status=Notice.Status.SENT).count(),
        "failed_notices": [
            f"{one.kind} after {one.attempts} tries"
            for one in Notice.objects.filter(status=Notice.Status.FAILED)
        ],
    }  # fmt: skip


def later() -> None:
    """An hour passes at once; what waits for another try is tried."""
    office_clock.set_virtual(clock.now() + timedelta(hours=1), rate=1.0)


def main(task: str, *arguments: str) -> None:
    """Run one of the tasks of the module's text."""
    office_clock.install()
    if task == "seed":
        seed()
    elif task == "work":
        work(Journal(Path(arguments[0])), Path(arguments[1]))
    elif task == "later":
        later()
    else:
        sys.stdout.write(json.dumps(look([Path(one) for one in arguments])))


if __name__ == "__main__":
    main(*sys.argv[1:])
