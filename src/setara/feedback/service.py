"""What other rooms may use of the applicants' voice."""

from setara.feedback.instruments import instrument
from setara.feedback.models import Answer, Invitation
from setara.feedback.operations import answer_survey, invite, to_invite

__all__ = ["Answer", "Invitation", "answer_survey", "instrument", "invite", "to_invite"]
