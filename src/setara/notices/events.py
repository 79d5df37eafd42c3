"""Events of the outbox. The words and the address of a message are not part of them."""

from setara.ledger.service import Event


class Sent(Event, name="notices.sent", version=1):
    """A message was handed to the gateway."""

    kind: str
    channel: str


class Failed(Event, name="notices.failed", version=1):
    """A message could not be delivered after the last try; the office must tell the person another way."""

    kind: str
    channel: str
    attempts: int
