"""Append-only, gapless, and verifiable; the digest of a run; the clock that all processes share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from setara.kernel import clock
from setara.kernel.clock import ManualClock
from setara.kernel.errors import Refused
from setara.ledger import office_clock, storage
from setara.ledger.contract import By
from setara.ledger.models import ClockRow, Event, Head

CHANGES = (
    "UPDATE ledger_event SET reason = 'x'",
    "UPDATE ledger_event SET payload = '{}' WHERE seq = 1",
    "DELETE FROM ledger_event",
    "TRUNCATE ledger_event",
    "TRUNCATE ledger_event CASCADE",
)
ONLY_OWNERS = (
    "ALTER TABLE ledger_event DISABLE TRIGGER ALL",
    "DROP TRIGGER ledger_event_no_change ON ledger_event",
    "ALTER TABLE ledger_event DROP COLUMN reason",
    "DROP TABLE ledger_event",
    "DROP FUNCTION ledger_append_only() CASCADE",
    "SET session_replication_role = replica",
)


def _sql(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


def test_the_applications_own_role_can_insert_and_nothing_else(kit, own_database: str) -> None:
    kit.change(By(kit.actor), "control")
    for text in CHANGES + ONLY_OWNERS:
        with pytest.raises(ProgrammingError) as refused:
            _sql(text)
        assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege), text
        assert "append-only" not in str(refused.value), f"{text}: the grant must refuse before the trigger"
    kit.change(By(kit.actor), "control 2")
    assert [e.payload["what"] for e in Event.objects.order_by("seq")] == ["control", "control 2"]
    assert not list(storage.verify("a"))


def test_the_trigger_refuses_even_the_owner(kit, own_database: str, owner_connection) -> None:
    kit.change(By(kit.actor), "control")
    for text in CHANGES:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            owner_connection.execute(text)
    # The control: the owner may insert, so it is the trigger that refused.
    owner_connection.execute(
        "INSERT INTO ledger_event (id, office, seq, type, version, occurred_at, actor_kind, actor_id, payload,"
        " operation, result, leaf_hash) SELECT gen_random_uuid(), 'b', 1, type, version, occurred_at,"
        " actor_kind, actor_id, payload, operation, result, leaf_hash FROM ledger_event"
    )
    assert Event.objects.count() == 2


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ('UPDATE ledger_event SET payload = \'{"what": "y", "row": "1"}\' WHERE seq = 2', "#2: the leaf"),
        ("UPDATE ledger_event SET actor_id = 'somebody' WHERE seq = 2", "#2: the leaf"),
        ("UPDATE ledger_event SET occurred_at = occurred_at + interval '1 s' WHERE seq = 2", "#2: the leaf"),
        ("UPDATE ledger_event SET reason = 'x' WHERE seq = 2", "#2: the leaf"),
        ("UPDATE ledger_event SET ticket = gen_random_uuid() WHERE seq = 2", "#2: the leaf"),
        ("DELETE FROM ledger_event WHERE seq = 2", "jumps from 1 to 3"),
        ("DELETE FROM ledger_event WHERE seq = 3", "the head says 3, the last event is 2"),
        ("UPDATE ledger_head SET last = 2 WHERE office = 'a'", "the head says 2, the last event is 3"),
    ],
)
def test_verification_finds_what_was_altered_behind_the_triggers(
    kit, own_database: str, owner_connection, damage: str, found: str
) -> None:
    for name in ("one", "two", "three"):
        kit.change(By(kit.actor), name)
    assert list(storage.verify("a")) == []
    owner_connection.execute("ALTER TABLE ledger_event DISABLE TRIGGER USER")
    owner_connection.execute(damage)
    owner_connection.execute("ALTER TABLE ledger_event ENABLE TRIGGER USER")
    assert [line for line in storage.verify("a") if found in line], list(storage.verify("a"))


@pytest.mark.django_db
def test_the_database_refuses_a_number_twice_and_numbers_below_one(kit) -> None:
    kit.change(By(kit.actor), "one")
    again = (
        "INSERT INTO ledger_event (id, office, seq, type, version, occurred_at, actor_kind, actor_id, payload,"
        " operation, result, leaf_hash) SELECT gen_random_uuid(), office, %s, type, version, occurred_at,"
        " actor_kind, actor_id, payload, operation, result, leaf_hash FROM ledger_event WHERE seq = 1"
    )
    for number, rule in ((1, "ledger_event_office_seq"), (0, "ledger_event_seq_positive")):
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            _sql(again % number)
    _sql(again % 2)  # the control: the row itself is fine
    assert Event.objects.count() == 2


@pytest.mark.django_db
def test_a_rolled_back_operation_leaves_no_gap(kit) -> None:
    def refuse() -> None:
        raise Refused("no")

    kit.change(By(kit.actor), "one")
    with pytest.raises(Refused):
        kit.change(By(kit.actor), "two", meanwhile=refuse)
    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012
        kit.change(By(kit.actor), "three")
        raise ZeroDivisionError  # after the event was written, before the commit
    kit.change(By(kit.actor), "four")
    assert list(Event.objects.order_by("seq").values_list("seq", "payload__what")) == [
        (1, "one"),
        (2, "four"),
    ]
    assert Head.objects.get(pk="a").last == 2


@pytest.mark.race
def test_the_sequence_of_each_office_is_gapless_under_load(kit, own_database: str) -> None:
    start = threading.Barrier(8)

    def work(number: int) -> None:
        start.wait(20)
        office = "ab"[number % 2]
        try:
            for turn in range(12):
                if turn % 4 == 3:
                    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012
                        kit.change(By(kit.other), f"undone {number} {turn}", office=office)
                        raise ZeroDivisionError
                else:
                    kit.change(By(kit.other), f"{number} {turn}", office=office)
        finally:
            connection.close()

    _together([lambda n=n: work(n) for n in range(8)])
    for office in "ab":
        numbers = list(Event.objects.filter(office=office).order_by("seq").values_list("seq", flat=True))
        assert numbers == list(range(1, 4 * 9 + 1))
        assert list(storage.verify(office)) == []


@pytest.mark.race
def test_offices_do_not_wait_for_one_another(kit, own_database: str) -> None:
    """While office a holds its head, office b goes on; the control, office a itself, waits."""
    written, go_on, done = threading.Event(), threading.Event(), {}

    def holder() -> None:
        with transaction.atomic():
            kit.change(By(kit.other), "held", office="a")
            written.set()
            go_on.wait(20)
        connection.close()

    def follower(office: str) -> None:
        kit.change(By(kit.other), f"after {office}", office=office)
        done[office] = time.monotonic()
        connection.close()

    threads = [threading.Thread(target=holder)]
    threads[0].start()
    assert written.wait(20)
    threads += [threading.Thread(target=follower, args=(office,)) for office in "ab"]
    for thread in threads[1:]:
        thread.start()
    threads[2].join(10)
    threads[1].join(0.5)
    while_held = set(done)
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert while_held == {"b"}, "office b must not wait for office a, and the control, office a itself, must"
    assert "a" in done
    assert list(Event.objects.filter(office="a").order_by("seq").values_list("payload__what", flat=True)) == [
        "held",
        "after a",
    ]


@pytest.mark.django_db
def test_the_digest_of_a_run_is_reproducible(kit) -> None:
    def run(words: list[str], at: datetime, reason: str | None = None) -> str:
        """Play, take the digest, and undo."""
        source = ManualClock(at)
        with clock.using(source), transaction.atomic():
            for word in words:
                kit.change(By(kit.actor, reason=reason), word)
                source.advance(timedelta(minutes=1))
            result = storage.digest(Event.objects.order_by("office", "seq"))
            rows = set(Event.objects.values_list("payload__row", "id"))
            transaction.set_rollback(True)
        seen.append(rows)
        return result

    seen: list[set[object]] = []
    at = datetime(2026, 3, 3, 1, tzinfo=UTC)
    first = run(["x", "y"], at)
    assert first == run(["x", "y"], at)
    assert not seen[0] & seen[1], "the ids of the two runs differ, as they should"
    different = [
        run(["x", "z"], at),
        run(["y", "x"], at),
        run(["x"], at),
        run(["x", "y"], at + timedelta(seconds=1)),
        run(["x", "y"], at, reason="r"),
    ]
    assert len({first, *different}) == 6
    assert len(first) == 64


def test_listeners_hear_of_an_event_when_it_is_committed(kit, own_database: str, owner_connection) -> None:
    def heard() -> list[str]:
        return [note.payload for note in owner_connection.notifies(timeout=0.3)]

    owner_connection.execute("LISTEN setara")
    with transaction.atomic():
        kit.change(By(kit.actor), "x")
        assert heard() == []
    assert heard() == ["a"]
    with pytest.raises(Refused):
        kit.change(By(kit.actor), "y", meanwhile=_refuse)
    assert heard() == []


def test_all_processes_follow_the_clock_row(own_database: str) -> None:
    start = datetime(2026, 3, 3, 1, tzinfo=UTC)
    read: dict[str, datetime] = {}

    def other_connection(name: str) -> None:
        read[name] = office_clock.RowClock().now()
        connection.close()

    try:
        office_clock.set_virtual(start, rate=0, note="a test")
        _together([lambda: other_connection("standing")])
        assert read["standing"] == start == office_clock.SHARED.now()
        assert office_clock.state() == ("virtual", 0, "a test")
        office_clock.set_virtual(start, rate=1000)
        time.sleep(0.05)
        _together([lambda: other_connection("running")])
        assert start + timedelta(seconds=50) <= read["running"] < start + timedelta(days=1)
        office_clock.set_real()
        _together([lambda: other_connection("real")])
        assert abs(read["real"] - clock.RealClock().now()) < timedelta(seconds=5)
    finally:
        office_clock.SHARED.forget()


@pytest.mark.django_db
def test_there_is_one_clock_and_a_virtual_one_has_a_start() -> None:
    ClockRow.objects.update_or_create(pk=1, defaults={"mode": "real"})
    for fields, rule in (
        ({"pk": 2, "mode": "real"}, "ledger_clock_single_row"),
        ({"pk": 1, "mode": "virtual", "start": None}, "ledger_clock_virtual_needs_start"),
    ):
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            ClockRow(**fields).save()
    assert ClockRow.objects.get().mode == "real"


def _refuse() -> None:
    raise Refused("no")


def _together(works: list[Callable[[], None]]) -> None:
    faults: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as fault:  # noqa: BLE001 - raised again below
            faults.append(fault)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if faults:
        raise faults[0]
