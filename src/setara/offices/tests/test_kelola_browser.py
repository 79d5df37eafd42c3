"""The sign-in pages and the configuration pages in Chromium: no CSP fault, axe, 320 px, and a screen that locks."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application

from setara.kernel import clock
from setara.ledger.service import By, system
from setara.offices.models import Role
from setara.offices.operations import (
    add_counter,
    add_staff,
    create_office,
    one_time_link,
    open_day,
    set_password,
)
from setara.offices.service import actor_for, calendar_of, link_for, local_date

FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
WORDS = "tujuh gajah menari"


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def web(own_database: str, settings: Any, quick_passwords: None) -> Iterator[str]:
    """The office, served from a thread of this process."""
    settings.SETARA_DEMO = True
    settings.SETARA_IDLE_SECONDS = 300
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    server = make_server("127.0.0.1", 0, get_wsgi_application(), WSGIServer, _Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.mark.browser
@pytest.mark.slow(20)
def test_sign_in_lock_and_configuration(web: str, chromium: Path, tmp_path: Path, settings: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    by = By(system("test", office="uji"))
    office = create_office(by, code="uji", name="Kantor Imigrasi Uji", is_demo=True)
    made = {
        role: add_staff(
            by, office, username=role, label=f"D-{n:02d}", name=f"Contoh {role.label}", roles=[role], simulated=True
        )
        for n, role in enumerate(Role, 1)
    }  # fmt: skip
    admin = made[Role.ADMINISTRATOR]
    set_password(By(actor_for(admin)), admin, WORDS)
    counter = add_counter(by, office, number=1, steps=["interview"])
    today = local_date(office, clock.now())
    if calendar_of(office).hours(today):  # the test runs on any day
        open_day(by, office, today, [(made[Role.SUPERVISOR], counter)])
    link, hours = link_for(one_time_link(by, made[Role.HEAD])), office.hours.first()
    shots, axe, faults = Path(os.environ.get("SETARA_SHOTS") or tmp_path), Axe(), []
    shots.mkdir(parents=True, exist_ok=True)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="id-ID")
        page.on("console", lambda m: m.type == "error" and faults.append(f"{m.text} {m.location}"))
        page.on("pageerror", lambda error: faults.append(str(error)))

        def look(name: str, path: str | None = None, strict: bool = True) -> None:
            """Photograph; axe; nothing wider than a small phone."""
            if path is not None:
                page.goto(web + path)
            page.wait_for_load_state("networkidle")
            assert faults == [], f"{name}: the content security policy stopped something, or a script failed"
            page.screenshot(path=shots / f"{name}.png", full_page=True)
            found = axe.run(page)
            # Django's own pages are not ours to redraw: there only what shuts people out counts.
            grave = [v for v in found.response["violations"] if strict or v["impact"] == "critical"]
            assert not grave, f"{name}: {[(v['id'], [n['html'] for n in v['nodes']]) for v in grave]}"
            if strict:
                page.set_viewport_size({"width": 320, "height": 700})
                wide = page.evaluate("document.documentElement.scrollWidth")
                page.set_viewport_size({"width": 1280, "height": 900})
                assert wide <= 320, f"{name} is {wide} px wide"
            faults.clear()  # photographing and axe bring styles of their own

        look("signin", "/masuk/")
        look("link", link)
        page.goto(web + "/masuk/")
        page.fill("#id_username", "administrator")
        page.fill("#id_password", "salah")
        page.keyboard.press("Enter")
        page.wait_for_selector(".error-summary")
        assert "400" in faults.pop()  # the console notes the refusal
        look("signin_wrong")
        page.fill("#id_password", WORDS)
        page.keyboard.press("Enter")
        page.wait_for_url("**/petugas/")
        look("staff")
        look("lock_unlocked", "/kunci/")
        for name, path in {
            "kelola": "/kelola/",
            "kelola_hours": "/kelola/offices/openinghours/",
            "kelola_hour": f"/kelola/offices/openinghours/{hours.pk}/change/",
            "kelola_counter": f"/kelola/offices/counter/{counter.pk}/change/",
            "kelola_staff_new": "/kelola/offices/staff/add/",
            "kelola_office": "/kelola/offices/office/uji/change/",
            "kelola_link": f"/kelola/offices/staff/{admin.pk}/tautan/",
            "kelola_quota": "/kelola/booking/quota/add/",
        }.items():
            look(name, path, strict=False)

        # A change through the real form, and its history.
        page.goto(web + "/kelola/offices/office/uji/change/")
        page.fill("#id_address", "Jalan Contoh 1")
        page.click("[name=_save]")
        look("kelola_history", "/kelola/offices/office/uji/history/", strict=False)
        assert "Jalan Contoh 1" in page.inner_text("#content")

        # Left alone, the page locks by itself; the same person goes on where they were.
        settings.SETARA_IDLE_SECONDS = 3
        page.goto(web + "/petugas/")
        page.wait_for_url("**/kunci/**", timeout=15000)
        settings.SETARA_IDLE_SECONDS = 300
        look("lock")
        page.fill("#id_password", WORDS)
        page.keyboard.press("Enter")
        page.wait_for_url("**/petugas/")
        # Somebody else takes over in one step.
        page.goto(web + "/kunci/")
        page.click(f"button[name=demo][value='{made[Role.SUPERVISOR].pk}']")
        page.wait_for_url("**/petugas/")
        look("staff_supervisor")
        assert "Contoh Pengawas" in page.inner_text("body")
        page.goto(web + "/kelola/")
        assert "403" in faults.pop()
        look("refusal")
        assert "bukan bagian dari tugas Anda" in page.inner_text("main")
        browser.close()
