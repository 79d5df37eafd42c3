"""The stage of the played day: order, signals, time-outs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setara.kernel.clock import ManualClock
from setara.kernel.errors import Refused, SetaraError
from setara.site.day.stage import Process, Signal, Stage, Wait

START = datetime(2026, 3, 2, 1, tzinfo=UTC)


def stage() -> Stage:
    return Stage(ManualClock(START))


def sleeper(play: Stage, log: list[str], name: str, minutes: list[int]) -> Process:
    for minute in minutes:
        yield START + timedelta(minutes=minute)
        log.append(f"{name}@{(play.now - START).seconds // 60}")


def test_processes_run_in_order_of_time_and_at_equal_times_in_order_of_asking() -> None:
    play, log = stage(), []
    play.start(sleeper(play, log, "b", [5, 10]))
    play.start(sleeper(play, log, "a", [5, 7]))
    play.run()
    assert log == ["b@5", "a@5", "a@7", "b@10"]


@given(st.lists(st.lists(st.integers(0, 500), max_size=5), max_size=8))
def test_time_never_runs_backwards(plans: list[list[int]]) -> None:
    play, log = stage(), []
    for index, plan in enumerate(plans):
        play.start(sleeper(play, log, str(index), sorted(plan)))
    play.run()
    times = [int(entry.split("@")[1]) for entry in log]
    assert times == sorted(times)
    assert len(log) == sum(map(len, plans))


def test_a_signal_wakes_the_longest_waiting_and_only_as_many_as_given() -> None:
    play, log, bell = stage(), [], Signal()

    def waiter(name: str) -> Process:
        came = yield Wait((bell,), START + timedelta(hours=1))
        log.append(f"{name} {'bell' if came else 'time'} {(play.now - START).seconds // 60}")

    def ringer() -> Process:
        yield START + timedelta(minutes=3)
        play.give(bell, 1)

    for name in ("first", "second"):
        play.start(waiter(name))
    play.start(ringer())
    play.run()
    assert log == ["first bell 3", "second time 60"]


def test_a_process_that_waits_for_two_signals_is_woken_once() -> None:
    play, log, one, two = stage(), [], Signal(), Signal()

    def waiter() -> Process:
        came = yield Wait((one, two), START + timedelta(hours=1))
        log.append(came)
        yield play.now + timedelta(hours=2)

    def ringer() -> Process:
        yield START + timedelta(minutes=1)
        play.give(one)
        play.give(two)

    play.start(waiter())
    play.start(ringer())
    play.run()
    assert log == [True]
    assert len(one) == len(two) == 0


def test_a_refusal_ends_the_run_or_where_forgiven_only_its_process() -> None:
    kept: list[SetaraError] = []
    for forgiven in (None, kept):
        play = Stage(ManualClock(START), None, None if forgiven is None else forgiven.append)
        log: list[str] = []

        def refused() -> Process:
            yield START + timedelta(minutes=1)
            raise Refused("Sudah dilayani orang lain.", code="test.taken")

        def other(log: list[str] = log) -> Process:
            yield START + timedelta(minutes=2)
            log.append("went on")

        play.start(refused())
        play.start(other())
        if forgiven is None:
            with pytest.raises(Refused, match="dilayani"):
                play.run()
            assert log == []
        else:
            play.run()
            assert log == ["went on"]
            assert [error.code for error in forgiven] == ["test.taken"]
