"""The pages of conflicts of interest: declaring, stepping back with one tap, and the register of the head."""

from __future__ import annotations

import pytest
from django.urls import reverse

from setara.casework import service as casework
from setara.casework.models import Case
from setara.kernel.clock import ManualClock
from setara.kernel.ids import uuid7
from setara.offices.service import open_day
from setara.queueing import service as q
from setara.queueing.models import Call, Conflict
from setara.queueing.tests.browsing import send, signed_in, words
from setara.queueing.tests.flooring import FINGERS, PHOTO, Floor, passport_office


def test_declaring_in_advance(floor: Floor) -> None:
    officer, cousin = signed_in(floor, "D1"), floor.application()
    data = {"reference": cousin.reference, "relation": "family", "note": "sepupu"}
    for wrong, status in (
        ({"relation": ""}, 400),
        ({"reference": "K7HF-3MTX"}, 404),
        ({"reference": ""}, 400),
    ):
        refused = send(officer, "relations", **data | wrong)
        assert (refused.status_code in {status, 400}, "sepupu" in words(refused)) == (True, True), wrong
    assert send(officer, "relations", **data).status_code == 302
    page = words(officer.get(reverse("relations")))
    assert "Menunggu kepala kantor" in page
    assert "Rabu, 11 Maret 2026" in page
    assert send(officer, "relations", **data).status_code == 409
    assert signed_in(floor, "HO").get(reverse("relations")).status_code == 200
    floor.officer("AU", ["auditor"])
    assert signed_in(floor, "AU").get(reverse("relations")).status_code == 403


def test_the_head_decides_and_what_is_late_is_on_top(floor: Floor) -> None:
    head = signed_in(floor, "KA")
    made = q.declare_relation(floor.by("D1"), floor.application(), "friend", "teman sekolah")
    own = q.declare_relation(floor.by("KA"), floor.application(), "friend")
    page = words(head.get(reverse("conflicts")))
    assert ("teman sekolah" in page, "Lewat waktu" in page, "Pernyataan Anda sendiri" in page) == (
        True,
        False,
        True,
    )
    floor.after(10 * 24 * 60)
    late = words(head.get(reverse("conflicts")))
    assert ("Lewat waktu" in late, "2 pernyataan lewat waktunya" in late) == (True, True)
    refused = send(head, "conflict_decide", made.pk, decision="unfounded", words="")
    assert refused.status_code == 400
    assert (
        send(head, "conflict_decide", made.pk, decision="unfounded", words="Hanya senama.").status_code == 302
    )
    assert send(head, "conflict_decide", made.pk, decision="confirmed", words="x").status_code == 409
    assert send(head, "conflict_decide", own.pk, decision="confirmed", words="x").status_code == 422
    assert send(head, "conflict_decide", uuid7(), decision="confirmed", words="x").status_code == 404
    for label in ("D1", "FD"):
        assert signed_in(floor, label).get(reverse("conflicts")).status_code == 403
    done = words(head.get(reverse("conflicts")))
    assert "Tidak ada benturan kepentingan" in done
    assert "Hanya senama" not in done, "the words are sealed"


def test_one_tap_at_the_counter(floor: Floor) -> None:
    officer, session = signed_in(floor, "D1"), floor.sit("D1", 1)
    ticket = floor.arrive()
    call = floor.serve("D1", session)
    assert "Saya ada hubungan dengan orang ini" in words(officer.get(reverse("counter")))
    key = str(uuid7())
    for _again in range(2):
        assert send(officer, "counter_act", "mundur", key=key, call=str(call.pk)).status_code == 302
    assert Conflict.objects.get().relation == "unsaid"
    refused = send(officer, "counter_act", "panggil", session=str(session.pk))
    assert (refused.status_code, "Tidak ada yang menunggu untuk loket ini" in words(refused)) == (422, True)
    other = floor.sit("D2", 2)
    assert q.call_next(floor.by("D2"), other).ticket_id == ticket.pk
    assert Call.objects.filter(outcome="recused").count() == 1


@pytest.fixture
def judged(db: None, still: ManualClock) -> Floor:
    """A file at adjudication, with two adjudicators on duty."""
    floor = passport_office(still)
    floor.officer("A2", ["adjudicator"], ["adjudication"])
    roster = [(floor.staff[label], None) for label in ("KA", "AJ", "A2")]
    open_day(floor.by("KA"), floor.office, floor.today, roster)
    ticket = floor.arrive()
    casework.check_documents(floor.by("D1"), floor.serve("D1", floor.sit("D1", 1)), "complete")
    casework.capture(floor.by("B1"), floor.serve("B1", floor.sit("B1", 3)), PHOTO, FINGERS)
    casework.interview(floor.by("W1"), floor.serve("W1", floor.sit("W1", 4)), "passed")
    floor.case = Case.objects.get(pk=ticket.application_id)
    floor.mine = casework.assigned(floor.case).staff.label
    floor.other = next(label for label in ("AJ", "A2") if label != floor.mine)
    return floor


def test_a_file_is_for_whom_the_lot_gave_it_to(judged: Floor) -> None:
    reference = judged.case.application.reference
    mine, other = signed_in(judged, judged.mine), signed_in(judged, judged.other)
    assert "Untuk Anda" in words(mine.get(reverse("backoffice")))
    assert f"untuk {judged.mine}" in words(other.get(reverse("backoffice")))
    page = words(other.get(reverse("case", args=[reference])))
    assert ("Berkas ini untuk petugas lain" in page, "Simpan hasil" in page) == (True, False)
    refused = send(other, "case_end", reference, step="adjudication", outcome="approved")
    assert (refused.status_code, judged.mine in words(refused)) == (422, True)
    # One tap, and it is the other's.
    assert send(mine, "case_recuse", reference).status_code == 302
    assert "Berkas ini untuk petugas lain" in words(mine.get(reverse("case", args=[reference])))
    assert "Simpan hasil" in words(other.get(reverse("case", args=[reference])))
    assert send(other, "case_end", reference, step="adjudication", outcome="approved").status_code == 302


def test_a_supervisor_has_it_drawn_again(judged: Floor) -> None:
    reference, boss = judged.case.application.reference, signed_in(judged, "KA")
    assert "undi lagi" in words(boss.get(reverse("case", args=[reference])))
    assert send(signed_in(judged, judged.mine), "case_reassign", reference).status_code == 403
    assert send(boss, "case_reassign", reference).status_code == 302
    assert casework.assigned(judged.case).staff.label == judged.other
