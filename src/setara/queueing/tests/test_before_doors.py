"""Nobody is served before the doors open, not by the rule and not out of turn."""

from __future__ import annotations

import pytest

from setara.kernel.clock import ManualClock
from setara.kernel.errors import Refused
from setara.queueing import service as q
from setara.queueing.tests.flooring import MONDAY, passport_office


def test_an_approved_call_out_of_turn_waits_for_the_doors_like_everybody(
    db: None, still: ManualClock
) -> None:
    floor = passport_office(still)
    floor.open()
    floor.officer("K2", ["supervisor"])
    # Monday is open now; the doors of Tuesday open at eight.
    q.close_day(floor.by("KA"), floor.office, floor.today)
    still.set(MONDAY.replace(day=3, hour=0, minute=40))
    floor.open()
    ticket, session = floor.arrive(), floor.sit("D1", 1)
    floor.arrive()

    def call() -> q.Call:
        request = q.ask_override(floor.by("D1", "state_duty"), ticket)
        q.approve_override(floor.by("K2"), request)
        return q.call_out_of_turn(floor.by("D1", "state_duty"), session, ticket)

    with pytest.raises(Refused) as shut:
        call()
    assert shut.value.code == "queueing.before_doors"
    with pytest.raises(Refused) as shut:
        q.call_next(floor.by("D1"), session)
    assert shut.value.code == "queueing.before_doors"
    still.set(MONDAY.replace(day=3))
    assert call().ticket == ticket
