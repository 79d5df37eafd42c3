"""What a service pack contains. A pack is the law and the promise of one service from one date on.

Texts marked ``[!]`` in a pack's sources are settings on which sources disagree or for which there is
none; ``[S..]`` are the sources of the project's list of facts.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from setara.kernel.words import Words
from setara.rules.packs.conditions import Condition, Part
from setara.rules.queue import Mode, Order

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
OptionCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]{0,39}$")]
Letter = Annotated[str, StringConstraints(pattern=r"^[A-HJ-NPR-Z]$")]
Mime = Literal["image/jpeg", "image/png", "application/pdf"]
Verification = Literal["date_of_birth", "card", "visible", "attestation", "payment"]
StepKind = Literal["hall", "back", "pickup"]
Attribution = Literal["office", "applicant", "outage", "centre"]
#: What proves a reason for calling out of turn: a paper shown and photographed, a condition that the second
#: person saw, a payment of a named fee, an absence mark, a sending back, a recorded error of the office.
Evidence = Literal["paper", "seen", "payment", "absence", "send_back", "error"]
Positive = Annotated[int, Field(gt=0)]
Count = Annotated[int, Field(ge=0)]


class ApplicationType(Part):
    """A kind of application: who may make it, and how it may come in."""

    code: Code
    name: Words
    who: Words
    channels: tuple[Literal["online", "walk_in"], ...]
    source: str = ""


class Option(Part):
    """One possible answer. ``stop`` explains why this way ends here and what to do instead."""

    code: OptionCode
    name: Words
    help: Words | None = None
    stop: Words | None = None
    enabled: bool = True


class Question(Part):
    """One page of the wizard. ``personal`` answers belong in the vault; one that is not ``enabled`` is not asked."""

    code: Code
    text: Words
    help: Words | None = None
    kind: Literal["choice", "bool", "date"]
    options: tuple[Option, ...] = ()
    shown_if: Condition | None = None
    personal: bool = False
    enabled: bool = True
    source: str = ""


class DocumentGroup(Part):
    """Several documents of which one is enough."""

    code: Code
    name: Words
    help: Words


class Document(Part):
    """A paper to bring and upload; in a ``group`` any one of the group will do."""

    code: Code
    name: Words
    help: Words
    accepts: tuple[Mime, ...] = ("image/jpeg", "image/png", "application/pdf")
    group: Code | None = None
    required: bool = True
    required_if: Condition | None = None
    source: str = ""


class FeeLine(Part):
    """An amount in rupiah and when it is due. Exactly one ``base`` line applies to each application."""

    code: Code
    name: Words
    amount: Count
    kind: Literal["base", "extra"] = "base"
    when: Condition | None = None
    source: str = ""


class Validity(Part):
    """Years of validity; the first line whose condition holds applies."""

    years: Positive
    when: Condition | None = None
    source: str = ""


class StockKind(Part):
    """A kind of blank that the office keeps in stock and counts."""

    code: Code
    name: Words
    when: Condition | None = None


class Product(Part):
    """What the applicant gets. Without ``stock`` nothing is taken from a store."""

    name: Words
    stock: tuple[StockKind, ...] = ()


class Ground(Part):
    """A lawful reason to use a lane and how it is verified; ages in full years, both limits included.

    Verified by ``payment``: the line of fees named as ``fee`` has been paid.
    """

    code: Code
    name: Words
    verification: Verification
    min_age: Count | None = None
    max_age: Count | None = None
    fee: Code | None = None
    enabled: bool = True
    source: str = ""


class Companions(Part):
    """Who may come along in a lane without a ground of their own; recorded, or it looks like a favour."""

    max: Count
    proof: Words
    enabled: bool = True
    source: str = ""


class Lane(Part):
    """A lane of the hall. Without grounds it is open to everybody who is admitted to it; one that is not
    ``enabled`` is not there."""

    code: Code
    letter: Letter
    name: Words
    help: Words
    purpose: Literal["service", "pickup"] = "service"
    booked: bool = False
    walk_in: bool = False
    grounds: tuple[Ground, ...] = ()
    daily_quota: Positive | None = None
    weight: Positive = 1
    companions: Companions | None = None
    enabled: bool = True
    source: str = ""


class Outcome(Part):
    """How a step can end. ``goes_to``: a step's code, ``send_back``, ``refuse``, ``hold`` or ``done``."""

    code: Code
    name: Words
    goes_to: Code
    holds: tuple[Code, ...] = ()
    needs_reason: bool = False


