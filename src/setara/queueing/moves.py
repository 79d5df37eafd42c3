"""What other rooms' operations do with tickets and calls. Each takes the running operation and records
nothing: the operation that runs has its own event."""

from __future__ import annotations

from datetime import date, datetime

from setara.applications.service import Application
from setara.kernel.errors import Conflict, Forbidden, Refused
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, Prepared
from setara.queueing.lines import join, joined_first
from setara.queueing.models import Call, Ticket

_PLACE = (
    "status", "step", "joined_at", "re_entry", "re_entry_at", "re_entry_count", "calls_missed",
)  # fmt: skip

_CALL = Prepared(
    lambda pk: (
        Call.objects.select_related("ticket", "counter", "staff")
        .select_for_update(of=("self", "ticket"), no_key=True)
        .filter(pk=pk)
    )
)
_CALL_WITH_APPLICATION = Prepared(
    lambda pk: (
        Call.objects.select_related("ticket__application__office", "counter", "staff")
        .select_for_update(of=("self", "ticket", "ticket__application"), no_key=True)
        .filter(pk=pk)
    )
)


def claim_call(op: Op, call: Call, *, started: bool = True, application: bool = True) -> Call:
    """The call with its ticket and counter, locked and still running at the actor's counter.

    ``started``: whether service must have begun; ``application``: whether the application is wanted too,
    locked. Conflict when the call is over, Forbidden at another officer's counter, Refused before service
    began.
    """
    found = (_CALL_WITH_APPLICATION if application else _CALL).get(call.pk)
    if application:
        found.ticket.office = found.ticket.application.office
    if op.actor.is_officer and str(found.staff_id) != op.actor.id:
        raise Forbidden(
            _("Panggilan ini milik loket lain."),
            code="queueing.not_your_call",
            rule=_("Petugas menyelesaikan panggilan di loketnya sendiri."),
            remedy=_("Buka loket Anda sendiri."),
        )
    if found.ended_at is not None:
        raise Conflict(
            _("Panggilan %(label)s sudah berakhir.", label=found.ticket.label),
            code="queueing.call_over",
            rule=_("Setiap panggilan berakhir satu kali."),
            remedy=_("Panggil berikutnya, atau betulkan hasil langkah yang keliru."),
        )
    if started and found.started_at is None:
        raise Refused(
            _("Layanan untuk %(label)s belum dimulai.", label=found.ticket.label),
            code="queueing.not_started",
            rule=_("Lama layanan dihitung sejak pemohon berada di loket."),
            remedy=_("Tekan Mulai saat pemohon sudah di loket."),
        )
    return found


def finish_call(op: Op, call: Call, outcome: str = Call.Outcome.SERVED) -> None:
    """End a running call; the ticket must be moved on, sent back or let go afterwards."""
    call.ended_at, call.outcome = op.now, outcome
    call.save(update_fields=["ended_at", "outcome"])


def to_step(op: Op, ticket: Ticket, step: str, joined_at: datetime | None = None) -> None:
    """Let the ticket wait at another step, as one who joined it now (or, after a wrong press, at ``joined_at``)."""
    join(ticket.office, ticket.date, step)
    ticket.status, ticket.step, ticket.joined_at = Ticket.Status.WAITING, step, joined_at or op.now
    ticket.re_entry, ticket.re_entry_at, ticket.re_entry_count, ticket.calls_missed = "", None, 0, 0
    ticket.right_of_return = None
    ticket.beside_at = joined_first(ticket.companion_of, step)
    ticket.save(update_fields=[*_PLACE, "right_of_return", "beside_at"])


def back_to_step(op: Op, ticket: Ticket, step: str) -> None:  # noqa: ARG001 - proof of an operation
    """Put right a wrong press: the ticket stands before the officer again, as if the step had not ended.

    Whoever calls this moves the ticket on in the same operation.
    """
    ticket.status, ticket.step, ticket.outcome = Ticket.Status.SERVING, step, ""
    ticket.closed_at, ticket.right_of_return = None, None
    ticket.save(update_fields=["status", "step", "outcome", "closed_at", "right_of_return"])


def send_back(op: Op, ticket: Ticket, until: date | None) -> None:  # noqa: ARG001 - proof of an operation
    """The person fetches what is missing: the ticket stays good for today, the right to return until ``until``."""
    ticket.status, ticket.right_of_return = Ticket.Status.SENT_BACK, until
    ticket.save(update_fields=["status", "right_of_return"])


def leave(op: Op, ticket: Ticket, outcome: str = "done", until: date | None = None) -> None:
    """The person is through for today and the ticket is closed; ``until``: the visit may be continued."""
    ticket.status, ticket.outcome, ticket.closed_at = Ticket.Status.DONE, outcome, op.now
    ticket.right_of_return = until
    ticket.save(update_fields=["status", "outcome", "closed_at", "right_of_return"])


def grant_return(op: Op, application: Application, step: str, until: date | None) -> None:  # noqa: ARG001
    """Let the person come again until a day (None: not yet): the last ticket's visit then goes on at ``step``."""
    if (last := last_visit(application)) is not None:
        Ticket.objects.filter(pk=last.pk).update(step=step, right_of_return=until)


def last_visit(application: Application) -> Ticket | None:
    """The last ticket of the application, open or closed, pickups left out."""
    rows = Ticket.objects.filter(application=application, purpose=Ticket.Purpose.SERVICE)
    return rows.order_by("-arrived_at", "-pk").first()


def re_read(ticket: Ticket) -> Ticket:
    """The ticket with its application and office, locked."""
    rows = Ticket.objects.select_related("application__office", "office")
    return rows.select_for_update(of=("self", "application"), no_key=True).get(pk=ticket.pk)
