"""The town that all end-to-end tests of one process share: an office takes seconds to start."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import running
from tests.e2e.town import FAILED, FLAGS, Inside, Town, shots_folder
from tests.running import Office, wait_for

from setara.site import postgres
from setara.site.places import home


@pytest.fixture(scope="session")
def office_of_all(chromium: Path) -> Iterator[tuple[Office, Inside]]:
    """The office, served; its first day is prepared and nobody is in it. Not started where no browser is."""
    folder = home() / "own" / f"town_{os.getpid()}"
    try:
        with running.office(folder) as office:
            office.ready()
            wait_for(lambda: "event=done process=demo" in office.words(), "the demo office is made")
            inside = Inside(office)
            yield office, inside
            inside.close()
            assert office.stop() == 0
    finally:
        postgres.stop(folder, "immediate")
        shutil.rmtree(postgres.layout(folder).cluster, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


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
    from playwright.sync_api import sync_playwright

    office, inside = office_of_all
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=FLAGS)
        town = Town(office, browser, inside, shots_folder())
        yield town
        if request.node.stash.get(FAILED, False):
            town.photograph_all(request.node.name)
        town.close()
        browser.close()
    assert town.complaints == []
