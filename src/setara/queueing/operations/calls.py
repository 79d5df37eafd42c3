"""Calling: the counter says *next*, the rule says who."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from setara.kernel.errors import Conflict, Refused
from setara.kernel.phrase import phrase as _
from setara.kernel.workdays import format_time
from setara.ledger.service import Op, Prepared, operation
from setara.offices.service import local_date, pack_of
from setara.people.service import Blob, seal
from setara.queueing import events, policies
from setara.queueing.guards import explained
from setara.queueing.lines import Queue, lock_queues
from setara.queueing.models import Call, Session, Ticket
from setara.queueing.moves import claim_call, finish_call
from setara.queueing.operations.counters import lock_session, own_session
from setara.queueing.undo import undone
from setara.rules.queue import Memory, Why, after, next_ticket, order


@explained
@operation
def call_next(op: Op, session: Session) -> Call:
    """Call whom the rule gives, at the first of the counter's steps where somebody waits.

    Refused when nobody waits or the doors are still shut, Conflict while the counter has a call running,
    is on its break or closed, Forbidden at another officer's counter or without the competence.
    """
    op.permit(policies.CALL, office=session.office_id)
    session = own_session(op, session, Session.State.OPEN)
    _of_today(op, session)
    steps = _steps_of(op, session)
    queues = lock_queues(session.office, session.date, steps)
    for step in steps:
        queue = queues[step]
        memory = queue.memory
        _doors_are_open(op, session, memory)
        label, why = next_ticket(queue.waiting, queue.rule, memory, op.now)
        if label is None:
            continue
        op.permit(policies.CALL, office=session.office_id, step=step)
        ticket = _ticket(queue, label)
        chosen = _Choice(queue, memory, why, ticket, ticket, 0)
        call = _call(op, session, chosen)
        op.record(
            events.Called(**_said(call, chosen, session)),
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


@explained
@operation
def call_out_of_turn(op: Op, session: Session, ticket: Ticket, note: str = "") -> Call:
    """Let a counter call ``ticket`` although the rule may give another; ``By.reason`` is one of the pack's.

    The words of ``note`` are sealed. Refused without a listed reason, when the ticket does not wait or the
    counter does not serve its step. Depth is the number of tickets that the rule ranks before it.
    """
    op.permit(policies.CALL_OUT_OF_TURN, office=session.office_id)
    session = lock_session(session)
    _of_today(op, session)
    _check_reason(op, session)
    _may_serve(session, ticket.step)
    queue = lock_queues(session.office, session.date, [ticket.step])[ticket.step]
    if ticket.label not in queue.ids or queue.ids[ticket.label] != ticket.pk:
        raise Conflict(
            _("Nomor %(label)s tidak sedang menunggu.", label=ticket.label),
            code="queueing.not_waiting",
            rule=_("Hanya nomor yang menunggu yang dapat dipanggil."),
            remedy=_("Muat ulang antrean untuk melihat keadaan yang sekarang."),
        )
    memory = queue.memory
    label, why = next_ticket(queue.waiting, queue.rule, memory, op.now)
    depth = order(queue.waiting, queue.rule, memory, op.now).index(ticket.label)
    given = _ticket(queue, label or ticket.label)
    taken = given if given.pk == ticket.pk else _ticket(queue, ticket.label)
    blob = seal(op, note.strip().encode(), "text/plain") if note.strip() else None
    chosen = _Choice(queue, memory, why, given, taken, depth)
    call = _call(op, session, chosen, note=blob)
    digest = hashlib.sha256(bytes(blob.sealed)).hexdigest() if blob and blob.sealed else None
    op.record(
        events.CalledOutOfTurn(**_said(call, chosen, session), note_digest=digest),
        office=session.office_id,
        application=taken.application_id,
        ticket=taken.pk,
    )
    return call


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
    _set(call.ticket, Ticket.Status.SERVING)
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
    _set(call.ticket, Ticket.Status.ABSENT)
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
    session = lock_session(Session(pk=call.session_id))
    queue = lock_queues(session.office, call.date, [call.step])[call.step]
    call = claim_call(op, call, started=False, application=False)
    before = Memory.from_dict(call.memory_before)
    memory = undone(queue.memory, before, queue.rule, call.ticket.lane, _why_of(call))
    queue.remember(memory)
    finish_call(op, call, Call.Outcome.UNDONE)
    _set(call.ticket, Ticket.Status.WAITING)
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


@dataclass(frozen=True, slots=True)
class _Choice:
    """What the rule gave at one moment, and what is called."""

    queue: Queue
    memory: Memory
    why: Why
    given: Ticket
    taken: Ticket
    depth: int


def _call(op: Op, session: Session, chosen: _Choice, note: Blob | None = None) -> Call:
    """Make the call and let the rule remember it."""
    queue, ticket = chosen.queue, chosen.taken
    if chosen.given.pk != ticket.pk and op.reason is None:
        raise RuntimeError("a call out of turn needs a reason")
    queue.remember(after(chosen.memory, queue.rule, chosen.why, ticket.lane))
    _set(ticket, Ticket.Status.CALLED)
    return Call.objects.create(
        office=session.office,
        date=session.date,
        step=ticket.step,
        ticket=ticket,
        rule_ticket=chosen.given,
        rule_version=queue.rule.version,
        why=chosen.why.as_dict(),
        depth=chosen.depth,
        waiting=len(queue.waiting),
        joined_at=ticket.joined_at,
        memory_before=chosen.memory.as_dict(),
        session=session,
        counter=session.counter,
        staff=session.staff,
        called_at=op.now,
        reason=op.reason,
        note=note,
    )


def _said(call: Call, chosen: _Choice, session: Session) -> dict[str, Any]:
    """The fields of the event of a call."""
    return {
        "ticket": str(chosen.taken.pk),
        "call": str(call.pk),
        "rule_label": chosen.given.label,
        "label": chosen.taken.label,
        "step": call.step,
        "counter": session.counter.number,
        "officer": session.staff.label,
        "lane": chosen.taken.lane,
        "waiting": call.waiting,
        "depth": call.depth,
        "rule_version": call.rule_version,
        "doors": chosen.memory.opened_at.isoformat(),
        "why": call.why,
    }


def _why_of(call: Call) -> Why:
    """As much of the stored reason as the memory depends on."""
    return Why(call.rule_version, call.why["reason"], lane=call.why["lane"], served=call.why["served"])


def _steps_of(op: Op, session: Session) -> list[str]:
    """The counter's steps that the actor may do and that the pack of the day has in the hall, in order."""
    steps = _served_by(session)
    mine = [step for step in steps if step in op.actor.steps]
    if steps and not mine:
        op.permit(policies.CALL, office=session.office_id, step=steps[0])
    return mine


