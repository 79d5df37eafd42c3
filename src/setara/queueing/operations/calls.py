"""Calling: the counter says *next*, the rule says who."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from setara.kernel.errors import Conflict, Refused
from setara.kernel.phrase import phrase as _
from setara.kernel.workdays import format_time
from setara.ledger.service import Op, operation
from setara.offices.service import pack_of
from setara.queueing import events, policies
from setara.queueing.conflicts import labels_away_from
from setara.queueing.guards import explained
from setara.queueing.judging import drawn_for_me
from setara.queueing.lines import Queue, lock_queues
from setara.queueing.models import Call, OpeningDraw, Session, Ticket
from setara.queueing.moves import claim_call, finish_call
from setara.queueing.operations.choosing import (
    Choice,
    doors_are_open,
    make_call,
    of_today,
    said,
    served_by,
    set_status,
    take_back,
    waiting_ticket,
)
from setara.queueing.operations.counters import own_session
from setara.rules.queue import next_ticket


@explained
@operation
def call_next(op: Op, session: Session) -> Call:
    """Call whom the rule gives, at the first of the counter's steps where somebody waits.

    Refused when nobody waits or the doors are still shut, Conflict while the counter has a call running,
    is on its break or closed, Forbidden at another officer's counter or without the competence. Whoever the officer
    must keep away from is to the rule not there. At a step of judgement with several officers free, the lot says
    who calls (:mod:`setara.queueing.judging`).
    """
    op.permit(policies.CALL, office=session.office_id)
    session = own_session(op, session, Session.State.OPEN)
    of_today(op, session)
    steps = _steps_of(op, session)
    queues = lock_queues(session.office, session.date, steps)
    away = labels_away_from(session.staff_id, session.office_id, session.date)
    for step in steps:
        queue = queues[step].without(away)
        memory = queue.memory
        doors_are_open(op, session, memory)
        _ranks_are_drawn(session, queue)
        label, why = next_ticket(queue.waiting, queue.rule, memory, op.now)
        if label is None:
            continue
        op.permit(policies.CALL, office=session.office_id, step=step)
        ticket = waiting_ticket(queue, label)
        drawn_for_me(op, session, ticket)
        chosen = Choice(queue, memory, why, ticket, ticket, 0)
        call = make_call(op, session, chosen)
        op.record(
            events.Called(**said(call, chosen, session)),
            office=session.office_id,
            application=ticket.application_id,
            ticket=ticket.pk,
        )
        return call
    raise Refused(
        _("Tidak ada yang menunggu untuk loket ini."),
        code="queueing.nobody",
        rule=_("Loket memanggil pemohon yang menunggu pada langkahnya."),
        remedy=_("Tunggu sampai ada yang datang, lalu panggil lagi."),
    )


@operation
def repeat_call(op: Op, call: Call) -> Call:
    """Call the same ticket once more."""
    op.permit(policies.CALL, office=call.office_id, step=call.step)
    call = claim_call(op, call, started=False, application=False)
    if call.started_at is not None:
        raise _already_started(call)
    call.repeats += 1
    call.save(update_fields=["repeats"])
    op.record(
        events.CallRepeated(
            ticket=str(call.ticket_id),
            call=str(call.pk),
            label=call.ticket.label,
            counter=call.counter.number,
            times=call.repeats + 1,
        ),
        **_about(call),
    )
    return call


@operation
def start_service(op: Op, call: Call) -> Call:
    """The person is at the counter: service begins. Conflict when it already has."""
    op.permit(policies.CALL, office=call.office_id, step=call.step)
    call = claim_call(op, call, started=False, application=False)
    if call.started_at is not None:
        raise _already_started(call)
    call.started_at = op.now
    call.save(update_fields=["started_at"])
    set_status(call.ticket, Ticket.Status.SERVING)
    op.record(
        events.ServiceStarted(
            ticket=str(call.ticket_id),
            call=str(call.pk),
            label=call.ticket.label,
            step=call.step,
            counter=call.counter.number,
            officer=call.staff.label,
        ),
        **_about(call),
    )
    return call


@operation
def mark_absent(op: Op, call: Call) -> Call:
    """Nobody came. Refused before the ticket was called as often, and waited for as long, as the pack says."""
    op.permit(policies.CALL, office=call.office_id, step=call.step)
    call = claim_call(op, call, started=False, application=False)
    if call.started_at is not None:
        raise _already_started(call)
    rules = pack_of(call.ticket.office, call.date).queue
    until = call.called_at + timedelta(minutes=rules.call_wait_minutes)
    if call.repeats + 1 < rules.max_calls or op.now < until:
        raise Refused(
            _("Nomor %(label)s belum dapat ditandai tidak hadir.", label=call.ticket.label),
            code="queueing.too_early_for_absent",
            rule=_(
                "Tidak hadir berarti %(calls)s kali dipanggil dan ditunggu %(minutes)s menit.",
                calls=rules.max_calls,
                minutes=rules.call_wait_minutes,
            ),
            remedy=_(
                "Sudah dipanggil %(done)s kali; tunggu sampai pukul %(until)s.",
                done=call.repeats + 1,
                until=format_time(until, call.ticket.office.zone),
            ),
        )
    finish_call(op, call, Call.Outcome.ABSENT)
    call.ticket.calls_missed += 1
    set_status(call.ticket, Ticket.Status.ABSENT)
    op.record(
        events.MarkedAbsent(
            ticket=str(call.ticket_id),
            call=str(call.pk),
            label=call.ticket.label,
            step=call.step,
            counter=call.counter.number,
            missed=call.ticket.calls_missed,
        ),
        **_about(call),
    )
    return call


@operation
def undo_call(op: Op, call: Call) -> Call:
    """Put right a wrong press: the ticket waits exactly where it waited, and the rule forgets the call.

    The next press gives the same ticket again, so nothing can be gained by it.
    """
    op.permit(policies.CALL, office=call.office_id, step=call.step)
    call, memory = take_back(op, call, Call.Outcome.UNDONE)
    op.record(
        events.CallUndone(
            ticket=str(call.ticket_id),
            call=str(call.pk),
            label=call.ticket.label,
            step=call.step,
            counter=call.counter.number,
            memory=memory.as_dict(),
        ),
        **_about(call),
    )
    return call


def _steps_of(op: Op, session: Session) -> list[str]:
    """The counter's steps that the actor may do and that the pack of the day has in the hall, in order."""
    steps = served_by(session)
    mine = [step for step in steps if step in op.actor.steps]
    if steps and not mine:
        op.permit(policies.CALL, office=session.office_id, step=steps[0])
    return mine


