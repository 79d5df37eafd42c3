"""Two notices, two clicks, two processes at the same second: one bill, one payment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from psycopg import Connection

from setara.applications.service import Application, submit
from setara.applications.tests.making import ADULT, MONDAY, House, WatchedTreasury, papers, together
from setara.kernel.errors import Conflict
from setara.ledger.models import Event
from setara.ledger.service import By, outside, system
from setara.payments.models import Bill, Payment
from setara.payments.service import expire_bill, record_payment, request_bill

pytestmark = pytest.mark.race


def again(made: Application) -> Application:
    return Application.objects.select_related("office").get(pk=made.pk)


def test_many_notices_of_one_payment_and_two_of_different_ones(
    racing: House, treasury: WatchedTreasury
) -> None:
    made, by = racing.submitted()
    bill = request_bill(by.actor, made, treasury=treasury)
    outcomes = together(
        8,
        lambda i: record_payment(
            By(outside("treasury", "uji" if i % 2 else None), key=str(i)),
            bill.code,
            "ONE0000000000001",
            MONDAY,
        ),
    )
    assert {o.pk for o in outcomes} == {Payment.objects.get().pk}
    assert Event.objects.filter(type="payments.paid").count() == 1
    other, by = racing.submitted()
    second = request_bill(by.actor, other, treasury=treasury)
    outcomes = together(
        4,
        lambda i: record_payment(By(outside("treasury")), second.code, f"TWO000000000000{i}", MONDAY),
    )
    assert sum(isinstance(o, Payment) for o in outcomes) == 1
    assert sum(isinstance(o, Conflict) for o in outcomes) == 3


def test_two_clicks_get_one_code(racing: House, treasury: WatchedTreasury) -> None:
    made, by = racing.submitted()
    bills = together(6, lambda i: request_bill(by.actor, again(made), key=str(i % 3), treasury=treasury))
    assert {b.code for b in bills if isinstance(b, Bill)} == {Bill.objects.get().code}


def test_paying_and_expiring_at_the_same_moment_never_loses_the_money(
    racing: House, treasury: WatchedTreasury
) -> None:
    made, by = racing.submitted()
    bill = request_bill(by.actor, made, treasury=treasury)
    racing.clock.advance(timedelta(hours=2))
    together(
        6,
        lambda i: (
            expire_bill(By(system("worker")), Bill.objects.select_related("application").get(pk=bill.pk))
            if i % 2
            else record_payment(By(outside("treasury")), bill.code, "RACE000000000001", MONDAY)
        ),
    )
    assert Payment.objects.get().late is False
    assert Bill.objects.get(pk=bill.pk).status == "paid"
    assert again(made).status == "paid"


def test_control_without_its_rules_the_same_money_is_counted_more_than_once(
    racing: House, treasury: WatchedTreasury, owner_connection: Connection
) -> None:
    """Check-then-insert with the unique indexes dropped: what the lock and the indexes keep from happening."""
    import threading

    made, by = racing.submitted()
    bill = request_bill(by.actor, made, treasury=treasury)
    for row in owner_connection.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = 'payments_payment'::regclass AND contype = 'u'"
    ).fetchall():
        owner_connection.execute(f'ALTER TABLE payments_payment DROP CONSTRAINT "{row[0]}"')
    looked = threading.Barrier(4)

    def careless(i: int) -> bool:
        there = Payment.objects.filter(ntpn="SAME000000000001").exists()
        looked.wait(20)
        if not there:
            Payment.objects.create(
                bill_id=bill.pk, ntpn="SAME000000000001", paid_at=MONDAY, noticed_at=MONDAY
            )
        return not there

    together(4, careless)
    assert Payment.objects.filter(ntpn="SAME000000000001").count() > 1
    connection.close()


def test_concurrent_submits_hand_in_once(racing: House) -> None:
    from setara.applications.service import answer, attach, missing

    made, by = racing.draft()
    answer(by, made, ADULT)
    for need in missing(made):
        attach(by, made, need.code, papers())
    outcomes = together(6, lambda i: submit(By(by.actor, key=f"press {i % 2}"), again(made)))
    codes = [getattr(o, "code", "submitted") for o in outcomes]
    assert set(codes) == {"submitted", "applications.not_draft"}
    assert codes.count("submitted") == 3
    assert Event.objects.filter(type="applications.submitted").count() == 1
