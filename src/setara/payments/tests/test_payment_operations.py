"""Bills and payments: one code at a time, money counted once and never lost, late money honoured."""

from __future__ import annotations

from datetime import timedelta

import pytest

from setara.applications.service import Application
from setara.applications.tests.making import MONDAY, House, WatchedTreasury
from setara.kernel.errors import Conflict, Forbidden, NotFound, Refused, Unavailable
from setara.ledger.models import Event
from setara.ledger.service import By, outside, system
from setara.payments.gateway import Treasury
from setara.payments.models import Bill, Payment
from setara.payments.operations import refuse_notice
from setara.payments.service import (
    bills_to_expire,
    check_payment,
    expire_bill,
    live_bill,
    payment_of,
    record_payment,
    request_bill,
)

TREASURY = By(outside("treasury"))
WORKER = By(system("worker"))


def explained(error: pytest.ExceptionInfo[Refused], code: str) -> None:
    assert error.value.code == code
    assert str(error.value.message)
    assert str(error.value.remedy)


def types(application: Application) -> list[str]:
    found = Event.objects.filter(application=application.pk, type__startswith="payments.").order_by("seq")
    return list(found.values_list("type", flat=True))


def test_billed_paid_and_the_notice_twice(kanim: House, treasury: WatchedTreasury) -> None:
    draft, by = kanim.draft()
    with pytest.raises(Refused) as early:
        request_bill(by.actor, draft, treasury=treasury)
    explained(early, "payments.not_submitted")
    made, by = kanim.submitted()
    bill = request_bill(by.actor, made, treasury=treasury)
    assert (bill.amount, bill.expires_at - MONDAY) == (950_000, timedelta(hours=2))
    assert [line["amount"] for line in bill.lines] == [950_000]
    assert request_bill(by.actor, made, treasury=treasury) == bill
    assert treasury.asked == 1
    ntpn = treasury.pay(bill.code, MONDAY)
    paid = record_payment(TREASURY, bill.code, ntpn, MONDAY, 950_000)
    assert record_payment(TREASURY, bill.code, ntpn, MONDAY, 950_000) == paid
    assert record_payment(By(outside("treasury", "uji"), key="another"), bill.code, ntpn, MONDAY) == paid
    made.refresh_from_db()
    assert made.status == "paid"
    assert not paid.late
    assert payment_of(made) == paid
    assert types(made) == ["payments.billed", "payments.paid"]
    with pytest.raises(Refused) as again:
        request_bill(by.actor, made, treasury=treasury)
    explained(again, "payments.already_paid")
    with pytest.raises(Conflict) as twice:
        record_payment(TREASURY, bill.code, "ANOTHER0RECEIPT0", MONDAY)
    explained(twice, "payments.paid_twice")


def test_an_expired_code_is_replaced_without_filling_in_again(
    kanim: House, treasury: WatchedTreasury
) -> None:
    made, by = kanim.submitted()
    bill = request_bill(by.actor, made, treasury=treasury)
    with pytest.raises(Refused) as early:
        expire_bill(WORKER, bill)
    explained(early, "payments.not_expired")
    assert bills_to_expire(kanim.clock.now()) == []
    kanim.clock.advance(timedelta(hours=2))
    assert bills_to_expire(kanim.clock.now()) == [bill]
    fresh = request_bill(by.actor, made, treasury=treasury)
    assert fresh.code != bill.code
    bill.refresh_from_db()
    made.refresh_from_db()
    assert (bill.status, fresh.status, made.status) == ("expired", "open", "submitted")
    with pytest.raises(Conflict) as closed:
        expire_bill(WORKER, bill)
    explained(closed, "payments.not_open")
    assert live_bill(made) == fresh


def test_paid_in_time_but_the_notice_came_late(kanim: House, treasury: WatchedTreasury) -> None:
    """The state of June 2024 (DOMAIN §1.3): people had paid and saw "expired"."""
    made, by = kanim.submitted()
    bill = request_bill(by.actor, made, treasury=treasury)
    ntpn = treasury.pay(bill.code, MONDAY + timedelta(minutes=90))
    kanim.clock.advance(timedelta(hours=3))
    expire_bill(WORKER, bill)
    # Nobody is sent to pay again: a new code is refused once the treasury says that the old one was paid.
    with pytest.raises(Refused) as again:
        request_bill(by.actor, made, treasury=treasury)
    explained(again, "payments.already_paid")
    paid = Payment.objects.get(ntpn=ntpn)
    made.refresh_from_db()
    assert (made.status, paid.late, treasury.asked) == ("paid", False, 1)


