"""Offices, people and applications for the tests of the rooms that deal with applicants. All are made up."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

from django.db import connection
from PIL import Image

from setara.applications.service import Application, CleanDocument, answer, attach, clean, start, submit
from setara.applications.service import missing as missing_papers
from setara.booking.service import Quota
from setara.kernel.clock import ManualClock
from setara.ledger.service import VISITOR, Actor, By, system
from setara.offices.service import Office, Role, Staff, actor_for, add_staff, create_office
from setara.payments.gateway import Bill, SimulatedBank, Treasury
from setara.people.service import PersonData
from setara.site.outside.process import Process

#: Monday, 2 March 2026, 08.00 WIB.
MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
TODAY = date(2026, 3, 2)
ADULT = {
    "type": "new",
    "applicant": "adult",
    "special": "none",
    "purpose": "tourism",
    "book": "electronic",
    "validity": "10",
}
BOSS = By(system("test"))


def person(**changed: Any) -> PersonData:
    """A made-up person; the NIK lies in the province 99 that does not exist."""
    data: dict[str, Any] = {
        "name": "Sekar Rekaan",
        "nik": "9901015708900001",
        "birth_date": date(1990, 8, 17),
        "birth_place": "Depok",
        "sex": "female",
        "phone": "+6280000000001",
    }
    return PersonData(**(data | changed))


@cache
def papers(pages: int = 1) -> CleanDocument:
    """A clean document: a grey picture, drawn anew by the real cleaning."""
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (120, 140, 160)).save(out, "JPEG", quality=60)
    return clean(out.getvalue())


@dataclass
class House:
    """One office with its front desk, on a clock that stands still at Monday morning."""

    office: Office
    front: Staff
    clock: ManualClock

    @property
    def officer(self) -> Actor:
        """The officer of the front desk."""
        return actor_for(Staff.objects.get(pk=self.front.pk))

    def quota(
        self, per_day: int = 20, first: time = time(8), last: time = time(10), minutes: int = 30
    ) -> Quota:
        """A quota in force from 2026 on."""
        return Quota.objects.create(
            office=self.office,
            per_day=per_day,
            first=first,
            last=last,
            minutes=minutes,
            valid_from=date(2026, 1, 1),
        )

    def draft(self, **changed: Any) -> tuple[Application, By]:
        """A draft by somebody at home, and the applicant."""
        made = start(
            By(VISITOR), self.office, person(**changed), contact="sms", language="id", channel="online"
        )
        return made, By(Actor("applicant", str(made.pk)))

    def submitted(self, answers: dict[str, Any] | None = None) -> tuple[Application, By]:
        """An application handed in."""
        made, by = self.draft()
        answer(by, made, answers or ADULT)
        for need in missing_papers(made):
            attach(by, made, need.code, papers())
        return submit(by, made), by

    def paid(self) -> tuple[Application, By]:
        """An application whose fee is settled (the row set directly: paying has tests of its own)."""
        made, by = self.submitted()
        Application.objects.filter(pk=made.pk).update(status=Application.Status.PAID)
        made.refresh_from_db()
        return made, by


def house(clock: ManualClock, code: str = "uji") -> House:
    """A new office in the database, with one officer at the front desk."""
    office = create_office(BOSS, code, f"Kantor {code}")
    front = add_staff(
        BOSS,
        office,
        username=f"depan-{code}",
        label="P-01",
        name="Petugas Rekaan",
        roles=[Role.FRONT_DESK],
        simulated=True,
    )
    return House(office, front, clock)


class WatchedTreasury(Treasury):
    """The office's own client of the simulated treasury, a process: `asked` counts the codes asked for, `pay` is
    what a bank does."""

    def __init__(self, simulator: Process) -> None:
        super().__init__(simulator.base_url, simulator.secret)
        self.simulator, self.asked = simulator, 0

    def issue_bill(self, **wish: Any) -> Bill:
        """A code for an order, the same for the same order."""
        self.asked += 1
        return super().issue_bill(**wish)

    def pay(self, code: str, at: datetime) -> str:
        """Pay a code; the receipt number."""
        return SimulatedBank(self.simulator.base_url).pay(code, "bank", at).ntpn


def together(n: int, act: Callable[[int], Any]) -> list[Any]:
    """Run ``act(0)`` to ``act(n - 1)`` in threads that start at the same moment; results or exceptions."""
    gate = threading.Barrier(n)

    def one(i: int) -> Any:
        try:
            connection.ensure_connection()
            gate.wait(20)
            return act(i)
        except Exception as error:  # noqa: BLE001 - the test looks at every outcome
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(one, range(n)))
