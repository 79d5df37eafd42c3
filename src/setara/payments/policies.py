"""Who may do what in this room."""

from __future__ import annotations

from setara.ledger.service import permission
from setara.offices.service import Role

BILL = permission("payments.bill", Role.FRONT_DESK, Role.SUPERVISOR, applicant=True)
PAY = permission("payments.pay", outside=True)
EXPIRE = permission("payments.expire", system=True, outside=True)
