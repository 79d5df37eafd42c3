"""What other rooms may use of applications."""

from setara.applications.cleaning import ALL_KINDS, CleanDocument, Kind, clean, photo, thumbnail
from setara.applications.models import Application, Document
from setara.applications.moves import ask_papers, lock, move_to
from setara.applications.operations import amend_person, answer, attach, renew_code, start, submit
from setara.applications.policies import ASSIST
from setara.applications.queries import (
    Need,
    access_code,
    answers_of,
    by_id,
    by_reference,
    find,
    missing,
    needs_of,
    outstanding,
    pack_of_application,
    papers_came_at,
    requirements_of,
)
from setara.applications.summary import application_context
from setara.applications.ways import Way, allow_code, alone, both, helped, looked, may_show_code, posted, show

__all__ = [
    "ALL_KINDS",
    "ASSIST",
    "Application",
    "CleanDocument",
    "Document",
    "Kind",
    "Need",
    "Way",
    "access_code",
    "allow_code",
    "alone",
    "amend_person",
    "answer",
    "answers_of",
    "application_context",
    "ask_papers",
    "attach",
    "both",
    "by_id",
    "by_reference",
    "clean",
    "find",
    "helped",
    "lock",
    "looked",
    "may_show_code",
    "missing",
    "move_to",
    "needs_of",
    "outstanding",
    "pack_of_application",
    "papers_came_at",
    "photo",
    "posted",
    "renew_code",
    "requirements_of",
    "show",
    "start",
    "submit",
    "thumbnail",
]
