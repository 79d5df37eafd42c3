"""Every page of the site: no fault that axe finds, at 390 and at 1280 pixels; nothing wider than 320; public pages
small, and whole without JavaScript. A new address fails here until it is looked at or excused with a reason."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.e2e import people
from tests.e2e.town import DESK, PHONE, Town, fits, press
from tests.running import wait_for

pytestmark = [pytest.mark.slow(50), pytest.mark.browser]

SMALL = 100_000
LAYOUT = ["target-size", "scrollable-region-focusable", "bypass", "region"]
STAGES = ["draft", "answered", "complete", "submitted", "paid", "booked", "waiting", "checked", "captured",
          "interviewed", "approved", "printed", "ready", "done"]  # fmt: skip
#: Who sees which addresses; each half of the site is walked by a test of its own.
OUTSIDE = {
    "home", "office", "about", "privacy", "hall", "calls", "look_up", "ticket", "apply", "resume", "leave", "signin",
    "link", "survey", "style", "question", "code", "person", "documents", "document", "check", "bill", "application",
    "schedule", "slip", "cancel", "kiosk", "kiosk_nik", "kiosk_help", "kiosk_ticket", "kiosk_pair",
    "replay_day", "object", "object_kiosk",
}  # fmt: skip
STAFF = {
    "staff", "lock", "desk", "desk_ticket", "desk_person", "application_at_desk", "assist", "assist_apply",
    "assist_application", "assist_code", "assist_person", "assist_question", "assist_documents", "assist_document",
    "assist_check", "assist_bill", "assist_schedule", "assist_slip", "backoffice", "case", "stock", "floor",
    "out_of_turn", "approvals", "counters", "favours", "kiosks", "door", "relations", "conflicts",
    "objections", "objection", "object_desk", "announcements",
    "day", "day_rights", "daysheet", "audit", "audit_check", "audit_event", "counter",
    "assist_cancel",
}  # fmt: skip
#: Addresses that are no page of their own, and why.
EXCUSED = {
    "signout": "takes a POST and leads to the sign-in page",
    "set_language": "takes a POST and leads back",
    "picture": "an image", "assist_picture": "an image", "case_document": "a file",
    "treasury_notice": "for the treasury's programs", "queue_state": "JSON for programs",
    "health": "JSON for programs", "daysheet_csv": "a table for programs", "audit_export": "a file for programs",
    "home_fragment": "a part of the office's page", "hall_fragment": "a part of the display",
    "ticket_fragment": "a part of the ticket's page", "floor_fragment": "a part of the floor's page",
    "counter_fragment": "a part of the counter's page",
    "daysheet_today": "leads to today's sheet",
    "desk_checkin": "takes a POST; its refusals stand on desk_person",
    "desk_walkin": "takes a POST; its refusals stand on desk_person",
    "desk_pickup": "takes a POST; its refusals stand on desk_person",
    "desk_return": "takes a POST; its refusals stand on desk_person",
    "conflict_decide": "takes a POST; see conflicts", "case_recuse": "takes a POST; see case",
    "case_reassign": "takes a POST; see case",
    "kiosk_retire": "takes a POST; see kiosks",
    "counter_move": "takes a POST; see counters", "roster_place": "takes a POST; see counters",
    "favour_note": "takes a POST; see favours", "counter_transfer": "takes a POST; see counter",
    "override_use": "takes a POST; see out_of_turn", "override_decide": "takes a POST; see approvals",
    "override_paper": "a file", "clip": "a recording", "announcement_end": "takes a POST; see announcements",
    "floor_close": "takes a POST; its refusals stand on floor", "day_open": "takes a POST; see day",
    "day_close": "takes a POST; see day", "counter_act": "takes a POST; see counter",
    "counter_finish": "takes a POST; see counter", "counter_put_right": "takes a POST; see counter",
    "case_end": "takes a POST; see case", "case_hold": "takes a POST; see case",
    "case_release": "takes a POST; see case", "case_renew": "takes a POST; see case",
    "case_put_right": "takes a POST; see case",
    "admin:jsi18n": "a script of Django's", "admin:": "every other address below /kelola/: not found",
}  # fmt: skip


@dataclass
class Walk:
    """Looks at pages and keeps what it found."""

    town: Town
    axe: Any
    seen: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def look(self, page: Any, name: str, path: str = "", *, public: bool = False, more: str = "") -> None:
        """One page under its address's name; ``more`` tells its states apart."""
        self.seen.add(name)
        called = f"{name}-{more}" if more else name
        heavy = Weight(page) if public else None
        page.set_viewport_size(PHONE)
        if path:
            answer = page.goto(path)
            if answer is None or answer.status != 200:
                self.faults.append(f"{called}: {path} answered {answer.status if answer else 'nothing'}")
                return
        if heavy and (size := heavy.stop(page)) > SMALL:
            self.faults.append(f"{called}: {size} bytes over the line")
        self.faults += [f"{called}: {words}" for words in self.town.complaints]
        for size in (PHONE, DESK):
            page.set_viewport_size(size)
            if os.environ.get("SETARA_SHOTS"):  # some 250 pictures: for people who want to look at all
                file = f"semua-{called.replace(':', '-')}-{size['width']}.png"
                page.screenshot(path=self.town.shots / file, full_page=True)
            # All rules at the size of those who mostly see the page, at the other size those of layout.
            rules = {} if size is (PHONE if public else DESK) else {"runOnly": LAYOUT}
            options = rules | {"resultTypes": ["violations"]}  # whatever passed would be a long list to fetch
            for wrong in self.axe.run(page, options=options).response["violations"]:
                nodes = "; ".join(node["html"][:160] for node in wrong["nodes"][:3])
                self.faults.append(f"{called} at {size['width']}: {wrong['id']} ({wrong['impact']}): {nodes}")
        self.town.complaints.clear()  # axe brings styles of its own, which our policy stops
        if not fits(page):
            self.faults.append(f"{called}: scrolls sideways at 320 pixels")
        page.set_viewport_size(PHONE if public else DESK)

    def without_scripts(self, page: Any, name: str, path: str) -> None:
        """The page is whole without JavaScript: one heading, and every form goes somewhere by itself."""
        page.goto(path)
        if page.locator("h1").count() != 1:
            self.faults.append(f"{name}: {page.locator('h1').count()} main headings without JavaScript")
        for form in page.locator("main form").all():
            if form.locator("button, input[type=submit]").count() == 0:
                self.faults.append(f"{name}: a form without a button cannot be sent without JavaScript")


