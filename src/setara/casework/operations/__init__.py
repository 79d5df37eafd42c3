"""The only writers of files: steps of hall and back office, holds, days that ran out, corrections, the store."""

from setara.casework.operations.assigning import reassign, recuse_file
from setara.casework.operations.back import adjudicate, check_quality, print_book
from setara.casework.operations.cancelling import cancel
from setara.casework.operations.corrections import correct
from setara.casework.operations.hall import capture, check_documents, hand_over, interview
from setara.casework.operations.holds import place_hold, release_hold
from setara.casework.operations.lapses import note_lapse, renew_return
from setara.casework.operations.looking import look_at_document
from setara.casework.operations.stock import receive_books
from setara.casework.operations.transfers import transfer

__all__ = [
    "adjudicate",
    "cancel",
    "capture",
    "check_documents",
    "check_quality",
    "correct",
    "hand_over",
    "interview",
    "look_at_document",
    "note_lapse",
    "place_hold",
    "print_book",
    "reassign",
    "receive_books",
    "recuse_file",
    "release_hold",
    "renew_return",
    "transfer",
]
