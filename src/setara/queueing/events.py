"""What happens on the floor, as the ledger keeps it. Tickets appear by the label that the hall saw."""

from __future__ import annotations

from typing import Any

from setara.ledger.service import Event, Ref


class CheckedIn(Event, name="queueing.checked_in", version=1):
    """Somebody arrived and was given a ticket."""

    ticket: Ref
    label: str
    lane: str
    step: str
    purpose: str
    arrival: str
    joined_at: str
    window: str | None
    rank: int | None
    ground: str
    proof: str
    companion_of: str | None
    re_entry: str
    officer: str


class KioskSetUp(Event, name="queueing.kiosk_set_up", version=1):
    """A supervisor set up a kiosk, or made its earlier device worthless to pair another."""

    kiosk: Ref
    number: int


class KioskPaired(Event, name="queueing.kiosk_paired", version=1):
    """A device became a kiosk by its one-time link."""

    kiosk: Ref
    number: int


class KioskRetired(Event, name="queueing.kiosk_retired", version=1):
    """A kiosk was put out of use."""

    kiosk: Ref
    number: int


class DoorCounted(Event, name="queueing.door_counted", version=1):
    """How many people came through the door within an hour; ``before`` is the earlier count, if it was corrected."""

    date: str
    hour: int
    people: int
    before: int | None
    officer: str


class OpeningDrawn(Event, name="queueing.opening_drawn", version=1):
    """Those who stood before the doors when they opened got their ranks by lot (setara.kernel.lots)."""

    date: str
    doors: str
    seed: str
    ranks: dict[str, int]


class CounterOpened(Event, name="queueing.counter_opened", version=1):
    """An officer opened a counter for these steps."""

    session: Ref
    counter: int
    officer: str
    steps: list[str]


class CounterMoved(Event, name="queueing.counter_moved", version=1):
    """A supervisor let an open counter serve other steps."""

    session: Ref
    counter: int
    officer: str
    before: list[str]
    steps: list[str]
    by: str


class FavourDeclined(Event, name="queueing.favour_declined", version=1):
    """An officer was asked for a favour and said no. Nobody is named."""

    favour: Ref
    officer: str
    counter: int | None


class FavourNoted(Event, name="queueing.favour_noted", version=1):
    """An officer added, sealed, who had asked for a favour that was declined."""

    favour: Ref
    officer: str
    note_digest: Ref | None


class CounterPaused(Event, name="queueing.counter_paused", version=1):
    """A counter went on its break."""

    session: Ref
    counter: int
    officer: str


class CounterResumed(Event, name="queueing.counter_resumed", version=1):
    """A counter came back from its break."""

    session: Ref
    counter: int
    officer: str


class CounterClosed(Event, name="queueing.counter_closed", version=1):
    """A counter was closed."""

    session: Ref
    counter: int
    officer: str


class Called1(Event, name="queueing.called", version=1):
    """As version 2, before officers kept away from applicants with whom they have to do."""

    ticket: Ref
    call: Ref
    rule_label: str
    label: str
    step: str
    counter: int
    officer: str
    lane: str
    waiting: int
    depth: int
    rule_version: str
    # When the doors opened: with the people in line, all that the rule needs to be asked again.
    doors: str
    why: dict[str, Any]


class Called(Called1, name="queueing.called", version=2):
    """A counter called the ticket that the rule gave.

    ``excluded``: tickets that waited but must not come to this officer (conflict of interest); to the rule they
    were not there.
    """

    excluded: list[str]


class CalledOutOfTurn1(Called1, name="queueing.called_out_of_turn", version=1):
    """Before a second person was asked: another ticket than the rule's was called (its reason is the event's)."""

    # SHA-256 of the sealed words: proves later that they are the same, tells nothing.
    note_digest: Ref | None


class CalledOutOfTurn(Called, name="queueing.called_out_of_turn", version=2):
    """Another ticket was called than the one the rule gave (its reason is the event's), proven and approved or not.

    ``approval`` is ``approved``, or ``pending`` for an urgent reason while nobody else was on duty: then a later
    approval, a refusal or the end of the day settles it.
    """

    request: Ref
    proof: str
    proofs: list[dict[str, Any]]
    approval: str
    asked_by: str
    asked_at: str
    approved_by: str | None
    note_digest: Ref | None


class OverrideAsked(Event, name="queueing.override_asked", version=1):
    """Somebody asked to have a ticket called out of turn (its reason is the event's)."""

    ticket: Ref
    request: Ref
    label: str
    step: str
    officer: str
    expires_at: str
    proof: str
    proofs: list[dict[str, Any]]
    # The earlier request for the ticket that had run out, if there was one.
    replaces: Ref | None
    note_digest: Ref | None
    paper_digest: Ref | None


