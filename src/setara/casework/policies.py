"""Who may do what with a file. The pack names the role of each step; these are the tools for each kind of step."""

from __future__ import annotations

from setara.ledger.service import permission
from setara.offices.service import Role

CHECK = permission("casework.check", Role.DOCUMENT_CHECKER, Role.FRONT_DESK, step=True)
CAPTURE = permission("casework.capture", Role.BIOMETRICS, step=True)
INTERVIEW = permission("casework.interview", Role.INTERVIEWER, Role.ADJUDICATOR, step=True)
ADJUDICATE = permission("casework.adjudicate", Role.ADJUDICATOR, step=True)
PRINT = permission("casework.print", Role.PRINTING, step=True)
QUALITY = permission("casework.quality", Role.PRINTING, Role.ADJUDICATOR, step=True)
HAND_OVER = permission("casework.hand_over", Role.HANDOVER, step=True)
RECUSE = permission("casework.recuse", Role.ADJUDICATOR, step=True)
REASSIGN = permission("casework.reassign", Role.SUPERVISOR)
TRANSFER = permission(
    "casework.transfer",
    Role.DOCUMENT_CHECKER,
    Role.FRONT_DESK,
    Role.BIOMETRICS,
    Role.INTERVIEWER,
    Role.ADJUDICATOR,
    step=True,
)
HOLD = permission("casework.hold", Role.ADJUDICATOR, Role.PRINTING, Role.SUPERVISOR)
RELEASE = permission("casework.release", Role.ADJUDICATOR, Role.PRINTING, Role.SUPERVISOR, system=True)
CANCEL = permission("casework.cancel", Role.FRONT_DESK, Role.SUPERVISOR, applicant=True)
NOTE_LAPSE = permission("casework.note_lapse", system=True)
CORRECT = permission(
    "casework.correct",
    Role.DOCUMENT_CHECKER,
    Role.FRONT_DESK,
    Role.BIOMETRICS,
    Role.INTERVIEWER,
    Role.ADJUDICATOR,
    Role.PRINTING,
    Role.HANDOVER,
    Role.SUPERVISOR,
)
RECEIVE_BOOKS = permission("casework.receive_books", Role.PRINTING, Role.SUPERVISOR, system=True)
WORK_FILES = permission("casework.work_files", Role.ADJUDICATOR, Role.PRINTING, Role.SUPERVISOR)
LOOK = permission("casework.look", Role.DOCUMENT_CHECKER, Role.FRONT_DESK, Role.INTERVIEWER, Role.ADJUDICATOR)
COUNTER = permission(
    "casework.counter",
    Role.FRONT_DESK,
    Role.DOCUMENT_CHECKER,
    Role.BIOMETRICS,
    Role.INTERVIEWER,
    Role.ADJUDICATOR,
    Role.PRINTING,
    Role.HANDOVER,
)
ACCOMPANY = permission("casework.accompany", Role.FRONT_DESK, Role.SUPERVISOR)
