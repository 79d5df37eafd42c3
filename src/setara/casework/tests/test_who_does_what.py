"""Rules of a step that no other refusal stands before: the pack's own role, and the book that passed."""

from __future__ import annotations

import pytest

from setara.applications.service import Application
from setara.casework import service as c
from setara.casework.models import Book, Case, Handover
from setara.kernel.errors import Forbidden, Refused
from setara.queueing import service as q
from setara.queueing.tests.flooring import FINGERS, PHOTO, Floor, stock


def test_a_step_belongs_to_the_role_that_the_pack_gives_it(floor: Floor) -> None:
    """Competence and permission are there; the pack gives the step to another role all the same."""
    floor.officer("FX", ["front_desk"], ["document_check"])
    floor.arrive()
    floor.arrive()
    call = floor.serve("FX", floor.sit("FX", 1))
    with pytest.raises(Forbidden) as refused:
        c.check_documents(floor.by("FX"), call, "complete")
    assert refused.value.code == "casework.wrong_role"
    assert not Case.objects.exists()
    own = floor.serve("D1", floor.sit("D1", 2))
    assert c.check_documents(floor.by("D1"), own, "complete").outcome == "complete"


def test_nothing_is_handed_over_without_a_book_that_passed(floor: Floor) -> None:
    stock(floor)
    ticket = floor.arrive()
    c.check_documents(floor.by("D1"), floor.serve("D1", floor.sit("D1", 1)), "complete")
    c.capture(floor.by("B1"), floor.serve("B1", floor.sit("B1", 3)), PHOTO, FINGERS)
    c.interview(floor.by("W1"), floor.serve("W1", floor.sit("W1", 4)), "passed")
    case = Case.objects.get(pk=ticket.application_id)
    c.adjudicate(floor.by("AJ"), case, "approved")
    c.print_book(floor.by("PR"), Case.objects.get(pk=case.pk))
    c.check_quality(floor.by("PR"), Case.objects.get(pk=case.pk), "passed")
    # The book is found torn on its way to the counter.
    Book.objects.filter(case=case).update(status="spoiled")
    q.check_in_pickup(floor.by("FD"), Application.objects.get(pk=case.pk), "name")
    call = floor.serve("HO", floor.sit("HO", 5))
    with pytest.raises(Refused) as none:
        c.hand_over(floor.by("HO"), call)
    assert none.value.code == "casework.no_book"
    assert not Handover.objects.exists()
    Book.objects.filter(case=case).update(status="passed")
    assert c.hand_over(floor.by("HO"), call).outcome
    assert Handover.objects.get().book.status == "handed_over"
