"""The whole path twice: by telephone, and with an officer for somebody without telephone, e-mail or JavaScript.

Both get the same service from the same operations: but for who typed, the same things happened.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from tests.e2e import people
from tests.e2e.town import Town, heading, press, wait_text

PHONE = "+6280012345678"


def test_by_telephone(town: Town) -> None:
    town.inside("fresh_day", "09:00")
    me = town.somebody()
    reference = apply(town, me)
    pay_and_book(town, me, reference)
    visit = date.fromisoformat(town.inside("visit", reference))
    town.inside("move", visit.isoformat(), "07:55")
    hall = arrive(town, me, reference)
    town.inside("move", visit.isoformat(), "08:05")
    serve(town, me, reference, hall)
    back_office(town, me, reference)
    collect(town, me, reference)
    say(town, me)
    assert town.inside("faults") == []


def apply(town: Town, me: Any) -> str:
    """Questions one a page, three kinds of papers, everything checked, handed in."""
    me.goto("/")
    town.look(me, "beranda")
    me.goto("/permohonan/baru/")
    town.look(me, "baru-kabar")
    people.choose(me, "kabar", "sms")
    press(me, "Lanjut")
    town.look(me, "baru-data")
    people.fill_person(me, 1, phone=PHONE)
    press(me, "Mulai permohonan")
    town.look(me, "kode")
    shown = me.locator(".tiles").inner_text()
    text = people.message(town, PHONE, "permohonan")
    reference = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", text)
    assert reference, text
    assert reference[0] in shown
    press(me, "Sudah saya catat, lanjut")
    assert people.answer_all(me, lambda n, code: town.look(me, f"isian-{code}")) == len(people.ADULT)
    town.look(me, "berkas")
    handed = people.hand_in_papers(me, lambda: town.look(me, "berkas-satu"))
    assert len(handed) >= 3
    me.goto(f"/permohonan/berkas/{handed[0]}/")
    town.look(me, "berkas-diterima")
    me.goto("/permohonan/berkas/")
    press(me, "Lanjut: periksa jawaban")
    town.look(me, "periksa")
    press(me, "Kirim permohonan")
    return reference[0]


def pay_and_book(town: Town, me: Any, reference: str) -> None:
    """A billing code, money at the bank, a seat with its QR code."""
    town.look(me, "bayar")
    press(me, "Minta kode pembayaran")
    town.look(me, "bayar-kode")
    code = people.billing_code(me)
    assert len(code) == 15
    bank = me.context.new_page()
    people.pay_at_bank(town, bank, code)
    bank.close()
    wait_text(me, "NTPN")
    town.look(me, "bayar-lunas")
    press(me, "Lanjut")
    town.look(me, "jadwal-hari")
    people.book_first(me)
    town.look(me, "jadwal")
    assert me.locator("main svg[role=img], main img").count() >= 1  # the QR code
    me.goto("/permohonan/")
    town.look(me, "permohonan-terjadwal")
    assert reference in me.locator("body").inner_text()


def arrive(town: Town, me: Any, reference: str) -> dict[str, Any]:
    """The supervisor opens the day; the desk scans the code; the telephone shows the place in the line."""
    supervisor = town.officer("Pengawas")
    people.open_day(town, supervisor)
    town.look(supervisor, "petugas-hari")
    desk = town.officer("Petugas depan")
    town.look(desk, "petugas")
    people.at_desk(desk, town.inside("token", reference))
    town.look(desk, "meja-orang")
    press(desk, "Masukkan dan beri nomor")
    town.look(desk, "meja-nomor")
    me.goto("/permohonan/")
    town.look(me, "permohonan-di-antrean")
    press(me, "Lihat giliran saya")
    assert "Giliran Anda" in me.locator("main").inner_text()
    town.look(me, "tiket")
    return {"supervisor": supervisor, "desk": desk}


def serve(town: Town, me: Any, reference: str, hall: dict[str, Any]) -> None:
    """Documents, photo and fingerprints, interview; the ticket page follows by itself."""
    papers = town.officer("Pemeriksa berkas")
    people.sit_down(papers, 10)
    town.look(papers, "loket-menunggu")
    press(papers, "Panggil berikutnya")
    town.look(papers, "loket-memanggil")
    me.get_by_text("Loket 10").first.wait_for(timeout=15_000)  # without touching the telephone
    town.look(me, "tiket-dipanggil")
    press(papers, "Mulai layani")
    town.look(papers, "loket-berkas")
    people.finish(papers, "complete")
    town.look(papers, "loket-sesudah")
    devices = town.officer("Petugas biometrik")
    people.sit_down(devices, 11)
    people.call_and_begin(devices)
    press(devices, "Ambil foto")
    press(devices, "Rekam sidik jari")
    town.look(devices, "loket-biometrik")
    press(devices, "Rekaman benar, selesai")
    talk = town.officer("Pewawancara")
    people.sit_down(talk, 12)
    people.call_and_begin(talk)
    town.look(talk, "loket-wawancara")
    people.finish(talk, "passed")
    me.goto("/permohonan/")
    town.look(me, "permohonan-dalam-proses")
    text = me.locator("main").inner_text()
    assert "Tanggal janji" in text
    assert "Waktu berjalan" in text  # the clock started with the interview, so there is a date
    hall["supervisor"].goto("/petugas/lantai/")
    town.look(hall["supervisor"], "petugas-lantai")


def back_office(town: Town, me: Any, reference: str) -> None:
    """Adjudication, printing, quality check; then a message."""
    judge = town.officer("Adjudikator")
    judge.goto("/petugas/berkas/")
    town.look(judge, "berkas-daftar")
    judge.goto(f"/petugas/berkas/{reference}/")
    town.look(judge, "berkas-adjudikasi")
    people.end_file(judge, reference, "approved")
    printer = town.officer("Petugas cetak dan mutu")
    people.end_file(printer, reference, "printed")
    printer.goto(f"/petugas/berkas/{reference}/")
    town.look(printer, "berkas-uji-mutu")
    people.end_file(printer, reference, "passed")
    people.message(town, PHONE, "siap")
    me.goto("/permohonan/")
    town.look(me, "permohonan-siap")
    assert "Ditepati" in me.locator("main").inner_text()


def collect(town: Town, me: Any, reference: str) -> None:
    """On the next working day the passport is fetched."""
    day = town.inside("working_day", town.inside("today"), 1)
    town.inside("move", day, "08:00")
    supervisor = town.officer("Pengawas")
    supervisor.goto("/petugas/hari/")
    press(supervisor, "Buka hari layanan")
    desk = town.officer("Petugas depan")
    people.at_desk(desk, reference)
    town.look(desk, "meja-pengambilan")
    press(desk, "Beri nomor pengambilan")
    giver = town.officer("Petugas penyerahan")
    people.sit_down(giver, 13)
    people.call_and_begin(giver)
    town.look(giver, "loket-penyerahan")
    people.choose(giver, "to", "self")
    giver.locator('[name="seen"]').check()
    people.finish(giver, "handed_over")
    me.goto("/permohonan/")
    town.look(me, "permohonan-selesai")


def say(town: Town, me: Any) -> None:
    """The survey, from the link in the message."""
    text = people.message(town, PHONE, "/survei/")
    path = re.search(r"/survei/[\w-]+/", text)
    assert path, text
    me.goto(path[0])
    town.look(me, "survei")
    for element in me.locator("fieldset").all():
        element.locator("input[type=radio]").last.check()
    press(me, "Kirim jawaban")
    assert heading(me) == "Terima kasih"
    town.look(me, "survei-terima-kasih")
