"""One office on a clock that stands still, for the tests of the floor."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from setara.kernel import clock
from setara.kernel.clock import ManualClock
from setara.queueing.tests.flooring import MONDAY, Floor, passport_office


@pytest.fixture
def still() -> Iterator[ManualClock]:
    """The clock of the test, at Monday, 08.00 WIB."""
    with clock.using(ManualClock(MONDAY)) as source:
        yield source


@pytest.fixture
def floor(db: None, still: ManualClock) -> Floor:
    """A passport office whose day is open."""
    made = passport_office(still)
    made.open()
    return made


@pytest.fixture
def racing(own_database: str) -> Iterator[Floor]:
    """The same in a database of its own, in which threads really commit; the clock stands still for all."""
    source = ManualClock(MONDAY)
    before = clock.install(source)
    made = passport_office(source)
    made.open()
    yield made
    clock.install(before)