def test_money_after_the_deadline_is_honoured_and_marked(kanim: House, treasury: WatchedTreasury) -> None:
    made, by = kanim.submitted()
    bill = request_bill(by.actor, made, treasury=treasury)
    kanim.clock.advance(timedelta(hours=2, minutes=5))
    fresh = request_bill(by.actor, made, treasury=treasury)
    paid = record_payment(TREASURY, bill.code, "LATE000000000001", kanim.clock.now(), 950_000)
    assert paid.late
    made.refresh_from_db()
    fresh.refresh_from_db()
    assert (made.status, fresh.status, paid.bill.status) == ("paid", "expired", "expired")
    assert Bill.objects.get(pk=bill.pk).status == "paid"
    # The newer code is paid all the same, by a relative: money that must go back, written down as such.
    surplus = record_payment(TREASURY, fresh.code, "TWICE00000000001", kanim.clock.now(), 950_000)
    assert Event.objects.get(type="payments.paid", payload__ntpn=surplus.ntpn).payload["surplus"]
    assert payment_of(made) == paid


def test_what_does_not_fit_is_refused_and_reported(kanim: House, treasury: WatchedTreasury) -> None:
    made, by = kanim.submitted()
    bill = request_bill(by.actor, made, treasury=treasury)
    with pytest.raises(Refused) as amount:
        record_payment(TREASURY, bill.code, "WRONG00000000001", MONDAY, 1)
    explained(amount, "payments.amount")
    refuse_notice(By(outside("treasury"), key="n"), bill.code, "WRONG00000000001", "payments.amount", 1)
    refuse_notice(By(outside("treasury"), key="n"), bill.code, "WRONG00000000001", "payments.amount", 1)
    assert types(made) == ["payments.billed", "payments.notice_refused"]
    with pytest.raises(NotFound) as unknown:
        record_payment(TREASURY, "8" * 15, "WRONG00000000001", MONDAY, 1)
    explained(unknown, "payments.unknown_code")
    with pytest.raises(Forbidden):
        record_payment(by, bill.code, "WRONG00000000001", MONDAY)
    record_payment(TREASURY, bill.code, "RIGHT00000000001", MONDAY, 950_000)
    other, by = kanim.submitted()
    second = request_bill(by.actor, other, treasury=treasury)
    with pytest.raises(Refused) as stolen:
        record_payment(TREASURY, second.code, "RIGHT00000000001", MONDAY, 950_000)
    explained(stolen, "payments.ntpn")


def test_a_treasury_that_is_silent_loses_nothing(kanim: House, treasury: WatchedTreasury) -> None:
    made, by = kanim.submitted()
    nobody = Treasury("http://127.0.0.1:9", "a shared secret", timeout=0.2)
    with pytest.raises(Unavailable) as down:
        request_bill(by.actor, made, treasury=nobody)
    explained(down, "treasury_down")
    made.refresh_from_db()
    assert made.status == "submitted"
    assert not Bill.objects.filter(application=made).exists()
    assert request_bill(by.actor, made, treasury=treasury).status == "open"


def test_a_crash_between_treasury_and_database_gives_the_same_code(
    kanim: House, treasury: WatchedTreasury
) -> None:
    class Dying(WatchedTreasury):
        def issue_bill(self, **wish):  # type: ignore[no-untyped-def]
            self.given = super().issue_bill(**wish)
            raise KeyboardInterrupt

    made, by = kanim.submitted()
    dying = Dying(treasury.simulator)
    with pytest.raises(KeyboardInterrupt):
        request_bill(by.actor, made, treasury=dying)
    assert not Bill.objects.exists()
    assert request_bill(by.actor, made, treasury=treasury).code == dying.given.code


def test_have_i_paid(kanim: House, treasury: WatchedTreasury) -> None:
    made, by = kanim.submitted()
    assert check_payment(by.actor, made, treasury=treasury) is None
    bill = request_bill(by.actor, made, treasury=treasury)
    assert check_payment(by.actor, made, treasury=treasury) is None
    ntpn = treasury.pay(bill.code, MONDAY)
    paid = check_payment(by.actor, made, treasury=treasury)
    assert paid is not None
    assert paid.ntpn == ntpn
    assert check_payment(by.actor, made, treasury=treasury) == paid
    _stranger, other = kanim.submitted()
    with pytest.raises(Forbidden):
        check_payment(other.actor, made, treasury=treasury)
