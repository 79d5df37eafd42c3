"""What other rooms may use of applications."""

from setara.applications.cleaning import ALL_KINDS, CleanDocument, Kind, clean, photo, thumbnail
from setara.applications.models import Application, Document
from setara.applications.moves import lock, move_to
from setara.applications.operations import amend_person, answer, attach, renew_code, start, submit
from setara.applications.queries import (
    Need,
    access_code,
    answers_of,
    by_id,
    by_reference,
    find,
    missing,
    needs_of,
    pack_of_application,
    requirements_of,
)

__all__ = [
    "ALL_KINDS",
    "Application",
    "CleanDocument",
    "Document",
    "Kind",
    "Need",
    "access_code",
    "amend_person",
    "answer",
    "answers_of",
    "attach",
    "by_id",
    "by_reference",
    "clean",
    "find",
    "lock",
    "missing",
    "move_to",
    "needs_of",
    "pack_of_application",
    "photo",
    "renew_code",
    "requirements_of",
    "start",
    "submit",
    "thumbnail",
]
