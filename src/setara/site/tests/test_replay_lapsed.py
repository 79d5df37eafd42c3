"""The replay of a past day knows what became of an urgent call after midnight."""

from __future__ import annotations

from datetime import timedelta

from setara.kernel import clock
from setara.kernel.clock import ManualClock
from setara.ledger.service import By, system
from setara.queueing import service as q
from setara.queueing.tests.flooring import MONDAY, passport_office
from setara.site import replay


def test_an_urgent_call_that_lapsed_after_midnight_is_replayed_as_lapsed(db: None) -> None:
    with clock.using(ManualClock(MONDAY)) as source:
        floor = passport_office(source)
        floor.open()
        session, mine = floor.sit("D1", 1), [floor.arrive(), floor.arrive()][-1]
        q.call_out_of_turn(floor.by("KA", "medical_emergency"), session, mine)
        day = floor.today
        standing = [replay.result(replay.read(floor.office.pk, day))["not_rules_choice"][0]["approval"]]
        source.set(MONDAY + timedelta(days=1))
        (request,) = q.overrides_to_expire(source.now())
        q.expire_override(By(system("worker", floor.office.pk)), request)
        standing.append(replay.result(replay.read(floor.office.pk, day))["not_rules_choice"][0]["approval"])
    assert standing == ["pending", "lapsed"]
