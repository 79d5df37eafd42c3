"""Clicking along beside the demo's own day: visitors apply, look, take a counter, close one; the play goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e import people
from tests.e2e.town import Inside, Town, browsing, housed, press, wait_text
from tests.running import wait_for

pytestmark = [pytest.mark.slow(80), pytest.mark.browser]

# So many that lines form, and a day of the hall in a minute.
PACE = {"SETARA_DEMO_APPLICANTS": "90", "SETARA_DEMO_SPEED": "600"}


@pytest.fixture
def playing(chromium: Path, request: pytest.FixtureRequest) -> Iterator[Town]:
    """An office in which the demo's day is being played."""
    with housed("play", **PACE) as office:
        inside = Inside(office)
        with browsing(office, inside, chromium, request.node) as town:
            yield town
        inside.close()


def test_visitors_click_along(playing: Town) -> None:
    town = playing
    me = town.somebody()
    me.goto("/")
    wait_text(me, "Contoh sedang diisi", 30)  # it serves first, and says that it is being filled
    town.look(me, "main-sedang-diisi")
    wait_for(lambda: town.inside("served") > 2, "people of the play are served", 60, 0.5)
    me.goto("/")
    town.look(me, "main-berjalan")
    assert "Rekaan" in me.locator("body").inner_text() or "rekaan" in me.locator("body").inner_text()
    apply_meanwhile(me)
    take_a_counter(town)
    boss = town.officer("Pengawas")
    boss.goto("/petugas/lantai/")
    town.look(boss, "main-lantai")
    take_the_counter_of_the_play(boss)
    served = town.inside("served")
    wait_for(lambda: town.inside("served") > served, "the play goes on", 60, 0.5)
    wait_for(lambda: town.inside("days_closed") > 0, "the played day is closed", 120, 1)
    assert "event=died process=demo" not in town.office.words()
    assert "Traceback" not in town.office.words(), town.office.words()
    assert town.inside("faults") == []


def apply_meanwhile(me: Any) -> None:
    """Somebody begins an application of their own."""
    me.goto("/permohonan/baru/")
    people.choose(me, "kabar", "sms")
    press(me, "Lanjut")
    people.fill_person(me, 7, phone="081200000777")
    press(me, "Mulai permohonan")
    assert re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", me.locator("main").inner_text())


def take_a_counter(town: Town) -> None:
    """A visitor opens a spare counter and is given somebody of the play, whom the rule chose."""
    officer = town.officer("Pewawancara")
    people.sit_down(officer, 12)
    wait_text(officer, "menunggu")

    def called() -> bool:
        press(officer, "Panggil berikutnya")
        return officer.locator(".ticket-label").count() > 0

    wait_for(called, "somebody is given to the visitor", 60, 0.5)
    press(officer, "Mulai layani")
    people.finish(officer, "passed")
    town.look(officer, "main-loket-pengunjung")


def take_the_counter_of_the_play(boss: Any) -> None:
    """A supervisor closes a counter at which the play sits."""
    close = boss.get_by_role("button", name=re.compile("Tutup"))
    assert close.count()
    with boss.expect_navigation():
        close.first.click()
