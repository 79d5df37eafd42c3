"""`setara init` makes a real, empty office, once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.test import Client

from setara.kernel import clock
from setara.kernel.errors import Invalid, Refused
from setara.ledger import storage
from setara.ledger.models import Event
from setara.ledger.service import By, system
from setara.offices.models import Account, Holiday, Office, OpeningHours, Staff
from setara.offices.service import create_office
from setara.site import database
from setara.site.commands import init_office

pytestmark = pytest.mark.django_db


def test_an_empty_office_with_hours_holidays_and_one_administrator(settings: Any) -> None:
    settings.SETARA_PUBLIC_URL = "https://paspor.example/"
    link = init_office.run("depok", None, "Asia/Jakarta")
    office = Office.objects.get()
    assert (office.code, office.name, office.zone, office.is_demo) == ("depok", "Kantor Depok", "WIB", False)
    assert OpeningHours.objects.filter(office=office).count() == 5
    this_year = clock.now().year
    assert set(Holiday.objects.values_list("date__year", flat=True)) >= {this_year, this_year + 1}
    staff = Staff.objects.get()
    assert (staff.roles, staff.is_simulated) == (["administrator"], False)
    assert not Account.objects.get().has_usable_password()
    for model in ("people.Person", "applications.Application", "booking.Quota", "offices.Counter"):
        assert not apps.get_model(model).objects.exists()
    assert list(storage.verify("depok")) == []
    assert set(Event.objects.values_list("actor_kind", "actor_id")) == {("system", "setara init")}
    # The link works: it sets a password and opens the configuration pages.
    assert link.startswith("https://paspor.example/masuk/sekali/")
    browser, path = Client(), urlsplit(link).path
    assert browser.get(path).status_code == 200
    words = "lima burung gereja terbang"
    assert browser.post(path, {"password": words, "again": words}).url == "/petugas/"
    assert browser.get("/kelola/").status_code == 200


def test_another_service_than_passports(own_home: Path) -> None:
    """Through the command: an unknown service is told with those that there are, and nothing is made."""
    command = [sys.executable, "-m", "setara.site.cli", "init", "--office", "notaris", "--service"]
    unknown, known = (
        subprocess.run([*command, name], capture_output=True, text=True, check=False, timeout=120)
        for name in ("paspr", "legalisasi")
    )
    assert (unknown.returncode, known.returncode) == (2, 0), unknown.stderr + known.stderr
    assert "legalisasi, paspor" in unknown.stderr
    assert "/masuk/sekali/" in known.stdout
    with database.connect(role="app") as connection:
        rows = connection.execute("SELECT code, service FROM offices_office").fetchall()
    assert rows == [("notaris", "legalisasi")]


def test_refused_when_it_exists_and_beside_the_demo_and_nothing_half_made() -> None:
    init_office.run("depok", "Kantor Imigrasi Depok", "Asia/Makassar")
    assert Office.objects.get().zone == "WITA"
    before = Event.objects.count()
    with pytest.raises(Refused) as refused:
        init_office.run("depok", None, "Asia/Jakarta")
    assert refused.value.code == "offices.exists"
    with pytest.raises(Invalid):
        init_office.run("dua kata", None, "Asia/Jakarta")
    Account.objects.create(username="admin-tiga")
    with pytest.raises(Invalid):  # its administrator's name is taken: the whole office is not made
        init_office.run("tiga", None, "Asia/Jakarta")
    assert (Office.objects.count(), Event.objects.count()) == (1, before)
    init_office.run("bogor", None, "Asia/Jakarta")
    assert Office.objects.count() == 2
    create_office(By(system("test")), code="contoh", name="Contoh", is_demo=True)
    with pytest.raises(Refused) as refused:
        init_office.run("bekasi", None, "Asia/Jakarta")
    assert refused.value.code == "init.demo"
