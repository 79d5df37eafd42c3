"""Calling somebody before their turn: for a listed reason, approved by a second person, shown to everybody."""

from __future__ import annotations

from setara.kernel.errors import Conflict, Refused
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, operation
from setara.offices.service import staff_by_id
from setara.people.service import Blob, seal
from setara.queueing import events, policies
from setara.queueing.conflicts import labels_away_from
from setara.queueing.guards import explained
from setara.queueing.lines import lock_queues
from setara.queueing.models import Approval, Call, OverrideRequest, Session, Ticket
from setara.queueing.operations.choosing import (
    Choice,
    Standing,
    doors_are_open,
    make_call,
    of_today,
    said,
    served_by,
    waiting_ticket,
)
from setara.queueing.operations.counters import lock_session, own_session
from setara.queueing.operations.overrides import retire
from setara.queueing.overriding import (
    digest_of,
    listed_reason,
    lock_live,
    second_person_on_duty,
)
from setara.queueing.proofs import proofs_of
from setara.rules.packs import OverrideReason
from setara.rules.queue import next_ticket, order

State = OverrideRequest.State


@explained
@operation
def call_out_of_turn(op: Op, session: Session, ticket: Ticket, note: str = "") -> Call:
    """Let a counter call ``ticket`` although the rule may give another; ``By.reason`` is one of the pack's.

    It uses the approval that a second person gave (``ask_override``, ``approve_override``). Without one only a
    reason that the pack marks urgent goes ahead, and only while nobody else on duty could approve it: it is shown
    as not yet approved, and lapses when nobody has approved it by the end of the day. An officer who is no
    supervisor uses what they asked for themselves, at their own counter. Refused without a listed reason, an
    approval, when the ticket does not wait or the counter does not serve its step. Depth is the number of
    tickets that the rule ranks before it. The words of ``note`` are sealed.
    """
    op.permit(policies.CALL_OUT_OF_TURN, office=session.office_id)
    if "supervisor" in op.actor.roles:
        session = lock_session(session)
    else:
        session = own_session(op, session, Session.State.OPEN)
    of_today(op, session)
    reason = listed_reason(op, session.office, session.date)
    may_serve(session, ticket.step)
    queue = lock_queues(session.office, session.date, [ticket.step])[ticket.step]
    if ticket.label in labels_away_from(session.staff_id, session.office_id, session.date):
        raise Refused(
            _("Petugas di loket %(number)s menjauh dari nomor ini.", number=session.counter.number),
            code="queueing.kept_away",
            rule=_("Petugas yang memiliki hubungan dengan pemohon tidak melayaninya."),
            remedy=_("Pilih loket dengan petugas lain."),
            field="counter",
        )
    if ticket.label not in queue.ids or queue.ids[ticket.label] != ticket.pk:
        raise Conflict(
            _("Nomor %(label)s tidak sedang menunggu.", label=ticket.label),
            code="queueing.not_waiting",
            rule=_("Hanya nomor yang menunggu yang dapat dipanggil."),
            remedy=_("Muat ulang antrean untuk melihat keadaan yang sekarang."),
        )
    memory = queue.memory
    doors_are_open(op, session, memory)
    request = _usable(op, ticket, reason) or _urgent(op, session, ticket, reason)
    label, why = next_ticket(queue.waiting, queue.rule, memory, op.now)
    depth = order(queue.waiting, queue.rule, memory, op.now).index(ticket.label)
    given = waiting_ticket(queue, label or ticket.label)
    taken = given if given.pk == ticket.pk else waiting_ticket(queue, ticket.label)
    blob = seal(op, note.strip().encode(), "text/plain") if note.strip() else request.note
    approval = Approval.APPROVED if request.decided_by_id else Approval.PENDING
    chosen = Choice(queue, memory, why, given, taken, depth)
    call = make_call(op, session, chosen, Standing(reason.code, request.proof, approval, blob))
    request.state, request.call = State.USED, call
    request.save()
    _record(op, call, chosen, request, blob)
    return call


def _record(op: Op, call: Call, chosen: Choice, request: OverrideRequest, blob: Blob | None) -> None:
    """The event: who was called instead of whom, and on what that stands."""
    op.record(
        events.CalledOutOfTurn(
            **said(call, chosen, call.session),
            request=str(request.pk),
            proof=call.proof,
            proofs=request.proofs,
            approval=call.approval,
            asked_by=request.asked_by.label,
            asked_at=request.asked_at.isoformat(),
            approved_by=request.decided_by.label if request.decided_by else None,
            note_digest=digest_of(blob),
        ),
        office=call.office_id,
        application=call.ticket.application_id,
        ticket=call.ticket_id,
    )


def _usable(op: Op, ticket: Ticket, reason: OverrideReason) -> OverrideRequest | None:
    """The approval for this ticket, still good, that the actor may use; None when there is none."""
    live = lock_live(ticket)
    if (
        live is None
        or live.state != State.APPROVED
        or live.expires_at <= op.now
        or live.reason != reason.code
    ):
        return None
    if "supervisor" not in op.actor.roles and str(live.asked_by_id) != op.actor.id:
        return None
    return live


def _urgent(op: Op, session: Session, ticket: Ticket, reason: OverrideReason) -> OverrideRequest:
    """What an urgent call stands on while nobody else on duty could approve it; else Refused."""
    live = lock_live(ticket)
    if live is not None and live.expires_at <= op.now:
        retire(live)
        live = None
    mine = live is None or (str(live.asked_by_id) == op.actor.id and live.reason == reason.code)
    if not (reason.urgent and mine) or second_person_on_duty(session.office, session.date, op.actor.id):
        raise _approval_needed(live, reason)
    if live is not None:
        return live
    return OverrideRequest(
        office=session.office,
        date=session.date,
        ticket=ticket,
        step=ticket.step,
        reason=reason.code,
        asked_by=staff_by_id(op.actor.id),
        asked_at=op.now,
        expires_at=op.now,
        proofs=proofs_of(ticket, reason, op.now),
    )


def _approval_needed(live: OverrideRequest | None, reason: OverrideReason) -> Refused:
    waits = live is not None and live.state == State.WAITING
    return Refused(
        _("Panggilan di luar giliran ini belum disetujui orang kedua."),
        code="queueing.approval_needed",
        rule=_(
            "Setiap panggilan di luar giliran disetujui pengawas atau kepala kantor lain dengan akunnya sendiri."
        ),
        remedy=_("Permintaannya sudah ada; minta orang kedua memutuskannya.")
        if waits
        else _("Ajukan permintaan, lalu minta orang kedua memutuskannya."),
        field="reason" if not reason.urgent else None,
    )


def may_serve(session: Session, step: str) -> None:
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
    if step not in served_by(session) or not competent:
        raise Refused(
            _("Loket %(number)s tidak melayani langkah nomor ini.", number=session.counter.number),
            code="queueing.wrong_counter",
            rule=_("Loket melayani langkah yang ditetapkan, oleh petugas dengan kompetensi yang berlaku."),
            remedy=_("Pilih loket yang melayani langkah itu."),
        )
