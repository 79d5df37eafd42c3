"""A town on a clock that stands still, and the outside systems where a case needs them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.bad_input.town import Town, build

from setara.kernel import clock
from setara.kernel.clock import ManualClock
from setara.queueing.tests.flooring import MONDAY
from setara.site.outside.process import Process, running

NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="session")
def outside() -> Iterator[Process]:
    """The treasury's simulator."""
    with running() as process:
        yield process


@pytest.fixture
def town(db: None, settings: Any, request: pytest.FixtureRequest) -> Iterator[Town]:
    """An office whose treasury answers to nobody (until a test says where it is)."""
    settings.SETARA_TREASURY_URL = NOBODY
    settings.SETARA_TREASURY_SECRET = "a secret of the test"
    with clock.using(ManualClock(MONDAY)) as source:
        yield build(source, settings, lambda: request.getfixturevalue("outside"))
