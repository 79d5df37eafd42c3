"""Coming back on the same day: after a missed call, or with the papers that were missing."""

from __future__ import annotations

from setara.applications.service import Application, move_to
from setara.kernel.errors import Conflict
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, operation
from setara.queueing import events, policies
from setara.queueing.lines import lock_queues
from setara.queueing.models import Ticket
from setara.queueing.moves import re_read

#: What the published list of re-entries (pack, rules.queue) calls each way of coming back.
_REASON = {Ticket.Status.ABSENT: "missed", Ticket.Status.SENT_BACK: "returned"}


@operation
def return_ticket(op: Op, ticket: Ticket) -> Ticket:
    """Let the ticket wait again, where the published rule puts it. Conflict when it did not go away."""
    op.permit(policies.RETURN, office=ticket.office_id)
    queue = lock_queues(ticket.office, ticket.date, [ticket.step])[ticket.step]
    ticket = re_read(ticket)
    reason = _REASON.get(Ticket.Status(ticket.status))
    if reason is None or ticket.closed_at is not None:
        raise Conflict(
            _(
                "Nomor %(label)s berstatus: %(state)s.",
                label=ticket.label,
                state=ticket.get_status_display(),
            ),
            code="queueing.not_away",
            rule=_("Kembali ke antrean hanya setelah panggilan terlewat atau berkas dilengkapi."),
            remedy=_("Lihat keadaan nomor ini di layar antrean."),
        )
    after_calls = queue.memory.called_in(ticket.lane)
    if reason == "returned":
        ticket.right_of_return = None
        if ticket.application.status == Application.Status.RETURNED:
            move_to(op, ticket.application, Application.Status.IN_SERVICE)
    ticket.status, ticket.re_entry, ticket.re_entry_at = Ticket.Status.WAITING, reason, op.now
    ticket.re_entry_count = after_calls
    ticket.save(update_fields=["status", "re_entry", "re_entry_at", "re_entry_count", "right_of_return"])
    op.record(
        events.Returned(
            ticket=str(ticket.pk),
            label=ticket.label,
            lane=ticket.lane,
            step=ticket.step,
            re_entry=reason,
            after_calls=after_calls,
        ),
        office=ticket.office_id,
        application=ticket.application_id,
        ticket=ticket.pk,
    )
    return ticket
