"""Making an office, its staff, its days; and changing its settings with before and after."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest

from setara.kernel.errors import Conflict, Forbidden, Invalid, Refused
from setara.ledger import storage
from setara.ledger.models import Event
from setara.ledger.service import By, Op, system
from setara.offices import operations as ops
from setara.offices.access import actor_for
from setara.offices.models import (
    Account,
    Competence,
    Counter,
    Holiday,
    Office,
    OfficeDay,
    OpeningHours,
    Role,
    Staff,
)
from setara.offices.moves import mark_day_closed
from setara.offices.queries import day_of, demo_accounts, duty_of

BY = By(system("test", office="uji"))
MONDAY = date(2026, 3, 2)


def _last() -> Event:
    return Event.objects.order_by("-seq").first()


def test_an_office_is_made_once(office: Office) -> None:
    assert _last().payload == {"code": "uji", "zone": "WIB", "service": "paspor", "is_demo": False}
    assert OpeningHours.objects.filter(office=office).count() == 5
    with pytest.raises(Refused) as refused:
        ops.create_office(BY, code="uji", name="Lagi")
    assert refused.value.field == "code"
    with pytest.raises(Invalid):
        ops.create_office(BY, code="tidak sah!", name="x")
    with pytest.raises(Invalid):
        ops.create_office(BY, code="lain", name="x", zone="CET")
    assert Office.objects.count() == 1


def test_staff_come_without_a_usable_password_and_with_competences(office: Office) -> None:
    staff = ops.add_staff(
        BY,
        office,
        username=" Siti ",
        label="P-01",
        name="Contoh Siti",
        roles=[Role.INTERVIEWER],
        steps=["interview"],
    )
    account = Account.objects.get()
    assert (account.username, account.has_usable_password()) == ("Siti", False)
    assert actor_for(Staff.objects.get(pk=staff.pk)).steps == {"interview"}
    recorded = json.dumps(_last().payload)
    assert "Siti" not in recorded
    assert "P-01" in recorded
    for wrong, field in (
        ({"username": "SITI", "label": "P-02"}, "username"),
        ({"username": "budi", "label": "P-01"}, "label"),
        ({"username": "budi", "label": "P-02", "roles": ["king"]}, "roles"),
        ({"username": "budi", "label": "P-02", "roles": []}, "roles"),
        ({"username": "budi", "label": "P-02", "roles": ["administrator", "head"]}, "roles"),
        ({"username": "budi", "label": "P-02", "steps": ["juggling"]}, "steps"),
    ):
        given = {"name": "Contoh Budi", "roles": ["head"]} | wrong
        with pytest.raises(Invalid) as refused:
            ops.add_staff(BY, office, **given)
        assert field in str(refused.value.errors) or "__all__" in refused.value.errors, wrong
    assert Account.objects.count() == Staff.objects.count() == 1


def test_only_administrators_of_the_same_office_configure(office: Office, hire: Callable[..., Staff]) -> None:
    other = ops.create_office(BY, code="lain", name="Kantor Lain")
    admin, head = hire("admin", Role.ADMINISTRATOR), hire("kepala", Role.HEAD)
    foreign = hire("admin-lain", Role.ADMINISTRATOR, at=other)
    for staff in (head, foreign):
        by = By(actor_for(staff))
        with pytest.raises(Forbidden):
            ops.configure(by, office, {"name": "Baru"})
        with pytest.raises(Forbidden):
            ops.add_counter(by, office, number=1, steps=["interview"])
        with pytest.raises(Forbidden):
            ops.one_time_link(by, admin)
    with pytest.raises(Forbidden):
        ops.create_office(By(actor_for(admin)), code="tiga", name="x")
    ops.configure(By(actor_for(admin)), office, {"name": "Baru"})
    assert (_last().payload["before"], _last().payload["after"]) == ({"name": "Kantor Uji"}, {"name": "Baru"})
    assert not list(storage.verify("uji"))


def test_configuring_records_only_what_changed_and_never_a_name(
    office: Office, hire: Callable[..., Staff]
) -> None:
    clerk = hire("siti", Role.FRONT_DESK)
    ops.configure(BY, clerk, {"name": "Contoh Nama Baru", "label": "Z-01", "active": True})
    event = _last()
    assert set(event.payload["before"]) == set(event.payload["after"]) == {"name", "label"}
    assert event.payload["before"]["name"] != event.payload["after"]["name"]
    assert "Contoh" not in json.dumps(event.payload)
    assert event.payload["after"]["label"] == "Z-01"
    before = Event.objects.count()
    with pytest.raises(Conflict):
        ops.configure(BY, clerk, {"label": "Z-01"})
    with pytest.raises(ValueError, match="not configurable"):
        ops.configure(BY, clerk, {"is_simulated": True})
    with pytest.raises(KeyError):
        ops.configure(BY, Account.objects.first(), {"is_active": False})
    with pytest.raises(ValueError, match="operation of its own"):
        ops.add_configuration(BY, Staff(office=office))
    assert Event.objects.count() == before


def test_nobody_changes_the_own_roles(office: Office, hire: Callable[..., Staff]) -> None:
    admin, second = hire("admin", Role.ADMINISTRATOR), hire("admin2", Role.ADMINISTRATOR)
    with pytest.raises(Refused):
        ops.configure(By(actor_for(admin)), admin, {"roles": ["head"]})
    changed = ops.configure(By(actor_for(second)), admin, {"roles": ["head"]})
    assert changed.roles == ["head"]


def test_nobody_makes_the_password_of_somebody_else(office: Office, hire: Callable[..., Staff]) -> None:
    admin, clerk = hire("admin", Role.ADMINISTRATOR), hire("siti", Role.FRONT_DESK)
    words = "lima burung gereja terbang"
    with pytest.raises(Forbidden):
        ops.set_password(By(actor_for(admin)), clerk, words)
    assert not Account.objects.get(pk=clerk.account_id).check_password(words)
    ops.set_password(By(actor_for(clerk)), clerk, words)
    assert Account.objects.get(pk=clerk.account_id).check_password(words)


def test_shared_tables_are_recorded_by_the_office_of_the_one_who_changes_them(office: Office) -> None:
    ops.add_configuration(BY, Holiday(date=MONDAY, name="Libur uji", kind="regional"))
    assert (_last().office, _last().payload["after"]["date"]) == ("uji", "2026-03-02")
    with pytest.raises(ValueError, match="belongs to an office"):
        ops.add_configuration(By(system("nobody")), Holiday(date=MONDAY, name="Lain", kind="regional"))
    with pytest.raises(Invalid):
        ops.add_configuration(BY, Holiday(date=MONDAY, name="Libur uji", kind="regional"))


def test_a_day_is_opened_once_with_a_roster_that_fits(office: Office, hire: Callable[..., Staff]) -> None:
    other = ops.create_office(BY, code="lain", name="Kantor Lain")
    one, two, foreign = (
        hire("satu", Role.FRONT_DESK),
        hire("dua", Role.FRONT_DESK),
        hire("x", Role.HEAD, at=other),
    )
    counter = ops.add_counter(BY, office, number=1, steps=["interview"])
    foreign_counter = ops.add_counter(BY, other, number=1, steps=["interview"])
    for roster in (
        [(one, counter), (two, counter)],
        [(one, None), (one, counter)],
        [(foreign, None)],
        [(one, foreign_counter)],
    ):
        with pytest.raises(Invalid):
            ops.open_day(BY, office, MONDAY, roster)
    with pytest.raises(Refused, match="tutup"):
        ops.open_day(BY, office, date(2026, 3, 1), [(one, counter)])
    with pytest.raises(Forbidden):
        ops.open_day(By(actor_for(one)), office, MONDAY)
    assert day_of(office, MONDAY) is None
    day = ops.open_day(BY, office, date=MONDAY, roster=[(one, counter), (two, None)])
    assert day_of(office, MONDAY) == day
    assert _last().payload == {
        "date": "2026-03-02",
        "roster": [{"staff": "satu", "counter": 1}, {"staff": "dua", "counter": None}],
    }
    assert duty_of(one, MONDAY).counter == counter
    assert duty_of(two, MONDAY).counter is None
    assert duty_of(foreign, MONDAY) is None
    with pytest.raises(Conflict):
        ops.open_day(BY, office, MONDAY)


def test_a_day_is_closed_once(office: Office) -> None:
    day = ops.open_day(BY, office, MONDAY)
    op = Op("test", BY)
    closed = mark_day_closed(op, day)
    assert (closed.status, closed.closed_at) == (OfficeDay.Status.CLOSED, op.now)
    assert mark_day_closed(Op("test", BY), day).closed_at == op.now


def test_counters(office: Office) -> None:
    ops.add_counter(BY, office, number=1, steps=["interview", "document_check"])
    with pytest.raises(Invalid):
        ops.add_counter(BY, office, number=1, steps=["interview"])
    with pytest.raises(Invalid):
        ops.add_counter(BY, office, number=2, steps=["juggling"])
    with pytest.raises(Invalid):
        ops.add_counter(BY, office, number=2, steps=[])
    assert Counter.objects.count() == 1


def test_competences_have_dates(office: Office, hire: Callable[..., Staff]) -> None:
    clerk = hire("siti", Role.INTERVIEWER, steps=["interview"])
    row = Competence.objects.get()
    ops.configure(BY, row, {"valid_until": row.valid_from})
    row.refresh_from_db()
    assert row.holds_on(row.valid_from)
    assert actor_for(Staff.objects.get(pk=clerk.pk)).steps == {"interview"}
    ops.add_configuration(BY, Competence(staff=clerk, step="printing", valid_from=date(2099, 1, 1)))
    assert actor_for(Staff.objects.get(pk=clerk.pk)).steps == {"interview"}


def test_demo_accounts_are_simulated_people_of_a_demo_office(
    office: Office, hire: Callable[..., Staff]
) -> None:
    hire("sungguhan", Role.HEAD)
    assert demo_accounts() == []
    demo = ops.create_office(BY, code="contoh", name="Kantor Contoh", is_demo=True)
    hire("banyak", Role.HEAD, Role.SUPERVISOR, at=demo, simulated=True, label="A-01")
    only = hire("satu", Role.HEAD, at=demo, simulated=True, label="B-01")
    found = dict(demo_accounts())
    assert set(found) == {Role.HEAD, Role.SUPERVISOR}
    assert found[Role.HEAD] == only
