"""Who may read the office's figures."""

from setara.ledger.service import permission
from setara.offices.service import Role

DAY_SHEET = permission("reports.day_sheet", Role.SUPERVISOR, Role.HEAD, Role.AUDITOR)
