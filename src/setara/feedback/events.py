"""Events of the applicants' voice. An answer's event carries no score: opinions stay apart from the record."""

from setara.ledger.service import Event


class Invited(Event, name="feedback.invited", version=1):
    """A survey invitation was given by the system after a finished service, one for each application."""

    instrument: str
    expires_on: str


class Answered(Event, name="feedback.answered", version=1):
    """Somebody answered a survey. Neither who nor what is part of the event."""

    instrument: str
