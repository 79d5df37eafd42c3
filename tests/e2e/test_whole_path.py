"""The whole path twice: by telephone, and with an officer for somebody without telephone, e-mail or JavaScript.

Both get the same service from the same operations: but for who typed, the same things happened.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from tests.e2e import people
from tests.e2e.town import Town, heading, press, wait_text

pytestmark = [pytest.mark.slow(40), pytest.mark.browser]

PHONE = "+6280012345678"
PAPERS = 3
#: What happens to an application, whoever types. Messages and looks at papers are told apart below.
SERVICE = [
    "applications.started",
    *["applications.answered"] * len(people.ADULT),
    *["applications.attached"] * PAPERS,
    "applications.submitted",
    "payments.billed",
    "payments.paid",
    "booking.booked",
    "queueing.checked_in",
    *["queueing.called", "queueing.service_started", "document_check complete"],
    *["queueing.called", "queueing.service_started", "biometrics captured"],
    *["queueing.called", "queueing.service_started", "interview passed"],
    *["adjudication approved", "printing printed", "quality_check passed"],
    *["queueing.checked_in", "queueing.called", "queueing.service_started", "handover handed_over"],
    "feedback.invited",
]


def happened(town: Town, reference: str) -> list[dict[str, Any]]:
    """The events of the service itself: not the messages, nor who looked at what."""
    beside = ("notices.", "casework.document_opened", "applications.looked", "people.", "casework.reassigned")
    events = [one for one in town.inside("events", reference) if not one["type"].startswith(beside)]
    for one in events:
        step = one["payload"]
        ended = one["type"] in {"casework.step_ended", "casework.ready", "casework.finished"}
        one["what"] = f"{step['step']} {step['outcome']}" if ended else one["type"]
    return events


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
    events = happened(town, reference)
    assert [one["what"] for one in events] == SERVICE
    assert {one["payload"].get("typed_by", "") for one in events} == {""}  # nobody typed but the applicant
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
    shown = me.locator("main").inner_text()
    text = people.message(town, PHONE, "permohonan")
    reference = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", text)
    assert reference, text
    assert reference[0] in shown
    press(me, "Sudah saya catat, lanjut")
    assert people.answer_all(me, lambda n, code: town.look(me, f"isian-{code}")) == len(people.ADULT)
    town.look(me, "berkas")
    handed = people.hand_in_papers(me, lambda: town.look(me, "berkas-satu"))
    assert len(handed) == PAPERS
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
    me.get_by_text("loket 10").first.wait_for(timeout=15_000)  # without touching the telephone
    town.look(me, "tiket-dipanggil")
    press(papers, "Mulai layani")
    town.look(papers, "loket-berkas")
    people.finish(papers, "complete")
    town.look(papers, "loket-sesudah")
    biometrics(town, town.officer("Petugas biometrik"))
    interview(town, town.officer("Pewawancara"))
    me.goto("/permohonan/")
    town.look(me, "permohonan-dalam-proses")
    text = me.locator("main").inner_text()
    assert "Tanggal janji" in text
    assert "Waktu berjalan" in text  # the clock started with the interview, so there is a date
    hall["supervisor"].goto("/petugas/lantai/")
    town.look(hall["supervisor"], "petugas-lantai")


def biometrics(town: Town, officer: Any) -> None:
    """Photo and fingerprints from the simulated devices."""
    people.sit_down(officer, 11)
    people.call_and_begin(officer)
    press(officer, "Ambil foto")
    press(officer, "Rekam sidik jari")
    town.look(officer, "loket-biometrik")
    press(officer, "Rekaman benar, selesai")


def interview(town: Town, officer: Any) -> None:
    """Questions, and an end."""
    people.sit_down(officer, 12)
    people.call_and_begin(officer)
    town.look(officer, "loket-wawancara")
    people.finish(officer, "passed")


def drawn_for(town: Town, judge: Any, reference: str) -> None:
    """The lot may have given the file to the other adjudicator of the roster, who has not come: it is drawn again."""
    boss = town.officer("Pengawas", scripts=False)
    for _ in range(4):
        judge.goto(f"/petugas/berkas/{reference}/")
        if judge.locator('input[name="outcome"]').count():
            return
        boss.goto(f"/petugas/berkas/{reference}/")
        press(boss, "Petugas tidak masuk: undi lagi")


def back_office(town: Town, me: Any, reference: str) -> None:
    """Adjudication, printing, quality check; then a message."""
    judge = town.officer("Adjudikator")
    judge.goto("/petugas/berkas/")
    town.look(judge, "berkas-daftar")
    drawn_for(town, judge, reference)
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
    next_day(town)
    desk = town.officer("Petugas depan")
    people.at_desk(desk, reference)
    town.look(desk, "meja-pengambilan")
    press(desk, "Beri nomor pengambilan")
    hand_over(town, town.officer("Petugas penyerahan"))
    me.goto("/permohonan/")
    town.look(me, "permohonan-selesai")


def next_day(town: Town) -> None:
    """The next working day begins."""
    day = town.inside("working_day", town.inside("today"), 1)
    town.inside("move", day, "08:00")
    supervisor = town.officer("Pengawas")
    supervisor.goto("/petugas/hari/")
    press(supervisor, "Buka hari layanan")


def hand_over(town: Town, officer: Any) -> None:
    """The book is given to the applicant, whose proof was seen."""
    people.sit_down(officer, 13)
    people.call_and_begin(officer)
    town.look(officer, "loket-penyerahan")
    people.choose(officer, "to", "self")
    officer.locator('[name="seen"]').check()
    people.finish(officer, "handed_over")


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


def test_with_an_officer_and_without_any_machine(town: Town) -> None:
    """Somebody of 76 who cannot read, without telephone or e-mail; the officer's browser runs no scripts either."""
    town.inside("fresh_day", "08:05")
    supervisor = town.officer("Pengawas", scripts=False)
    supervisor.goto("/petugas/hari/")
    press(supervisor, "Buka hari layanan")
    desk = town.officer("Petugas depan", scripts=False)
    reference, code = typed_for_somebody(town, desk)
    paid_by_code(town, desk)
    desk.goto(f"/petugas/bantu/{reference}/")
    town.look(desk, "bantu-permohonan")
    press(desk, "Ke meja depan: beri nomor antrean")
    town.look(desk, "meja-prioritas")
    people.choose(desk, "ground", "elderly")
    desk.locator('[name="seen"]').check()
    press(desk, "Masukkan dan beri nomor")
    assert re.search(r"\bK-\d{3}\b", desk.locator("main").inner_text())
    papers = town.officer("Pemeriksa berkas", scripts=False)
    people.sit_down(papers, 10)
    assert people.call_and_begin(papers).startswith("K-")
    people.finish(papers, "complete")
    biometrics(town, town.officer("Petugas biometrik", scripts=False))
    interview(town, town.officer("Pewawancara", scripts=False))
    judge = town.officer("Adjudikator", scripts=False)
    drawn_for(town, judge, reference)
    people.end_file(judge, reference, "approved")
    printer = town.officer("Petugas cetak dan mutu", scripts=False)
    people.end_file(printer, reference, "printed")
    people.end_file(printer, reference, "passed")
    next_day(town)
    people.at_desk(desk, reference)
    press(desk, "Beri nomor pengambilan")
    hand_over(town, town.officer("Petugas penyerahan", scripts=False))
    asked_in_the_end(town, reference, code)
    events = happened(town, reference)
    # Walked in by right of age, so nothing was booked; but for that the same, step by step.
    assert [one["what"] for one in events] == [one for one in SERVICE if one != "booking.booked"]
    typed = [one for one in events if one["type"].startswith("applications.")]
    assert all(one["actor"] == "officer" and one["payload"]["typed_by"] for one in typed)
    assert typed[0]["reason"] == "cannot_read"
    assert typed[-1]["payload"]["confirmed_aloud"]
    assert town.inside("faults") == []


