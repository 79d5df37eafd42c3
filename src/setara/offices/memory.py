"""A small memory of what hardly ever changes (calendar, pack, nav), for a few seconds in one process.

Other processes see a change of configuration after at most :data:`SECONDS`; the one that made it, at once.
Keys include the database's name, so that two databases of one process (tests, `setara day`) never mix.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

from django.db import connection, transaction

SECONDS: Final = 5.0

T = TypeVar("T")
_known: dict[Hashable, tuple[float, Any]] = {}


def remember(key: Hashable, make: Callable[[], T]) -> T:
    """What ``make`` gave for ``key`` within the last seconds, else what it gives now."""
    whole = (connection.settings_dict["NAME"], key)
    now = time.monotonic()
    if (found := _known.get(whole)) is not None and found[0] > now:
        value: T = found[1]
        return value
    value = make()
    _known[whole] = (now + SECONDS, value)
    return value


def forget() -> None:
    """Read everything again at the next use."""
    _known.clear()


def forget_with_commit() -> None:
    """Forget now, for the rest of this transaction, and once more when others can see the change."""
    forget()
    transaction.on_commit(forget)
