"""Who may do what on the floor."""

from __future__ import annotations

from setara.ledger.service import permission
from setara.offices.service import Role

#: Everybody who may sit at a counter; which steps they may serve there is a matter of competence.
_COUNTER = (
    Role.FRONT_DESK,
    Role.DOCUMENT_CHECKER,
    Role.BIOMETRICS,
    Role.INTERVIEWER,
    Role.ADJUDICATOR,
    Role.PRINTING,
    Role.HANDOVER,
)

#: ``system``: a kiosk, which lets people check themselves in.
CHECK_IN = permission("queueing.check_in", Role.FRONT_DESK, Role.SUPERVISOR, system=True)
SET_UP_KIOSK = permission("queueing.set_up_kiosk", Role.SUPERVISOR)
#: Whoever holds a good link; the operation looks at it.
PAIR_KIOSK = permission("queueing.pair_kiosk", visitor=True)
COUNT_DOOR = permission("queueing.count_door", Role.FRONT_DESK, Role.SUPERVISOR)
DRAW = permission("queueing.draw", Role.SUPERVISOR, system=True)
OPEN_COUNTER = permission("queueing.open_counter", *_COUNTER)
CLOSE_COUNTER = permission("queueing.close_counter", *_COUNTER, Role.SUPERVISOR)
MOVE_COUNTER = permission("queueing.move_counter", Role.SUPERVISOR)
#: Saying no to a favour; what an officer adds in words stays sealed.
DECLINE_FAVOUR = permission("queueing.decline_favour", *_COUNTER, Role.SUPERVISOR, Role.HEAD)
#: Saying that one has to do with an applicant; the head keeps the register.
DECLARE = permission("queueing.declare", *_COUNTER, Role.SUPERVISOR)
DECIDE_CONFLICT = permission("queueing.decide_conflict", Role.HEAD)
CALL = permission("queueing.call", *_COUNTER, step=True)
#: Asking, and using what a second person approved; officers only for what they asked, at their own counter.
ASK_OVERRIDE = permission("queueing.ask_override", *_COUNTER, Role.SUPERVISOR)
CALL_OUT_OF_TURN = permission("queueing.call_out_of_turn", *_COUNTER, Role.SUPERVISOR)
APPROVE_OVERRIDE = permission("queueing.approve_override", Role.SUPERVISOR, Role.HEAD)
EXPIRE_OVERRIDE = permission("queueing.expire_override", system=True)
RETURN = permission("queueing.return", Role.FRONT_DESK, Role.SUPERVISOR, *_COUNTER)
CLOSE_DAY = permission("queueing.close_day", Role.SUPERVISOR, Role.HEAD, system=True)
WATCH = permission("queueing.watch", Role.SUPERVISOR, Role.HEAD, Role.FRONT_DESK)
OBJECT = permission("queueing.object", *_COUNTER, Role.SUPERVISOR, visitor=True)
ANSWER = permission("queueing.answer_objection", Role.SUPERVISOR, Role.HEAD)
ANNOUNCE = permission("queueing.announce", Role.SUPERVISOR, Role.HEAD)
