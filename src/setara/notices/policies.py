"""Who may deliver messages: only the office's own worker."""

from setara.ledger.service import permission

DELIVER = permission("notices.deliver", system=True)
