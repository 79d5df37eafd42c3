"""Signing in and out, the locked screen, the one-time link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client

from setara.ledger.models import Event
from setara.ledger.service import By, system
from setara.offices import idle
from setara.offices.access import SESSION_APPLICATION
from setara.offices.links import link_for
from setara.offices.models import Account, Office, Role, Staff
from setara.offices.operations import create_office, one_time_link

PASSWORD = "tujuh gajah menari"
SIGNIN, LOCK, STAFF = "/masuk/", "/kunci/", "/petugas/"


def _enter(client: Client, username: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post(SIGNIN, {"username": username, "password": password, **more})


def _ways() -> list[tuple[str, str]]:
    found = Event.objects.filter(type__startswith="offices.signed").order_by("seq")
    return [(event.payload["label"], event.payload.get("how", "out")) for event in found]


def _away(client: Client, seconds: float) -> None:
    """Pretend that the last sign of life was some time ago."""
    session = client.session
    session[idle.TOUCHED] = float(session[idle.TOUCHED]) - seconds
    session.save()


def test_name_in_any_case_and_password_open_the_landing_page(
    client: Client, hire: Callable[..., Staff]
) -> None:
    hire("siti", Role.FRONT_DESK)
    assert client.get(STAFF).url == "/masuk/?next=%2Fpetugas%2F"
    assert client.get(SIGNIN).status_code == 200
    session = client.session
    session[SESSION_APPLICATION] = "0190aaaa-0000-7000-8000-000000000000"
    session.save()
    client.cookies["sessionid"] = before = session.session_key
    answer = _enter(client, "SITI")
    assert (answer.status_code, answer.url) == (302, STAFF)
    assert client.session.session_key != before
    assert SESSION_APPLICATION not in client.session, "an applicant's session ends when an officer begins"
    page = client.get(STAFF)
    assert page.status_code == 200
    assert "Contoh siti" in page.content.decode()
    assert page["Cache-Control"] == "no-store, private"
    assert _ways() == [("siti", "password")]
    assert client.post("/keluar/").url == SIGNIN
    assert client.get(STAFF).status_code == 302
    assert _ways() == [("siti", "password"), ("siti", "out")]
    assert client.get("/keluar/").status_code == 405


def test_wrong_passwords_are_refused_in_words_and_then_must_wait(
    client: Client, hire: Callable[..., Staff]
) -> None:
    hire("siti", Role.FRONT_DESK)
    for left in (4, 3, 2, 1):
        answer = _enter(client, "siti", "salah")
        body = answer.content.decode()
        assert answer.status_code == 400
        assert f"Masih {left} percobaan" in body
        assert 'value="siti"' in body, "what was typed is kept"
        assert 'salah"' not in body, "but not the password"
    _enter(client, "siti", "salah")
    answer = _enter(client, "siti")
    assert answer.status_code == 422
    assert "Terlalu banyak percobaan" in answer.content.decode()
    assert SESSION_KEY not in client.session
    assert _ways() == []
    # The control: another name is not blocked.
    hire("budi", Role.FRONT_DESK)
    assert _enter(client, "budi").status_code == 302


def test_who_left_cannot_come_in(client: Client, hire: Callable[..., Staff]) -> None:
    gone, closed = hire("siti", Role.FRONT_DESK), hire("budi", Role.FRONT_DESK)
    _enter(client, "siti")
    assert client.get(STAFF).status_code == 200
    Staff.objects.filter(pk=gone.pk).update(active=False)
    Account.objects.filter(pk=closed.account_id).update(is_active=False)
    assert client.get(STAFF).status_code == 302, "also in the middle of a session"
    for name in ("siti", "budi", "nobody"):
        assert _enter(Client(), name).status_code == 400


def test_the_way_back_leads_only_to_own_pages_that_the_officer_may_open(
    hire: Callable[..., Staff], settings: Any
) -> None:
    hire("siti", Role.FRONT_DESK)
    hire("admin", Role.ADMINISTRATOR)
    for wanted, expected in (
        ("/petugas/?x=1", "/petugas/?x=1"),
        ("https://example.org/", STAFF),
        ("//example.org/", STAFF),
        ("javascript:alert(1)", STAFF),
        ("/tidak-ada/", STAFF),
        ("/kunci/", STAFF),
        ("/kelola/", STAFF),
    ):
        assert _enter(Client(), "siti", next=wanted).url == expected, wanted
    assert _enter(Client(), "admin", next="/kelola/").url == "/kelola/"
    page = Client().get(SIGNIN, {"next": "https://example.org/"}).content.decode()
    assert page.count("example.org") == 1, "only as the page's own address, in the language switch"


def test_a_screen_left_alone_locks_on_the_server(
    client: Client, hire: Callable[..., Staff], settings: Any
) -> None:
    settings.SETARA_IDLE_SECONDS = 300
    hire("siti", Role.FRONT_DESK)
    _enter(client, "siti")
    _away(client, 299)
    assert client.get(STAFF).status_code == 200
    _away(client, 299)
    # Boards that refresh themselves are no sign of life.
    assert client.get(STAFF, headers={idle.LIVE_HEADER: "poll"}).status_code == 200
    _away(client, 2)
    assert client.get(STAFF).url == "/kunci/?next=%2Fpetugas%2F"
    assert client.get(STAFF, headers={idle.LIVE_HEADER: "poll"}).status_code == 403
    assert client.post(STAFF).url == "/kunci/?lost=1"
    assert client.get(STAFF, headers={"HX-Request": "true"})["HX-Redirect"].startswith(LOCK)
    page = client.get("/kunci/?next=%2Fpetugas%2F").content.decode()
    assert "Contoh siti" in page
    assert "Layar terkunci" in page
    assert client.post(LOCK, {"password": "salah"}).status_code == 400
    assert client.get(STAFF).status_code == 302, "a wrong password opens nothing"
    key = client.session.session_key
    assert client.post(LOCK, {"password": PASSWORD, "next": STAFF}).url == STAFF
    assert client.session.session_key != key
    assert client.get(STAFF).status_code == 200
    assert _ways() == [("siti", "password"), ("siti", "unlock")]


def test_the_sign_of_life_of_somebody_who_types_keeps_the_screen_open(
    client: Client, hire: Callable[..., Staff]
) -> None:
    hire("siti", Role.FRONT_DESK)
    _enter(client, "siti")
    for _ in range(3):
        _away(client, 200)
        assert client.head(LOCK).status_code == 200
    assert client.get(STAFF).status_code == 200


def test_another_officer_takes_over_in_one_step(client: Client, hire: Callable[..., Staff]) -> None:
    hire("siti", Role.FRONT_DESK)
    hire("budi", Role.SUPERVISOR)
    _enter(client, "siti")
    assert client.post(LOCK).url == LOCK
    assert client.get(STAFF).status_code == 302
    page = client.get(LOCK).content.decode()
    assert 'name="username"' in page
    assert _enter(client, "budi", "salah").status_code == 400
    assert client.get(STAFF).status_code == 302
    assert _enter(client, "budi").url == STAFF
    assert "Contoh budi" in client.get(STAFF).content.decode()
    assert _ways() == [("siti", "password"), ("budi", "password")]
    assert Client().get(LOCK).url == SIGNIN


def test_unlocking_is_limited_like_signing_in(client: Client, hire: Callable[..., Staff]) -> None:
    hire("siti", Role.FRONT_DESK)
    _enter(client, "siti")
    client.post(LOCK)
    assert [client.post(LOCK, {"password": "salah"}).status_code for _ in range(6)] == [400] * 5 + [422]
    assert client.post(LOCK, {"password": PASSWORD}).status_code == 422


def test_demo_accounts_only_in_demo_mode(client: Client, hire: Callable[..., Staff], settings: Any) -> None:
    demo = create_office(By(system("t")), code="contoh", name="Kantor Contoh", is_demo=True)
    made = [hire(role, role, at=demo, simulated=True, label=f"D-{n}") for n, role in enumerate(Role)]
    real = hire("sungguhan", Role.HEAD)
    settings.SETARA_DEMO = False
    assert "Akun contoh" not in client.get(SIGNIN).content.decode()
    assert client.post(SIGNIN, {"demo": str(made[0].pk)}).status_code == 422
    settings.SETARA_DEMO = True
    page = client.get(SIGNIN).content.decode()
    assert page.count('name="demo"') == len(Role)
    assert "rekaan" in page
    assert client.post(SIGNIN, {"demo": str(real.pk)}).status_code == 422
    assert client.post(SIGNIN, {"demo": "x"}).status_code == 422
    assert client.get(STAFF).status_code == 302
    for staff in made:
        assert client.post(SIGNIN, {"demo": str(staff.pk)}).url == STAFF
        assert staff.name in client.get(STAFF).content.decode()
    assert {how for _label, how in _ways()} == {"demo"}


def test_a_one_time_link_works_once(client: Client, office: Office, hire: Callable[..., Staff]) -> None:
    staff = hire("siti", Role.FRONT_DESK)
    old = link_for(one_time_link(By(system("t")), staff))
    link = link_for(one_time_link(By(system("t")), staff))
    assert _enter(Client(), "siti").status_code == 400, "the old password is void"
    assert client.get(old).status_code == 422, "and so is the earlier link"
    assert "siti" not in link
    assert client.get(link).status_code == 200
    for first, second in (
        ("xyz123", "xyz123"),
        ("sebelas angsa putih", "sebelas angsa hitam"),
        ("password1234", "password1234"),
    ):
        answer = client.post(link, {"password": first, "again": second})
        assert answer.status_code == 400
        assert first not in answer.content.decode()
    assert client.post(link, {"password": "sebelas angsa putih", "again": "sebelas angsa putih"}).url == STAFF
    assert client.get(STAFF).status_code == 200
    assert client.post(link, {"password": "dua belas angsa", "again": "dua belas angsa"}).url == STAFF, (
        "sent twice"
    )
    assert Client().post(link, {"password": "dua belas angsa", "again": "dua belas angsa"}).status_code == 422
    assert _enter(Client(), "siti", "dua belas angsa").status_code == 400
    assert _enter(Client(), "siti", "sebelas angsa putih").status_code == 302
    assert client.get("/masuk/sekali/salah/").status_code == 302
    assert Client().get("/masuk/sekali/salah/").status_code == 422
    broken = link[:-3] + ("aa/" if link[-3:] != "aa/" else "bb/")
    assert Client().get(broken).status_code == 422


def test_a_one_time_link_expires(hire: Callable[..., Staff], settings: Any) -> None:
    link = link_for(one_time_link(By(system("t")), hire("siti", Role.FRONT_DESK)))
    assert Client().get(link).status_code == 200
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert Client().get(link).status_code == 422


@pytest.mark.parametrize("language", ["id", "en"])
def test_pages_show_no_inline_code(client: Client, hire: Callable[..., Staff], language: str) -> None:
    client.cookies["django_language"] = language
    hire("siti", Role.FRONT_DESK)
    bodies = [client.get(SIGNIN).content.decode()]
    _enter(client, "siti")
    bodies += [client.get(STAFF).content.decode(), client.get(LOCK).content.decode()]
    for body in bodies:
        assert "style=" not in body
        assert " onclick" not in body
        assert "<script>" not in body
        assert f'<html lang="{language}"' in body


def test_a_link_that_is_still_good_stands_in_no_log(
    client: Client, hire: Callable[..., Staff], caplog: pytest.LogCaptureFixture
) -> None:
    link = link_for(one_time_link(By(system("t")), hire("siti", Role.FRONT_DESK)))
    client.raise_request_exception = False
    assert client.post(link, {"password": "xyz", "again": "xyz"}).status_code == 400
    assert link not in caplog.text
    # The control: what fails elsewhere is logged, with its address.
    assert client.post(SIGNIN, {"username": "siti", "password": "salah"}).status_code == 400
    assert SIGNIN in caplog.text
