"""The single schemes of a played day, each by the operations that a dishonest (or lawful) officer would press.

What is a call out of turn is made by :mod:`setara.site.day.planting`, which also keeps the truth.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from setara.applications.service import Application
from setara.booking.service import Appointment
from setara.casework import service as casework
from setara.casework.service import Case
from setara.ledger import storage
from setara.queueing import service as queueing
from setara.queueing.service import Call, Session, Ticket
from setara.site.day.cast import Person
from setara.site.day.play import Play
from setara.site.day.stage import Process

#: So long before the doors somebody comes who is to be served before everybody else.
EARLY = timedelta(minutes=20)
#: So long an interview takes that is none.
NO_INTERVIEW = timedelta(seconds=20)
SLOW = 4.0


def joined(play: Play, person: Person, ticket: Ticket) -> None:
    """The person of a scheme waits at another step."""
    play.planter.joined(person, ticket)
    if person.scheme == "skipped-interview" and ticket.step == "interview":
        # Straight to the decision, as in an office without a path.
        case = Case.objects.get(pk=ticket.application_id)
        decides = play.officer(play.cast.adjudicator)
        play.planter.tried_op(
            play, person, {"ticket": ticket}, casework.adjudicate, decides, case, "approved"
        )


def before_the_doors(play: Play, person: Person, day: date) -> Process:
    """A clerk opens the counter before the doors and wants to serve somebody there."""
    opens = play.at(day, play.calendar.hours(day)[0][0])
    yield opens - EARLY + timedelta(minutes=2)
    ticket = Ticket.objects.filter(application_id=person.application, date=day).first()
    staff, counter = next((s, c) for s, c in play.cast.desks if "document_check" in c.steps)
    actor = play.officer(staff)
    session = play.attempt(queueing.open_counter, actor, counter)
    if ticket is None or session is None:
        return
    about = {"ticket": ticket, "session": session}
    play.planter.tried_op(play, person, about, queueing.call_next, actor, session)
    request = play.planter.tried_op(
        play, person, about, queueing.ask_override, actor, ticket, reason="state_duty"
    )
    if request is not None:
        second = play.officer(play.cast.supervisor)
        play.planter.tried_op(play, person, about, queueing.approve_override, second, request)
        play.planter.tried_op(
            play, person, about, queueing.call_out_of_turn, actor, session, ticket, reason="state_duty"
        )
    play.attempt(queueing.close_counter, actor, session)


def false_ground(play: Play, person: Person, appointment: Appointment, how: str) -> Ticket | None:
    """Somebody with an ordinary appointment is let into the priority lane without its ground.

    An age cannot be claimed; what an officer attests can: it is recorded by whom.
    """
    front = play.officer(play.cast.front)
    age = (appointment.date - person.data.birth_date).days // 365
    if age < 60:
        play.planter.tried_op(
            play, person, {}, queueing.check_in, front, appointment, how, "elderly", "date_of_birth"
        )
    ticket = play.planter.tried_op(
        play, person, {}, queueing.check_in, front, appointment, how, "disabled", "attestation"
    )
    if not isinstance(ticket, Ticket):
        return play.attempt(queueing.check_in, front, appointment, how=how)
    _done(play, person, ticket=ticket, note=f"{ticket.ground} {ticket.ground_proof} {play.cast.front.label}")
    return ticket


def accompany(play: Play, person: Person, application: Application) -> Ticket | None:
    """Somebody joins a person with a lawful ground who has come alone; None while there is none."""
    if not play.planter.hosts:
        return None
    host, front = play.planter.hosts.pop(0), play.officer(play.cast.front)
    ticket = play.planter.tried_op(
        play, person, {}, queueing.check_in_walk_in, front, application, "companion", "card", host
    )
    if not isinstance(ticket, Ticket):
        return None
    _done(play, person, ticket=ticket, note=host.label)
    return ticket


def left_waiting(play: Play, person: Person, call: Call, mean: float) -> Process:
    """The person stands at the counter and nothing happens."""
    began = play.now
    yield play.now + person.minutes(SLOW * mean)
    waited = round((play.now - began).total_seconds())
    _done(
        play,
        person,
        ticket=call.ticket,
        session=call.session,
        note=f"{waited} s at the counter before service",
    )


def hardly_interviewed(play: Play, person: Person, call: Call) -> None:
    """The interview was none: it is over after seconds."""
    seconds = round(NO_INTERVIEW.total_seconds())
    _done(play, person, ticket=call.ticket, session=call.session, note=f"interview of {seconds} s")


def came_back(play: Play, ticket: Ticket | None) -> None:
    """Somebody came back by the published list, if that was planted."""
    person = play.people.get(str(ticket.application_id)) if ticket else None
    if ticket and person and person.scheme in {"missed-call", "send-back"} and ticket.re_entry:
        _done(play, person, ticket=ticket, reason=ticket.re_entry)


def _done(play: Play, person: Person, ticket: Ticket, session: Session | None = None, **more: Any) -> None:
    event = storage.head(play.office.code)
    play.planter.write(play, person, "done", ticket=ticket, session=session, event=event, **more)