class Weight:
    """Counts the bytes that come over the line, from an empty cache."""

    def __init__(self, page: Any) -> None:
        self.line = page.context.new_cdp_session(page)
        self.bytes, self.open = 0, set[str]()
        self.line.send("Network.enable")
        self.line.send("Network.setCacheDisabled", {"cacheDisabled": True})
        self.line.on("Network.requestWillBeSent", self._begin)
        self.line.on("Network.loadingFinished", self._end)
        self.line.on("Network.loadingFailed", self._end)

    def _begin(self, said: dict[str, Any]) -> None:
        if said.get("type") != "EventSource":  # which stays open for as long as the page is
            self.open.add(said["requestId"])

    def _end(self, said: dict[str, Any]) -> None:
        self.open.discard(said["requestId"])
        self.bytes += int(said.get("encodedDataLength", 0))

    def stop(self, page: Any) -> int:
        """The bytes of all that the page asked for, once it has come."""
        page.wait_for_timeout(50)  # scripts begin to ask when the page has been loaded
        wait_for(lambda: page.wait_for_timeout(20) or not self.open, "all of the page has come", 20)
        self.line.detach()
        return self.bytes


def test_every_address_is_looked_at_or_excused() -> None:
    names = set(_names())
    settings = {name for name in names if name.startswith("admin:")} - set(EXCUSED)
    assert names - OUTSIDE - STAFF - settings - set(EXCUSED) == set(), "look at them below, or say why not"
    assert (OUTSIDE | STAFF | set(EXCUSED)) - names == set(), "they are not there any more"
    assert not set(EXCUSED) & (OUTSIDE | STAFF)


def test_every_page_of_visitors_and_applicants(town: Town) -> None:
    walk, at = begin(town)
    public_pages(town, walk, at)
    applicants_pages(town, walk, at)
    assert walk.faults == [], "\n".join(walk.faults)
    assert walk.seen == OUTSIDE


