"""The order in which several test processes share a machine: long tests first, never more than two browsers.

Part of the pytest plugin :mod:`setara.site.testing`. What takes longest starts first, so that at the end no
process waits for another's last long test. Three Chromiums on two cores make each other miss their time limits:
a test marked ``browser`` waits for one of ``BROWSERS`` places, and the order mixes tests without a browser in
between so that few wait. A single process (``pytest`` without ``-n``) keeps the order of the files.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

#: Browser tests that may run at the same time in one run.
BROWSERS = 2
#: Seconds that a test marked ``slow`` is taken to last when the mark gives no number.
SLOW = 8.0


def seconds(item: pytest.Item) -> float:
    """How long a test marked ``slow`` is said to last: ``@pytest.mark.slow(70)``; 0 for any other."""
    marker = item.get_closest_marker("slow")
    if marker is None:
        return 0.0
    return float(marker.args[0]) if marker.args else SLOW


def ordered(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The slow ones, longest first, with ``BROWSERS`` seconds of browser tests to one second of others while both
    last; then all others in the order of their files, which share what they set up."""
    slow = sorted((item for item in items if seconds(item)), key=lambda item: -seconds(item))
    queues: dict[bool, list[pytest.Item]] = {True: [], False: []}
    for item in slow:
        queues[item.get_closest_marker("browser") is not None].append(item)
    given: list[pytest.Item] = []
    spent = {True: 0.0, False: 0.0}
    while any(queues.values()):
        browser = spent[True] <= BROWSERS * spent[False]
        kind = browser if queues[browser] else not browser
        item = queues[kind].pop(0)
        spent[kind] += seconds(item)
        given.append(item)
    return given + [item for item in items if not seconds(item)]


@contextmanager
def place(folder: Path, places: int = BROWSERS, pause: float = 0.1) -> Iterator[int]:
    """Wait for one of ``places`` places that processes share; its number. A process that dies gives it back."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in itertools.cycle(range(places)):
        descriptor = os.open(folder / f"browser.{number}", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            time.sleep(pause)
            continue
        try:
            yield number
        finally:
            os.close(descriptor)
        return


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Bring the tests of a run with several processes into order."""
    if hasattr(config, "workerinput"):
        items[:] = ordered(items)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A browser test runs when it has a place: before its clock starts, so that waiting is not its time."""
    if not item.get_closest_marker("browser") or not hasattr(item.config, "workerinput"):
        return (yield)
    with place(Path(os.environ["SETARA_TEST_HOME"])):
        return (yield)
