"""What this room writes to the ledger. No answer, no name, no number of a person is ever among it."""

from __future__ import annotations

from setara.ledger.service import Event, Ref


class Started(Event, name="applications.started", version=1):
    """An application was started, by the person or by the officer named in `typed_by`, who helped."""

    reference: Ref
    typed_by: Ref
    channel: str
    contact: str
    language: str
    pack: str
    simulated: bool


class PersonAmended(Event, name="applications.person_amended", version=1):
    """The person's data in a draft were put right; only the names of the changed fields are kept."""

    fields: list[str]
    typed_by: Ref
    channel: str


class Answered(Event, name="applications.answered", version=1):
    """Questions were answered (which ones, not how), and the type of application that follows."""

    questions: list[str]
    type: str
    typed_by: Ref
    channel: str


class Attached(Event, name="applications.attached", version=1):
    """A document was handed in for a requirement; `replaces` says that there was one before."""

    document: Ref
    requirement: str
    pages: int
    replaces: bool
    typed_by: Ref
    channel: str


class Submitted(Event, name="applications.submitted", version=1):
    """The application was handed in as complete; from here on its rules are those of `pack`."""

    type: str
    pack: str
    requirements: list[str]
    fee: int
    confirmed_aloud: bool
    typed_by: Ref
    channel: str


class CodeRenewed(Event, name="applications.code_renewed", version=1):
    """The application got a new access code; every earlier one is void. The code itself is kept nowhere."""

    generation: int
    typed_by: Ref
    channel: str


class Looked(Event, name="applications.looked", version=1):
    """An officer opened somebody's application: `page` is desk, progress, assist or file. Written once in ten minutes
    for each officer and application, at the first page."""

    page: str
    officer: str