def test_every_page_of_the_staff(town: Town) -> None:
    walk, at = begin(town)
    officers_pages(town, walk, at)
    counters(town, walk)
    day = town.inside("today")
    town.inside("fresh_day")  # closes the day
    walk.look(town.officer("Pengawas"), "day_rights", f"/petugas/hari/{day}/hak-kembali/")
    assert walk.faults == [], "\n".join(walk.faults)
    assert walk.seen - OUTSIDE == STAFF


def test_every_page_of_the_configuration(town: Town) -> None:
    walk, _at = begin(town)
    admin = town.officer("Administrator")
    rows = town.inside("configured")
    for name in sorted({n for n in _names() if n.startswith("admin:") and n not in EXCUSED}):
        if (path := address(name, rows)) is not None:
            walk.look(admin, name, path)
    assert walk.faults == [], "\n".join(walk.faults)
    assert len(walk.seen) > 20


def begin(town: Town) -> tuple[Walk, dict[str, Any]]:
    """A day with somebody at every stage."""
    from axe_playwright_python.sync_playwright import Axe

    town.inside("fresh_day", "08:10")
    at = town.inside("put", *STAGES)
    town.inside("later", 3)
    return Walk(town, Axe()), at


def _names() -> Iterator[str]:
    from setara.site.checks import pages

    for page in pages():
        yield page.name


def public_pages(town: Town, walk: Walk, at: dict[str, Any]) -> None:
    """What anybody sees."""
    me = town.somebody()
    plain = town.somebody(scripts=False)
    ticket = at["waiting"]
    for name, path in {
        "home": "/", "office": "/kantor/depok/", "about": "/tentang/", "privacy": "/privasi/",
        "hall": "/kantor/depok/layar/", "calls": "/kantor/depok/panggilan/",
        "object": f"/tiket/{ticket['ticket_token']}/keberatan/", "object_kiosk": "/kantor/depok/keberatan/",
        "replay_day": f"/kantor/depok/hari/{town.inside('today')}/",
        "look_up": f"/kantor/depok/nomor/?nomor={ticket['label']}", "ticket": f"/tiket/{ticket['ticket_token']}/",
        "apply": "/permohonan/baru/?kantor=depok", "resume": "/permohonan/lanjut/", "leave": "/permohonan/keluar/",
        "signin": "/masuk/", "link": town.inside("link"), "survey": f"/survei/{at['done']['survey']}/",
    }.items():  # fmt: skip
        walk.look(me, name, path, public=True)
        walk.without_scripts(plain, name, path)
    walk.look(me, "apply", "/permohonan/baru/?kantor=depok&kabar=email", public=True, more="data")
    with me.expect_navigation():
        me.locator("main form button").first.click()
    walk.look(me, "apply", more="kosong")
    walk.look(me, "ticket", f"/tiket/{at['done']['ticket_token']}/", more="selesai")
    town.inside("objected", ticket["ticket_token"])
    walk.look(me, "ticket", f"/tiket/{ticket['ticket_token']}/", public=True, more="keberatan")
    step = f"/kantor/depok/hari/{town.inside('today')}/?ke=2"
    walk.look(me, "replay_day", step, public=True, more="langkah")
    walk.without_scripts(plain, "replay_day-langkah", step)
    walk.look(me, "style", "/style/")
    kiosk(town, walk, at)


def kiosk(town: Town, walk: Walk, at: dict[str, Any]) -> None:
    """The device in the hall, from its pairing to a ticket on paper."""
    boss = town.officer("Pengawas")
    boss.goto("/petugas/anjungan/")
    boss.locator('[name="number"]').fill("7")
    press(boss, "Buat tautan pemasangan")
    device = town.somebody(phone=False)
    walk.look(device, "kiosk_pair", boss.locator("#kiosk-link").inner_text(), public=True)
    device.locator('[name="paper"]').first.check()
    press(device, "Pasang perangkat ini")
    for name, path in {"kiosk": "", "kiosk_nik": "nik/", "kiosk_help": "bantuan/"}.items():
        walk.look(device, name, f"/kantor/depok/anjungan/{path}", public=True)
    device.goto("/kantor/depok/anjungan/")
    device.locator('[name="code"]').fill(town.inside("token", at["booked"]["reference"]))
    device.locator('[name="code"]').press("Enter")
    walk.look(device, "kiosk_ticket", public=True)


