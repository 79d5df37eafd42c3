"""The public pages in Chromium with the real web and live processes: pictures, axe, and a call that arrives."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from setara.kernel import clock
from setara.kernel.clock import ManualClock
from setara.ledger import office_clock
from setara.queueing import service as q
from setara.queueing import voice
from setara.queueing.models import Call, Ticket
from setara.queueing.tests.flooring import MONDAY, Floor, passport_office

FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
PHONE, DESKTOP, HALL = (390, 844), (1280, 900), (1920, 1080)


@dataclass
class House:
    """A busy morning, served by real processes."""

    floor: Floor
    web: str
    live: subprocess.Popen[bytes]
    restart_live: Callable[[], None]
    browser: Any
    shots: Path

    def page(self, size: tuple[int, int] = DESKTOP, staff: str = "", **other: Any) -> Any:
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            extra_http_headers={"Accept-Language": other.pop("lang", "id")},
            **other,
        )
        if staff:
            client = Client()
            client.force_login(
                self.floor.staff[staff].account, backend="django.contrib.auth.backends.ModelBackend"
            )
            session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.web}
            context.add_cookies([session])
        return context.new_page()

    def shot(self, page: Any, name: str) -> None:
        page.screenshot(path=self.shots / f"{name}.png", full_page=True)


@pytest.fixture
def house(
    own_database: str, chromium: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    # Playwright's synchronous side runs a loop in this thread; our queries are not part of it.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    from playwright.sync_api import sync_playwright

    source = ManualClock(MONDAY)
    before = clock.install(source)
    floor = busy(source)
    office_clock.set_virtual(source.now(), rate=0)
    web, live = free_port(), free_port()
    environment = os.environ | {"PORT": str(web), "LIVE_PORT": str(live), "SETARA_HOSTS": "127.0.0.1"}
    environment["SETARA_VOICE_DIR"] = str(recordings(tmp_path / "suara"))
    programs = [
        [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(web), "--log-level", "warning",
         "setara.site.wsgi:application"],
        [sys.executable, "-m", "uvicorn", "--port", str(live), "--log-level", "warning", "setara.site.live:app"],
    ]  # fmt: skip
    running = [subprocess.Popen(program, env=environment) for program in programs]
    for port in (web, live):
        wait_for(port)
    shots = Path(os.environ.get("SETARA_SHOTS") or tmp_path)
    shots.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=FLAGS)

        def restart_live() -> None:
            running.append(subprocess.Popen(programs[1], env=environment))
            wait_for(live)

        yield House(floor, f"http://127.0.0.1:{web}", running[1], restart_live, browser, shots)
        connections.close_all()  # those of Playwright's loop, which the next test would find dead
        browser.close()
    for process in running:
        process.terminate()
    for process in running:
        process.wait(15)
    clock.install(before)


def busy(source: ManualClock) -> Floor:
    """Forty people since eight o'clock: some through, some at the counters, some waiting, one out of turn."""
    floor = passport_office(source, "depok")
    floor.office.name, floor.office.address = "Kantor Imigrasi Depok", "Jalan Contoh 1, Depok"
    floor.office.save()
    floor.officer("AU", ["auditor"])
    floor.open()
    floor.sessions = {label: floor.sit(label, n) for n, label in enumerate(("D1", "D2", "B1", "W1"), 1)}
    floor.appointment(120)
    floor.appointment(days=1)
    for n in range(12):
        floor.arrive(n % 2 * 30)
        floor.after(1)
    floor.old()
    for step, label in (("document_check", "D1"), ("biometrics", "B1"), ("interview", "W1")):
        for n in range({"document_check": 9, "biometrics": 5, "interview": 2}[step]):
            call = floor.serve(label, floor.sessions[label])
            floor.after(2 + n % 3)
            goes = {"document_check": "biometrics", "biometrics": "interview"}.get(step)
            moved = {"step": goes, "status": "waiting", "joined_at": source.now()} if goes else {
                "status": "done", "closed_at": source.now()}  # fmt: skip
            Call.objects.filter(pk=call.pk).update(ended_at=source.now(), outcome="served")
            Ticket.objects.filter(pk=call.ticket_id).update(**moved)
    for _n in range(8):
        floor.arrive(60)
    floor.serve("W1", floor.sessions["W1"])
    floor.serve("B1", floor.sessions["B1"])
    favoured = Ticket.objects.filter(status="waiting", step="document_check").order_by("-number").first()
    call = q.call_out_of_turn(floor.by("KA", "medical_emergency"), floor.sessions["D2"], favoured)
    q.start_service(floor.by("D2"), call)
    return floor