def _served_by(session: Session) -> list[str]:
    pack = pack_of(session.office, session.date)
    called = {step.code for step in pack.steps if step.kind in {"hall", "pickup"}}
    return [step for step in session.counter.steps if step in called]


def _of_today(op: Op, session: Session) -> None:
    if local_date(session.office, op.now) != session.date:
        raise Conflict(
            _("Loket %(number)s masih terbuka dari hari lain.", number=session.counter.number),
            code="queueing.session_of_another_day",
            rule=_("Loket dibuka setiap hari oleh petugas yang menjaganya."),
            remedy=_("Tutup loket ini, lalu buka lagi."),
        )


def _doors_are_open(op: Op, session: Session, memory: Memory) -> None:
    if op.now < memory.opened_at:
        raise Refused(
            _("Pintu layanan belum dibuka."),
            code="queueing.before_doors",
            rule=_("Panggilan dimulai saat pintu dibuka, sama bagi semua yang sudah menunggu."),
            remedy=_(
                "Panggil mulai pukul %(time)s.", time=format_time(memory.opened_at, session.office.zone)
            ),
        )


def _check_reason(op: Op, session: Session) -> None:
    reasons = {reason.code for reason in pack_of(session.office, session.date).override_reasons}
    if op.reason not in reasons:
        raise Refused(
            _("Panggilan di luar giliran memerlukan alasan dari daftar."),
            code="queueing.reason_needed",
            rule=_("Setiap pengecualian dicatat dengan alasannya dan diumumkan."),
            remedy=_("Pilih salah satu alasan yang tersedia."),
            field="reason",
        )


def _may_serve(session: Session, step: str) -> None:
    """Refused unless the counter is open, serves ``step``, and its officer is competent for it."""
    if session.state != Session.State.OPEN:
        raise Conflict(
            _("Loket %(number)s tidak sedang buka.", number=session.counter.number),
            code="queueing.counter_state",
            rule=_("Memanggil hanya dapat dilakukan di loket yang buka."),
            remedy=_("Pilih loket yang buka."),
        )
    competent = any(
        one.step == step and one.holds_on(session.date) for one in session.staff.competences.all()
    )
    if step not in _served_by(session) or not competent:
        raise Refused(
            _("Loket %(number)s tidak melayani langkah nomor ini.", number=session.counter.number),
            code="queueing.wrong_counter",
            rule=_("Loket melayani langkah yang ditetapkan, oleh petugas dengan kompetensi yang berlaku."),
            remedy=_("Pilih loket yang melayani langkah itu."),
        )


_TICKET = Prepared(lambda pk: Ticket.objects.select_for_update(no_key=True).filter(pk=pk))


def _ticket(queue: Queue, label: str) -> Ticket:
    """The waiting ticket, locked; Conflict when it stopped waiting meanwhile."""
    ticket = _TICKET.get(queue.ids[label])
    if ticket.status != Ticket.Status.WAITING:
        raise Conflict(
            _("Nomor %(label)s baru saja berhenti menunggu.", label=label),
            code="queueing.not_waiting",
            rule=_("Hanya nomor yang menunggu yang dapat dipanggil."),
            remedy=_("Panggil berikutnya sekali lagi."),
        )
    return ticket


def _set(ticket: Ticket, status: str) -> None:
    ticket.status = status
    ticket.save(update_fields=["status", "calls_missed"])


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
