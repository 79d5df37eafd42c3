"""Cancelling an application that nobody has worked on yet."""

from __future__ import annotations

from typing import Final

from setara.applications.service import Application, lock, move_to
from setara.booking.service import give_up
from setara.casework import events, policies
from setara.casework.moves import lock_case
from setara.kernel.errors import Invalid, Refused
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, operation
from setara.payments.service import close_bill

S = Application.Status
#: From where an application can be cancelled: before anybody has worked on it.
BEFORE: Final = frozenset({S.DRAFT, S.SUBMITTED, S.PAID, S.BOOKED})
#: Why, if somebody wants to say it; the reason of the event.
REASONS: Final = {
    "no_longer_needed": _("Tidak diperlukan lagi"),
    "wrong_answers": _("Isiannya keliru; saya mengajukan lagi"),
    "other_office": _("Saya mengurusnya di kantor lain"),
    "twice": _("Terlanjur mengajukan dua kali"),
}


@operation
def cancel(op: Op, application: Application) -> Application:
    """Cancel an application: its place is free at once, an unpaid code is good no longer. ``By.reason`` may say why.

    Refused (``casework.too_late_to_cancel``) once the office works on it; Invalid for a reason that is not listed.
    """
    op.permit(policies.CANCEL, office=application.office_id, application=application.pk)
    lock(op, application)
    if op.reason is not None and op.reason not in REASONS:
        raise Invalid(
            {"reason": _("Pilih salah satu alasan, atau kosongkan.")}, code="casework.cancel_reason"
        )
    was = str(application.status)
    if was not in BEFORE or lock_case(application) is not None:
        raise Refused(
            _(
                "Permohonan ini tidak dapat dibatalkan lagi: %(status)s.",
                status=application.get_status_display(),
            ),
            code="casework.too_late_to_cancel",
            rule=_("Permohonan dapat dibatalkan selama kantor belum mengerjakannya."),
            remedy=_("Bicarakan dengan petugas di meja depan."),
        )
    held = give_up(op, application)
    closed = close_bill(op, application)
    move_to(op, application, S.CANCELLED)
    op.record(
        events.Cancelled(
            was=was,
            paid=was in {S.PAID, S.BOOKED} and bool(application.fee),
            appointment=str(held.pk) if held else None,
            starts=held.window.starts.isoformat() if held else None,
            bill_closed=closed,
            typed_by=op.actor.id if op.actor.is_officer else "",
        ),
        office=application.office_id,
        application=application.pk,
    )
    return application
