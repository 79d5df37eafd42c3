"""What other rooms' operations may do with the office's day."""

from __future__ import annotations

from setara.ledger.service import Op
from setara.offices.models import OfficeDay


def mark_day_closed(op: Op, day: OfficeDay) -> OfficeDay:
    """Close the day; harmless when it is closed. Queueing decides first what becomes of the tickets."""
    locked = OfficeDay.objects.select_for_update().get(pk=day.pk)
    if locked.status != OfficeDay.Status.CLOSED:
        locked.status, locked.closed_at = OfficeDay.Status.CLOSED, op.now
        locked.save(update_fields=["status", "closed_at"])
    return locked
