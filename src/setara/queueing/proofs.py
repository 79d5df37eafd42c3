"""The records that prove a reason for calling out of turn.

Nothing here is typed by an officer: each proof is a row that was there, with its time, before the call was asked
for. What counts for a reason is the pack's list (``OverrideReason.evidence``); any one of it is enough.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from setara.ledger import queries as ledger
from setara.payments.service import payment_of
from setara.people.service import Blob
from setara.queueing.models import Call, Ticket
from setara.rules.packs import OverrideReason

#: Events that record an error of the office on a ticket: a wrong press undone, a wrong result put right.
ERRORS: Final = ("queueing.call_undone", "casework.corrected")


def proofs_of(
    ticket: Ticket, reason: OverrideReason, before: datetime, paper: Blob | None = None
) -> list[dict[str, str]]:
    """The records, ``kind`` and ``at`` (ISO), that prove ``reason`` for the ticket and were there ``before``.

    ``paper``: what was shown and photographed with the request. A condition that somebody saw (``seen``) is
    no record yet: the second person adds it (:func:`seen`).
    """
    found = []
    for kind in reason.evidence:
        at = _at(kind, ticket, reason, before, paper)
        if at is not None:
            found.append({"kind": kind, "at": at.isoformat()})
    return found


def seen(at: datetime) -> dict[str, str]:
    """The proof that the second person saw the condition themselves."""
    return {"kind": "seen", "at": at.isoformat()}


def _at(
    kind: str, ticket: Ticket, reason: OverrideReason, before: datetime, paper: Blob | None
) -> datetime | None:
    if kind == "paper":
        return None if paper is None else paper.created_at
    look = _LOOK.get(kind)
    return None if look is None else look(ticket, reason, before)


def _payment(ticket: Ticket, reason: OverrideReason, before: datetime) -> datetime | None:
    paid = payment_of(ticket.application)
    if paid is None or paid.noticed_at >= before:
        return None
    return paid.noticed_at if any(line.get("code") == reason.fee for line in paid.bill.lines) else None


def _call_that_ended(outcome: str) -> Callable[[Ticket, OverrideReason, datetime], datetime | None]:
    def look(ticket: Ticket, reason: OverrideReason, before: datetime) -> datetime | None:  # noqa: ARG001
        # Of this wait only: a call missed at a step that is behind the person explains nothing here.
        calls = Call.objects.filter(ticket=ticket, outcome=outcome, ended_at__lt=before)
        calls = calls.filter(step=ticket.step, joined_at=ticket.joined_at)
        return calls.order_by("-ended_at").values_list("ended_at", flat=True).first()

    return look


def _error(ticket: Ticket, reason: OverrideReason, before: datetime) -> datetime | None:  # noqa: ARG001
    rows = ledger.events_of_ticket(ticket.pk).filter(type__in=ERRORS, occurred_at__lt=before)
    return rows.values_list("occurred_at", flat=True).last()


_LOOK: Final[dict[str, Callable[[Ticket, OverrideReason, datetime], Any]]] = {
    "payment": _payment,
    "absence": _call_that_ended(Call.Outcome.ABSENT),
    "send_back": _call_that_ended(Call.Outcome.SENT_BACK),
    "error": _error,
}
