"""The only writers of delivered messages."""

from __future__ import annotations

from datetime import timedelta

from setara.ledger.service import Op, operation
from setara.notices import events, policies
from setara.notices.models import Notice

TRIES = 6


@operation
def mark_sent(op: Op, notice: Notice, message: str) -> Notice:
    """Note that the gateway took a message, under its id there."""
    office = notice.application.office_id
    op.permit(policies.DELIVER, office=office)
    held = Notice.objects.select_for_update().get(pk=notice.pk)
    held.status, held.message, held.sent_at, held.next_try_at = Notice.Status.SENT, message, op.now, None
    held.attempts += 1
    held.save()
    op.record(
        events.Sent(kind=held.kind, channel=held.channel), office=office, application=notice.application_id
    )
    return held


@operation
def give_up(op: Op, notice: Notice) -> Notice:
    """Note that a message could not be delivered, so that the office tells the person another way."""
    office = notice.application.office_id
    op.permit(policies.DELIVER, office=office)
    held = Notice.objects.select_for_update().get(pk=notice.pk)
    held.status, held.next_try_at = Notice.Status.FAILED, None
    held.save()
    op.record(
        events.Failed(kind=held.kind, channel=held.channel, attempts=held.attempts),
        office=office,
        application=notice.application_id,
    )
    return held


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many failed tries: half a minute, doubled each time."""
    return timedelta(seconds=30 * 2**attempts)
