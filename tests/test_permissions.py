"""The permission matrix: every address x every role, three ways that must agree.

The table in docs/reference/permissions.md, the marks of the views, and what the running site answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from setara.kernel import clock
from setara.ledger.service import VISITOR as VISITOR_ACTOR
from setara.ledger.service import By, permissions, system
from setara.offices.access import SESSION_APPLICATION
from setara.offices.models import Office, Role, Staff
from setara.offices.service import add_staff, create_office, local_date, pack_of
from setara.people.service import PersonData
from setara.site.checks import Page, every_page_is_marked, pages
from setara.site.permissions import ACTORS, APPLICANT, CLOSED, FILE, VISITOR, allowed, matrix, read, render

#: Something to put into an address, by the name of the part; then by its kind.
PARTS = {
    "office": "uji",
    "token": "x" * 22,
    "reference": "K7HF-3MTX",
    "date": "2026-03-02",
    "day": "2026-03-02",
    "object_id": "1",
    "app_label": "offices",
    "url": "x",
}
KINDS = {"uuid": "00000000-0000-7000-8000-000000000000", "int": "1", "day": "2026-03-02"}
REFUSED = {"forbidden.page", "forbidden.signin"}


def test_the_page_of_the_reference_is_current() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert read(text) == matrix(), "run: python -m setara.site.permissions"
    assert text == render(), "run: python -m setara.site.permissions"
    # The control: the reader would see a changed cell.
    assert read(text.replace("| yes |", "| - |", 1)) != matrix()


def test_every_page_says_who_may_open_it() -> None:
    assert every_page_is_marked(None) == []
    for page in pages():
        assert bool(allowed(page)) != page.route.endswith(CLOSED), f"/{page.route} opens for nobody"


def test_administrators_and_auditors_stay_out_of_the_files() -> None:
    """An administrator configures, an auditor reads: neither holds a permission over files or people."""
    signing_in = ("offices.work", "offices.set_password")
    # Rooms that hold no file of a person; oversight and reports change nothing but the record of who looked.
    own = {
        Role.ADMINISTRATOR.value: ("offices.",),
        Role.AUDITOR.value: ("oversight.", "reports.", *signing_in),
    }
    for role, rooms in own.items():
        held = {name for name, permission in permissions().items() if role in permission.roles}
        rest = {name for name in held if not name.startswith(rooms)}
        assert not rest, f"{role} holds {rest}"
        # The control: it does hold something, so the look was not empty.
        assert held


@pytest.fixture
def office(db: None) -> Office:
    """The office of everybody in the matrix."""
    return create_office(By(system("test")), code="uji", name="Kantor Uji")


@pytest.fixture
def browser(office: Office) -> Callable[[], Client]:
    """Signs a kind of actor in, and again when a page has ended the session, as leaving does."""
    by = By(system("test", office=office.pk))
    steps = [step.code for step in pack_of(office, local_date(office, clock.now())).steps]
    staff: dict[str, Staff] = {}
    # One client for all: each new one would read the list of static files again.
    client = Client(raise_request_exception=False, headers={"accept": "application/json"})
    mine: dict[str, str] = {}

    def make(actor: str) -> Client:
        if actor != VISITOR and mine.get(actor) == _session(client):
            return client
        client.cookies.clear()
        if actor == APPLICANT:
            session = client.session
            session[SESSION_APPLICATION] = _application(office)
            session.save()
            client.cookies["sessionid"] = session.session_key
        elif actor != VISITOR:
            if actor not in staff:
                staff[actor] = add_staff(
                    by, office, username=actor, label=actor[:12], name="Contoh", roles=[actor], steps=steps
                )
            client.force_login(staff[actor].account)
        mine[actor] = _session(client)
        return client

    return make


def _session(client: Client) -> str:
    cookie = client.cookies.get("sessionid")
    return cookie.value if cookie is not None else ""


def _application(office: Office) -> str:
    from setara.applications.service import start

    person = PersonData(
        name="Contoh Pemohon",
        nik="3276014501900001",
        birth_date=date(1990, 1, 5),
        sex="female",
        phone="+628990001234",
    )
    made = start(
        By(VISITOR_ACTOR), office, person, contact="sms", language="id", channel="online", simulated=True
    )
    return str(made.pk)


@pytest.mark.parametrize("actor", ACTORS)
def test_the_site_answers_as_the_table_says(browser: Callable[[str], Client], actor: str) -> None:
    table, wrong, opened = read(FILE.read_text(encoding="utf-8")), [], 0
    for page in pages():
        route = f"/{page.route}"
        status, closed = _ask(browser(actor), page)
        should = actor in table[route]
        opened += not closed
        if closed == should:
            wrong.append(
                f"{route}: {'closed' if closed else 'open'} ({status}) for {actor}, the table says otherwise"
            )
        if status >= 500 and status != 503:
            wrong.append(f"{route}: a fault of ours ({status}) for {actor}")
    assert wrong == []
    # The control: the table is neither all open nor all closed for this actor, and the site followed it.
    assert 0 < opened < len(table)


def _ask(client: Client, page: Page) -> tuple[int, bool]:
    """Status, and whether the page was closed: refused by role, or sent to sign in or to give the code."""
    path = _path(page)
    answer = client.get(path)
    if answer.status_code == 405:
        answer = client.post(path)
    doors = {reverse("signin"), reverse("lock"), reverse("resume")}
    target = (getattr(answer, "url", "") or "").partition("?")[0]
    turned_away = answer.status_code == 302 and target in doors
    if page.access is not None and page.access.kind == "public":
        turned_away = False  # where a public page leads is its own affair
    refused = answer.status_code == 403 and answer.json().get("code") in REFUSED
    return answer.status_code, turned_away or refused


def _path(page: Page) -> str:
    """An address of this page, with something in each of its parts."""

    def part(match: re.Match[str]) -> str:
        kind, _colon, name = match[1].rpartition(":")
        return PARTS.get(name) or KINDS.get(kind) or "x"

    route = re.sub(r"\^?\(\?P<(\w+)>[^)]*\)/?\$", lambda m: PARTS.get(m[1], "x") + "/", page.route)
    return "/" + re.sub(r"<([^>]+)>", part, route)
