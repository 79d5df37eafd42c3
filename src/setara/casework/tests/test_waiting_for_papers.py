"""A file behind the hall that waits for a paper of the applicant: asked for, brought, seen, going on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from setara.applications.service import Application, attach
from setara.applications.tests.making import papers
from setara.casework import service as c
from setara.casework.models import Case, Hold
from setara.casework.tests.test_backoffice_pages import applicant, through_the_hall
from setara.kernel.errors import Invalid, Refused
from setara.ledger.models import Event
from setara.ledger.service import Actor, By
from setara.queueing.tests.browsing import send, signed_in, words
from setara.queueing.tests.flooring import Floor

ASK = ("missing_documents", ["kk", "identity"])


def again(case: Case) -> Case:
    return Case.objects.select_related("application__office").get(pk=case.pk)


def mine(case: Case) -> By:
    return By(Actor("applicant", str(case.pk)))


def scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("kk.jpg", papers().data, content_type="image/jpeg")


def test_papers_are_named_brought_and_the_file_goes_on(floor: Floor) -> None:
    case = through_the_hall(floor)
    with pytest.raises(Refused) as early:
        attach(mine(case), case.application, "kk", papers())
    assert early.value.code == "applications.no_papers_now"
    for unnamed in ([], ["a horoscope"]):
        with pytest.raises(Invalid) as which:
            c.place_hold(floor.by("AJ"), case, "missing_documents", unnamed)
        assert which.value.field == "missing"
    c.place_hold(floor.by("AJ"), case, *ASK)
    person = again(case).application
    assert (person.status, person.asked) == ("returned", {"kk": None, "identity": None})
    with pytest.raises(Refused) as other:
        attach(mine(case), person, "civil_record", papers())
    assert other.value.code == "applications.not_asked"
    attach(mine(case), person, "kk", papers())
    attach(floor.by("FD"), person, "identity", papers())
    assert [e.payload["requirement"] for e in Event.objects.filter(type="applications.attached")] == [
        "kk",
        "identity",
    ]
    case = c.release_hold(floor.by("AJ"), again(case))
    assert (case.application.status, case.application.asked, case.step) == ("in_process", {}, "adjudication")
    with pytest.raises(Refused):
        attach(mine(case), case.application, "kk", papers())
    c.adjudicate(floor.by("AJ"), again(case), "approved")
    assert again(case).step == "printing"


def test_the_clock_stands_until_the_last_paper_comes_not_until_somebody_looks(floor: Floor) -> None:
    case = through_the_hall(floor)
    assert again(case).due_on == date(2026, 3, 6)
    c.place_hold(floor.by("AJ"), case, *ASK)
    floor.clock.advance(timedelta(days=1))
    attach(mine(case), again(case).application, "kk", papers())
    floor.clock.advance(timedelta(days=1))
    assert c.due_date(again(case)) == date(2026, 3, 9), "one is still missing"
    came_at = floor.clock.now()
    attach(mine(case), again(case).application, "identity", papers())
    floor.clock.advance(timedelta(days=2))
    assert c.due_date(again(case)) == date(2026, 3, 9), "the office's own days are not the applicant's"
    # A better picture of the same paper does not make the applicant late again.
    attach(mine(case), again(case).application, "identity", papers())
    case = c.release_hold(floor.by("AJ"), again(case))
    assert (case.due_on, Hold.objects.get().ended_at) == (date(2026, 3, 9), came_at)
    # The control: a hold of the office's own stops nothing and takes no papers.
    c.place_hold(floor.by("AJ"), again(case), "examination", ["kk"])
    floor.clock.advance(timedelta(days=5))
    held = again(case)
    assert (held.application.status, held.application.asked) == ("in_process", {})
    assert c.due_date(held) == date(2026, 3, 9)
    with pytest.raises(Refused):
        attach(mine(case), held.application, "kk", papers())


def test_without_papers_the_hold_lasts_until_it_is_released(floor: Floor) -> None:
    case = through_the_hall(floor)
    c.adjudicate(floor.by("AJ"), again(case), "examination", "lama", ["kk"], hold_reason="missing_documents")
    assert again(case).application.status == "returned"
    floor.clock.advance(timedelta(days=2))
    case = c.release_hold(floor.by("KA"), again(case))
    assert Hold.objects.get().ended_at == floor.clock.now()
    assert (case.application.status, case.due_on) == ("in_process", date(2026, 3, 9))


def test_a_wrong_press_takes_the_question_back(floor: Floor) -> None:
    case = through_the_hall(floor)
    run = c.adjudicate(
        floor.by("AJ"), again(case), "examination", "lama", ["kk"], hold_reason="missing_documents"
    )
    c.correct(floor.by("AJ", "wrong_press"), run, "approved")
    after = again(case)
    assert (after.step, after.application.status, after.application.asked) == ("printing", "in_process", {})


def test_what_everybody_sees(floor: Floor) -> None:
    case = through_the_hall(floor)
    reference, me, judge, desk = (
        case.application.reference, applicant(case), signed_in(floor, "AJ"), signed_in(floor, "FD"),
    )  # fmt: skip
    unnamed = send(judge, "case_hold", reference, reason="missing_documents", note="tunggu")
    assert unnamed.status_code == 400
    assert "Pilih dokumen yang kurang" in words(unnamed)
    asked = send(judge, "case_hold", reference, reason="missing_documents", missing=["kk"])
    assert asked.status_code == 302
    page = words(me.get(reverse("application")))
    assert "Kartu keluarga" in page
    assert "atau bawa ke meja depan" in page
    assert reverse("documents") in page
    assert "Belum masuk" in words(judge.get(reverse("case", args=[reference])))
    at_desk = words(desk.get(reverse("desk_person", args=[reference])))
    assert reverse("assist_documents", args=[reference]) in at_desk
    listed = words(me.get(reverse("documents")))
    assert "Diminta lagi" in listed
    assert reverse("document", args=["kk"]) in listed
    assert reverse("document", args=["identity"]) not in listed
    assert me.get(reverse("document", args=["identity"])).status_code == 302
    handed = send(me, "document", "kk", file=scan())
    assert handed.status_code == 302
    page = words(me.get(reverse("application")))
    assert "sudah masuk" in page
    assert "Unggah yang kurang" not in page
    assert "Sudah masuk" in words(judge.get(reverse("case", args=[reference])))
    assert "Dokumen sudah masuk" in words(judge.get(reverse("backoffice")))
    assert send(judge, "case_release", reference).status_code == 302
    assert send(me, "document", "kk", file=scan()).headers["Location"] == reverse("application")


def test_the_desk_uploads_what_somebody_brings_on_paper(floor: Floor) -> None:
    case = through_the_hall(floor)
    c.place_hold(floor.by("AJ"), case, "missing_documents", ["kk"])
    reference = case.application.reference
    assert send(signed_in(floor, "PR"), "assist_document", reference, "kk", file=scan()).status_code == 403
    assert send(signed_in(floor, "FD"), "assist_document", reference, "kk", file=scan()).status_code == 302
    event = Event.objects.get(type="applications.attached")
    assert event.payload["typed_by"] == str(floor.staff["FD"].pk)
    # Nobody waits in the hall for a paper: the desk gives no number for it.
    refused = send(signed_in(floor, "FD"), "desk_return", reference, how="name")
    assert refused.status_code == 422
    assert Application.objects.get(pk=case.pk).status == "returned"
    assert Client().get(reverse("assist_documents", args=[reference])).status_code == 302
