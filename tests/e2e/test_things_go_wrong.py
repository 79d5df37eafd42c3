"""What was pressed wrongly is put right where it was pressed; who was not served goes home with a right."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.e2e import people
from tests.e2e.town import Town, press

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def types(town: Town, reference: str) -> list[str]:
    """What happened to an application."""
    return [one["type"] for one in town.inside("events", reference)]


def test_a_wrong_press_a_wrong_call_and_a_day_that_ends_too_early(town: Town) -> None:
    town.inside("fresh_day", "08:00")
    first, second = (town.inside("put", "waiting")["waiting"] for _ in range(2))
    town.inside("later", 5)
    officer = town.officer("Pemeriksa berkas")
    people.sit_down(officer, 10)
    a_call_is_undone(town, officer, first)
    a_result_is_put_right(town, officer, first)
    the_day_ends(town, second)
    assert town.inside("faults") == []


def a_call_is_undone(town: Town, officer: Any, first: dict[str, str]) -> None:
    """The wrong call: the number goes back to its place, and is the next to be called."""
    press(officer, "Panggil berikutnya")
    assert first["label"] in officer.locator("main").inner_text()
    press(officer, "Salah panggil")
    assert "2 menunggu" in " ".join(officer.locator("main").inner_text().split())
    assert people.call_and_begin(officer) == first["label"]
    assert "queueing.call_undone" in types(town, first["reference"])


def a_result_is_put_right(town: Town, officer: Any, first: dict[str, str]) -> None:
    """The wrong outcome: corrected on the same screen, with a reason; the old event stays."""
    people.finish(officer, "complete")
    officer.locator("summary", has_text="Salah tekan?").click()
    fix = officer.locator("details form")
    press(officer, "Perbaiki hasil")  # nothing chosen: it asks, and the form stays open
    assert officer.locator('[aria-invalid="true"], .error').count()
    town.look(officer, "loket-perbaiki")
    fix.locator('[name="outcome"][value="missing"]').check()
    fix.locator('[name="missing"]').first.check()
    fix.locator('[name="reason"]').first.check()
    press(officer, "Perbaiki hasil")
    assert "hasil pembetulan" in officer.locator("main").inner_text()
    town.look(officer, "loket-dibetulkan")
    events = town.inside("events", first["reference"])
    assert [e["payload"]["outcome"] for e in events if "outcome" in e["payload"]] == ["complete", "missing"]
    # The office writes to the applicant whenever its worker comes by; that is not of this desk.
    beside = ("notices.", "applications.looked")
    assert [e["type"] for e in events if not e["type"].startswith(beside)][-1] == "casework.corrected"
    told = town.somebody()
    told.goto(f"/tiket/{first['ticket_token']}/")
    town.look(told, "tiket-dikembalikan")
    assert first["label"] in told.locator("main").inner_text()


def the_day_ends(town: Town, second: dict[str, str]) -> None:
    """Closing says beforehand what becomes of everybody, and prints the right to return."""
    boss = town.officer("Pengawas")
    boss.goto("/petugas/hari/")
    before = boss.locator("main").inner_text()
    assert second["label"] in before
    town.look(boss, "petugas-hari-menutup")
    press(boss, "Ya, tutup hari ini")
    press(boss, "Cetak hak kembali")
    paper = boss.locator("body").inner_text()
    town.look(boss, "hak-kembali")
    assert second["label"] in paper
    assert "Anda berhak datang lagi mulai" in paper
    told = town.somebody()
    told.goto(f"/tiket/{second['ticket_token']}/")
    town.look(told, "tiket-tidak-terlayani")
    assert "memesan atau membayar lagi" in told.locator("main").inner_text()  # need not
    boss.goto(f"/petugas/lembar/{town.inside('today')}/")
    town.look(boss, "lembar-hari")
    # The next working day they come back on this right, without a new appointment, to where they stood.
    day = town.inside("working_day", town.inside("today"), 1)
    town.inside("move", day, "08:05")
    boss = town.officer("Pengawas")
    boss.goto("/petugas/hari/")
    press(boss, "Buka hari layanan")
    desk = town.officer("Petugas depan")
    people.at_desk(desk, second["reference"])
    town.look(desk, "meja-hak-kembali")
    press(desk, "Kembalikan ke antrean")
    assert re.search(r"\bA-\d{3}\b", desk.locator("main").inner_text())


def test_languages_resuming_limits_and_shared_counters(town: Town) -> None:
    town.inside("fresh_day", "08:05")
    draft = town.inside("put", "answered")["answered"]
    me = town.somebody()
    me.goto("/permohonan/lanjut/")
    press(me, "English")
    assert me.locator("html").get_attribute("lang") == "en"
    town.look(me, "lanjut-en")
    wrong = "2222 2222" if not draft["code"].startswith("2222") else "3333 3333"
    for number in range(6):
        me.locator('[name="reference"]').fill(draft["reference"])
        me.locator('[name="code"]').fill(wrong)
        with me.expect_navigation():
            me.locator("main form button[type=submit]").first.click()
        waits = "After five wrong" in me.locator("main").inner_text()
        assert waits == (number == 5), "five guesses, and the sixth waits"
    town.look(me, "lanjut-terlalu-sering")
    me.locator('[name="code"]').fill(draft["code"])  # not even the right one, for a while
    with me.expect_navigation():
        me.locator("main form button[type=submit]").first.click()
    assert "/lanjut/" in me.url
    other = town.inside("put", "answered")["answered"]  # nobody else waits for these guesses
    me.goto("/permohonan/lanjut/")
    me.locator('[name="reference"]').fill(other["reference"].lower().replace("-", " "))
    me.locator('[name="code"]').fill(other["code"].lower())
    with me.expect_navigation():
        me.locator("main form button[type=submit]").first.click()
    assert "/permohonan/berkas/" in me.url, me.locator("main").inner_text()  # where it stopped
    assert (
        "Documents" in me.locator("h1").inner_text() or "document" in me.locator("main").inner_text().lower()
    )
    me.goto("/permohonan/keluar/")
    town.look(me, "keluar")
    press(me, me.locator("main form button").inner_text().strip())
    me.goto("/permohonan/")
    assert "/lanjut/" in me.url


def test_a_shared_counter_locks_and_changes_hands(town: Town) -> None:
    town.inside("fresh_day", "08:05")
    town.inside("put", "waiting")
    shared = town.somebody(phone=False)
    shared.clock.install()
    town.sign_in(shared, "Pemeriksa berkas")
    people.sit_down(shared, 10)
    shared.clock.fast_forward("04:45")
    shared.get_by_text("Layar segera dikunci").wait_for()
    town.look(shared, "segera-dikunci")
    shared.clock.fast_forward("00:30")
    shared.wait_for_url(re.compile("/kunci/"))
    town.look(shared, "terkunci")
    shared.goto("/petugas/loket/")
    assert "/kunci/" in shared.url  # locked on the server too, not only on the screen
    shared.get_by_role("row", name=re.compile("^Pewawancara ")).get_by_role("button").click()
    shared.wait_for_url(lambda url: "/kunci/" not in url)  # changed in one step
    assert "Pewawancara" in shared.locator("header").inner_text()
    # The main button of a counter is reached and pressed with the keyboard alone.
    people.sit_down(shared, 12)
    focused = shared.evaluate("document.activeElement.innerText")
    assert "Panggil berikutnya" in focused
    shared.keyboard.press("Enter")
    shared.get_by_text("Tidak ada yang menunggu").wait_for()
