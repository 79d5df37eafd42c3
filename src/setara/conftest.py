"""What every test of the rooms needs."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """What a process remembers of the configuration must not outlive the test that configured it."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    if (memory := sys.modules.get("setara.offices.memory")) is not None:
        memory.forget()