class OverrideApproved(Event, name="queueing.override_approved", version=1):
    """A second person approved a call out of turn, before it was made or, for an urgent one, after."""

    ticket: Ref
    request: Ref
    label: str
    step: str
    officer: str
    asked_by: str
    proof: str
    proofs: list[dict[str, Any]]
    expires_at: str | None
    call: Ref | None


class OverrideRefused(Event, name="queueing.override_refused", version=1):
    """A second person refused a call out of turn; one that was made already stands unproven."""

    ticket: Ref
    request: Ref
    label: str
    step: str
    officer: str
    asked_by: str
    call: Ref | None


class OverridePaperOpened(Event, name="queueing.override_paper_opened", version=1):
    """A second person opened the paper that was shown with a request to call out of turn."""

    ticket: Ref
    request: Ref
    label: str
    step: str
    officer: str


class OverrideExpired(Event, name="queueing.override_expired", version=1):
    """A request or an approval to call out of turn ran out unused (``was`` waiting, approved), or lapsed after an
    urgent call on which nobody decided by the end of its day (``was`` used): that call stands unproven."""

    ticket: Ref
    request: Ref
    label: str
    step: str
    was: str


class CallRepeated(Event, name="queueing.call_repeated", version=1):
    """A counter called the same ticket once more."""

    ticket: Ref
    call: Ref
    label: str
    counter: int
    times: int


class ServiceStarted(Event, name="queueing.service_started", version=1):
    """The person called came to the counter and service began."""

    ticket: Ref
    call: Ref
    label: str
    step: str
    counter: int
    officer: str


class MarkedAbsent(Event, name="queueing.marked_absent", version=1):
    """The person called did not come; the ticket may come back by the published rule."""

    ticket: Ref
    call: Ref
    label: str
    step: str
    counter: int
    missed: int


class RelationDeclared(Event, name="queueing.relation_declared", version=1):
    """An officer declared in advance that they have to do with an applicant; the head decides by ``due_on``."""

    conflict: Ref
    officer: str
    relation: str
    due_on: str
    note_digest: Ref | None


class ConflictDecided(Event, name="queueing.conflict_decided", version=1):
    """The head decided whether an officer has a conflict of interest."""

    conflict: Ref
    officer: str
    decision: str
    by: str
    due_on: str
    words_digest: Ref | None


class CallUndone(Event, name="queueing.call_undone", version=1):
    """A wrong press was put right: the ticket waits where it waited before."""

    ticket: Ref
    call: Ref
    label: str
    step: str
    counter: int
    memory: dict[str, Any]


class Recused(CallUndone, name="queueing.recused", version=1):
    """An officer stepped back from the person called: the ticket waits where it waited, for somebody else."""

    conflict: Ref
    officer: str
    relation: str
    due_on: str
    note_digest: Ref | None


class Returned(Event, name="queueing.returned", version=1):
    """Somebody who missed the call or fetched papers came back and waits again."""

    ticket: Ref
    label: str
    lane: str
    step: str
    re_entry: str
    after_calls: int


class DayClosed1(Event, name="queueing.day_closed", version=1):
    """As version 2, before calls out of turn needed a second person."""

    date: str
    unserved: list[dict[str, Any]]
    missed_appointments: int
    counters: list[int]
    forced: bool


class DayClosed(Event, name="queueing.day_closed", version=2):
    """The hall was closed: what became of every ticket that was not served, and until when it may return.

    ``lapsed``: tickets whose urgent call out of turn nobody approved; those calls stand unproven from now on.
    """

    date: str
    unserved: list[dict[str, Any]]
    missed_appointments: int
    counters: list[int]
    forced: bool
    lapsed: list[str]


class Objected(Event, name="queueing.objected", version=1):
    """Somebody objected to a call; the supervisor owes an answer until the end of `due_on`."""

    objection: Ref
    call: Ref
    ticket: Ref | None
    label: str
    step: str
    counter: int
    via: str
    due_on: str
    # SHA-256 of the sealed words: proves later that they are the same, tells nothing.
    words_digest: Ref | None


class ObjectionAnswered(Event, name="queueing.objection_answered", version=1):
    """The supervisor answered an objection in words: what was found, and whether the answer came late."""

    objection: Ref
    call: Ref
    label: str
    finding: str
    due_on: str
    late: bool
    words_digest: Ref


class Announced(Event, name="queueing.announced", version=1):
    """The office told everybody who waits something, until the moment at which it ends by itself."""

    announcement: Ref
    kind: str
    ends_at: str
    # SHA-256 of both texts, which anybody could read.
    digest: str


class AnnouncementEnded(Event, name="queueing.announcement_ended", version=1):
    """An announcement was taken back before its time."""

    announcement: Ref
    kind: str
