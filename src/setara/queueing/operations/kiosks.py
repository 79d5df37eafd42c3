"""Kiosks: set up by a supervisor, paired with a device once, put out of use."""

from __future__ import annotations

import hmac

from setara.kernel import ids
from setara.kernel.errors import Conflict, Forbidden
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, operation
from setara.offices.service import Office
from setara.queueing import events, policies
from setara.queueing.guards import explained
from setara.queueing.lines import locked
from setara.queueing.models import Kiosk


@explained
@operation
def set_up_kiosk(op: Op, office: Office, number: int) -> Kiosk:
    """A kiosk of this number that may be paired with a device once; what was paired before stops working."""
    op.permit(policies.SET_UP_KIOSK, office=office.pk)
    kiosk = locked(Kiosk.objects.filter(office=office, number=number)).first()
    if kiosk is None:
        kiosk = Kiosk.objects.create(office=office, number=number, made_at=op.now)
    else:
        kiosk.secret, kiosk.active = ids.token(), True
        kiosk.save(update_fields=["secret", "active"])
    op.record(events.KioskSetUp(kiosk=str(kiosk.pk), number=number), office=office.pk)
    return kiosk


@operation
def pair_kiosk(op: Op, kiosk: Kiosk, secret: str) -> Kiosk:
    """The device that holds the link becomes the kiosk; the link is worthless afterwards. Forbidden with another."""
    op.permit(policies.PAIR_KIOSK, office=kiosk.office_id)
    kiosk = locked(Kiosk.objects.filter(pk=kiosk.pk)).get()
    if not kiosk.active or not hmac.compare_digest(kiosk.secret, secret):
        raise link_is_no_good()
    kiosk.secret = ids.token()
    kiosk.save(update_fields=["secret"])
    op.record(events.KioskPaired(kiosk=str(kiosk.pk), number=kiosk.number), office=kiosk.office_id)
    return kiosk


@operation
def retire_kiosk(op: Op, kiosk: Kiosk) -> Kiosk:
    """Put a kiosk out of use at once. Conflict when it is."""
    op.permit(policies.SET_UP_KIOSK, office=kiosk.office_id)
    kiosk = locked(Kiosk.objects.filter(pk=kiosk.pk)).get()
    if not kiosk.active:
        raise Conflict(
            _("Anjungan %(number)s sudah tidak dipakai.", number=kiosk.number),
            code="queueing.kiosk_retired",
            remedy=_("Pasang lagi bila hendak dipakai."),
        )
    kiosk.active, kiosk.secret = False, ids.token()
    kiosk.save(update_fields=["active", "secret"])
    op.record(events.KioskRetired(kiosk=str(kiosk.pk), number=kiosk.number), office=kiosk.office_id)
    return kiosk


def link_is_no_good() -> Forbidden:
    """The link was used, renewed, or never good."""
    return Forbidden(
        _("Tautan pemasangan ini tidak berlaku."),
        code="queueing.kiosk_link",
        rule=_("Setiap tautan memasang satu perangkat, satu kali."),
        remedy=_("Minta pengawas membuat tautan baru."),
    )
