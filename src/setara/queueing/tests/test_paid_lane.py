"""The same-day lane has its own payment; nothing that an officer sees takes its place."""

from __future__ import annotations

from datetime import timedelta

import pytest

from setara.applications.service import Application
from setara.kernel.errors import Refused
from setara.offices.service import configure
from setara.payments.service import Bill, Payment
from setara.queueing import service as q
from setara.queueing.tests.flooring import BOSS, Floor

ON = {"lanes.same_day.enabled": True, "questions.speed.enabled": True, "lanes.same_day.daily_quota": 1}


def paid(floor: Floor, *fees: str) -> Application:
    """Somebody who has paid these lines."""
    person, now = floor.application(Application.Status.PAID), floor.clock.now()
    number = next(floor.numbers)
    bill = Bill.objects.create(
        application=person,
        code=f"{number:015d}",
        amount=1,
        lines=[{"code": fee, "amount": 1} for fee in fees],
        status=Bill.Status.PAID,
        issued_at=now,
        expires_at=now + timedelta(hours=2),
    )
    Payment.objects.create(bill=bill, ntpn=f"{number:016d}", paid_at=now, noticed_at=now)
    return person


def test_only_whoever_has_paid_for_the_same_day_waits_in_its_lane(floor: Floor) -> None:
    bought, other = paid(floor, "electronic_10", "same_day"), paid(floor, "electronic_10")

    def check_in(person: Application) -> q.Ticket:
        # Read again, as a request does: the office's own values may have changed.
        return q.check_in_walk_in(floor.by("FD"), Application.objects.get(pk=person.pk), "same_day", "card")

    with pytest.raises(Refused) as not_offered:
        check_in(bought)
    assert not_offered.value.code == "ground_unknown"
    configure(BOSS, floor.office, {"local": ON})
    with pytest.raises(Refused) as unpaid:
        check_in(other)
    assert unpaid.value.code == "ground_unpaid"
    ticket = check_in(bought)
    assert (ticket.lane, ticket.label, ticket.ground_proof) == ("same_day", "P-001", "payment")
    with pytest.raises(Refused) as full:
        check_in(paid(floor, "same_day"))
    assert full.value.code == "queueing.quota_full"
    assert q.call_next(floor.by("D1"), floor.sit("D1", 1)).ticket == ticket
