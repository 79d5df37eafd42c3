"""What every call has in common: who may be called at a counter, and making the call itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from setara.kernel.errors import Conflict, Refused
from setara.kernel.phrase import phrase as _
from setara.kernel.workdays import format_time
from setara.ledger.service import Op, Prepared
from setara.offices.service import local_date, pack_of
from setara.people.service import Blob
from setara.queueing.lines import Queue, lock_queues
from setara.queueing.models import Call, Session, Ticket
from setara.queueing.moves import claim_call, finish_call
from setara.queueing.operations.counters import lock_session
from setara.rules.queue import Memory, Why, after, undone


@dataclass(frozen=True, slots=True)
class Choice:
    """What the rule gave at one moment, and what is called."""

    queue: Queue
    memory: Memory
    why: Why
    given: Ticket
    taken: Ticket
    depth: int


@dataclass(frozen=True, slots=True)
class Standing:
    """On what a call out of turn stands: the listed reason, its proof, the approval, the sealed words."""

    reason: str
    proof: str
    approval: str
    note: Blob | None = None


def make_call(op: Op, session: Session, chosen: Choice, standing: Standing | None = None) -> Call:
    """Make the call and let the rule remember it."""
    queue, ticket = chosen.queue, chosen.taken
    if chosen.given.pk != ticket.pk and standing is None:
        raise RuntimeError("a call out of turn needs something to stand on")
    queue.remember(after(chosen.memory, queue.rule, chosen.why, ticket.lane))
    set_status(ticket, Ticket.Status.CALLED)
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
        reason=standing.reason if standing else None,
        proof=standing.proof if standing else "",
        approval=standing.approval if standing else "",
        note=standing.note if standing else None,
    )


def said(call: Call, chosen: Choice, session: Session) -> dict[str, Any]:
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
        "excluded": sorted(chosen.queue.excluded),
    }


def why_of(call: Call) -> Why:
    """As much of the stored reason as the memory depends on."""
    return Why(call.rule_version, call.why["reason"], lane=call.why["lane"], served=call.why["served"])


def take_back(op: Op, call: Call, outcome: Call.Outcome, *, application: bool = False) -> tuple[Call, Memory]:
    """End a call before service as if it had never been: the ticket waits where it waited, the rule forgets it.

    Returns the call, claimed (with its application where asked for), and what the rule remembers from now on.
    Conflict or Refused as :func:`setara.queueing.moves.claim_call`.
    """
    session = lock_session(Session(pk=call.session_id))
    queue = lock_queues(session.office, call.date, [call.step])[call.step]
    call = claim_call(op, call, started=False, application=application)
    before = Memory.from_dict(call.memory_before)
    memory = undone(queue.memory, before, queue.rule, call.ticket.lane, why_of(call))
    queue.remember(memory)
    finish_call(op, call, outcome)
    set_status(call.ticket, Ticket.Status.WAITING)
    return call, memory


def served_by(session: Session) -> list[str]:
    """The steps of the counter that the pack of the day has in the hall, in the counter's order."""
    pack = pack_of(session.office, session.date)
    called = {step.code for step in pack.steps if step.kind in {"hall", "pickup"}}
    return [step for step in session.steps if step in called]


def of_today(op: Op, session: Session) -> None:
    """Conflict for a counter that was left open on another day."""
    if local_date(session.office, op.now) != session.date:
        raise Conflict(
            _("Loket %(number)s masih terbuka dari hari lain.", number=session.counter.number),
            code="queueing.session_of_another_day",
            rule=_("Loket dibuka setiap hari oleh petugas yang menjaganya."),
            remedy=_("Tutup loket ini, lalu buka lagi."),
        )


def doors_are_open(op: Op, session: Session, memory: Memory) -> None:
    """Refused before the doors open: nobody is served ahead of the hall, by the rule or out of turn."""
    if op.now < memory.opened_at:
        raise Refused(
            _("Pintu layanan belum dibuka."),
            code="queueing.before_doors",
            rule=_("Panggilan dimulai saat pintu dibuka, sama bagi semua yang sudah menunggu."),
            remedy=_(
                "Panggil mulai pukul %(time)s.", time=format_time(memory.opened_at, session.office.zone)
            ),
        )


_TICKET = Prepared(lambda pk: Ticket.objects.select_for_update(no_key=True).filter(pk=pk))


def waiting_ticket(queue: Queue, label: str) -> Ticket:
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


def set_status(ticket: Ticket, status: str) -> None:
    """Write where the ticket stands."""
    ticket.status = status
    ticket.save(update_fields=["status", "calls_missed"])