def applicants_pages(town: Town, walk: Walk, at: dict[str, Any]) -> None:
    """What whoever holds an application sees, at each stage."""
    for stage, pages in {
        "draft": {"question": "/permohonan/isian/type/", "code": "/permohonan/kode/", "person": "/permohonan/data/"},
        "answered": {"documents": "/permohonan/berkas/", "document": "/permohonan/berkas/kk/"},
        "complete": {"check": "/permohonan/periksa/", "document": "/permohonan/berkas/kk/"},
        "submitted": {"bill": "/permohonan/bayar/", "application": "/permohonan/"},
        "paid": {"schedule": "/permohonan/jadwal/", "bill": "/permohonan/bayar/"},
        "booked": {"schedule": "/permohonan/jadwal/", "slip": "/permohonan/slip/", "application": "/permohonan/",
                   "cancel": "/permohonan/batal/"},
        "waiting": {"application": "/permohonan/"}, "interviewed": {"application": "/permohonan/"},
        "ready": {"application": "/permohonan/"}, "done": {"application": "/permohonan/"},
    }.items():  # fmt: skip
        pair = [town.somebody(), town.somebody(scripts=False)]
        for page in pair:
            hold(page, at[stage])
        for name, path in pages.items():
            walk.look(pair[0], name, path, public=True, more=stage)
            walk.without_scripts(pair[1], f"{name}-{stage}", path)
        if stage == "paid":
            pair[0].goto("/permohonan/jadwal/")
            with pair[0].expect_navigation():
                pair[0].locator(".tasks a").first.click()
            walk.look(pair[0], "schedule", more="jam")
        if stage == "submitted":
            pair[0].goto("/permohonan/bayar/")
            press(pair[0], "Minta kode pembayaran")
            walk.look(pair[0], "bill", more="kode")
        for page in pair:
            page.context.close()


def hold(page: Any, one: dict[str, str]) -> None:
    """Open an application with its number and code."""
    page.goto("/permohonan/lanjut/")
    page.locator('[name="reference"]').fill(one["reference"])
    page.locator('[name="code"]').fill(one["code"])
    press(page, "Buka permohonan")


