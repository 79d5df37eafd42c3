"""The demo office: Depok with its published quota, simulated staff, one account for each role.

Everything is made by the same operations that a real office uses. What DOMAIN.md does not know (steps per
counter, how many officers) is a setting of the play and is marked as simulated on screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from setara.booking.service import Quota
from setara.casework.service import Book, receive_books
from setara.kernel import clock
from setara.ledger.service import By, system
from setara.offices import service as offices
from setara.offices.service import Counter, Office, Role, Staff

CODE = "depok"
NAME = "Kantor Imigrasi Kelas I Non TPI Depok (contoh)"
# 2022: 270 at the main office (DOMAIN S93). The priority quota of an office like it: 30 a day (Batam, S60).
BOOKED_PER_DAY = 270
PRIORITY_PER_DAY = 30
HALL = ("document_check", "biometrics", "interview")
# Mean minutes of each step in the play: ten in all, as the derived load of such an office has it (DOMAIN 7, [D]);
# per-step minutes are not published (DOMAIN 1.2).
MINUTES = {"document_check": 2.5, "biometrics": 3.0, "interview": 4.5, "handover": 2.0}
ROLE_OF = {
    "document_check": Role.DOCUMENT_CHECKER,
    "biometrics": Role.BIOMETRICS,
    "interview": Role.INTERVIEWER,
    "adjudication": Role.ADJUDICATOR,
    "printing": Role.PRINTING,
    "quality_check": Role.PRINTING,
    "handover": Role.HANDOVER,
}
PLAYER = system("player", CODE)


@dataclass(frozen=True, slots=True)
class Cast:
    """The office and who plays in it. `desks` pairs each hall officer with a counter and its steps."""

    office: Office
    desks: tuple[tuple[Staff, Counter], ...]
    pickup: tuple[tuple[Staff, Counter], ...]
    front: Staff
    adjudicator: Staff
    printer: Staff
    supervisor: Staff


def split(counters: int) -> list[str]:
    """Which step each hall counter serves, in proportion to the minutes that the step takes.

    With fewer counters than steps, the first counters serve several (see :func:`steps_of`).
    """
    weights = {step: MINUTES[step] for step in HALL}
    given = dict.fromkeys(HALL, 1)
    while sum(given.values()) < counters:
        behind = max(HALL, key=lambda s: weights[s] / given[s])
        given[behind] += 1
    return [step for step in HALL for _ in range(given[step])]


def steps_of(counters: int) -> list[list[str]]:
    """The steps of each of `counters` hall counters, main step first; every step is served by some counter."""
    if counters >= len(HALL):
        return [[step] for step in split(counters)]
    return [[*HALL[i:], *HALL[:i]] for i in range(counters)]


def build(*, counters: int, applicants: int, opening: date, spare: int = 0) -> Cast:
    """Make the demo office for a day of `applicants`; `spare` counters are for visitors who click along.

    Raises Refused when the office exists already (see :func:`load`).
    """
    by = By(PLAYER)
    office = offices.create_office(by, code=CODE, name=NAME, zone="WIB", service="paspor", is_demo=True)
    for year in (opening.year - 1, opening.year, opening.year + 1):
        offices.seed_holidays(by, year)
    scale = max(1.0, applicants / 200)
    for channel, per_day in (("booked", BOOKED_PER_DAY), ("priority", PRIORITY_PER_DAY)):
        quota = Quota(
            office=office,
            channel=channel,
            per_day=round(per_day * scale),
            first=time(8),
            last=time(14),
            minutes=30,
            valid_from=date(opening.year - 1, 1, 1),
            source="DOMAIN S93" if channel == "booked" else "DOMAIN S60",
        )
        offices.add_configuration(by, quota)
    _counters_and_staff(by, office, counters, spare)
    restock(by, office, applicants)
    return load(counters)


def restock(by: By, office: Office, applicants: int) -> None:
    """Receive blank books so that every kind suffices for `applicants` people; serials go on from the last."""
    for kind in offices.pack_of(office, clock.now().date()).product.stock:
        books = Book.objects.filter(office=office, kind=kind.code)
        if books.filter(status=Book.Status.STOCK).count() >= applicants:
            continue
        last = books.order_by("-serial").values_list("serial", flat=True).first()
        letter = "X" if kind.code.startswith("e") else "C"
        number = int(last[1:]) + 1 if last else 1
        receive_books(by, office, kind.code, f"{letter}{number:07d}", max(500, applicants * 2))


def _counters_and_staff(by: By, office: Office, counters: int, spare: int) -> None:
    number = 0
    for steps in [*steps_of(counters), *[["handover"]] * _pickups(counters)]:
        number += 1
        offices.add_counter(by, office, number=number, steps=steps)
        roles = sorted({ROLE_OF[step] for step in steps})
        offices.add_staff(
            by, office, username=f"loket{number}", label=f"P-{number:02d}", name=f"Petugas Rekaan {number}",
            roles=roles, steps=steps, simulated=True,
        )  # fmt: skip
    for step in [*HALL, "handover"][:spare]:
        number += 1
        offices.add_counter(by, office, number=number, steps=[step])
    backs = {"depan": ([Role.FRONT_DESK], []), "adjudikator": ([Role.ADJUDICATOR], ["adjudication"])}
    backs |= {"cetak": ([Role.PRINTING], ["printing", "quality_check"]), "pengawas": ([Role.SUPERVISOR], [])}
    for index, (username, (roles, steps)) in enumerate(backs.items(), start=1):
        offices.add_staff(
            by, office, username=f"rekaan-{username}", label=f"B-{index:02d}", name=f"Petugas Rekaan {username}",
            roles=roles, steps=steps, simulated=True,
        )  # fmt: skip


def demo_accounts(by: By, office: Office) -> None:
    """One account of each role for visitors, listed on the sign-in page of the demo (no password at all)."""
    for index, role in enumerate(Role, start=1):
        steps = [step for step, owner in ROLE_OF.items() if owner == role]
        offices.add_staff(
            by, office, username=str(role.value), label=f"D-{index:02d}", name=f"Contoh {role.label}",
            roles=[role.value], steps=steps, simulated=True,
        )  # fmt: skip


def _pickups(counters: int) -> int:
    return max(1, round(counters / 8))


def load(counters: int) -> Cast:
    """The cast of an office that :func:`build` made."""
    office = Office.objects.get(code=CODE)
    staff = {
        s.account.username: s for s in Staff.objects.filter(office=office).select_related("account", "office")
    }
    numbered = {c.number: c for c in Counter.objects.filter(office=office)}
    desk = [(staff[f"loket{n}"], numbered[n]) for n in range(1, counters + _pickups(counters) + 1)]
    return Cast(
        office=office,
        desks=tuple(desk[:counters]),
        pickup=tuple(desk[counters:]),
        front=staff["rekaan-depan"],
        adjudicator=staff["rekaan-adjudikator"],
        printer=staff["rekaan-cetak"],
        supervisor=staff["rekaan-pengawas"],
    )


def exists() -> bool:
    """Whether the demo office is already in this database."""
    return Office.objects.filter(code=CODE).exists()


def moment_of(day: date, at: time, office: Office) -> datetime:
    """`at` on `day` in the office's zone."""
    return datetime.combine(day, at, offices.zone_of(office))
