"""Files behind the hall: whose they are, what may be done, what is refused, and who opened which paper."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from setara.applications.service import Document
from setara.applications.tests.making import papers
from setara.casework import service as c
from setara.casework.models import Book, Case, StepRun
from setara.kernel.ids import uuid7
from setara.ledger.models import Event
from setara.people.service import seal
from setara.queueing.tests.browsing import send, signed_in, words
from setara.queueing.tests.flooring import FINGERS, PHOTO, Floor, passport_office, stock


def through_the_hall(floor: Floor) -> Case:
    """A file that waits for its adjudication."""
    if not hasattr(floor, "seated"):
        floor.seated = {label: floor.sit(label, n) for label, n in (("D1", 1), ("B1", 3), ("W1", 4))}
    ticket = floor.arrive()
    c.check_documents(floor.by("D1"), floor.serve("D1", floor.seated["D1"]), "complete")
    c.capture(floor.by("B1"), floor.serve("B1", floor.seated["B1"]), PHOTO, FINGERS)
    c.interview(floor.by("W1"), floor.serve("W1", floor.seated["W1"]), "passed")
    return Case.objects.select_related("application__office").get(pk=ticket.application_id)


def paper_of(case: Case, floor: Floor) -> Document:
    """An uploaded paper of a file."""
    scan = papers()
    return Document.objects.create(
        application=case.application,
        requirement="identity",
        blob=seal(floor.clock.now(), scan.data, scan.mime),
        uploaded_at=floor.clock.now(),
    )


def test_the_oldest_promise_comes_first_and_only_ones_own_steps(floor: Floor) -> None:
    first = through_the_hall(floor)
    judge = signed_in(floor, "AJ")
    page = words(judge.get(reverse("backoffice")))
    assert first.application.reference in page
    assert "Pencetakan" not in page
    assert "Verifikasi dan ajudikasi (1)" in page
    assert first.application.reference not in words(signed_in(floor, "PR").get(reverse("backoffice")))
    boss = words(signed_in(floor, "KA").get(reverse("backoffice")))
    assert first.application.reference in boss
    assert "dilihat sebagai pengawas" in boss
    Case.objects.update(due_on=floor.today - timedelta(days=1))
    assert "Lewat janji" in words(judge.get(reverse("backoffice")))
    assert signed_in(floor, "D1").get(reverse("backoffice")).status_code == 403
    wrong = send(judge, "backoffice", reference="K7HF")
    assert wrong.status_code == 400
    assert 'value="K7HF"' in words(wrong)
    assert send(judge, "backoffice", reference=first.application.reference).status_code == 302


def test_a_file_goes_through_the_back_office(floor: Floor) -> None:
    stock(floor)
    case = through_the_hall(floor)
    reference, judge, printer = case.application.reference, signed_in(floor, "AJ"), signed_in(floor, "PR")
    page = words(printer.get(reverse("case", args=[reference])))
    assert "tanpa dapat mengerjakannya" in page
    assert "Sekar Rekaan" not in page, "no name for whoever has nothing to do with it"
    assert send(printer, "case_end", reference, step="adjudication", outcome="approved").status_code == 403
    assert "Sekar Rekaan" in words(judge.get(reverse("case", args=[reference])))
    bare = send(judge, "case_end", reference, step="adjudication", outcome="refused")
    assert bare.status_code == 400
    key = str(uuid7())
    for _again in range(2):
        done = send(judge, "case_end", reference, key=key, step="adjudication", outcome="approved")
        assert done.status_code == 302
    assert "X0000001" in words(printer.get(reverse("case", args=[reference])))
    assert send(printer, "case_end", reference, step="printing", outcome="printed").status_code == 302
    late = send(printer, "case_end", reference, step="printing", outcome="printed")
    assert late.status_code == 409, "the page of a step that is over"
    assert (
        send(printer, "case_end", reference, step="quality_check", outcome="failed", note="Buram").status_code
        == 302
    )
    assert Book.objects.get(serial="X0000001").status == "spoiled"
    run = StepRun.objects.get(step="quality_check")
    page = words(printer.get(reverse("case", args=[reference])))
    assert "Salah tekan? Perbaiki" in page
    assert send(printer, "case_put_right", reference, run.pk, outcome="passed").status_code == 400
    right = send(printer, "case_put_right", reference, run.pk, outcome="passed", reason="wrong_press")
    assert right.status_code == 302
    case.refresh_from_db()
    assert case.step == "handover"


def test_holding_and_releasing(floor: Floor) -> None:
    case = through_the_hall(floor)
    reference, judge, boss = case.application.reference, signed_in(floor, "AJ"), signed_in(floor, "KA")
    none = send(judge, "case_hold", reference, note="tunggu")
    assert none.status_code == 400
    assert "tunggu" in words(none)
    assert send(signed_in(floor, "FD"), "case_hold", reference, reason="examination").status_code == 403
    assert send(judge, "case_hold", reference, reason="centre_check").status_code == 302
    page = words(boss.get(reverse("case", args=[reference])))
    assert "Menunggu pusat" in page
    assert reference in words(judge.get(reverse("backoffice"))), "in the list of held files"
    assert send(judge, "case_end", reference, step="adjudication", outcome="approved").status_code == 422
    assert send(boss, "case_release", reference).status_code == 302
    assert send(boss, "case_release", reference).status_code == 409


def test_another_office_is_told_nothing(floor: Floor) -> None:
    case = through_the_hall(floor)
    other = passport_office(floor.clock, "lain")
    stranger = signed_in(other, "AJ")
    for name in ("case", "application_at_desk"):
        page = signed_in(other, "AJ" if name == "case" else "FD").get(
            reverse(name, args=[case.application.reference])
        )
        assert page.status_code == 404
        assert "tidak ada di kantor ini" in words(page)
    assert send(stranger, "case_end", case.application.reference, outcome="approved").status_code == 404
    new = floor.application()
    early = signed_in(floor, "AJ").get(reverse("case", args=[new.reference]))
    assert early.status_code == 404
    assert "belum menjadi berkas" in words(early)


def test_a_paper_is_opened_only_by_whoever_has_the_file_in_hand(floor: Floor) -> None:
    case = through_the_hall(floor)
    paper = paper_of(case, floor)
    address = reverse("case_document", args=[paper.pk])
    seen = signed_in(floor, "AJ").get(address)
    assert seen.status_code == 200
    assert seen["Content-Type"] == "image/jpeg"
    assert seen["Cache-Control"] == "no-store, private"
    assert seen.content.startswith(b"\xff\xd8\xff")
    event = Event.objects.filter(type="casework.document_opened").get()
    assert (event.payload["document"], event.payload["step"]) == (str(paper.pk), "adjudication")
    for label in ("D1", "W1", "PR", "KA", "B1"):
        refused = signed_in(floor, label).get(address)
        assert refused.status_code == 403, label
    assert Event.objects.filter(type="casework.document_opened").count() == 1
    ticket = floor.arrive()
    mine = paper_of(Case(application=ticket.application), floor)
    assert signed_in(floor, "D1").get(reverse("case_document", args=[mine.pk])).status_code == 403
    floor.serve("D1", floor.seated["D1"])
    assert signed_in(floor, "D1").get(reverse("case_document", args=[mine.pk])).status_code == 200


def test_books_come_into_the_store_once(floor: Floor) -> None:
    printer = signed_in(floor, "PR")
    data = {"kind": "electronic", "first": "X0000001", "count": "10"}
    wrong = send(printer, "stock", **data | {"first": "x1"})
    assert wrong.status_code == 400
    assert 'value="x1"' in words(wrong)
    key = str(uuid7())
    for _again in range(2):
        assert send(printer, "stock", key=key, **data).status_code == 302
    assert Book.objects.count() == 10
    again = send(printer, "stock", **data)
    assert again.status_code == 400
    assert "sudah tercatat" in words(again)
    assert signed_in(floor, "AJ").get(reverse("stock")).status_code == 403


def applicant(case: Case) -> Client:
    """Somebody who gave reference and code."""
    client = Client()
    session = client.session
    session["application"] = str(case.pk)
    session.save()
    return client


def test_the_applicant_sees_step_promise_and_reason(floor: Floor) -> None:
    case = through_the_hall(floor)
    me, desk = applicant(case), signed_in(floor, "FD")
    page = words(me.get(reverse("application")))
    assert "6 Maret 2026" in page, "four working days after the interview"
    assert "Masih dalam waktu janji" in page
    assert "Verifikasi dan ajudikasi" in page
    c.place_hold(floor.by("AJ"), case, "missing_documents", ["identity"])
    for client, address in (
        (me, reverse("application")),
        (desk, reverse("application_at_desk", args=[case.application.reference])),
    ):
        page = words(client.get(address))
        assert "Menunggu dokumen dari pemohon" in page
        assert "Bukti identitas" in page
        assert "menunggu pemohon" in page
    assert Client().get(reverse("application")).status_code == 302
    assert (
        signed_in(floor, "AJ")
        .get(reverse("application_at_desk", args=[case.application.reference]))
        .status_code
        == 403
    )


def test_before_the_office_the_page_says_whose_turn_it_is(floor: Floor) -> None:
    for status, button in (("submitted", "Bayar"), ("paid", "Pilih jadwal")):
        waiting = floor.application(status, fee=650_000)
        page = words(applicant(Case(application=waiting)).get(reverse("application")))
        assert f">{button}<" in page
    booked = floor.appointment()
    page = words(applicant(Case(application=booked.application)).get(reverse("application")))
    assert "tunjukkan kode QR" in page
    assert "<svg" in page
    ticket = floor.arrive()
    page = words(applicant(Case(application=ticket.application)).get(reverse("application")))
    assert reverse("ticket", args=[ticket.token]) in page


def test_the_pages_ask_a_bounded_number_of_times(floor: Floor) -> None:
    counts = []
    judge = signed_in(floor, "AJ")
    for n in (1, 8):
        cases = [through_the_hall(floor) for _ in range(n)]
        for client, address in (
            (judge, reverse("backoffice")),
            (judge, reverse("case", args=[cases[0].application.reference])),
            (applicant(cases[0]), reverse("application")),
        ):
            client.get(address)
            with CaptureQueriesContext(connection) as seen:
                client.get(address)
            counts.append(len(seen))
    assert counts[:3] == counts[3:]
    assert max(counts) <= 27, counts