class Step(Part):
    """One step of the path, who does it and where. ``judgement`` steps get their officer by lot."""

    code: Code
    name: Words
    explain: Words
    role: Code
    kind: StepKind
    target_minutes: Positive
    judgement: bool = False
    order: Order = "joined"
    captures: tuple[Literal["photo", "fingerprints"], ...] = ()
    uses_stock: bool = False
    outcomes: tuple[Outcome, ...]
    source: str = ""


class ClockEvent(Part):
    """The end of a step with one of these outcomes."""

    step: Code
    outcomes: tuple[Code, ...]


class Clock(Part):
    """The promise: so many working days from ``start`` to ``end``."""

    working_days: Positive
    start: ClockEvent
    end: ClockEvent
    source: str = ""


class HoldReason(Part):
    """Why a file may stand still, whose doing it is, and whether the promise stands still with it.

    ``papers``: the hold names papers that the applicant has to bring.
    """

    code: Code
    name: Words
    explain: Words
    attributed_to: Attribution
    stops_clock: bool
    papers: bool = False
    source: str = ""


class Reschedule(Part):
    """Moving an appointment: how often, how many days ahead at the latest, free if the office failed."""

    max: Count
    latest_days_before: Count
    free_after_office_failure: bool = True
    source: str = ""


class NoShow(Part):
    """What not coming leads to."""

    forfeits_fee: bool
    rebook_if_never_moved: bool
    explain: Words
    source: str = ""


class Cancellation(Part):
    """What somebody who cancels an application reads about a fee that is paid already."""

    paid: Words
    source: str = ""


class Incomplete(Part):
    """Calendar days to bring a missing paper, and what happens after that."""

    days: Positive
    forfeits_fee: bool
    source: str = ""


class Billing(Part):
    """The billing code: minutes until it expires, and its number of digits."""

    expiry_minutes: Positive
    digits: Positive
    source: str = ""


class ReEntryRule(Part):
    """One line of the published list of re-entries; see :mod:`setara.rules.queue`."""

    code: Code
    name: Words
    mode: Mode
    places: Count = 0


class QueueParameters(Part):
    """Parameters of the queue rule apart from the weights of the lanes."""

    max_calls: Positive
    call_wait_minutes: Positive
    late_grace_minutes: Count
    re_entry: tuple[ReEntryRule, ...]
    # How long a request to call out of turn waits for its second person, and how long the approval may be used.
    override_request_minutes: Positive = 15
    override_approval_minutes: Positive = 10
    # How long the officer whom the lot gave a judgement step may take to call; then the next in the lot may.
    draw_grace_seconds: Count = 60
    # Whether those who stand before the doors when they open get their ranks by lot.
    opening_lottery: bool = False
    # Working days within which the head decides on a declared relation.
    conflict_decision_days: Positive = 7
    # So many days after a call can still be objected to.
    objection_open_days: Count = 7
    source: str = ""


class OverrideReason(Part):
    """A reason for taking somebody out of turn, and the proof that must exist before.

    ``evidence``: any one of these records proves it, if it was there before the request; ``fee`` is the line
    that a payment must be for. ``urgent``: goes ahead while no second person is on duty, and is shown as not
    yet approved.
    """

    code: Code
    name: Words
    proof: Words
    evidence: tuple[Evidence, ...] = ()
    fee: Code | None = None
    urgent: bool = False
    source: str = ""


class Unserved(Part):
    """The right of somebody who came and was not served: calendar days in which it can be used."""

    return_days: Positive
    explain: Words
    source: str = ""


class Retention(Part):
    """Days after the file is closed until personal data is destroyed."""

    documents_days: Positive
    captures_days: Positive
    contact_days: Positive
    source: str = ""


class Content(Part):
    """All fields of a pack, before its parts are checked against each other."""

    service: Code
    name: Words
    in_force_from: date
    in_force_until: date | None = None
    illustrative: bool = False
    sources: tuple[Words, ...]
    product: Product
    types: tuple[ApplicationType, ...]
    questions: tuple[Question, ...]
    groups: tuple[DocumentGroup, ...] = ()
    documents: tuple[Document, ...]
    fees: tuple[FeeLine, ...]
    validity: tuple[Validity, ...] = ()
    lanes: tuple[Lane, ...]
    steps: tuple[Step, ...]
    clock: Clock
    hold_reasons: tuple[HoldReason, ...]
    reschedule: Reschedule
    no_show: NoShow
    cancellation: Cancellation | None = None
    incomplete: Incomplete
    billing: Billing
    uncollected_days: Positive
    uncollected_reminder_days: Count = 0
    uncollected_explain: Words | None = None
    queue: QueueParameters
    override_reasons: tuple[OverrideReason, ...]
    unserved: Unserved
    retention: Retention
    local: tuple[str, ...] = ()
