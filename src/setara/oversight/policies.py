"""Who may look over the office's shoulder: the auditor, who can change nothing."""

from setara.ledger.service import permission
from setara.offices.service import Role

LOOK = permission("oversight.look", Role.AUDITOR)
