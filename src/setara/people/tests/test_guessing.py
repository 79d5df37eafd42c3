"""Limits on guessing: they grow, they hold against attempts at the same moment, and they outlive a refusal."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from setara.kernel.errors import Refused
from setara.ledger.contract import _running
from setara.people import vault
from setara.people.guessing import FIRST_WAIT, FREE, LONGEST_WAIT, guard
from setara.people.models import Guess


def _later(seconds: int, kind: str = "code", subject: str = "x") -> None:
    """Let time pass for a subject."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE people_guess SET last_at = last_at - make_interval(secs => %s),"
            " blocked_until = blocked_until - make_interval(secs => %s) WHERE subject = %s",
            [seconds, seconds, vault.guess_index(kind, subject)],
        )


def _wait() -> float:
    row = Guess.objects.get()
    return 0 if row.blocked_until is None else (row.blocked_until - row.last_at).total_seconds()


@pytest.mark.django_db
def test_five_free_then_a_growing_wait_up_to_a_limit() -> None:
    assert [guard("code", "x").failed() for _ in range(FREE)] == [4, 3, 2, 1, 0]
    with pytest.raises(Refused) as refused:
        guard("code", "x")
    assert refused.value.code == "guess.blocked.code"
    assert "30" in str(refused.value.remedy)
    assert refused.value.rule
    waits = []
    for _ in range(9):
        waits.append(_wait())
        _later(LONGEST_WAIT + 1)
        guard("code", "x").failed()
    assert waits[:4] == pytest.approx([FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT, 8 * FIRST_WAIT], abs=0.01)
    assert _wait() == pytest.approx(LONGEST_WAIT, abs=0.01)
    guard("code", "another").failed()


@pytest.mark.django_db
def test_trying_while_blocked_does_not_lengthen_the_wait() -> None:
    for _ in range(FREE):
        guard("code", "x").failed()
    before = Guess.objects.get().blocked_until
    for _ in range(3):
        with pytest.raises(Refused):
            guard("code", "x")
    assert Guess.objects.get().blocked_until == before


@pytest.mark.django_db
def test_passing_starts_anew_and_a_day_forgets() -> None:
    for _ in range(FREE - 1):
        guard("code", "x").failed()
    guard("code", "x").passed()
    assert guard("code", "x").failed() == FREE - 1
    for _ in range(FREE - 1):
        guard("code", "x").failed()
    _later(25 * 3600)
    assert guard("code", "x").failed() == FREE - 1


@pytest.mark.django_db
def test_subject_in_any_case_and_no_trace_of_it() -> None:
    guard("signin", " Contoh.Satu ").failed()
    assert guard("signin", "contoh.satu").failed() == FREE - 2
    assert guard("code", "contoh.satu").failed() == FREE - 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(row_to_json(g)::text, ' ') FROM people_guess g")
        dump = cursor.fetchone()[0].lower()
    assert "contoh" not in dump
    assert b"contoh.satu".hex() not in dump


@pytest.mark.django_db
def test_never_inside_an_operation() -> None:
    token = _running.set("people.test")
    try:
        with pytest.raises(RuntimeError, match="before the operation"):
            guard("code", "x")
    finally:
        _running.reset(token)
    assert guard("code", "x").failures == 1


@pytest.mark.race
@pytest.mark.parametrize("protected", [True, False])
def test_attempts_at_the_same_moment_get_no_further(own_database: str, protected: bool) -> None:
    """Twenty at once: five may go on. The control counts after the guess, as a naive limit does."""
    went_on: list[int] = []
    start = threading.Barrier(20)

    def attempt() -> None:
        try:
            start.wait(20)
            if protected:
                went_on.append(guard("code", "x").failures)
            else:
                blocked = Guess.objects.filter(failures__gte=FREE).exists()
                start.wait(20)
                if not blocked:
                    went_on.append(guard_naively())
        except Refused:
            pass
        finally:
            connection.close()

    def guard_naively() -> int:
        try:
            return guard("code", "x").failures
        except Refused:
            return 0

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    if protected:
        assert sorted(went_on) == [1, 2, 3, 4, 5]
        assert Guess.objects.get().failures == FREE
    else:
        assert len(went_on) == 20, "the control shows that the test sees a limit that counts too late"
