"""The town that all end-to-end tests of one process share: an office takes seconds to start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.town import FAILED, Inside, Town, browsing, housed
from tests.running import Office, wait_for


@pytest.fixture(scope="session")
def office_of_all(chromium: Path) -> Iterator[tuple[Office, Inside]]:
    """The office, served; its first day is prepared and nobody is in it. Not started where no browser is."""
    with housed("town") as office:
        wait_for(lambda: "event=done process=demo" in office.words(), "the demo office is made")
        inside = Inside(office)
        yield office, inside
        inside.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Tell the town's fixture whether its test failed: it photographs then what everybody saw last."""
    report = yield
    if report.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture
def town(
    office_of_all: tuple[Office, Inside], chromium: Path, request: pytest.FixtureRequest
) -> Iterator[Town]:
    """The town for one test; afterwards everybody goes home, and no page may have complained.

    Each test has a browser of its own: Playwright runs a loop in this thread, in which other tests that ask the
    database must not find themselves.
    """
    office, inside = office_of_all
    with browsing(office, inside, chromium, request.node) as town:
        yield town
    assert town.complaints == []
