"""What every answer tells the browser not to do."""

from __future__ import annotations

import pytest
from django.test import Client

from setara.ledger.service import By, system
from setara.offices.models import Role
from setara.offices.service import add_staff, create_office

#: Directive by directive; the address of the live process stands beside 'self' in connect-src.
POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:",
    "font-src": "'self'", "media-src": "'self'", "form-action": "'self'", "frame-ancestors": "'none'",
    "base-uri": "'none'",
}  # fmt: skip


@pytest.fixture
def officer(db: None) -> Client:
    """An administrator who is signed in."""
    by = By(system("test"))
    office = create_office(by, code="uji", name="Kantor Uji")
    staff = add_staff(
        by, office, username="admin", label="A", name="Contoh", roles=[Role.ADMINISTRATOR.value]
    )
    client = Client(raise_request_exception=False)
    client.force_login(staff.account)
    return client


def test_every_answer_carries_the_policy(officer: Client) -> None:
    answers = [
        officer.get(path)
        for path in ("/", "/petugas/", "/kelola/", "/tidak/ada/", "/kantor/uji/antrean.json")
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 404, 200]
    for answer in answers:
        said = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
        connect = said.pop("connect-src").split()
        assert said == POLICY
        assert connect[0] == "'self'"
        assert all(one.startswith("http://*:") or one == "'self'" for one in connect)
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"


def test_cookies_are_for_the_server_only_and_personal_pages_for_no_cache(officer: Client) -> None:
    cookie = officer.post("/keluar/") and Client().get("/masuk/").cookies
    assert cookie["csrftoken"]["samesite"] == "Lax"
    browser = Client()
    browser.post("/permohonan/lanjut/", {"reference": "x", "code": "y"})
    by = By(system("test", office="uji"))
    from setara.offices.models import Staff
    from setara.offices.service import set_password

    staff = Staff.objects.get()
    set_password(by, staff, "lima burung gereja terbang")
    entered = browser.post("/masuk/", {"username": "admin", "password": "lima burung gereja terbang"})
    session = entered.cookies["sessionid"]
    assert (session["httponly"], session["samesite"]) == (True, "Lax")
    assert browser.get("/petugas/")["Cache-Control"] == "no-store, private"
    assert "no-store" not in Client().get("/").get("Cache-Control", "")