def recordings(folder: Path) -> Path:
    """A moment of silence for each word of a call."""
    (folder / "id").mkdir(parents=True)
    for name in voice.NAMES:
        with wave.open(str(folder / "id" / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(b"\0\0" * 80)
    return folder


def until(true: Callable[[], bool], page: Any) -> None:
    """Wait for something on a page whose CSP forbids evaluating text, as Playwright's own waiting would."""
    end = time.monotonic() + 15
    while not true():
        assert time.monotonic() < end
        page.wait_for_timeout(100)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("a process does not answer")


@pytest.mark.slow(25)
@pytest.mark.browser
def test_the_public_pages_and_what_arrives_on_them(house: House) -> None:
    """One test for both: Django keeps connections by context, and Playwright's outlives the test's database."""
    pages_with_many_people_fit_and_pass_axe(house)
    a_call_arrives_with_and_without_the_live_process(house)
    a_phone_finds_itself_in_the_one_message(house)


def pages_with_many_people_fit_and_pass_axe(house: House) -> None:
    """What grows with the day; every other page, and all without JavaScript: tests/e2e/test_every_page.py."""
    from axe_playwright_python.sync_playwright import Axe

    office = house.floor.office.pk
    pages = {
        "home": (f"/kantor/{office}/", "", [PHONE]),
        "hall": (f"/kantor/{office}/layar/", "", [HALL, PHONE]),
        "calls": (f"/kantor/{office}/panggilan/", "", [PHONE]),
        "day_sheet": ("/petugas/lembar/2026-03-02/", "KA", [DESKTOP]),
        "audit": ("/petugas/audit/", "AU", [PHONE]),
    }
    for name, (path, staff, sizes) in pages.items():
        for size in sizes:
            page = house.page(size, staff)
            complaints: list[str] = []
            page.on("console", lambda message, found=complaints: found.append(message.text))
            page.on("pageerror", lambda error, found=complaints: found.append(str(error)))
            page.goto(house.web + path)
            house.shot(page, f"{name}-{size[0]}")
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], name
            assert complaints == [], name
            if size == sizes[0]:
                found = Axe().run(page).response["violations"]
                assert [(v["id"], v["nodes"][0]["html"]) for v in found] == [], name
            page.context.close()
    english = house.page(PHONE, lang="en")
    english.goto(f"{house.web}/kantor/{office}/")
    house.shot(english, "home-390-en")
    assert "Who is waiting" in english.content()


def a_call_arrives_with_and_without_the_live_process(house: House) -> None:
    office, floor = house.floor.office.pk, house.floor
    page = house.page(HALL)
    page.goto(f"{house.web}/kantor/{office}/layar/")
    state = page.locator("[data-live-state]")
    until(lambda: "otomatis" in state.text_content(), page)
    spoken: list[str] = []
    page.on(
        "request",
        lambda request: spoken.append(request.url.split("/")[-2]) if "/suara/" in request.url else None,
    )
    page.locator("[data-live-sound]").click()
    call = q.call_next(floor.by("D1"), floor.sessions["D1"])
    began = time.monotonic()
    page.wait_for_selector(f"text={call.ticket.label} >> nth=0", timeout=5000)
    page.wait_for_selector(f"[data-announce='{call.pk}-0']", state="attached", timeout=2500)
    assert time.monotonic() - began < 3
    assert f"silakan ke loket {call.counter.number}" in page.locator("[data-live-say]").text_content()
    house.shot(page, "hall-called")
    # This browser has no voice: the words of the call are fetched one after the other, behind the chime.
    clips = voice.clips(call.ticket.label, call.counter.number).split()
    until(lambda: [*dict.fromkeys(spoken)] == [*dict.fromkeys(clips)], page)
    # The device has no network: said at once, not after the silence of 45 seconds; and over at once.
    page.context.set_offline(True)
    until(lambda: "Terputus" in state.text_content(), page)
    page.context.set_offline(False)
    until(lambda: "otomatis" in state.text_content(), page)
    # Killed: the page says that the line is lost. Restarted, as the supervisor does: it finds its way back by
    # itself and shows what happened meanwhile. (Without a restart it asks the web process: test_style_page.)
    house.live.send_signal(signal.SIGKILL)
    until(lambda: "Terputus" in state.text_content(), page)
    q.undo_call(floor.by("D1"), call)
    again = q.call_next(floor.by("D1"), floor.sessions["D1"])
    house.restart_live()
    page.wait_for_selector(f"[data-announce='{again.pk}-0']", state="attached", timeout=20_000)
    until(lambda: "otomatis" in state.text_content(), page)


def a_phone_finds_itself_in_the_one_message(house: House) -> None:
    """The page changes in its place while the ticket waits; it is fetched anew when the ticket stands elsewhere."""
    office, floor = house.floor.office, house.floor
    mine = q.waiting(office, floor.today, "document_check")[4]
    page, asked = house.page(PHONE), []
    page.on("request", lambda request: asked.append(request.url) if "/isi/" in request.url else None)
    page.goto(f"{house.web}/tiket/{mine.token}/")
    state, place = page.locator("[data-live-state]"), page.locator("[data-slot=position]")
    until(lambda: "otomatis" in state.text_content(), page)
    assert (place.text_content(), page.locator("[data-slot=near]").is_visible()) == ("5", False)
    before = int(page.locator("[data-slot=before]").text_content())

    def one_more() -> Call:
        call = q.call_next(floor.by("D2"), floor.sessions["D2"])
        Call.objects.filter(pk=call.pk).update(ended_at=floor.clock.now(), outcome="served")
        Ticket.objects.filter(pk=call.ticket_id).update(status="done", closed_at=floor.clock.now())
        return call

    Call.objects.filter(ended_at=None, counter__number=2).update(ended_at=floor.clock.now(), outcome="served")
    one_more()
    until(lambda: place.text_content() == "4", page)
    assert page.locator("[data-slot=before]").text_content() == str(before + 1)
    assert "Anda nomor 4 dari" in page.locator("[data-slot=line]").text_content()
    one_more()
    until(lambda: place.text_content() == "3", page)
    assert page.locator("[data-slot=near]").is_visible()
    assert "hampir tiba" in page.locator("[data-live-say]").text_content()
    assert page.title().startswith("(3) Nomor")
    house.shot(page, "ticket-near-390")
    assert asked == []
    while (call := q.call_next(floor.by("D2"), floor.sessions["D2"])).ticket_id != mine.pk:
        Call.objects.filter(pk=call.pk).update(ended_at=floor.clock.now(), outcome="served")
    until(lambda: "Silakan ke loket 2 sekarang" in page.content(), page)
    assert len(asked) == 1
    assert "dipanggil ke loket 2" in page.locator("[data-live-say]").text_content()
    house.shot(page, "ticket-called-390")
