"""The only writers of the floor: arrival, counters, calls, coming back, the end of the day."""

from setara.queueing.operations.announcing import announce, end_announcement
from setara.queueing.operations.arrival import check_in, check_in_pickup, check_in_return, check_in_walk_in
from setara.queueing.operations.calls import (
    call_next,
    mark_absent,
    repeat_call,
    start_service,
    undo_call,
)
from setara.queueing.operations.conflicts import decide_conflict, declare_relation, recuse
from setara.queueing.operations.counters import (
    close_counter,
    move_counter,
    open_counter,
    pause_counter,
    resume_counter,
)
from setara.queueing.operations.day import close_day
from setara.queueing.operations.favours import decline_favour, note_favour
from setara.queueing.operations.kiosks import pair_kiosk, retire_kiosk, set_up_kiosk
from setara.queueing.operations.objections import answer_objection, object_to
from setara.queueing.operations.opening import count_door, draw_opening
from setara.queueing.operations.out_of_turn import call_out_of_turn
from setara.queueing.operations.overrides import (
    approve_override,
    ask_override,
    expire_override,
    open_override_paper,
    refuse_override,
)
from setara.queueing.operations.returns import return_ticket

__all__ = [
    "announce",
    "answer_objection",
    "approve_override",
    "ask_override",
    "call_next",
    "call_out_of_turn",
    "check_in",
    "check_in_pickup",
    "check_in_return",
    "check_in_walk_in",
    "close_counter",
    "close_day",
    "count_door",
    "decide_conflict",
    "declare_relation",
    "decline_favour",
    "draw_opening",
    "end_announcement",
    "expire_override",
    "mark_absent",
    "move_counter",
    "note_favour",
    "object_to",
    "open_counter",
    "open_override_paper",
    "pair_kiosk",
    "pause_counter",
    "recuse",
    "refuse_override",
    "repeat_call",
    "resume_counter",
    "retire_kiosk",
    "return_ticket",
    "set_up_kiosk",
    "start_service",
    "undo_call",
]
