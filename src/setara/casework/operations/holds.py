"""Putting a waiting file on hold, and letting it go on."""

from __future__ import annotations

from collections.abc import Sequence

from setara.applications.service import Application, lock, move_to, papers_came_at
from setara.casework import events, guards, policies
from setara.casework.models import Case, Hold
from setara.casework.moves import lock_case
from setara.casework.path import (
    digest_of,
    lift,
    open_hold,
    pack_of,
    papers_exist,
    papers_named,
    recompute,
    return_by,
    waits_for_papers,
)
from setara.kernel.errors import Conflict, Invalid, NotFound
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, operation
from setara.people.service import seal
from setara.queueing.service import grant_return, last_visit


@operation
def place_hold(op: Op, case: Case, reason: str, missing: Sequence[str] = (), note: str = "") -> Case:
    """Put a file that waits in the back office on hold, for one of the pack's reasons.

    A reason that waits for papers names them in ``missing``: they can be handed in while the hold lasts. Conflict
    when it is on hold already or not waiting there; Invalid for an unknown reason and for unnamed papers.
    """
    op.permit(policies.HOLD, office=case.office_id)
    case, application = locked(op, case)
    pack = pack_of(application)
    step = pack.step(case.step)
    guards.waits_at(case, case.step, pack)
    guards.tool_fits(step.kind == "back", step)
    guards.not_on_hold(case)
    if reason not in {one.code for one in pack.hold_reasons}:
        raise Invalid(
            {"reason": _("Pilih salah satu alasan penahanan dari daftar.")}, code="casework.unknown_hold"
        )
    why = pack.hold(reason)
    papers_exist(application, missing)
    papers_named(step, why, missing)
    until = return_by(op, application, pack) if why.attributed_to == "applicant" else None
    hold = open_hold(op, case, why, missing, until)
    if waits_for_papers(step, why):
        move_to(op, application, Application.Status.RETURNED)
    blob = seal(op, note.strip().encode(), "text/plain") if note.strip() else None
    recompute(case, op.now)
    case.save(update_fields=["due_on"])
    op.record(
        events.HoldPlaced(
            hold=str(hold.pk),
            step=case.step,
            reason=reason,
            attributed_to=why.attributed_to,
            stops_clock=why.stops_clock,
            missing=list(missing),
            return_by=until.isoformat() if until else None,
            note_digest=digest_of(blob),
        ),
        office=case.office_id,
        application=application.pk,
    )
    return case


@operation
def release_hold(op: Op, case: Case) -> Case:
    """End the hold of a file: it waits at its step again, with its due date counted anew.

    A hold that waited for papers lasted until the last of them came, so that the clock goes on from there. Where
    the step is in the hall, the person gets the right to come again. Conflict without a hold.
    """
    op.permit(policies.RELEASE, office=case.office_id)
    case, application = locked(op, case)
    hold = Hold.objects.filter(case=case, ended_at__isnull=True).first()
    if hold is None:
        raise Conflict(
            _("Berkas ini tidak sedang ditahan."),
            code="casework.not_on_hold",
            remedy=_("Muat ulang halaman untuk melihat keadaan berkas ini."),
        )
    pack, until = pack_of(application), None
    waited = waits_for_papers(pack.step(case.step), pack.hold(hold.reason))
    came_at = papers_came_at(application) if waited else None
    lift(op, case, hold, came_at or op.now)
    recompute(case, op.now)
    case.save(update_fields=["due_on"])
    last = last_visit(application)
    if waited:
        move_to(op, application, Application.Status.IN_PROCESS)
    elif pack.step(case.step).kind == "hall" and last is not None and last.closed_at is not None:
        until = return_by(op, application, pack)
        move_to(op, application, Application.Status.RETURNED)
        grant_return(op, application, case.step, until)
    op.record(
        events.HoldReleased(
            hold=str(hold.pk),
            step=case.step,
            reason=hold.reason,
            attributed_to=hold.attributed_to,
            days=((hold.ended_at or op.now) - hold.started_at).days,
            due_on=case.due_on.isoformat() if case.due_on else None,
            return_by=until.isoformat() if until else None,
        ),
        office=case.office_id,
        application=application.pk,
    )
    return case


def locked(op: Op, case: Case) -> tuple[Case, Application]:
    """The file and its application, read again and locked. NotFound without a file."""
    application = lock(op, case.application)
    found = lock_case(application)
    if found is None:
        raise NotFound(_("Berkas ini tidak ada."), code="casework.no_case")
    found.application = application
    return found, application
