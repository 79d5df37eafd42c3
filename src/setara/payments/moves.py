"""Changes of state that happen inside operations of other rooms; they record nothing themselves."""

from __future__ import annotations

from setara.applications.service import Application
from setara.ledger.service import Op
from setara.payments.models import Bill


def close_bill(op: Op, application: Application) -> bool:  # noqa: ARG001 - proof of an operation
    """Let an unpaid code of a cancelled application be good no longer; whether there was one.

    The treasury takes no code back before its time: money that comes all the same is written down as surplus.
    """
    unpaid = Bill.objects.filter(application=application, status=Bill.Status.OPEN)
    return bool(unpaid.update(status=Bill.Status.EXPIRED))
