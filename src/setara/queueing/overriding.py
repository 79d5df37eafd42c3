"""What asking, approving and using a call out of turn have in common."""

from __future__ import annotations

import hashlib
from datetime import date

from setara.kernel.errors import Refused
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op
from setara.offices.service import Duty, Office, pack_of
from setara.people.service import Blob
from setara.queueing import policies
from setara.queueing.models import OverrideRequest, Ticket
from setara.rules.packs import OverrideReason

State = OverrideRequest.State
#: A request that waits for its second person, or was approved and not used yet.
LIVE = (State.WAITING, State.APPROVED)


def listed_reason(op: Op, office: Office, day: date) -> OverrideReason:
    """The pack's reason that the actor gave; Refused when it is none of the list."""
    for reason in pack_of(office, day).override_reasons:
        if reason.code == op.reason:
            return reason
    raise Refused(
        _("Panggilan di luar giliran memerlukan alasan dari daftar."),
        code="queueing.reason_needed",
        rule=_("Setiap pengecualian dicatat dengan alasannya dan diumumkan."),
        remedy=_("Pilih salah satu alasan yang tersedia."),
        field="reason",
    )


def lock_live(ticket: Ticket) -> OverrideRequest | None:
    """The ticket's one request that is neither decided against, used nor marked as run out, locked."""
    rows = OverrideRequest.objects.filter(ticket=ticket, state__in=LIVE)
    rows = rows.select_related("asked_by", "decided_by", "note").order_by("pk")
    return rows.select_for_update(of=("self",), no_key=True).first()


def second_person_on_duty(office: Office, day: date, besides: str) -> bool:
    """Whether somebody else than the member of staff ``besides`` is on today's roster who could approve."""
    roster = Duty.objects.filter(day__office=office, day__date=day, staff__active=True, left_at__isnull=True)
    able = roster.filter(staff__roles__overlap=sorted(policies.APPROVE_OVERRIDE.roles))
    return able.exclude(staff_id=besides).exists()


def digest_of(blob: Blob | None) -> str | None:
    """SHA-256 of sealed words or a sealed paper: proves later that they are the same, tells nothing."""
    return hashlib.sha256(bytes(blob.sealed)).hexdigest() if blob and blob.sealed else None
