"""The one contract: permission, one transaction, exactly one event, retries that change nothing."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import pytest
from django.db import connection, transaction

from setara.kernel import clock
from setara.kernel.errors import Forbidden, Refused
from setara.ledger import storage
from setara.ledger.actors import VISITOR, Actor, Permission, permission, require
from setara.ledger.contract import By, Op, in_operation, operations
from setara.ledger.models import Event


def _events() -> list[tuple[int, str]]:
    return list(Event.objects.filter(type="kit.changed").order_by("seq").values_list("seq", "payload__what"))


@pytest.mark.django_db
def test_one_operation_changes_state_and_writes_one_event(kit) -> None:
    row = kit.change(By(kit.actor, reason="because", key="k1"), "x")
    event = Event.objects.get()
    assert (event.office, event.seq, event.type, event.version) == ("a", 1, "kit.changed", 1)
    assert (event.actor_kind, event.actor_id, event.reason) == ("officer", "clerk-1", "because")
    assert event.payload == {"what": "x", "row": str(row.pk)}
    assert event.operation == "kit.change"
    assert event.result == f"offices.Holiday:{row.pk}"
    assert not list(storage.verify("a"))
    assert "kit.change" in operations()
    assert not in_operation()


@pytest.mark.django_db
def test_what_breaks_the_contract_leaves_nothing_behind(kit) -> None:
    def no_permit(op: Op) -> Any:
        row = kit.row("no permit")
        op.record(kit.Changed(what="x", row="1"), office="a")
        return row

    def no_event(op: Op) -> Any:
        op.permit(kit.permission, office="a")
        return kit.row("no event")

    def two_events(op: Op) -> Any:
        op.permit(kit.permission, office="a")
        op.record(kit.Changed(what="x", row="1"), office="a")
        op.record(kit.Changed(what="y", row="2"), office="a")
        return kit.row("two events")

    def nested(op: Op) -> Any:
        op.permit(kit.permission, office="a")
        op.record(kit.Changed(what="x", row="1"), office="a")
        kit.change(By(kit.actor), "inner")
        return kit.row("nested")

    for function, words in (
        (no_permit, "asked for no permission"),
        (no_event, "recorded no event"),
        (two_events, "second event"),
        (nested, r"kit\.change called inside kit\.nested"),
    ):
        run = kit.declare(function)
        with pytest.raises(RuntimeError, match=words):
            run(By(kit.actor))
        assert (kit.rows(), Event.objects.count()) == (0, 0), function.__name__
        assert not in_operation()
    kit.change(By(kit.actor), "control")
    assert (kit.rows(), Event.objects.count()) == (1, 1)
    with pytest.raises(ValueError, match="declared twice"):
        kit.declare(no_event)


@pytest.mark.django_db
def test_an_event_is_never_recorded_outside_a_transaction_of_an_operation(kit) -> None:
    op = Op("kit.loose", By(kit.actor))
    with pytest.raises(RuntimeError, match="no permission"):
        op.finish(None, "")


def test_an_event_is_never_written_outside_a_transaction(kit, own_database: str) -> None:
    def write() -> None:
        storage.append(
            storage.Draft(kit.Changed(what="loose", row="1"), "a"),
            actor=kit.actor, reason=None, occurred_at=clock.now(), operation="kit.loose", key=None, result="",
        )  # fmt: skip

    with pytest.raises(RuntimeError, match="inside the transaction"):
        write()
    assert _events() == []
    with transaction.atomic():
        write()
    assert _events() == [(1, "loose")]


@pytest.mark.race
def test_an_operation_that_met_a_deadlock_runs_again(kit, own_database: str) -> None:
    """Two operations lock the same two rows the other way round: the database ends one, and it is run again."""
    rows = [kit.row("one"), kit.row("two")]
    meeting, tries, faults = threading.Barrier(2), [], []

    def crossing(op: Op, first: int) -> Any:
        op.permit(kit.permission, office="a")
        tries.append(first)
        for place in (first, 1 - first):
            row = type(rows[0]).objects.select_for_update().get(pk=rows[place].pk)
            if len(tries) <= 2:
                with contextlib.suppress(threading.BrokenBarrierError):
                    meeting.wait(5)  # both hold their first row; whoever comes again meets nobody
        op.record(kit.Changed(what=f"crossed {first}", row=str(row.pk)), office="a")
        return row

    run = kit.declare(crossing)

    def work(first: int) -> None:
        try:
            run(By(kit.actor), first)
        except Exception as fault:  # noqa: BLE001 - shown by the assertion
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert faults == []
    assert len(tries) == 3, "the control: one of the two was ended by the database"
    assert {what for _seq, what in _events()} == {"crossed 0", "crossed 1"}


@pytest.mark.django_db
def test_a_refusal_undoes_everything(kit) -> None:
    def refuse() -> None:
        raise Refused("no")

    with pytest.raises(Refused):
        kit.change(By(kit.actor), "x", meanwhile=refuse)
    with pytest.raises(Forbidden):
        kit.change(By(VISITOR), "x")
    assert (kit.rows(), _events()) == (0, [])
    kit.change(By(kit.actor), "control")
    assert _events() == [(1, "control")]


@pytest.mark.django_db
def test_a_retry_changes_nothing_and_returns_the_first_result(kit) -> None:
    first = kit.change(By(kit.actor, key="same"), "x")
    second = kit.change(By(kit.actor, key="same"), "x")
    # Also when the second try would not even break a rule of the database.
    third = kit.change(By(kit.actor, key="same"), "other name")
    assert first.pk == second.pk == third.pk
    assert (kit.rows(), _events()) == (1, [(1, "x")])
    # The controls: another key, another actor, no key.
    kit.change(By(kit.actor, key="else"), "y")
    kit.change(By(kit.other, key="same"), "z", office="a")
    kit.change(By(kit.actor), "w")
    assert (kit.rows(), len(_events())) == (4, 4)


@pytest.mark.race
@pytest.mark.parametrize("key", ["same", None])
def test_overlapping_retries_change_once(kit, own_database: str, key: str | None) -> None:
    """Eight at the same moment with one key: one row, one event, one answer. Without a key: eight."""
    start, answers, faults = threading.Barrier(8), [], []

    def at_once(number: int) -> None:
        start.wait(20)
        try:
            answers.append(kit.change(By(kit.actor, key=key), f"x{number}").pk)
        except Exception as fault:  # noqa: BLE001 - shown by the assertion
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=at_once, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert faults == []
    expected = 1 if key else 8
    assert len(answers) == 8
    assert (len(set(answers)), kit.rows(), len(_events())) == (expected,) * 3
    assert not list(storage.verify("a"))


def test_permissions_deny_unless_they_say_otherwise(kit) -> None:
    step = Permission("kit.step", frozenset({"clerk"}), step=True)
    mine = Permission("kit.mine", frozenset(), applicant=True)
    clerk = Actor("officer", "1", "a", frozenset({"clerk"}), frozenset({"interview"}))
    assert step.allows(clerk, office="a", step="interview")
    assert not step.allows(clerk, office="a", step="print")
    assert not step.allows(clerk, office="b", step="interview")
    assert not step.allows(Actor("officer", "1", "a", frozenset({"head"})), office="a")
    assert not step.allows(Actor("officer", "1", None, frozenset({"clerk"})), office=None)
    assert mine.allows(Actor("applicant", "app-1"), office="a", application="app-1")
    assert not mine.allows(Actor("applicant", "app-1"), office="a", application="app-2")
    assert not mine.allows(Actor("applicant", "app-1"), office="a")
    assert not mine.allows(VISITOR, office="a", application="visitor")
    assert not mine.allows(Actor("system", "x"), office="a")
    ours, theirs = (
        Permission("kit.ours", frozenset(), system=True),
        Permission("kit.theirs", frozenset(), outside=True),
    )
    process, treasury = Actor("system", "x"), Actor("outside", "x")
    assert (ours.allows(process, office="a"), ours.allows(treasury, office="a")) == (True, False)
    assert (theirs.allows(process, office="a"), theirs.allows(treasury, office="a")) == (False, True)
    with pytest.raises(ValueError, match="declared twice"):
        permission("kit.change", "clerk")


def test_refusals_say_which_rule(kit) -> None:
    step = Permission("kit.step", frozenset({"clerk"}), step=True)
    clerk = Actor("officer", "1", "a", frozenset({"clerk"}))
    rules = set()
    for actor, office in ((clerk, "b"), (clerk, "a"), (VISITOR, "a")):
        with pytest.raises(Forbidden) as refused:
            require(step, actor, office=office, step="interview")
        assert refused.value.code == "forbidden.kit.step"
        assert refused.value.remedy
        rules.add(str(refused.value.rule))
    assert len(rules) == 3