def officers_pages(town: Town, walk: Walk, at: dict[str, Any]) -> None:
    """Desk, help, files, floor, day, sheet, audit."""
    ref = {stage: one["reference"] for stage, one in at.items()}
    desk = town.officer("Petugas depan")
    for name, path in {
        "staff": "/petugas/", "lock": "/kunci/", "desk": "/petugas/meja/",
        "desk_ticket": f"/petugas/meja/nomor/{at['waiting']['ticket']}/",
        "application_at_desk": f"/petugas/meja/{ref['waiting']}/perjalanan/",
        "assist": "/petugas/bantu/", "assist_apply": "/petugas/bantu/baru/",
        "assist_application": f"/petugas/bantu/{ref['booked']}/",
        "assist_code": f"/petugas/bantu/{ref['draft']}/kode/",
        "assist_person": f"/petugas/bantu/{ref['draft']}/data/",
        "assist_question": f"/petugas/bantu/{ref['draft']}/isian/type/",
        "assist_documents": f"/petugas/bantu/{ref['answered']}/berkas/",
        "assist_document": f"/petugas/bantu/{ref['answered']}/berkas/kk/",
        "assist_check": f"/petugas/bantu/{ref['complete']}/periksa/",
        "assist_bill": f"/petugas/bantu/{ref['submitted']}/bayar/",
        "assist_schedule": f"/petugas/bantu/{ref['paid']}/jadwal/",
        "assist_cancel": f"/petugas/bantu/{ref['booked']}/batal/",
        "assist_slip": f"/petugas/bantu/{ref['booked']}/slip/",
    }.items():  # fmt: skip
        walk.look(desk, name, path)
    for stage in ("booked", "paid", "waiting", "ready", "draft"):
        walk.look(desk, "desk_person", f"/petugas/meja/{ref[stage]}/", more=stage)
    desk.goto("/petugas/meja/")
    desk.locator('[name="wanted"]').fill("Rekaan")
    press(desk, "Cari")
    walk.look(desk, "desk", more="dicari")
    judge = town.officer("Adjudikator")
    walk.look(judge, "backoffice", "/petugas/berkas/")
    walk.look(judge, "case", f"/petugas/berkas/{ref['interviewed']}/", more="adjudikasi")
    printer = town.officer("Petugas cetak dan mutu")
    walk.look(printer, "stock", "/petugas/stok/")
    walk.look(printer, "case", f"/petugas/berkas/{ref['approved']}/", more="cetak")
    walk.look(printer, "case", f"/petugas/berkas/{ref['printed']}/", more="mutu")
    boss = town.officer("Pengawas")
    for name, path in {
        "floor": "/petugas/lantai/", "out_of_turn": "/petugas/lantai/luar-giliran/",
        "approvals": "/petugas/lantai/persetujuan/", "counters": "/petugas/lantai/loket/",
        "favours": "/petugas/titipan/", "kiosks": "/petugas/anjungan/", "door": "/petugas/pintu/",
        "relations": "/petugas/hubungan/",
        "day": "/petugas/hari/",
    }.items():  # fmt: skip
        walk.look(boss, name, path)
    walk.look(boss, "objections", "/petugas/keberatan/", more="kosong")
    walk.look(boss, "objection", f"/petugas/keberatan/{town.inside('objected')}/")
    walk.look(boss, "objections", "/petugas/keberatan/")
    walk.look(boss, "object_desk", "/petugas/keberatan/catat/")
    boss.goto("/petugas/pengumuman/")
    boss.locator('[name="text_id"]').fill("Kamera sedang diganti; antrean foto berjalan lagi sebentar lagi.")
    boss.locator('[name="text_en"]').fill("The camera is being replaced; photos go on shortly.")
    press(boss, "Umumkan")
    walk.look(boss, "announcements")
    walk.look(boss, "floor", "/petugas/lantai/", more="pengumuman")
    walk.look(town.somebody(), "hall", "/kantor/depok/layar/", more="pengumuman")
    walk.seen.discard("hall")  # the visitors' test goes there
    head = town.officer("Kepala kantor")
    walk.look(head, "conflicts", "/petugas/benturan/")
    walk.look(head, "daysheet", f"/petugas/lembar/{town.inside('today')}/")
    auditor = town.officer("Auditor")
    for name, path in {
        "audit": "/petugas/audit/", "audit_check": "/petugas/audit/periksa/",
        "audit_event": f"/petugas/audit/{town.inside('last_event')}/",
    }.items():  # fmt: skip
        walk.look(auditor, name, path)


def counters(town: Town, walk: Walk) -> None:
    """Every state of a counter, and each kind of step."""
    for role, number in (("Pemeriksa berkas", 10), ("Petugas biometrik", 11), ("Pewawancara", 12)):
        officer = town.officer(role)
        walk.look(officer, "counter", "/petugas/loket/", more=f"{number}-tempat")
        people.sit_down(officer, number)
        walk.look(officer, "counter", more=f"{number}-menunggu")
        press(officer, "Panggil berikutnya")
        walk.look(officer, "counter", more=f"{number}-memanggil")
        press(officer, "Mulai layani")
        walk.look(officer, "counter", more=f"{number}-melayani")
        if number == 10:
            people.finish(officer, "complete")
            officer.locator("summary", has_text="Salah tekan?").click()
            walk.look(officer, "counter", more=f"{number}-sesudah")


def address(name: str, rows: dict[str, str]) -> str | None:
    """An address of a configuration page; None for what refuses by design (nothing is deleted)."""
    from django.urls import reverse

    if name.endswith("_delete") or name == "admin:offices_office_add":
        return None
    if name == "admin:app_list":
        return reverse(name, args=["offices"])
    found = re.fullmatch(r"admin:(.+)_(change|history|link)", name)
    if found is None:
        return reverse(name)
    row = rows.get(found[1])
    return None if row is None else reverse(name, args=[row])
