"""Who may do what in this room."""

from __future__ import annotations

from setara.ledger.service import permission
from setara.offices.service import Role

BOOK = permission("booking.book", Role.FRONT_DESK, Role.SUPERVISOR, applicant=True)
MOVE = permission("booking.move", Role.FRONT_DESK, Role.SUPERVISOR, applicant=True)
OPEN = permission("booking.open", Role.SUPERVISOR, Role.HEAD, system=True)
