"""Before the day: applying, papers, paying, booking; played on the days before the visit."""

from __future__ import annotations

from datetime import date, time, timedelta

from setara.applications import service as applications
from setara.applications.service import Application
from setara.booking import service as booking
from setara.kernel.errors import SetaraError
from setara.ledger.service import Actor, outside, system
from setara.payments import service as payments
from setara.rules import packs
from setara.rules.packs.conditions import Answer
from setara.site.day.cast import Person
from setara.site.day.play import Play
from setara.site.day.stage import Process

# The purposes of 852 applications at Manokwari in the first half of 2025 (DOMAIN S23).
PURPOSES = {"tourism": 561, "umrah": 206, "hajj": 44, "medical": 20, "study": 13, "work": 8}
USUAL = 0.8  # how often the play answers yes to a question that it has no opinion on


def applicant(play: Play, person: Person, visit: date) -> Process:
    """One applicant from the first page to a booked seat (or a priority walk-in without one)."""
    begun = play.at(visit - timedelta(days=person.days_ahead), time(8)) + timedelta(
        seconds=person.rng.randint(0, 8 * 3600)
    )
    yield begun
    actor, application = _start(play, person)
    play.people[str(application.pk)] = person
    person.application = str(application.pk)
    yield play.now + person.minutes(3)
    play.do(applications.answer, actor, application, _answers(person, application))
    for requirement in applications.requirements_of(application):
        if not requirement.required:
            continue
        yield play.now + person.minutes(2)
        play.do(applications.attach, actor, application, requirement.code, play.scanner.scan())
    yield play.now + person.minutes(2)
    application = play.do(applications.submit, actor, application, confirmed_aloud=person.assisted)
    yield from _pay(play, person, application, actor)
    yield play.now + person.minutes(4)
    if person.priority or person.scheme == "family":
        play.walk_ins.append((person, application))
        return
    appointment = _book(play, person, application, actor, visit)
    if appointment is not None:
        play.bookings.append((person, appointment))


def _start(play: Play, person: Person) -> tuple[Actor, Application]:
    front = play.officer(play.cast.front)
    starter = front if person.assisted else Actor("visitor", "visitor")
    application = play.do(
        applications.start,
        starter,
        play.office,
        person.data,
        contact="slip" if person.assisted else "sms",
        language="id",
        channel=("walk_in" if person.priority else "assisted") if person.assisted else "online",
        simulated=True,
    )
    return (front if person.assisted else Actor("applicant", str(application.pk))), application


def _answers(person: Person, application: Application) -> dict[str, Answer]:
    """Answers to every question that the pack asks this person, drawn where the play has no opinion."""
    pack = applications.pack_of_application(application)
    answers: dict[str, Answer] = {}
    while (question := packs.next_question(pack, answers)) is not None:
        answers[question.code] = _answer(person, question)
    return answers


def _answer(person: Person, question: packs.Question) -> Answer:
    """What this person answers; the play's people are adults who apply for themselves (DOMAIN 7: purposes)."""
    options = [option.code for option in question.options if option.stop is None and option.enabled]
    known = {"type": person.type, "applicant": "adult", "special": "none"}
    if known.get(question.code) in options:
        return known[question.code]
    if question.kind == "bool":
        return person.rng.random() < USUAL
    if question.kind == "date":
        return person.data.birth_date + timedelta(days=6000)
    weights = [PURPOSES.get(code, 1) for code in options] if question.code == "purpose" else None
    return person.rng.choices(options, weights)[0]


def _pay(play: Play, person: Person, application: Application, actor: Actor) -> Process:
    bill = payments.request_bill(actor, application)
    play.counted()
    if person.bill_expires:
        # Two hours pass without a payment: the code expires, nothing is lost, a new code is asked for.
        yield bill.expires_at + timedelta(minutes=1)
        play.do(payments.expire_bill, system("worker", play.office.code), bill)
        yield play.now + person.minutes(30)
        bill = payments.request_bill(actor, application)
        play.counted()
    yield play.now + min(person.minutes(35), bill.expires_at - play.now - timedelta(minutes=1))
    notice = play.bank.pay(bill.code, "teller", play.now)
    play.do(
        payments.record_payment, outside("treasury", play.office.code), bill.code, notice.ntpn, notice.paid_at
    )


def _book(
    play: Play, person: Person, application: Application, actor: Actor, visit: date
) -> booking.Appointment | None:
    windows = [w for w in booking.windows_of(play.office, visit, visit) if w.free]
    person.rng.shuffle(windows)
    for choice in windows:
        try:
            return play.do(booking.book, actor, application, choice.window)
        except SetaraError as error:
            play.tally.refusals[error.code] += 1
    return None
