from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from setara.kernel import clock

NOON = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _machine_clock() -> Iterator[None]:
    """The clock of a process without an office: elsewhere an office's clock may be installed already."""
    before = clock.install(clock.RealClock())
    yield
    clock.install(before)


def test_real_clock_is_aware_and_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_virtual_clock_runs_at_its_rate_and_freezes_at_zero() -> None:
    anchor = datetime.now(UTC) - timedelta(seconds=10)
    fast = clock.VirtualClock(NOON, anchor, 60)
    assert timedelta(minutes=10) <= fast.now() - NOON < timedelta(minutes=15)
    assert clock.VirtualClock(NOON, anchor, 0).now() == NOON
    assert clock.VirtualClock(NOON, anchor, 0).real_seconds_until(NOON + timedelta(1)) is None
    left = fast.real_seconds_until(fast.now() + timedelta(minutes=5))
    assert left is not None
    assert 4 < left <= 5
    with pytest.raises(ValueError, match="negative"):
        clock.VirtualClock(NOON, anchor, -1)


def test_naive_datetimes_are_refused_and_zones_become_utc() -> None:
    with pytest.raises(ValueError, match="aware"):
        clock.ManualClock(datetime(2026, 3, 3))  # noqa: DTZ001 - the naive value is the case
    jakarta = clock.ManualClock(datetime(2026, 3, 3, 12, tzinfo=timezone(timedelta(hours=7))))
    assert jakarta.now() == NOON
    assert jakarta.now().tzinfo is UTC


def test_using_is_local_to_the_context_and_install_to_the_process() -> None:
    hand = clock.ManualClock(NOON)
    seen: list[datetime] = []
    with clock.using(hand) as given:
        assert given is hand
        assert hand.advance(timedelta(hours=1)) == clock.now() == NOON + timedelta(hours=1)
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen[0] != NOON + timedelta(hours=1)
    before = clock.install(hand)
    try:
        assert clock.now() == NOON + timedelta(hours=1)
        assert clock.source() is hand
        with clock.using(clock.ManualClock(NOON)):
            assert clock.now() == NOON
    finally:
        assert clock.install(before) is hand
    with pytest.raises(ValueError, match="forward"):
        hand.advance(timedelta(seconds=-1))
    hand.set(NOON)
    assert hand.now() == NOON
