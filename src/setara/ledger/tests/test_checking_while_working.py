"""A ledger is checked while its office works: what is written meanwhile is no fault."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from setara.ledger import storage
from setara.ledger.contract import By


@pytest.mark.race
def test_events_that_are_written_meanwhile_are_no_fault_but_lost_ones_are(
    kit, own_database: str, owner_connection
) -> None:
    stop, found = threading.Event(), []
    kit.change(By(kit.actor), "first")

    def work() -> None:
        try:
            for turn in range(10_000):
                if stop.is_set():
                    return
                kit.change(By(kit.other), f"{turn}", office="a")
        finally:
            connection.close()

    writer = threading.Thread(target=work)
    writer.start()
    try:
        for _ in range(40):
            found += storage.verify("a")
    finally:
        stop.set()
        writer.join(20)
    assert found == []
    owner_connection.execute("ALTER TABLE ledger_event DISABLE TRIGGER USER")
    owner_connection.execute(
        "DELETE FROM ledger_event WHERE office = 'a' AND seq = (SELECT max(seq) FROM ledger_event WHERE office = 'a')"
    )
    owner_connection.execute("ALTER TABLE ledger_event ENABLE TRIGGER USER")
    assert ["the head says" in line for line in storage.verify("a")] == [True]
