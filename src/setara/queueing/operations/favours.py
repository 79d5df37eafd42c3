"""Favours that were asked for and declined: counted at once, the asker named only if the officer wants to, sealed."""

from __future__ import annotations

from setara.kernel.errors import Conflict, Forbidden, Invalid
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, operation
from setara.offices.service import Office, local_date, staff_by_id
from setara.people.service import seal
from setara.queueing import events, policies
from setara.queueing.lines import locked
from setara.queueing.models import Favour
from setara.queueing.overriding import digest_of
from setara.queueing.queries import open_session


@operation
def decline_favour(op: Op, office: Office) -> Favour:
    """Somebody asked the officer to take somebody first, and was told to take a number like everybody."""
    op.permit(policies.DECLINE_FAVOUR, office=office.pk)
    staff = staff_by_id(op.actor.id)
    session = open_session(staff)
    favour = Favour.objects.create(office=office, date=local_date(office, op.now), staff=staff, at=op.now)
    op.record(
        events.FavourDeclined(
            favour=str(favour.pk),
            officer=staff.label,
            counter=session.counter.number if session is not None else None,
        ),
        office=office.pk,
    )
    return favour


@operation
def note_favour(op: Op, favour: Favour, words: str) -> Favour:
    """Add, sealed, who asked and for whom. Only the officer who declined it, and only once."""
    op.permit(policies.DECLINE_FAVOUR, office=favour.office_id)
    favour = locked(Favour.objects.filter(pk=favour.pk)).get()
    if str(favour.staff_id) != op.actor.id:
        raise Forbidden(
            _("Catatan ini milik petugas lain."),
            code="queueing.not_your_favour",
            rule=_("Keterangan hanya ditambahkan oleh petugas yang menolak titipan itu."),
        )
    if favour.note_id is not None:
        raise Conflict(
            _("Keterangan titipan ini sudah disegel."),
            code="queueing.favour_noted",
            rule=_("Keterangan ditambahkan satu kali."),
            remedy=_("Catat titipan baru bila diminta lagi."),
        )
    if not words.strip():
        raise Invalid({"words": _("Tulis keterangannya, atau biarkan tanpa nama.")})
    favour.note = seal(op, words.strip().encode(), "text/plain")
    favour.save(update_fields=["note"])
    op.record(
        events.FavourNoted(
            favour=str(favour.pk),
            officer=staff_by_id(op.actor.id).label,
            note_digest=digest_of(favour.note),
        ),
        office=favour.office_id,
    )
    return favour
