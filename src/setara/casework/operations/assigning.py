"""A file at a judgement step goes to somebody else: its officer steps back, or is not there."""

from __future__ import annotations

from setara.applications.service import lock
from setara.casework import events, guards, policies
from setara.casework.assigning import assign, assigned
from setara.casework.models import Case
from setara.casework.moves import lock_case
from setara.casework.path import digest_of, pack_of
from setara.kernel.errors import Conflict, NotFound
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, operation
from setara.offices.service import staff_by_id
from setara.queueing.service import declare
from setara.rules.packs import Step


@operation
def recuse_file(op: Op, case: Case, relation: str = "unsaid", note: str = "") -> Case:
    """Step back from a file that waits for judgement: it goes to the next of the rotation, never to this officer."""
    op.permit(policies.RECUSE, office=case.office_id, step=case.step)
    case, step = _at_judgement(op, case)
    made = declare(op, case.application, relation, note, step.code)
    given = assign(op, case, step, made.staff)
    op.record(
        events.RecusedFromFile(
            conflict=str(made.pk),
            step=step.code,
            officer=made.staff.label,
            relation=relation,
            due_on=made.due_on.isoformat(),
            to=given.staff.label if given else None,
            seed=given.seed if given else None,
            order=given.order if given else [],
            note_digest=digest_of(made.note),
        ),
        office=case.office_id,
        application=case.application_id,
    )
    return case


@operation
def reassign(op: Op, case: Case) -> Case:
    """Draw again for a file whose officer is not there. Conflict when nobody was drawn, or nobody else is able."""
    op.permit(policies.REASSIGN, office=case.office_id)
    case, step = _at_judgement(op, case)
    before = assigned(case)
    given = None if before is None else assign(op, case, step, before.staff)
    if before is None or given is None:
        raise Conflict(
            _("Tidak ada petugas lain yang dapat diundi untuk berkas ini."),
            code="casework.nobody_else",
            rule=_("Undian dilakukan di antara petugas langkah ini yang bertugas hari ini."),
            remedy=_("Tambahkan petugas yang berkompeten ke daftar tugas hari ini."),
        )
    op.record(
        events.Reassigned(
            step=step.code,
            before=before.staff.label,
            to=given.staff.label,
            by=staff_by_id(op.actor.id).label,
            seed=given.seed,
            order=given.order,
        ),
        office=case.office_id,
        application=case.application_id,
    )
    return case


def _at_judgement(op: Op, case: Case) -> tuple[Case, Step]:
    application = lock(op, case.application)
    found = lock_case(application)
    if found is None:
        raise NotFound(_("Berkas ini tidak ada."), code="casework.no_case")
    found.application = application
    pack = pack_of(application)
    step = pack.step(found.step)
    guards.waits_at(found, case.step, pack)
    guards.tool_fits(step.kind == "back" and step.judgement, step)
    return found, step
