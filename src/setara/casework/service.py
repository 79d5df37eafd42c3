"""What other rooms may use of files."""

from setara.casework.deadlines import to_note
from setara.casework.devices import Capture as Taken
from setara.casework.models import Book, Case, Handover, Hold, StepRun
from setara.casework.moves import open_case
from setara.casework.operations import (
    adjudicate,
    cancel,
    capture,
    check_documents,
    check_quality,
    correct,
    hand_over,
    interview,
    note_lapse,
    place_hold,
    print_book,
    receive_books,
    release_hold,
    renew_return,
)
from setara.casework.operations.corrections import REASONS as CORRECTION_REASONS
from setara.casework.queries import (
    Row,
    case_of,
    due_date,
    held_cases,
    kept,
    last_run,
    open_hold_of,
    requirements_for,
    stock_of,
    timeline,
    waiting_cases,
)

__all__ = [
    "CORRECTION_REASONS",
    "Book",
    "Case",
    "Handover",
    "Hold",
    "Row",
    "StepRun",
    "Taken",
    "adjudicate",
    "cancel",
    "capture",
    "case_of",
    "check_documents",
    "check_quality",
    "correct",
    "due_date",
    "hand_over",
    "held_cases",
    "interview",
    "kept",
    "last_run",
    "note_lapse",
    "open_case",
    "open_hold_of",
    "place_hold",
    "print_book",
    "receive_books",
    "release_hold",
    "renew_return",
    "requirements_for",
    "stock_of",
    "timeline",
    "to_note",
    "waiting_cases",
]
