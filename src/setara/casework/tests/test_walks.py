"""Random walks of a whole office over the real operations on the real database.

Whatever people press, in whatever order: what is refused changes nothing, and what is not refused leaves
the office in a state in which nobody is lost. At the end the ledger is whole and every call that was not an
exception is the one that the rule gives when asked again.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from setara.applications.service import Application, attach
from setara.applications.tests.making import papers
from setara.casework import service as c
from setara.casework.models import Book, Case, Handover, Hold, StepRun
from setara.kernel.clock import ManualClock
from setara.kernel.errors import SetaraError
from setara.ledger import storage
from setara.ledger.models import Event
from setara.ledger.service import Actor, By
from setara.queueing import service as q
from setara.queueing.models import Call, Session, Ticket
from setara.queueing.tests.flooring import FINGERS, MONDAY, PHOTO, Floor, passport_office, stock
from setara.rules.packs import pack_for

S, T = Application.Status, Ticket.Status
COUNTERS = {"D1": 1, "D2": 2, "B1": 3, "W1": 4, "HO": 5}


#: What people do, and how often beside each other. An office in which most is done right, and anything wrong.
ACTIONS = {
    "comes_with_appointment": 9,
    "walks_in": 3,
    "checks_in_somehow": 2,
    "collects": 4,
    "comes_back": 4,
    "calls": 24,
    "sits_down_or_not": 2,
    "goes_on": 30,
    "out_of_turn": 2,
    "back_office": 12,
    "holds": 3,
    "hands_in": 2,
    "cancels": 1,
    "corrects": 3,
    "time_passes": 3,
    "next_day": 1,
}


class Walk:
    """One office from Monday on, with everybody at their counters."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        floor.clock.set(MONDAY)
        floor.numbers = iter(range(1, 10_000))
        self.pack = pack_for("paspor", floor.today)
        self.morning()
        stock(floor, 5)

    def run(self, seed: int, length: int) -> None:
        """Do something ``length`` times, looking after each that nobody is lost; at the end read the ledger."""
        dice = random.Random(seed)
        for name in dice.choices(list(ACTIONS), list(ACTIONS.values()), k=length):
            getattr(self, name)(dice.randrange(2**16))
            self.nobody_is_lost()
            self.calls_and_tickets_agree()
        assert list(storage.verify(self.floor.office.pk)) == []
        for event in Event.objects.filter(type="queueing.called"):
            assert event.payload["rule_label"] == event.payload["label"]
            assert event.payload["depth"] == 0

    # Tools

    def attempt(self, act: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Try an operation; a refusal must explain itself and leave nothing behind."""
        before, error = Event.objects.count(), None
        try:
            with transaction.atomic():
                done = act(*args, **kwargs)
        except SetaraError as caught:
            done, error = None, caught
        assert Event.objects.count() == before + (error is None)
        # Every refusal has its own code and its own words.
        assert error is None or (str(error) and "." in error.code)
        return done

    def some(self, rows: Any, pick: int) -> Any:
        """One of the rows."""
        found = list(rows)
        return found[pick % len(found)] if found else None

    def session(self, label: str) -> Session | None:
        return Session.objects.filter(staff=self.floor.staff[label]).exclude(state="closed").first()

    @property
    def day_is_open(self) -> bool:
        day = self.floor.day()
        return day is not None and day.status == "open"

    # The desk

    def comes_with_appointment(self, pick: int) -> None:
        minutes = (0, 30, 60)[pick % 3]
        self.attempt(q.check_in, self.floor.by("FD"), self.floor.appointment(minutes), "qr")

    def walks_in(self, pick: int) -> None:
        person = self.floor.application(S.PAID, born=MONDAY.date() - timedelta(days=70 * 366))
        self.attempt(q.check_in_walk_in, self.floor.by("FD"), person, "elderly", "date_of_birth")

    def checks_in_somehow(self, pick: int) -> None:
        """Anybody of any state tries any way in."""
        person = self.some(Application.objects.order_by("started_at", "pk"), pick)
        if person is None:
            return
        by = self.floor.by("FD")
        ways = [
            lambda: self.attempt(q.check_in_pickup, by, person, "name"),
            lambda: self.attempt(q.check_in_return, by, person, "name"),
            lambda: self.attempt(q.check_in_walk_in, by, person, "pregnant", "attestation"),
        ]
        ways[pick % 3]()

    def collects(self, pick: int) -> None:
        person = self.some(Application.objects.filter(status=S.READY).order_by("pk"), pick)
        if person is not None:
            self.attempt(q.check_in_pickup, self.floor.by("FD"), person, "qr")

    def comes_back(self, pick: int) -> None:
        ticket = self.some(Ticket.objects.filter(status__in=[T.ABSENT, T.SENT_BACK]).order_by("pk"), pick)
        if ticket is not None:
            self.attempt(q.return_ticket, self.floor.by("FD"), ticket)

    def cancels(self, pick: int) -> None:
        """Anybody of any state wants to cancel."""
        person = self.some(Application.objects.order_by("started_at", "pk"), pick)
        if person is not None:
            done = self.attempt(c.cancel, self.floor.by("FD"), person)
            assert done is None or not Case.objects.filter(pk=person.pk).exists()

    # The counters

    def calls(self, pick: int) -> None:
        """Mostly a free counter before which somebody waits, at times any."""
        sessions = list(
            Session.objects.exclude(state="closed").select_related("counter", "staff").order_by("pk")
        )
        if pick % 5:
            busy = set(Call.objects.filter(ended_at__isnull=True).values_list("counter", flat=True))
            waits = set(Ticket.objects.filter(status=T.WAITING).values_list("step", flat=True))
            sessions = [
                one
                for one in sessions
                if one.state == "open" and one.counter_id not in busy and waits & set(one.counter.steps)
            ]
        if (session := self.some(sessions, pick // 5)) is not None:
            self.attempt(q.call_next, self.floor.by(session.staff.label), session)

    def sits_down_or_not(self, pick: int) -> None:
        label = sorted(COUNTERS)[pick % len(COUNTERS)]
        session = self.session(label)
        if session is None:
            self.attempt(q.open_counter, self.floor.by(label), self.floor.counters[COUNTERS[label]])
        elif session.state == "break":
            self.attempt(q.resume_counter, self.floor.by(label), session)
        else:
            act = q.close_counter if pick // 5 % 3 == 0 else q.pause_counter
            self.attempt(act, self.floor.by(label), session)

    def out_of_turn(self, pick: int) -> None:
        ticket = self.some(Ticket.objects.filter(status=T.WAITING).order_by("pk"), pick)
        session = self.some(Session.objects.filter(state="open").order_by("pk"), pick // 7)
        if ticket is not None and session is not None:
            self.attempt(
                q.call_out_of_turn, self.floor.by("KA", "medical_emergency"), session, ticket, "maaf"
            )

    def goes_on(self, pick: int) -> None:
        """What comes after a call: mostly service and an outcome, at times a wrong press or nobody there."""
        what = pick // 11 % 12
        call = self.some(Call.objects.filter(ended_at__isnull=True).order_by("pk"), pick)
        if call is None:
            return
        by = self.floor.by(call.staff.label)
        if what == 0:
            self.attempt(q.undo_call, by, call)
        elif what == 1:
            self.attempt(q.repeat_call, by, call)
        elif what == 2:
            self.attempt(q.repeat_call, by, call)
            self.attempt(q.repeat_call, by, call)
            self.floor.after(3)
            self.attempt(q.mark_absent, by, call)
        else:
            self.attempt(q.start_service, by, call)
            self.floor.after(3)
            if what > 3:
                self.end(Call.objects.get(pk=call.pk), pick)

    def end(self, call: Call, pick: int) -> None:
        """End the step of a call in one of the ways that its pack knows."""
        by, step = self.floor.by(call.staff.label), self.pack.step(call.step)
        outcome = random.Random(pick).choices(step.outcomes, [6] + [1] * (len(step.outcomes) - 1))[0].code
        words = {"note": "alasan"}
        if step.kind == "pickup":
            self.attempt(c.hand_over, by, call, "self", outcome, **words)
        elif step.captures:
            self.attempt(c.capture, by, call, PHOTO, FINGERS, outcome, **words)
        elif step.judgement:
            self.attempt(c.interview, by, call, outcome, **words)
        else:
            self.attempt(c.check_documents, by, call, outcome, **words)

    # Behind the hall

    def back_office(self, pick: int) -> None:
        back = [step.code for step in self.pack.steps if step.kind == "back"]
        case = self.some(Case.objects.filter(status="open", step__in=back).order_by("pk"), pick)
        if case is None:
            return
        step = self.pack.step(case.step)
        outcome = random.Random(pick).choices(step.outcomes, [6] + [1] * (len(step.outcomes) - 1))[0].code
        if step.judgement:
            self.attempt(c.adjudicate, self.floor.by("AJ"), case, outcome, "alasan")
        elif step.uses_stock:
            self.attempt(c.print_book, self.floor.by("PR"), case, outcome, "alasan")
        else:
            self.attempt(c.check_quality, self.floor.by("PR"), case, outcome, "alasan")

    def holds(self, pick: int) -> None:
        what = pick % 4
        hold = self.some(Hold.objects.filter(ended_at__isnull=True).order_by("pk"), pick)
        if what and hold is not None:
            self.attempt(c.release_hold, self.floor.by("KA"), hold.case)
        elif (case := self.some(Case.objects.filter(status="open").order_by("pk"), pick)) is not None:
            reason = self.pack.hold_reasons[pick % len(self.pack.hold_reasons)]
            named = ["kk"] if reason.papers and pick % 7 else []
            self.attempt(c.place_hold, self.floor.by("AJ"), case, reason.code, named)

    def hands_in(self, pick: int) -> None:
        """Somebody brings a paper, asked for or not."""
        people = Application.objects.exclude(asked={}) if pick % 4 else Application.objects.all()
        person = self.some(people.order_by("started_at", "pk"), pick)
        if person is not None:
            by = By(Actor("applicant", str(person.pk))) if pick % 2 else self.floor.by("FD")
            self.attempt(attach, by, person, ("kk", "identity")[pick % 3 == 0], papers())

    def corrects(self, pick: int) -> None:
        run = self.some(StepRun.objects.order_by("-ended_at", "-pk")[:4], pick)
        if run is None:
            return
        outcomes = self.pack.step(run.step).outcomes
        outcome = outcomes[pick // 5 % len(outcomes)].code
        self.attempt(c.correct, self.floor.by("KA", "wrong_press"), run, outcome, note="keliru")

    # Days

    def time_passes(self, pick: int) -> None:
        if self.floor.clock.now().hour < 8:
            self.floor.after(20)

    def next_day(self, pick: int) -> None:
        """The evening, now and then by force because somebody is still served, and the next morning."""
        if self.day_is_open and self.evening(force=False) is None:
            self.evening(force=True)
        today = self.floor.clock.now().replace(hour=MONDAY.hour, minute=0)
        self.floor.clock.set(today + timedelta(days=3 if today.weekday() == 4 else 1))
        self.morning()

    def evening(self, force: bool) -> Any:
        return self.attempt(q.close_day, self.floor.by("KA"), self.floor.office, self.floor.today, force)

    def morning(self) -> None:
        self.floor.open()
        for label, number in COUNTERS.items():
            self.floor.sit(label, number)

    # What must always hold

    def nobody_is_lost(self) -> None:
        tickets = list(Ticket.objects.select_related("application"))
        open_ones = {t.application_id: t for t in tickets if t.closed_at is None}
        assert len(open_ones) == sum(t.closed_at is None for t in tickets)
        last: dict[Any, Ticket] = {}
        for ticket in sorted(tickets, key=lambda t: (t.arrived_at, t.pk)):
            if ticket.purpose == "service":
                last[ticket.application_id] = ticket
        cases = {case.pk: case for case in Case.objects.all()}
        holds = set(Hold.objects.filter(ended_at__isnull=True).values_list("case", flat=True))
        for person in Application.objects.all():
            self.one_person(
                person, open_ones.get(person.pk), last.get(person.pk), cases.get(person.pk), holds
            )

    def one_person(
        self,
        person: Application,
        ticket: Ticket | None,
        last: Ticket | None,
        case: Case | None,
        holds: set[Any],
    ) -> None:
        """An application is where its status says, and its next step can be reached."""
        kind = self.pack.step(case.step).kind if case else None
        if person.status == S.IN_SERVICE:
            assert ticket is not None
            assert ticket.status in {T.WAITING, T.CALLED, T.SERVING, T.ABSENT}
            assert ticket.step == (case.step if case else self.pack.first_step.code)
        if person.status == S.RETURNED:
            assert case is not None
            assert last is not None
        waits = kind == "back" and person.pk in holds and self.hold_of(case).reason == "missing_documents"
        assert waits == (person.status == S.RETURNED and kind == "back")
        if waits:
            assert set(person.asked) == set(self.hold_of(case).missing) != set()
            assert ticket is None
        if person.status == S.RETURNED and kind != "back":
            assert kind == "hall"
            assert ticket is not None or last.right_of_return is not None
            assert last.step == case.step
        if person.status == S.PAID and last is not None:
            assert ticket is None
            assert last.right_of_return is not None
        assert not person.asked or person.pk in holds
        if person.status == S.IN_PROCESS:
            assert case is not None
            assert case.status == "open"
            assert kind == "back" or person.pk in holds
            assert ticket is None
        if person.status == S.READY:
            assert case is not None
            assert (case.status, kind) == ("open", "pickup")
            assert Book.objects.filter(case=case, status="passed").exists()
        if person.status == S.DONE:
            assert case is not None
            assert case.status == "done"
            assert Handover.objects.get(case=case).book.status == "handed_over"
        assert (person.status == S.REFUSED) == (case is not None and case.status == "refused")
        if case is not None and case.status == "open" and case.clock_started_at and not case.clock_stopped_at:
            assert case.due_on is not None or person.pk in holds

    def hold_of(self, case: Any) -> Hold:
        return Hold.objects.get(case=case, ended_at__isnull=True)

    def calls_and_tickets_agree(self) -> None:
        running = Call.objects.filter(ended_at__isnull=True)
        assert len({call.counter_id for call in running}) == len(running)
        called = {t.pk for t in Ticket.objects.filter(status__in=[T.CALLED, T.SERVING])}
        assert {call.ticket_id for call in running} == called
        if not self.day_is_open:
            assert not Ticket.objects.filter(closed_at__isnull=True).exists()
            assert not Session.objects.exclude(state="closed").exists()
        assert Book.objects.exclude(status="stock").filter(case__isnull=True).count() == 0


def walk(floor: Floor, seed: int, length: int) -> Counter[str]:
    """One walk; how often each event happened in it."""
    Walk(floor).run(seed, length)
    return Counter(Event.objects.values_list("type", flat=True))


@pytest.mark.parametrize("seed", [1, 2])
def test_a_walk(db: None, still: ManualClock, seed: int) -> None:
    happened = walk(passport_office(still), seed, 150)
    # A walk in which little happens proves little.
    assert happened["queueing.called"] > 15
    assert happened["casework.step_ended"] > 5


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, 8])
def test_a_long_walk(db: None, still: ManualClock, seed: int) -> None:
    happened = walk(passport_office(still), seed, 500)
    assert happened["queueing.called"] > 50
    assert happened["casework.ready"] > 1
    assert happened["casework.corrected"] > 1
    assert happened["queueing.call_undone"] > 1
