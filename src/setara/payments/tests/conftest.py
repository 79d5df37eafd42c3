"""One office on a clock that stands still, for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from setara.applications.tests.fixtures import kanim, racing, simulator, still, treasury
from setara.kernel import clock
from setara.kernel.clock import RealClock

__all__ = ["kanim", "racing", "simulator", "still", "treasury"]


@pytest.fixture(autouse=True)
def _own_clock() -> Iterator[None]:
    """The machine's clock, not the office's: tests of the gateway have no database to read that one from."""
    with clock.using(RealClock()):
        yield
