"""Two applications never share a reference, also when chance gives the same one twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, repeat

import pytest
from django.db import IntegrityError, transaction

from setara.applications.models import Application
from setara.applications.operations import REFERENCE_TRIES
from setara.applications.tests.making import House
from setara.kernel import ids
from setara.ledger.models import Event
from setara.people.models import Person

SYMBOLS = ids.REFERENCE_LENGTH - 1
Dice = Callable[[Iterator[int]], None]


@pytest.fixture
def dice(monkeypatch: pytest.MonkeyPatch) -> Dice:
    """Chance itself, played: the machine's random numbers come from the given ones."""

    def play(numbers: Iterator[int]) -> None:
        monkeypatch.setattr(ids.secrets, "randbelow", lambda _below: next(numbers))

    return play


def test_a_reference_that_is_taken_is_drawn_again(kanim: House, dice: Dice) -> None:
    dice(repeat(3))
    first, _by = kanim.draft()
    dice(chain(repeat(3, 2 * SYMBOLS), repeat(4)))
    second, _by = kanim.draft(nik="9901015708900002")
    assert first.reference != second.reference
    assert Application.objects.count() == Person.objects.count() == 2
    # The control: the same dice without a second draw meet the unique column.
    dice(repeat(3))
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.create(
            reference=ids.reference(),
            office=kanim.office,
            pack=first.pack,
            person=second.person,
            started_at=first.started_at,
        )


def test_dice_that_always_fall_alike_end_in_a_fault_that_leaves_nothing(kanim: House, dice: Dice) -> None:
    dice(repeat(3))
    kanim.draft()
    before = Event.objects.count()
    with pytest.raises(IntegrityError):
        kanim.draft(nik="9901015708900002")
    assert Application.objects.count() == Person.objects.count() == 1
    assert Event.objects.count() == before
    # The control: one free reference among the tries is enough.
    dice(chain(repeat(3, (REFERENCE_TRIES - 1) * SYMBOLS), repeat(4)))
    assert kanim.draft(nik="9901015708900002")[0].reference != Application.objects.earliest("pk").reference
