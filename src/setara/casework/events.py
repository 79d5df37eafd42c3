"""What happens to a file. The name of the event says what came of the step, the operation which step it was.

Book numbers are the numbers of people's passports: events name a book by the id of its row.
"""

from __future__ import annotations

from typing import Any

from setara.ledger.service import Event, Ref


class StepEnded(Event, name="casework.step_ended", version=1):
    """A step ended and the file goes on to the next one."""

    run: Ref
    step: str
    outcome: str
    goes_to: str
    # held, refused, finished, ready or goes_on; what the event's name says, also for a correction.
    came_to: str
    officer: str
    counter: int | None
    label: str | None
    # When the ticket joined the next line of the hall, for whoever replays the day.
    joined_at: str | None
    seconds: int
    clock: str
    due_on: str | None
    missing: list[str]
    hold: str | None
    attributed_to: str | None
    return_by: str | None
    captures: list[dict[str, Any]]
    book: Ref | None
    book_kind: str | None
    to: str | None
    # SHA-256 of the sealed words of the officer: proves later that they are the same, tells nothing.
    note_digest: Ref | None
    corrects: Ref | None
    corrected_outcome: str | None


class Held(StepEnded, name="casework.held", version=1):
    """A step ended with the file on hold or the applicant sent back; the reason is public."""


class Ready(StepEnded, name="casework.ready", version=1):
    """A step ended and what was applied for is ready to be collected."""


class Refused(StepEnded, name="casework.refused", version=1):
    """A step ended with the refusal of the application."""


class Finished(StepEnded, name="casework.finished", version=1):
    """The last step ended: what was applied for was handed over."""


class Corrected(StepEnded, name="casework.corrected", version=1):
    """A wrong press was put right; the earlier event stays and is named."""


class Transferred(Event, name="casework.transferred", version=1):
    """Somebody was moved back to an earlier step of the hall, which must be done again.

    The ticket waits at ``to`` as one who joined it at ``joined_at``, its first time there.
    """

    ticket: Ref
    call: Ref
    label: str
    step: str
    to: str
    joined_at: str
    counter: int
    officer: str
    note_digest: Ref | None


class RecusedFromFile(Event, name="casework.recused", version=1):
    """An officer stepped back from a file; ``to`` is whom the lot gave it to, if anybody else is on duty."""

    conflict: Ref
    step: str
    officer: str
    relation: str
    due_on: str
    to: str | None
    seed: Ref | None
    order: list[str]
    note_digest: Ref | None


class Reassigned(Event, name="casework.reassigned", version=1):
    """A supervisor had a file drawn again because its officer was not there."""

    step: str
    before: str
    to: str
    by: str
    seed: Ref
    order: list[str]


class HoldPlaced(Event, name="casework.hold_placed", version=1):
    """An officer put a waiting file on hold."""

    hold: Ref
    step: str
    reason: str
    attributed_to: str
    stops_clock: bool
    missing: list[str]
    return_by: str | None
    note_digest: Ref | None


class HoldReleased(Event, name="casework.hold_released", version=1):
    """The hold of a file ended; the file waits at its step again."""

    hold: Ref
    step: str
    reason: str
    attributed_to: str
    days: int
    due_on: str | None
    return_by: str | None


class BooksReceived(Event, name="casework.books_received", version=1):
    """Blank books came into the store: kind, number, and the first serial."""

    kind: str
    first: str
    count: int


class DocumentOpened(Event, name="casework.document_opened", version=1):
    """An officer opened an uploaded paper of the file in hand."""

    document: Ref
    requirement: str
    step: str
    officer: str


class ReturnLapsed(Event, name="casework.return_lapsed", version=1):
    """The day until which a visit could be continued, or what was missing brought, has passed."""

    step: str
    until: str


class CollectionNear(Event, name="casework.collection_near", version=1):
    """What is ready was not collected yet, and the last day for it is near."""

    step: str
    until: str


class Uncollected(Event, name="casework.uncollected", version=1):
    """The last day for collecting what is ready has passed."""

    step: str
    until: str


class ReturnRenewed(Event, name="casework.return_renewed", version=1):
    """The office gave somebody whose time had run out another term to come back or to bring what is missing."""

    step: str
    lapsed: str
    return_by: str


class Cancelled(Event, name="casework.cancelled", version=1):
    """An application was cancelled by its applicant, or by the desk for them, before any work: where it stood,
    whether it was paid, the place that is free again, and whether an unpaid code was closed."""

    was: str
    paid: bool
    appointment: Ref | None
    starts: str | None
    bill_closed: bool
    typed_by: Ref
