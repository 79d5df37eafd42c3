"""What people do on the pages, one function for each thing; the tests say who does what when."""

from __future__ import annotations

import io
import json
import re
import urllib.request
from typing import Any
from urllib.parse import quote

from PIL import Image, ImageDraw
from tests.e2e.town import Town, heading, press
from tests.running import wait_for

ADULT = {
    "type": "new", "applicant": "adult", "special": "none", "purpose": "tourism", "book": "electronic",
    "validity": "10",
}  # fmt: skip


def photo(text: str, kind: str = "JPEG") -> bytes:
    """A photograph of a paper with ``text`` on it; as a PDF the scan of two sheets."""
    sheet = Image.new("RGB", (1000, 700), (235, 235, 228))
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((40, 40, 960, 660), outline=(40, 60, 80), width=4)
    draw.text((80, 80), text, fill=(20, 20, 20))
    out = io.BytesIO()
    more = {"save_all": True, "append_images": [sheet]} if kind == "PDF" else {}
    sheet.save(out, kind, **more)
    return out.getvalue()


def files(text: str) -> list[dict[str, Any]]:
    """The same paper in the three forms in which people bring it."""
    return [
        {"name": f"{text}.jpg", "mimeType": "image/jpeg", "buffer": photo(text)},
        {"name": f"{text}.png", "mimeType": "image/png", "buffer": photo(text, "PNG")},
        {"name": f"{text}.pdf", "mimeType": "application/pdf", "buffer": photo(text, "PDF")},
    ]


def choose(page: Any, name: str, value: str) -> None:
    """Pick one of the round buttons called ``name``."""
    page.locator(f'input[name="{name}"][value="{value}"]').check()


def fill_person(page: Any, number: int, **other: str) -> None:
    """Name, NIK and so on of a made-up person (province 99 does not exist)."""
    said = {"name": f"Sekar Rekaan {number}", "nik": f"990101570890{number:04d}", "birth_place": "Depok",
            "birth_date": "17-08-1990"} | other  # fmt: skip
    for name, value in said.items():
        page.locator(f'[name="{name}"]').fill(value)
    choose(page, "sex", "female")


def answer_all(page: Any, seen: Any = None) -> int:
    """Answer the questions, one a page; how many there were."""
    number = 0
    while "/isian/" in page.url:
        number += 1
        code = re.search(r"/isian/(\w+)/", page.url)
        assert code
        asked = page.locator("main form input:not([type=hidden])").evaluate_all("all => all.map(a => a.name)")
        assert set(asked) == {"answer"}, "one question a page"
        if seen:
            seen(number, code[1])
        choose(page, "answer", ADULT[code[1]])
        press(page, "Simpan dan lanjut")
    return number


def hand_in_papers(page: Any, seen: Any = None) -> list[str]:
    """Every paper that is asked for, in turn as JPEG, PNG and PDF; their codes."""
    listed = page.locator(".tasks a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    papers = [path for path in listed if "/berkas/" in path]
    for number, path in enumerate(papers):
        page.goto(path)
        accepts = page.locator("body").inner_text()
        paper = files(path.split("/")[-2])[number % 3 if "PDF" in accepts else number % 2]
        page.locator('input[type="file"]').set_input_files(paper)
        if seen and number == 0:
            seen()
        press(page, "Unggah")
        assert "diterima" in page.locator("body").inner_text(), page.locator("body").inner_text()
    return [path.split("/")[-2] for path in papers]


def inbox(town: Town, to: str) -> list[str]:
    """The messages that reached a telephone, the newest first."""
    url = f"http://127.0.0.1:{town.office.outside}/messages.json?to={quote(to)}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return [one["text"] for one in json.load(answer)["messages"]]


def message(town: Town, to: str, holds: str) -> str:
    """Wait for a message with these words."""
    found: str = wait_for(
        lambda: next((text for text in inbox(town, to) if holds in text), ""),
        f"a message with {holds!r} reaches {to}; there are {inbox(town, to)}", 40, 0.5,
    )  # fmt: skip
    return found


def billing_code(page: Any) -> str:
    """The code on the page, without blanks."""
    found = re.search(r"(\d{3} ){4}\d{3}", page.locator("main").inner_text())
    assert found, page.locator("main").inner_text()
    return found[0].replace(" ", "")


def pay_at_bank(town: Town, page: Any, code: str) -> None:
    """At the simulated bank's own page, which is no page of the office."""
    page.goto(f"http://127.0.0.1:{town.office.outside}/bank?code={code}")
    page.locator("#channel").select_option("pos")
    page.get_by_role("button").click()
    assert "NTPN" in page.locator("body").inner_text()


def book_first(page: Any) -> None:
    """The first day with a free place, and its first window."""
    page.locator(".tasks a").first.click()
    page.locator('input[name="window"]:not([disabled])').first.check()
    press(page, "Pesan tempat")
    assert heading(page) == "Jadwal Anda", page.locator("main").inner_text()


def open_day(town: Town, page: Any) -> None:
    """The supervisor opens the day with the roster as it is proposed."""
    page.goto("/petugas/hari/")
    town.look(page, "petugas-hari-belum-dibuka")
    press(page, "Buka hari layanan")
    assert "Dibuka" in page.locator("main").inner_text() or "sejak" in page.locator("main").inner_text()


def at_desk(page: Any, wanted: str) -> None:
    """Find somebody at the desk by what the scanner reads, or by name."""
    page.goto("/petugas/meja/")
    page.locator('[name="wanted"]').fill(wanted)
    if "/petugas/meja/" in page.url and page.url.endswith("/petugas/meja/"):
        page.get_by_role("button", name=re.compile("Cari")).click()
    page.wait_for_url(re.compile(r"/petugas/meja/.+/"))


def sit_down(page: Any, counter: int) -> None:
    """Open a counter."""
    page.goto("/petugas/loket/")
    press(page, f"Buka Loket {counter}")
    assert "Panggil berikutnya" in page.locator("main").inner_text()


def call_and_begin(page: Any) -> str:
    """Press the big button, then begin; the label that was called."""
    press(page, "Panggil berikutnya")
    label = str(page.locator(".ticket-label").first.inner_text())
    press(page, "Mulai layani")
    return label


def finish(page: Any, outcome: str) -> None:
    """End the step at the counter."""
    choose(page, "outcome", outcome)
    press(page, "Selesai")


def end_file(page: Any, reference: str, outcome: str, note: str = "") -> None:
    """End a step of the back office."""
    page.goto(f"/petugas/berkas/{reference}/")
    choose(page, "outcome", outcome)
    if note:
        page.locator('[name="note"]').fill(note)
    press(page, "Simpan hasil")
