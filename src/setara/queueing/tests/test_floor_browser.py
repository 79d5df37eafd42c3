"""Kiosk and counter in Chromium: touched, typed, worked by keys alone, with a device whose clock is wrong."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.db import connections
from django.test import Client

from setara.kernel import clock
from setara.kernel.clock import ManualClock
from setara.people.service import open_person
from setara.queueing import operations
from setara.queueing.models import Call, Favour, Ticket
from setara.queueing.tests.flooring import MONDAY, Floor, passport_office

pytestmark = [pytest.mark.slow(15), pytest.mark.browser]


class Quiet(WSGIRequestHandler):
    """Says nothing about requests."""

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@dataclass
class Hall:
    """An office served to a browser from this process, on the clock of the test."""

    floor: Floor
    url: str
    browser: Any
    shots: Path

    def page(self, label: str = "", width: int = 1024, height: int = 1280) -> Any:
        """A page in a browser of its own; ``label``: an officer who is signed in."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            extra_http_headers={"Accept-Language": "id"},
            base_url=self.url,
        )
        if label:
            client = Client()
            client.force_login(self.floor.staff[label].account)
            cookie = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": self.url}])
        return context.new_page()

    def shot(self, page: Any, name: str) -> None:
        """For people who want to look."""
        if folder := os.environ.get("SETARA_SHOTS"):
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture
def hall(
    own_database: str, chromium: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Iterator[Hall]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    from django.core.wsgi import get_wsgi_application
    from playwright.sync_api import sync_playwright

    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    source = ManualClock(MONDAY)
    before = clock.install(source)
    floor = passport_office(source)
    floor.open()
    server = make_server("127.0.0.1", 0, get_wsgi_application(), WSGIServer, Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--disable-gpu"])
        connections.close_all()  # another test's, should it have left some
        try:
            yield Hall(floor, f"http://127.0.0.1:{server.server_port}", browser, tmp_path)
        finally:
            connections.close_all()  # those of Playwright's loop, which the next test would find dead
            browser.close()
            server.shutdown()
            server.server_close()
            clock.install(before)


def small(page: Any) -> list[str]:
    """What a thumb would miss: visible things to touch under 64 pixels in either direction."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("main a, main button, main input, .kiosk-foot button")]
        .filter((e) => e.offsetParent && e.type !== "hidden")
        .map((e) => [e, e.getBoundingClientRect()])
        .filter(([e, r]) => r.width < 64 || r.height < 64)
        .map(([e, r]) => `${e.outerHTML.slice(0, 80)} ${r.width}x${r.height}`)"""
    )
    return found


#: A browser with an Indonesian voice, which Debian's Chromium is not: it writes down what it would say.
VOICE = """
    window.said = [];
    window.SpeechSynthesisUtterance = function (text) { this.text = text; };
    Object.defineProperty(window, "speechSynthesis", {value: Object.assign(new EventTarget(), {
        getVoices: () => [{lang: "id-ID"}], cancel: () => {}, speak: (words) => window.said.push(words.text),
    })});
"""


def spoken(page: Any) -> str:
    """What the kiosk says when somebody asks it to."""
    page.get_by_role("button", name="Dengarkan").click()
    said: str = page.evaluate("window.said.pop()")
    return said


def nothing_stays_for_the_next_person(page: Any) -> None:
    """After a minute the kiosk stands at its start, in Indonesian."""
    # Nobody's number stays for the next person.
    page.clock.run_for(61_000)
    page.wait_for_url("**/anjungan/")
    # Nor does another language, not even on the first page.
    for place in ("bantuan/", ""):
        page.goto(f"/kantor/uji/anjungan/{place}")
        page.get_by_role("button", name="English").click()
        page.locator("html[lang=en]").wait_for()
        page.clock.run_for(61_000)
        page.locator("html[lang=id]").wait_for()
        page.wait_for_url("**/anjungan/")


def test_a_kiosk_is_touched_and_its_clock_counts_for_nothing(hall: Hall) -> None:
    floor = hall.floor
    seat, other = floor.appointment(), floor.appointment()
    made = operations.set_up_kiosk(floor.by("KA"), floor.office, 1)
    page = hall.page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script(VOICE)
    # The device is an hour fast; the office's clock stands at eight.
    page.clock.install(time=MONDAY + timedelta(hours=1))
    page.goto(f"/kantor/uji/anjungan/pasang/{made.pk}.{made.secret}/")
    page.get_by_label("58 mm").check()
    page.get_by_role("button", name="Pasang perangkat ini").click()
    page.wait_for_url("**/anjungan/")
    assert page.locator("[data-clock-warning]").is_visible()
    assert page.locator("[data-server]").inner_text() == "08.00 WIB"
    assert small(page) == []
    hall.shot(page, "kiosk-mulai")
    # A scanner types the code of the slip and Enter; the field has the focus by itself.
    page.keyboard.type(seat.token)
    page.keyboard.press("Enter")
    page.wait_for_url("**/anjungan/nomor/")
    first = Ticket.objects.get()
    assert page.locator(".kiosk-label").inner_text() == first.label
    assert first.arrived_at == floor.clock.now()
    assert page.locator(".kiosk-given svg").is_visible()
    assert page.get_by_role("button", name="Cetak lagi").is_visible()
    assert small(page) == []
    hall.shot(page, "kiosk-nomor")
    page.emulate_media(media="print")
    assert page.locator(".kiosk-paper .ticket-label").is_visible()
    assert not page.locator(".kiosk-given").is_visible()
    page.emulate_media(media="screen")
    # The NIK by thumb.
    page.goto("/kantor/uji/anjungan/nik/")
    # Whoever cannot read hears what went wrong, and on the page of help who is helped how.
    assert spoken(page).startswith("Ketik enam belas angka")
    page.locator('[data-key="9"]').click()
    page.get_by_role("button", name="Ambil nomor").click()
    page.locator(".error-summary").wait_for()
    said = spoken(page)
    assert "Yang diketik 1 angka" in said
    assert said.endswith("lalu tekan Ambil nomor.")
    page.locator('[data-key="clear"]').click()
    nik = open_person(other.application.person).nik
    for digit in nik:
        page.locator(f'[data-key="{digit}"]').click()
    assert small(page) == []
    hall.shot(page, "kiosk-nik")
    page.get_by_role("button", name="Ambil nomor").click()
    page.wait_for_url("**/anjungan/nomor/")
    assert Ticket.objects.get(application=other.application).arrival == "nik"
    page.goto("/kantor/uji/anjungan/bantuan/")
    assert "jalur prioritas" in spoken(page)
    nothing_stays_for_the_next_person(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    hall.shot(page, "kiosk-sempit")
    assert errors == []


def test_a_counter_is_worked_by_keys_alone(hall: Hall) -> None:
    floor = hall.floor
    first, second = floor.arrive(), floor.arrive()
    page = hall.page("D1", 1280, 900)
    page.goto("/petugas/loket/")
    page.get_by_role("button", name="Loket 1").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Panggil berikutnya").wait_for()
    # The next thing to do has the focus: Enter calls, Enter begins.
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Mulai layani").wait_for()
    assert first.label in page.locator("main").inner_text()
    page.keyboard.press("Enter")
    page.locator("form[action*=selesai]").wait_for()
    hall.shot(page, "loket-melayani")
    assert page.locator("[data-shown]").inner_text().startswith("0:0")
    assert page.evaluate("document.activeElement.name") == "outcome"
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Panggil berikutnya").wait_for()
    assert Call.objects.get(ticket=first).outcome == "served"
    # A favour is declined without leaving the counter: tab to it, Enter.
    page.get_by_role("button", name="Tolak titipan").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/petugas/titipan/")
    hall.shot(page, "titipan")
    assert Favour.objects.get().note_id is None
    # Lost between call and start: the page is sent again with the same key and does nothing more.
    page.goto("/petugas/loket/")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Mulai layani").wait_for()
    dropped = []
    page.route(
        "**/petugas/loket/mulai/", lambda route: (dropped.append(route.request.post_data), route.abort())
    )
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    page.unroute("**/petugas/loket/mulai/")
    assert len(dropped) == 1
    assert Call.objects.get(ticket=second).started_at is None
    page.goto("/petugas/loket/")
    assert second.label in page.locator("main").inner_text(), "the call is still there"
    page.keyboard.press("Enter")
    page.locator("form[action*=selesai]").wait_for()
    assert Call.objects.get(ticket=second).started_at is not None
