"""The hall on a day of service: arrivals at the desk, officers at their counters, closing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from setara.applications.service import Application
from setara.booking.service import Appointment
from setara.casework import service as casework
from setara.kernel.errors import SetaraError
from setara.ledger.service import Actor, system
from setara.offices import service as offices
from setara.offices.service import Counter, Staff
from setara.queueing import service as queueing
from setara.queueing.service import Call, Session, Ticket
from setara.site.day import cast as traits
from setara.site.day import schemes
from setara.site.day.cast import Person
from setara.site.day.demo_office import MINUTES
from setara.site.day.play import Play
from setara.site.day.stage import Process, Wait

LOOK_AGAIN = timedelta(minutes=10)
WALK = timedelta(seconds=25)
OVERTIME = timedelta(minutes=90)
PHOTO_TRIES = 3
SIMULATED = "Simulasi."


def open_day(play: Play, day: date, desks: Sequence[tuple[Staff, Counter]]) -> None:
    """The supervisor opens the day with its roster."""
    roster = [*desks, (play.cast.front, None), (play.cast.supervisor, None)]
    open_it = play.attempt if play.watched else play.do  # a visitor may have opened it already
    open_it(offices.open_day, play.officer(play.cast.supervisor), play.office, day, roster)


def opening_draw(play: Play, day: date) -> Process:
    """Those who stood before the doors get their ranks by lot, where the pack has them drawn."""
    opens, _closes = _hours(play, day)
    yield opens
    if queueing.draw_due(play.office, play.now):
        play.attempt(queueing.draw_opening, system("opening", play.office.code), play.office)


def arrival(play: Play, person: Person, appointment: Appointment) -> Process:
    """Somebody with a seat comes (or not), and is checked in by QR code or by name."""
    if person.no_show:
        play.tally.no_shows += 1
        return
    opens, closes = _hours(play, appointment.date)
    comes = min(max(appointment.window.starts + person.lateness, opens), closes - timedelta(minutes=20))
    yield opens - schemes.EARLY if person.scheme == "off-hours" else comes
    front = play.officer(play.cast.front)
    how = "name" if person.by_name else "qr"
    if person.scheme == "false-priority":
        ticket = schemes.false_ground(play, person, appointment, how)
    else:
        ticket = play.attempt(queueing.check_in, front, appointment, how=how)
    if ticket is not None:
        _joined(play, ticket, new=True)


def walk_in(play: Play, person: Person, application: Application, day: date) -> Process:
    """Somebody with a lawful ground comes without a seat, through the priority lane."""
    opens, closes = _hours(play, day)
    yield opens + timedelta(seconds=person.rng.randint(0, int((closes - opens).total_seconds() * 0.5)))
    front = play.officer(play.cast.front)
    proof = "date_of_birth" if person.priority == "elderly" else "visible"
    ticket = play.attempt(queueing.check_in_walk_in, front, application, person.priority, proof)
    if ticket is not None:
        play.planter.hosts.append(ticket)
        _joined(play, ticket, new=True)


def companion(play: Play, person: Person, application: Application, day: date) -> Process:
    """Somebody who accompanies a person with a lawful ground; goes home when none of them comes alone."""
    opens, closes = _hours(play, day)
    yield opens + timedelta(minutes=5)
    while play.now < closes - timedelta(hours=1):
        ticket = schemes.accompany(play, person, application)
        if ticket is not None:
            _joined(play, ticket, new=True)
            return
        yield play.now + timedelta(minutes=10)


def pickup(play: Play, person: Person, application: Application, day: date) -> Process:
    """Somebody comes back for the book."""
    opens, closes = _hours(play, day)
    yield opens + timedelta(seconds=person.rng.randint(1800, int((closes - opens).total_seconds() * 0.8)))
    ticket = play.attempt(queueing.check_in_pickup, play.officer(play.cast.front), application, how="name")
    if ticket is not None:
        _joined(play, ticket, new=True)


def officer(play: Play, staff: Staff, counter: Counter, day: date, turn: int) -> Process:
    """One officer at one counter: open, call, serve, take a break, go on until the hall is empty."""
    opens, closes = _hours(play, day)
    yield opens + timedelta(seconds=turn)
    session = play.attempt(queueing.open_counter, play.officer(staff), counter)
    if session is None:
        return
    # Breaks are taken in turns, so that no step stands still.
    break_at: datetime | None = opens + timedelta(hours=3, minutes=30 + 30 * (turn % 3))
    while play.now < closes + OVERTIME:
        actor = play.officer(staff)
        if break_at is not None and play.now >= break_at:
            yield from _break(play, actor, session)
            break_at = None
            continue
        if play.now >= closes and play.in_hall <= 0:
            break
        call = play.planter.call(play, actor, session)
        if call is not None:
            play.waiting[call.step] -= 1
        call = call or _next(play, actor, session)
        if call is not None:
            try:
                yield from _serve(play, actor, call)
            except SetaraError as error:
                if not play.watched:
                    raise
                play.tally.refused(error)  # a visitor closed this counter meanwhile
            continue
        # The hall may have emptied meanwhile, so closing time is always one of the moments to look again.
        again = play.look_again.pop(str(session.pk), None)
        due = [
            play.now + LOOK_AGAIN,
            *(t for t in (break_at, closes, again) if t is not None and t > play.now),
        ]
        until = min(due)
        yield Wait(tuple(play.joined[step] for step in counter.steps), until)
    play.attempt(queueing.close_counter, play.officer(staff), session)


def closing(play: Play, day: date) -> Process:
    """The supervisor closes the day; who was not served gets an outcome and a right to return."""
    _opens, closes = _hours(play, day)
    yield closes
    while play.in_hall > 0 and play.now < closes + OVERTIME + timedelta(minutes=30):
        yield play.now + timedelta(minutes=5)
    yield play.now + LOOK_AGAIN + timedelta(minutes=1)  # the officers close their counters first
    supervisor = play.officer(play.cast.supervisor)
    if not play.watched:
        play.do(queueing.close_day, supervisor, play.office, day)
    elif play.attempt(queueing.close_day, supervisor, play.office, day) is None:
        # A visitor left somebody sitting at a counter, or has closed the day already.
        play.attempt(queueing.close_day, supervisor, play.office, day, force=True)
    play.in_hall = 0


def _break(play: Play, actor: Actor, session: Session) -> Process:
    if play.attempt(queueing.pause_counter, actor, session) is not None:
        yield play.now + timedelta(minutes=45)
        play.attempt(queueing.resume_counter, actor, session)


def _next(play: Play, actor: Actor, session: Session) -> Call | None:
    """The next ticket, or None when the rule has nobody for this counter."""
    if not play.watched and not any(play.waiting[step] > 0 for step in session.counter.steps):
        return None
    try:
        call = play.do(queueing.call_next, actor, session)
    except SetaraError as error:
        if error.code != "queueing.nobody":
            play.tally.refused(error)
        if error.code == "queueing.drawn_for_another":
            # The lot gave the next person to another free officer, who looks now; this one again after the grace.
            grace = offices.pack_of(play.office, session.date).queue.draw_grace_seconds
            key, told = str(session.pk), (play.now, str(error))
            play.look_again[key] = play.now + timedelta(seconds=grace)
            # Told once a moment: where the lot has a visitor's counter, the others would wake each other for ever.
            if play.told.get(key) != told:
                play.told[key] = told
                for step in session.steps:
                    play.stage.give(play.joined[step])
        return None
    play.waiting[call.step] -= 1
    return call


def _serve(play: Play, actor: Actor, call: Call) -> Process:
    person = play.people.get(str(call.ticket.application_id))
    rng = person.rng if person else play.dice
    yield play.now + WALK
    if person and person.misses_call:
        person.misses_call = False
        rules = offices.pack_of(play.office, call.date).queue
        for _again in range(rules.max_calls - 1):
            yield play.now + timedelta(minutes=rules.call_wait_minutes) / (rules.max_calls - 1)
            play.do(queueing.repeat_call, actor, call)
        yield call.called_at + timedelta(minutes=rules.call_wait_minutes, seconds=10)
        play.do(queueing.mark_absent, actor, call)
        play.stage.start(_come_back(play, call.ticket), play.now + person.minutes(9))
        return
    mean = MINUTES.get(call.step, 3.0)
    if person and person.scheme == "slow-walk":
        yield from schemes.left_waiting(play, person, call, mean)
    play.do(queueing.start_service, actor, call)
    if person and person.scheme == "skipped-interview" and call.step == "interview":
        yield play.now + schemes.NO_INTERVIEW
        schemes.hardly_interviewed(play, person, call)
    else:
        yield play.now + (person.minutes(mean) if person else timedelta(minutes=mean * rng.uniform(0.6, 1.4)))
    step = {
        "document_check": _documents,
        "biometrics": _biometrics,
        "interview": _interview,
        "handover": _handover,
    }[call.step]
    yield from step(play, actor, call, person)


def _documents(play: Play, actor: Actor, call: Call, person: Person | None) -> Process:
    if person and person.incomplete:
        person.incomplete = False
        missing = [r.code for r in casework.requirements_for(call) if r.required][:1]
        play.do(casework.check_documents, actor, call, "missing", missing, note=SIMULATED)
        if person.returns:
            play.stage.start(_come_back(play, call.ticket), play.now + person.minutes(40))
        else:
            play.in_hall -= 1
        return
    if person and person.rng.random() < traits.WRONG_PRESS:
        # A wrong press, put right at once on the same screen.
        missing = [r.code for r in casework.requirements_for(call) if r.required][:1]
        run = play.do(casework.check_documents, actor, call, "missing", missing, note=SIMULATED)
        yield play.now + timedelta(seconds=15)
        if play.attempt(casework.correct, actor, run, "complete", reason="wrong_press") is None:
            play.in_hall -= 1  # too late to put it right here: the person comes again with the papers
            return
    else:
        play.do(casework.check_documents, actor, call, "complete")
    _joined(play, call.ticket)


def _biometrics(play: Play, actor: Actor, call: Call, _person: Person | None) -> Process:
    taken = []
    for kind in ("photo", "fingerprints"):
        for attempt in range(PHOTO_TRIES):
            try:
                taken.append(play.device.capture(kind, f"{play.seed}/{call.ticket.label}/{attempt}"))
                break
            except SetaraError:
                # Quality too low: the officer asks to try again, as the device says.
                yield play.now + timedelta(seconds=20)
    if len(taken) < 2:
        play.tally.refusals["device.quality"] += 1
        play.do(queueing.undo_call, actor, call)
        _joined(play, call.ticket)
        return
    play.do(casework.capture, actor, call, *taken)
    _joined(play, call.ticket)


def _interview(play: Play, actor: Actor, call: Call, person: Person | None) -> Process:
    refuse = person is not None and person.rng.random() < traits.REFUSED_AT_INTERVIEW
    note = "Rekaan: keterangan tidak sesuai dengan tujuan." if refuse else ""
    play.do(casework.interview, actor, call, "refused" if refuse else "passed", note=note)
    play.in_hall -= 1
    yield play.now


def _handover(play: Play, actor: Actor, call: Call, person: Person | None) -> Process:
    to = "self" if person is None or person.rng.random() < 0.9 else "family"
    play.do(casework.hand_over, actor, call, to)
    play.in_hall -= 1
    yield play.now


def _come_back(play: Play, ticket: Ticket) -> Process:
    """Somebody who missed a call or fetched a paper re-enters by the published rule."""
    back = play.attempt(queueing.return_ticket, play.officer(play.cast.front), ticket)
    schemes.came_back(play, back)
    _joined(play, back or ticket)
    yield play.now


def _joined(play: Play, ticket: Ticket, *, new: bool = False) -> None:
    if new:
        play.in_hall += 1
    ticket.refresh_from_db(fields=["step", "status"])
    person = play.people.get(str(ticket.application_id))
    if person is not None and person.scheme:
        schemes.joined(play, person, ticket)
    play.waiting[ticket.step] += 1
    play.stage.give(play.joined[ticket.step])


def _hours(play: Play, day: date) -> tuple[datetime, datetime]:
    """Opening and closing of a working day."""
    spans = play.calendar.hours(day)
    first, last = (spans[0][0], spans[-1][1]) if spans else (time(8), time(16))
    return play.at(day, first), play.at(day, last)
