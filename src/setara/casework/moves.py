"""What other rooms' operations may do with files. Each takes the running operation and records nothing."""

from __future__ import annotations

from setara.applications.service import Application
from setara.casework.models import Case
from setara.ledger.service import Op, Prepared

_LOCKED = Prepared(lambda pk: Case.objects.select_for_update(no_key=True).filter(pk=pk))


def open_case(op: Op, application: Application, step: str) -> Case:
    """The file of an application, locked; opened at ``step`` when there is none yet.

    The application's own row must be locked by the caller, so that two cannot open it at once.
    """
    found = lock_case(application)
    if found is not None:
        return found
    return Case.objects.create(
        application=application, office_id=application.office_id, step=step, joined_at=op.now
    )


def lock_case(application: Application) -> Case | None:
    """The file, locked, or None."""
    found = _LOCKED.first(application.pk)
    if found is not None:  # both are at hand
        found.application, found.office = application, application.office
    return found
