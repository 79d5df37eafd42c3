"""Telling everybody who waits something, in both languages, until a stated time."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

from setara.kernel.errors import Conflict, Invalid, Refused
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, operation
from setara.offices.service import Office, Staff
from setara.queueing import events, policies
from setara.queueing.lines import locked
from setara.queueing.models import Announcement

#: So many at once can be read from eight metres; none stands for longer than this, so that none is forgotten.
MOST, LONGEST = 2, timedelta(hours=12)
SIGNS: Final = 240


@operation
def announce(
    op: Op, office: Office, text_id: str, text_en: str, ends_at: datetime, kind: str
) -> Announcement:
    """Show both texts to everybody who waits until ``ends_at``; ``kind`` is ``notice`` or ``outage``.

    Invalid for a text that is missing or longer than :data:`SIGNS` signs and for an end that is past or too far;
    Refused while :data:`MOST` others stand.
    """
    op.permit(policies.ANNOUNCE, office=office.pk)
    office = locked(Office.objects.filter(pk=office.pk)).get()
    texts = {"text_id": text_id.strip(), "text_en": text_en.strip()}
    faults: dict[str, object] = {
        name: _("Tulis paling banyak %(n)s huruf, dalam kedua bahasa.", n=SIGNS)
        for name, text in texts.items()
        if not 0 < len(text) <= SIGNS
    }
    if kind not in Announcement.Kind.values:
        faults["kind"] = _("Pilih salah satu.")
    if not timedelta(0) < ends_at - op.now <= LONGEST:
        faults["ends_at"] = _(
            "Pilih waktu berakhir dalam %(n)s jam ke depan.", n=LONGEST // timedelta(hours=1)
        )
    if faults:
        raise Invalid(faults)
    if Announcement.objects.filter(office=office, ends_at__gt=op.now, ended_at=None).count() >= MOST:
        raise Refused(
            _("Sudah ada %(n)s pengumuman yang tampil.", n=MOST),
            code="queueing.announcements_full",
            rule=_("Lebih dari itu tidak terbaca dari kursi tunggu."),
            remedy=_("Cabut salah satu, atau tunggu sampai berakhir."),
        )
    made = Announcement.objects.create(
        office=office,
        kind=kind,
        made_at=op.now,
        made_by=Staff.objects.get(pk=op.actor.id),
        ends_at=ends_at,
        **texts,
    )
    said = "\0".join(texts.values()).encode()
    op.record(
        events.Announced(
            announcement=str(made.pk),
            kind=kind,
            ends_at=ends_at.isoformat(),
            digest=hashlib.sha256(said).hexdigest(),
        ),
        office=office.pk,
    )
    return made


@operation
def end_announcement(op: Op, announcement: Announcement) -> Announcement:
    """Take an announcement back before its time. Conflict when it is over."""
    op.permit(policies.ANNOUNCE, office=announcement.office_id)
    announcement = locked(Announcement.objects.filter(pk=announcement.pk)).get()
    if announcement.ended_at is not None or announcement.ends_at <= op.now:
        raise Conflict(
            _("Pengumuman ini sudah berakhir."),
            code="queueing.announcement_over",
            rule=_("Pengumuman berakhir sendiri pada waktunya."),
            remedy=_("Muat ulang halaman lantai layanan."),
        )
    announcement.ended_at = op.now
    announcement.save(update_fields=["ended_at"])
    op.record(
        events.AnnouncementEnded(announcement=str(announcement.pk), kind=announcement.kind),
        office=announcement.office_id,
    )
    return announcement
