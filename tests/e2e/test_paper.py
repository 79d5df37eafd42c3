"""What is printed fits its sheet: the slip, the number on each paper, the day sheet, the rights to come back."""

from __future__ import annotations

from typing import Any

import pypdfium2
import pytest
from tests.e2e.test_every_page import STAGES, hold
from tests.e2e.town import Town, press

pytestmark = [pytest.mark.slow, pytest.mark.browser]

A4, A5, ROLL58, ROLL80 = (210, 297), (148, 210), (58, 165), (80, 160)


def sheets(page: Any, path: str = "") -> list[tuple[int, int]]:
    """The sheets that the page takes in print, in millimetres."""
    if path:
        assert page.goto(path).status == 200, path
    with pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True)) as printed:
        return [tuple(round(points / 72 * 25.4) for points in one.get_size()) for one in printed]


def test_everything_that_is_printed_fits_its_paper(town: Town) -> None:
    town.inside("fresh_day", "08:10")
    at = town.inside("put", *STAGES)
    day = town.inside("today")
    desk = town.officer("Petugas depan")
    number = f"/petugas/meja/nomor/{at['waiting']['ticket']}/"
    found = {
        "number, 80 mm": (sheets(desk, number), [ROLL80]),
        "number, 58 mm": (sheets(desk, f"{number}?kertas=58"), [ROLL58]),
        "number, large": (sheets(desk, f"{number}?kertas=besar"), [A5]),
    }
    for stage in ("draft", "paid", "booked"):
        found[f"slip, {stage}"] = (sheets(desk, f"/petugas/bantu/{at[stage]['reference']}/slip/"), [A5])
    me = town.somebody()
    hold(me, at["submitted"])
    me.goto("/permohonan/bayar/")
    press(me, "Minta kode pembayaran")
    found["slip with the payment's code"] = (sheets(me, "/permohonan/slip/"), [A5])
    head = town.officer("Kepala kantor")
    found["day sheet, open"] = (sheets(head, f"/petugas/lembar/{day}/"), [A4])
    town.inside("fresh_day")  # closes the day
    found["day sheet, closed"] = (sheets(head, f"/petugas/lembar/{day}/"), [A4])
    rights = f"/petugas/hari/{day}/hak-kembali/"
    boss = town.officer("Pengawas")
    boss.goto(rights)
    people = boss.locator("section.right").count()
    assert people > 1
    on = sheets(boss)
    found["rights to come back"] = (on, [A5] * people)
    assert {name: has for name, (has, wanted) in found.items() if has != wanted} == {}