def _ranks_are_drawn(session: Session, queue: Queue) -> None:
    """Refused while those who stood before the doors have no ranks yet, where the pack has them drawn."""
    if queue.rule.order != "window" or not pack_of(session.office, session.date).queue.opening_lottery:
        return
    waits = any(one.rank is None and one.arrived_at < queue.memory.opened_at for one in queue.waiting)
    if waits and not OpeningDraw.objects.filter(office=session.office, date=session.date).exists():
        raise Refused(
            _("Urutan mereka yang menunggu sebelum pintu dibuka belum diundi."),
            code="queueing.draw_first",
            rule=_("Yang sudah menunggu saat pintu dibuka mendapat urutan dari undian terbuka."),
            remedy=_("Undian berjalan sendiri; panggil lagi sebentar."),
        )


def _already_started(call: Call) -> Conflict:
    return Conflict(
        _("Layanan untuk %(label)s sudah dimulai.", label=call.ticket.label),
        code="queueing.already_started",
        rule=_("Setelah layanan dimulai, panggilan berakhir dengan hasil langkahnya."),
        remedy=_("Selesaikan langkahnya, atau batalkan panggilan yang keliru."),
    )


def _about(call: Call) -> dict[str, Any]:
    return {
        "office": call.office_id,
        "application": call.ticket.application_id,
        "ticket": call.ticket_id,
    }
