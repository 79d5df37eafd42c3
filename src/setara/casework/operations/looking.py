"""Opening an uploaded paper: allowed only to whoever has that file in hand, and always recorded."""

from __future__ import annotations

from setara.applications.service import Document, pack_of_application
from setara.casework import events, policies
from setara.casework.models import Case
from setara.kernel.errors import Forbidden
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, operation
from setara.offices.service import Staff
from setara.queueing.service import Call


@operation
def look_at_document(op: Op, document: Document) -> Document:
    """Open a document of the person who is at the officer's own counter, or of a file that waits for the
    officer's own judgement. Forbidden for any other: the papers of others are none of anybody's business."""
    application = document.application
    op.permit(policies.LOOK, office=application.office_id)
    step = _step_in_hand(op, document)
    if step is None:
        raise Forbidden(
            _("Berkas ini tidak sedang Anda kerjakan."),
            code="casework.not_in_hand",
            rule=_(
                "Dokumen hanya dibuka oleh petugas yang sedang mengerjakan berkasnya, dan setiap pembukaan dicatat."
            ),
            remedy=_("Buka dari loket saat pemohonnya dilayani, atau dari daftar berkas Anda."),
        )
    op.record(
        events.DocumentOpened(
            document=str(document.pk),
            requirement=document.requirement,
            step=step,
            officer=Staff.objects.get(pk=op.actor.id).label,
        ),
        office=application.office_id,
        application=application.pk,
    )
    return document


def _step_in_hand(op: Op, document: Document) -> str | None:
    """The step for which the officer has this file in hand now, if any."""
    application = document.application
    pack = pack_of_application(application)
    call = Call.objects.filter(
        staff_id=op.actor.id, ended_at__isnull=True, started_at__isnull=False, ticket__application=application
    ).first()
    if call is not None and not pack.step(call.step).captures and pack.step(call.step).kind == "hall":
        return call.step
    case = Case.objects.filter(pk=application.pk, status=Case.Status.OPEN).first()
    if case is None:
        return None
    step = pack.step(case.step)
    mine = step.kind == "back" and step.judgement and step.role in op.actor.roles
    return case.step if mine and case.step in op.actor.steps else None
