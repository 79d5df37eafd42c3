"""Bad input at the door of the staff, and on every configuration page."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Model
from django.urls import reverse
from tests.bad_input.town import Browser, Town
from tests.bad_input.walking import Trial, case

from setara.ledger.service import By, system
from setara.offices import links
from setara.offices.configurable import CONFIGURABLE
from setara.offices.models import Closure, Competence, Holiday, OpeningHours, Season
from setara.offices.operations import add_configuration, set_password
from setara.queueing.tests.flooring import BOSS

PASSWORD = "kuda jendela garam biru"
NEW_PASSWORD = "meja awan sepeda ungu"


def with_password(town: Town, label: str) -> str:
    """Give an officer a password; their sign-in name."""
    staff = town.floor.staff[label]
    set_password(BOSS, staff, PASSWORD)
    return str(staff.account.username)


@case("signin")
def signin(town: Town) -> Trial:
    right = {"username": with_password(town, "D1"), "password": PASSWORD}
    wrong = right | {"password": "bukan kata sandinya"}
    return Trial(
        town.visitor(),
        reverse("signin"),
        wrong,
        right,
        "password",
        secret=("password",),
        keyed=False,
        again=1,
    )


@case("lock")
def lock(town: Town) -> Trial:
    with_password(town, "D1")
    browser = town.officer("D1")
    browser.post(reverse("lock"))
    return Trial(
        browser, reverse("lock"), {"password": "bukan kata sandinya"}, {"password": PASSWORD}, "password",
        secret=("password",), keyed=False, again=1,
    )  # fmt: skip


@case("link")
def link(town: Town) -> Trial:
    page = links.link_for(town.floor.staff["D1"])
    right = {"password": NEW_PASSWORD, "again": NEW_PASSWORD}
    return Trial(
        Browser(), page, right | {"again": "lain sama sekali"}, right, "again", secret=("password", "again"),
        keyed=False, records=2,
    )  # fmt: skip


@case("link")
def link_weak(town: Town) -> Trial:
    page = links.link_for(town.floor.staff["D1"])
    right = {"password": NEW_PASSWORD, "again": NEW_PASSWORD}
    return Trial(
        Browser(), page, {"password": "qx7", "again": "qx7"}, right, "password",
        secret=("password", "again"), keyed=False, records=2,
    )  # fmt: skip


@case("admin:offices_staff_link")
def staff_link(town: Town) -> Trial:
    page = reverse("admin:offices_staff_link", args=[town.floor.staff["D1"].pk])
    return Trial(town.officer("AD"), page, None, {}, status=200)


#: For each model: the field that is filled in wrongly, what is typed, and what is right instead.
CHANGES: dict[str, tuple[str, str, str]] = {
    "offices.Office": ("local", '{"billing.digits": 3}', '{"clock.working_days": 9}'),
    "offices.OpeningHours": ("break_from", "jam makan", "12:15"),
    "offices.Season": ("ends", "2026-02-30", "2026-03-25"),
    "offices.Holiday": ("name", "", "Lain"),
    "offices.Closure": ("reason", "", "Lain"),
    "offices.Counter": ("steps", "", "interview"),
    "offices.Staff": ("label", "terlalu panjang untuk label", "X-99"),
    "offices.Competence": ("valid_until", "2026-13-01", "2099-12-31"),
    "booking.Quota": ("per_day", "-3", "77"),
}
#: For each model that takes new rows: what is typed, the wrong field, and what is typed there.
ADDITIONS: dict[str, tuple[dict[str, Any], str, str]] = {
    "offices.OpeningHours": (
        {"office": "uji", "season": "ordinary", "weekday": "5", "opens": "08:00", "closes": "11:00"},
        "closes", "25:00",
    ),
    "offices.Season": (
        {"season": "ramadan", "name": "Ramadan 2027", "starts": "2027-02-08", "ends": "2027-03-09", "active": "on"},
        "starts", "bulan depan",
    ),
    "offices.Holiday": (
        {"date": "2026-12-01", "name": "Libur baru", "kind": "regional", "active": "on"}, "date", "31/31/2026",
    ),
    "offices.Closure": (
        {"office": "uji", "date": "2026-12-02", "reason": "Pindah", "active": "on"}, "date", "",
    ),
    "offices.Counter": (
        {"office": "uji", "number": "9", "steps": ["interview"], "active": "on"}, "number", "sembilan",
    ),
    "offices.Staff": (
        {"office": "uji", "username": "baru", "label": "B-01", "name": "Contoh Baru", "roles": ["head"]},
        "username", "",
    ),
    "offices.Competence": (
        {"staff": "D1", "step": "printing", "valid_from": "2026-12-01"}, "valid_from", "besok",
    ),
    "booking.Quota": (
        {"office": "uji", "channel": "priority", "per_day": "30", "first": "08:00", "last": "10:00", "minutes": "30",
         "valid_from": "2026-12-01"},
        "per_day", "banyak",
    ),
}  # fmt: skip


def _row(town: Town, label: str) -> Model:
    """A row of a configurable model."""
    floor, today = town.floor, town.floor.today
    quota = apps.get_model("booking.Quota")
    boss = By(system("test", floor.office.pk))
    found: dict[str, Any] = {
        "offices.Office": lambda: floor.office,
        "offices.OpeningHours": lambda: OpeningHours.objects.get(office=floor.office, weekday=0),
        "offices.Season": lambda: add_configuration(
            boss, Season(name="Ramadan", starts=town.day(-12), ends=town.day(17))
        ),
        "offices.Holiday": lambda: add_configuration(
            boss, Holiday(date=town.day(60), name="Libur", kind="regional")
        ),
        "offices.Closure": lambda: add_configuration(
            BOSS, Closure(office=floor.office, date=town.day(61), reason="Listrik")
        ),
        "offices.Counter": lambda: floor.counters[1],
        "offices.Staff": lambda: floor.staff["D1"],
        "offices.Competence": lambda: Competence.objects.filter(staff=floor.staff["D1"]).get(),
        "booking.Quota": lambda: add_configuration(
            BOSS, quota(office=floor.office, per_day=50, first="08:00", last="10:00", valid_from=today)
        ),
    }
    row: Model = found[label]()
    return row


def _url(label: str, page: str, *args: object) -> str:
    return reverse(f"admin:{label.replace('.', '_').lower()}_{page}", args=args)


def _change(label: str) -> Any:
    def change(town: Town) -> Trial:
        field, wrong, right = CHANGES[label]
        page = _url(label, "change", _row(town, label).pk)
        typed: Any = None if field == "steps" else wrong
        return Trial(town.officer("AD"), page, {field: typed}, {field: right}, field)

    return change


def _add(label: str) -> Any:
    def add(town: Town) -> Trial:
        right, field, wrong = ADDITIONS[label]
        if "staff" in right:
            right = right | {"staff": str(town.floor.staff[right["staff"]].pk)}
        return Trial(town.officer("AD"), _url(label, "add"), right | {field: wrong}, right, field)

    return add


for _label in CONFIGURABLE:
    case(f"admin:{_label.replace('.', '_').lower()}_change")(_change(_label))
    if _label in ADDITIONS:
        case(f"admin:{_label.replace('.', '_').lower()}_add")(_add(_label))
