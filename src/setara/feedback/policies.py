"""Who may do what with surveys."""

from setara.ledger.service import permission

INVITE = permission("feedback.invite", system=True)
ANSWER = permission("feedback.answer", visitor=True, applicant=True)
