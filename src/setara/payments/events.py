"""What this room writes to the ledger. Amounts are whole rupiah; codes of the treasury are ids."""

from __future__ import annotations

from setara.ledger.service import Event, Ref


class Billed(Event, name="payments.billed", version=1):
    """The treasury gave a billing code for the application's fee, good until `expires_at`."""

    bill: Ref
    amount: int
    lines: list[dict[str, str | int]]
    expires_at: str
    attempt: int


class Paid(Event, name="payments.paid", version=1):
    """The treasury confirmed a payment. `late`: the code had expired; the money counts all the same.
    `surplus`: the application had been paid already, or is cancelled, so that this money must go back."""

    bill: Ref
    ntpn: Ref
    amount: int
    paid_at: str
    late: bool
    surplus: bool


class Expired(Event, name="payments.expired", version=1):
    """A billing code expired without payment; the application stays as it is and may ask for a new code."""

    bill: Ref
    expired_at: str


class NoticeRefused(Event, name="payments.notice_refused", version=1):
    """A signed payment notice did not fit its bill (`why`), and a person must look at it."""

    bill: Ref
    ntpn: Ref
    why: str
    expected: int
    received: int
