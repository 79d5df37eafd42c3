"""Fixtures of rooms whose tests need one office, a clock that stands still and the simulated treasury.

Their ``conftest`` imports them by name.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from setara.applications.tests.making import MONDAY, House, WatchedTreasury, house
from setara.kernel import clock
from setara.kernel.clock import ManualClock
from setara.offices import memory
from setara.site.outside.process import Process, running


@pytest.fixture
def still() -> Iterator[ManualClock]:
    """The clock of the test, at Monday, 08.00 WIB."""
    memory.forget()
    with clock.using(ManualClock(MONDAY)) as source:
        yield source


@pytest.fixture
def kanim(db: None, still: ManualClock) -> House:
    """One office with a front desk."""
    return house(still)


@pytest.fixture
def racing(own_database: str) -> Iterator[House]:
    """One office in a database of its own, in which threads really commit; the clock stands still for all."""
    memory.forget()
    source = ManualClock(MONDAY)
    before = clock.install(source)
    with clock.using(source):
        yield house(source)
    clock.install(before)


@pytest.fixture(scope="session")
def simulator() -> Iterator[Process]:
    """The simulated treasury, one process for all tests: a code belongs to its order, and no order comes twice."""
    with running() as process:
        yield process


@pytest.fixture
def treasury(simulator: Process) -> WatchedTreasury:
    """The office's client of it, as new."""
    return WatchedTreasury(simulator)
