"""Looking, searching, exporting: each look of an auditor is an event of the office."""

from __future__ import annotations

from setara.ledger.service import Op, operation
from setara.offices.service import Office, Staff
from setara.oversight import events, policies
from setara.oversight.searching import Wanted


@operation
def look(op: Op, office: Office, view: str, first: int | None = None, last: int | None = None) -> None:
    """Record a look at events ``first`` to ``last``; ``view`` is list, event or check."""
    op.permit(policies.LOOK, office=office.pk)
    op.record(events.Looked(auditor=_label(op), view=view, first=first, last=last), office=office.pk)


@operation
def search(
    op: Op, office: Office, what: Wanted, *, shown: int, first: int | None = None, last: int | None = None
) -> None:
    """Record a search and which numbers its page of results spans."""
    op.permit(policies.LOOK, office=office.pk)
    op.record(
        events.Searched(auditor=_label(op), **what.as_event(), shown=shown, first=first, last=last),
        office=office.pk,
    )


@operation
def export(op: Op, office: Office, what: Wanted, format: str, *, until: int, count: int) -> None:
    """Record that events up to number ``until`` leave as a file, before the first of them does."""
    op.permit(policies.LOOK, office=office.pk)
    op.record(
        events.Exported(auditor=_label(op), format=format, **what.as_event(), until=until, events=count),
        office=office.pk,
    )


def _label(op: Op) -> str:
    return Staff.objects.get(pk=op.actor.id).label
