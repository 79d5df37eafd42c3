"""Who may do what in this room. Whoever helps somebody has the same rights as the person, in one office."""

from __future__ import annotations

from setara.ledger.service import permission
from setara.offices.service import Role

START = permission("applications.start", Role.FRONT_DESK, Role.SUPERVISOR, visitor=True, applicant=True)
ASSIST = permission("applications.assist", Role.FRONT_DESK, Role.SUPERVISOR)
FILL = permission("applications.fill", Role.FRONT_DESK, Role.SUPERVISOR, applicant=True)
SUBMIT = permission("applications.submit", Role.FRONT_DESK, Role.SUPERVISOR, applicant=True)
LOOK = permission("applications.look", Role.FRONT_DESK, Role.SUPERVISOR, Role.ADJUDICATOR, Role.PRINTING)
RENEW = permission("applications.renew_code", Role.FRONT_DESK, Role.SUPERVISOR, applicant=True)
