"""Any order of presses: whatever people do, no place is sold twice, no money is lost, no state is contradictory."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from setara.applications.service import Application, answer, attach, missing, submit
from setara.applications.tests.making import ADULT, MONDAY, TODAY, House, WatchedTreasury, papers
from setara.booking.models import Appointment, Seat, Window
from setara.booking.moves import miss
from setara.booking.service import book, move_appointment, open_windows
from setara.casework.service import cancel
from setara.kernel.errors import Conflict, Refused
from setara.ledger.service import By, outside, system
from setara.payments.models import Bill, Payment
from setara.payments.service import expire_bill, record_payment, request_bill

WHO = st.integers(0, 2)


def machine(kanim: House, treasury: WatchedTreasury) -> type[RuleBasedStateMachine]:
    """The machine over one office: three people, four windows of one place each, one treasury."""

    class Way(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.point = transaction.atomic()
            self.point.__enter__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.point.__exit__(None, None, None)

        @initialize()
        def people(self) -> None:
            kanim.clock.set(MONDAY)
            self.paid: set[str] = set()
            self.windows = open_windows(By(system("test")), kanim.office, TODAY + timedelta(days=1))
            self.made: list[tuple[Application, By]] = []
            for who in range(3):
                application, by = kanim.draft()
                answer(by, application, ADULT)
                self.made.append((application, by))
                # Two of them further along, so that the later pages are pressed as often as the first.
                if who:
                    self.hand_in(who)
                    self.ask_for_a_code(who)
                    self.pay(who, late=False, twice=False)

        def of(self, who: int) -> tuple[Application, By, str]:
            application, by = self.made[who]
            application.refresh_from_db()
            return application, by, application.status

        def press(self, allowed: bool, act: Any) -> Any:
            """Do it: it succeeds exactly when the model says so."""
            if allowed:
                return act()
            with pytest.raises((Refused, Conflict)), transaction.atomic():
                act()
            return None

        @rule(who=WHO)
        def hand_in(self, who: int) -> None:
            application, by, status = self.of(who)
            if status == "draft":
                for need in missing(application):
                    attach(by, application, need.code, papers())
            self.press(status == "draft", lambda: submit(by, application))

        @rule(who=WHO)
        def ask_for_a_code(self, who: int) -> None:
            application, by, status = self.of(who)
            self.press(status == "submitted", lambda: request_bill(by.actor, application, treasury=treasury))

        @rule(who=WHO, late=st.booleans(), twice=st.booleans())
        def pay(self, who: int, late: bool, twice: bool) -> None:
            application, _, _ = self.of(who)
            bill = Bill.objects.filter(application=application).order_by("pk").first()
            if bill is None:
                return
            at = bill.expires_at + timedelta(minutes=5 if late else -5)
            for _n in range(1 + twice):
                by, ntpn = By(outside("treasury")), f"N{bill.code}"
                assert record_payment(by, bill.code, ntpn, at, bill.amount).ntpn == ntpn
            self.paid.add(f"N{bill.code}")

        @rule()
        def two_hours_pass(self) -> None:
            if kanim.clock.now() < MONDAY + timedelta(hours=8):
                kanim.clock.advance(timedelta(hours=2, minutes=1))
            for bill in Bill.objects.filter(status="open"):
                over = kanim.clock.now() >= bill.expires_at
                self.press(over, lambda bill=bill: expire_bill(By(system("worker")), bill))

        @rule(who=WHO, where=st.integers(0, 3))
        def book_a_place(self, who: int, where: int) -> None:
            application, by, status = self.of(who)
            window = self.windows[where]
            free = Seat.objects.filter(window=window, application__isnull=True).exists()
            self.press(status == "paid" and free, lambda: book(by, application, window))

        @rule(who=WHO, where=st.integers(0, 3))
        def move(self, who: int, where: int) -> None:
            application, by, status = self.of(who)
            window = self.windows[where]
            held = Appointment.objects.filter(application=application, status="booked").first()
            free = Seat.objects.filter(window=window, application__isnull=True).exists()
            allowed = (
                status == "booked" and held is not None and held.moves == 0 and held.window != window and free
            )
            self.press(allowed, lambda: move_appointment(by, application, window))

        @rule(who=WHO)
        def stay_away(self, who: int) -> None:
            application, _, _ = self.of(who)
            held = Appointment.objects.filter(application=application, status="booked").first()
            if held is not None:
                miss(None, held)  # type: ignore[arg-type]

        @rule(who=WHO)
        def cancel(self, who: int) -> None:
            application, by, status = self.of(who)
            self.press(status in {"draft", "submitted", "paid", "booked"}, lambda: cancel(by, application))

        @invariant()
        def nothing_contradicts(self) -> None:
            for window in Window.objects.all():
                taken = Seat.objects.filter(window=window, application__isnull=False).count()
                assert taken == Appointment.objects.filter(window=window, status="booked").count()
                assert taken <= window.capacity
            for application in Application.objects.all():
                booked = Appointment.objects.filter(application=application, status="booked").count()
                assert booked == (application.status == "booked")
                bills = Bill.objects.filter(application=application)
                assert bills.filter(status__in=["open", "paid"]).count() <= 1
                if application.status == "cancelled":
                    assert not bills.filter(status="open").exists()
                    continue
                settled = bills.filter(status="paid").exists()
                assert settled == (application.status not in {"draft", "submitted"})
            assert set(Payment.objects.values_list("ntpn", flat=True)) == getattr(self, "paid", set())

    return Way


@pytest.mark.slow
def test_any_order_of_presses(kanim: House, treasury: WatchedTreasury) -> None:
    kanim.quota(per_day=4)
    run_state_machine_as_test(
        machine(kanim, treasury),
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
