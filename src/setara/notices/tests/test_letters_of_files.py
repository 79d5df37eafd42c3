"""What applicants are told about a file: which papers are missing, until when, and what can be done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from setara.casework import service as c
from setara.casework.models import Case
from setara.casework.tests.test_backoffice_pages import through_the_hall
from setara.kernel import clock
from setara.kernel.clock import ManualClock
from setara.ledger.service import By, system
from setara.notices import letters, outbox
from setara.notices.models import Notice
from setara.queueing.tests.flooring import MONDAY, Floor, passport_office, stock


@pytest.fixture
def floor(db: None) -> Iterator[Floor]:
    with clock.using(ManualClock(MONDAY)) as still:
        made = passport_office(still)
        made.open()
        yield made


def told(floor: Floor, language: str = "id") -> list[str]:
    """The words of the messages since the last time."""
    while outbox.collect(floor.office.pk):
        pass
    new = Notice.objects.exclude(pk__in=floor.__dict__.setdefault("told", set()))
    found = list(new.select_related("application__office").order_by("created_at", "pk"))
    floor.told |= {notice.pk for notice in found}
    said = []
    for notice in found:
        notice.application.language = language
        said.append(letters.words(notice.kind, notice.application, notice.params))
    return said


def test_a_file_that_waits_for_papers_says_which_and_how_another_hold_only_that_it_stands(
    floor: Floor,
) -> None:
    case = through_the_hall(floor)
    told(floor)
    c.place_hold(floor.by("AJ"), case, "missing_documents", ["kk"])
    (text,) = told(floor)
    assert "Kartu keluarga (KK)" in text
    assert "16 Maret 2026" in text
    assert "/permohonan/lanjut/" in text
    assert "meja depan" in text
    c.release_hold(floor.by("AJ"), Case.objects.get())
    c.adjudicate(
        floor.by("AJ"), Case.objects.get(), "examination", "-", ["kk"], hold_reason="missing_documents"
    )
    (text,) = told(floor, "en")
    assert "Family card (KK)" in text
    assert "16 March 2026" in text
    c.release_hold(floor.by("AJ"), Case.objects.get())
    c.place_hold(floor.by("AJ"), Case.objects.get(), "out_of_stock")
    (text,) = told(floor)
    assert "Kartu keluarga" not in text
    assert "sedang berhenti" in text


def test_who_lets_a_day_pass_is_told_and_so_is_who_gets_another_term(floor: Floor) -> None:
    worker, case = By(system("worker", "uji")), through_the_hall(floor)
    c.place_hold(floor.by("AJ"), case, "missing_documents", ["kk"])
    told(floor)
    floor.clock.advance(timedelta(days=15))
    c.note_lapse(worker, Case.objects.get(), "return")
    c.renew_return(floor.by("AJ"), Case.objects.get())
    ran_out, renewed = told(floor)
    assert "habis pada Senin, 16 Maret 2026" in ran_out
    assert "sampai Selasa, 31 Maret 2026" in renewed
    c.release_hold(floor.by("AJ"), Case.objects.get())
    stock(floor)
    c.adjudicate(floor.by("AJ"), Case.objects.get(), "approved")
    c.print_book(floor.by("PR"), Case.objects.get())
    c.check_quality(floor.by("PR"), Case.objects.get(), "passed")
    told(floor)
    floor.clock.advance(timedelta(days=25))
    c.note_lapse(worker, Case.objects.get(), "collect_soon")
    (near,) = told(floor, "en")
    assert "16 April 2026" in near
    floor.clock.advance(timedelta(days=6))
    c.note_lapse(worker, Case.objects.get(), "collect")
    (late,) = told(floor)
    assert "sudah lewat" in late
