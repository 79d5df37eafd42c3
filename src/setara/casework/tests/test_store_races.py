"""The store under two printers at once, with a control without the lock."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from setara.applications.tests.making import together
from setara.casework import service as c
from setara.casework import store
from setara.casework.models import Book, Case, StepRun
from setara.kernel.errors import Refused
from setara.ledger.service import By
from setara.queueing.tests.flooring import Floor, stock

pytestmark = pytest.mark.race


def files(floor: Floor, count: int) -> list[Case]:
    """Files that wait for printing (put there as rows: their path is tested elsewhere)."""
    return [
        Case.objects.create(
            application=floor.application("in_process"),
            office=floor.office,
            step="printing",
            joined_at=floor.clock.now(),
        )
        for _ in range(count)
    ]


def print_all(floor: Floor, cases: list[Case]) -> list[Any]:
    actor = floor.actor("PR")
    return together(len(cases), lambda i: c.print_book(By(actor), cases[i]))


def test_no_book_is_printed_twice_and_the_last_one_is_refused(racing: Floor) -> None:
    stock(racing, 4)
    results = print_all(racing, files(racing, 6))
    printed = [one for one in results if isinstance(one, StepRun)]
    refused = [one for one in results if isinstance(one, Refused)]
    assert (len(printed), len(refused)) == (4, 2), results
    assert {one.code for one in refused} == {"casework.out_of_stock"}
    taken = Book.objects.filter(status="printed")
    assert sorted(taken.values_list("serial", flat=True)) == [f"X000000{n}" for n in range(1, 5)]
    assert len({book.case_id for book in taken}) == 4


def test_control_without_the_lock_two_want_one_book(racing: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    stock(racing, 4)
    barrier = threading.Barrier(2)

    def both_look(rows: Any) -> Any:
        found = list(rows[:1])
        barrier.wait(10)
        return rows.none() if not found else rows.filter(pk=found[0].pk)

    monkeypatch.setattr(store, "free", both_look)
    results = print_all(racing, files(racing, 2))
    # The row's own condition still keeps one book from two files, but somebody is turned away with books left.
    assert sorted(type(one).__name__ for one in results) == ["RuntimeError", "StepRun"]
    assert Book.objects.filter(status="printed").count() == 1
    assert Book.objects.filter(status="stock").count() == 3


def test_two_officers_of_one_file_do_a_step_once(racing: Floor) -> None:
    stock(racing, 4)
    (case,) = files(racing, 1)
    results = print_all(racing, [case, case])
    assert sorted(getattr(one, "code", "done") for one in results) == ["casework.elsewhere", "done"]
    assert Book.objects.exclude(status="stock").count() == 1
