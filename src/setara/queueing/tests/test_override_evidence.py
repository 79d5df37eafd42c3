"""Records that prove a reason which a pack may name and the pack of passports does not: a payment, a sending back.

What an officer asks for is looked up at the moment of asking, so each record is looked for before and after it.
"""

from __future__ import annotations

from datetime import timedelta

from setara.applications.service import Application
from setara.casework import service as casework
from setara.payments.service import Bill, Payment
from setara.queueing import service as q
from setara.queueing.models import Call, Ticket
from setara.queueing.proofs import proofs_of
from setara.queueing.tests.flooring import Floor
from setara.rules.packs.model import OverrideReason

NAMES = {"name": {"id": "Alasan", "en": "Reason"}, "proof": {"id": "Bukti", "en": "Proof"}}
PAID = OverrideReason(code="paid_fast", evidence=("payment",), fee="same_day", **NAMES)  # type: ignore[arg-type]
SENT = OverrideReason(code="papers_fetched", evidence=("send_back",), **NAMES)  # type: ignore[arg-type]


def settled(floor: Floor, person: Application, fee: str) -> Payment:
    """The fee of ``person`` is paid now; the office hears of it now."""
    now, number = floor.clock.now(), next(floor.numbers)
    bill = Bill.objects.create(
        application=person,
        code=f"{number:015d}",
        amount=1,
        lines=[{"code": fee, "amount": 1}],
        status=Bill.Status.PAID,
        issued_at=now,
        expires_at=now + timedelta(hours=2),
    )
    return Payment.objects.create(bill=bill, ntpn=f"{number:016d}", paid_at=now, noticed_at=now)


def test_a_payment_proves_only_for_its_own_fee_and_only_from_when_it_was_noticed(floor: Floor) -> None:
    ticket, other, never = floor.arrive(), floor.arrive(), floor.arrive()
    before = floor.clock.now()
    floor.after(5)
    at = settled(floor, ticket.application, "same_day").noticed_at
    settled(floor, other.application, "electronic_10")
    now = floor.after(1)
    assert proofs_of(ticket, PAID, now) == [{"kind": "payment", "at": at.isoformat()}]
    # Asked first and paid then (or in the same moment): unproven; so are another fee and none at all.
    for one, asked in ((ticket, before), (ticket, at), (other, now), (never, now)):
        assert proofs_of(one, PAID, asked) == []
    # The same payment is nothing to a reason that it does not belong to.
    assert proofs_of(ticket, SENT, now) == []


def test_a_sending_back_proves_only_if_it_was_there_before(floor: Floor) -> None:
    first, second = floor.arrive(), floor.arrive()
    before = floor.after(1)
    session = floor.sit("D1", 1)
    papers = floor.serve("D1", session)
    assert papers.ticket == first
    floor.after(3)
    lacks = [each.code for each in casework.requirements_for(papers) if each.required][:1]
    casework.check_documents(floor.by("D1"), papers, "missing", lacks)
    at = Call.objects.get(pk=papers.pk).ended_at
    assert at == floor.clock.now()
    floor.after(10)
    back = q.return_ticket(floor.by("FD"), Ticket.objects.get(pk=first.pk))
    now = floor.after(1)
    assert proofs_of(back, SENT, now) == [{"kind": "send_back", "at": at.isoformat()}]
    for one, asked in ((back, before), (back, at), (second, now)):
        assert proofs_of(one, SENT, asked) == []
    # A call that ended in the ordinary way is no sending back.
    for label in (first.label, second.label):
        call = floor.serve("D1", session)
        assert call.ticket.label == label
        casework.check_documents(floor.by("D1"), call, "complete")
    now = floor.after(1)
    assert [bool(proofs_of(one, SENT, now)) for one in (back, second)] == [True, False]
    assert proofs_of(back, PAID, now) == []