def typed_for_somebody(town: Town, desk: Any) -> tuple[str, str]:
    """Questions read out, answers typed, papers scanned, the summary read out and confirmed; reference, code."""
    desk.goto("/petugas/bantu/")
    town.look(desk, "bantu")
    press(desk, "Mulai bersama pemohon")
    town.look(desk, "bantu-alasan")
    people.choose(desk, "alasan", "cannot_read")
    people.choose(desk, "cara", "walk_in")
    press(desk, "Lanjut")
    people.choose(desk, "kabar", "slip")
    press(desk, "Lanjut")
    people.fill_person(desk, 2, birth_date="17 Agustus 1950", nik="9901015708500002")
    assert not desk.locator('[name="phone"], [name="email"]').count()
    press(desk, "Mulai permohonan")
    assert people.answer_all(desk) == len(people.ADULT)
    assert len(people.hand_in_papers(desk)) == PAPERS
    press(desk, "Lanjut: periksa jawaban")
    town.look(desk, "bantu-periksa")
    press(desk, "Kirim permohonan")
    assert "Bacakan ringkasannya" in desk.locator("main").inner_text()  # not without reading it out
    desk.locator('[name="confirmed_aloud"]').check()
    press(desk, "Kirim permohonan")
    reference = re.search(r"/bantu/([A-Z0-9-]+)/", desk.url)
    assert reference
    desk.goto(f"/petugas/bantu/{reference[1]}/slip/")
    town.look(desk, "slip")
    code = re.search(r"Kode \(rahasia\)\s+([A-Z0-9]{4} [A-Z0-9]{4})", desk.locator("body").inner_text())
    assert code, desk.locator("body").inner_text()
    desk.goto(f"/petugas/bantu/{reference[1]}/bayar/")
    return reference[1], code[1]


def paid_by_code(town: Town, desk: Any) -> None:
    """The code on the slip is paid at the post office; the officer looks whether it has arrived."""
    press(desk, "Minta kode pembayaran")
    code = people.billing_code(desk)
    press(desk, "Cetak slip")
    assert code in desk.locator("body").inner_text().replace(" ", "")
    town.look(desk, "slip-dengan-kode-bayar")
    desk.go_back()
    post = town.somebody(scripts=False)
    people.pay_at_bank(town, post, code)
    wait_text(desk, "NTPN")


def asked_in_the_end(town: Town, reference: str, code: str) -> None:
    """Number and code from the slip open the application on anybody's telephone; the survey is there too."""
    borrowed = town.somebody(scripts=False)
    borrowed.goto("/permohonan/lanjut/")
    town.look(borrowed, "lanjut")
    borrowed.locator('[name="reference"]').fill(reference.lower())
    borrowed.locator('[name="code"]').fill(code)
    press(borrowed, "Buka permohonan")
    wait_text(borrowed, "Nilai pelayanan kami")
    press(borrowed, "Nilai pelayanan kami")
    borrowed.locator("fieldset").first.locator("input[type=radio]").first.check()
    press(borrowed, "Kirim jawaban")
    assert heading(borrowed) == "Terima kasih"
