"""Days that ran out for the applicant: noted once by the worker, and another term given by the office."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from setara.casework import deadlines, events, policies
from setara.casework.models import Case, Hold, Lapse
from setara.casework.operations.holds import locked
from setara.casework.path import pack_of, return_by
from setara.kernel.errors import Conflict, Refused
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, operation
from setara.offices.service import local_date
from setara.queueing.service import grant_return

_EVENTS: dict[str, type[events.ReturnLapsed | events.CollectionNear | events.Uncollected]] = {
    Lapse.Kind.RETURN: events.ReturnLapsed,
    Lapse.Kind.COLLECT_SOON: events.CollectionNear,
    Lapse.Kind.COLLECT: events.Uncollected,
}


@operation
def note_lapse(op: Op, case: Case, kind: str) -> Lapse:
    """Note that a day ran out for the applicant (``kind`` of :class:`Lapse.Kind`), so that it is told, once.

    Nothing else changes. Refused while the day has not come, Conflict when it was noted already.
    """
    op.permit(policies.NOTE_LAPSE, office=case.office_id)
    case, application = locked(op, case)
    until = deadlines.ran_out(case, kind, local_date(case.office, op.now))
    if until is None:
        raise Refused(_("Batas waktunya belum tiba."), code="casework.not_lapsed")
    try:
        with transaction.atomic():
            made = Lapse.objects.create(case=case, kind=kind, until=until, at=op.now)
    except IntegrityError as error:
        raise Conflict(_("Batas waktu ini sudah dicatat."), code="casework.lapse_noted") from error
    op.record(
        _EVENTS[kind](step=case.step, until=until.isoformat()),
        office=case.office_id,
        application=application.pk,
    )
    return made


@operation
def renew_return(op: Op, case: Case) -> Case:
    """Give somebody whose time has run out the pack's term once more, to come back or to bring what is missing.

    Refused (``casework.not_lapsed``) while the time has not run out.
    """
    op.permit(policies.RELEASE, office=case.office_id)
    case, application = locked(op, case)
    lapsed = deadlines.ran_out(case, Lapse.Kind.RETURN, local_date(case.office, op.now))
    if lapsed is None:
        raise Refused(
            _("Waktu untuk kembali belum habis."),
            code="casework.not_lapsed",
            rule=_("Waktu baru diberikan setelah waktu semula habis."),
            remedy=_("Muat ulang halaman untuk melihat keadaan berkas ini."),
        )
    pack = pack_of(application)
    until = return_by(op, application, pack)
    Hold.objects.filter(case=case, ended_at__isnull=True).update(return_by=until)
    if pack.step(case.step).kind == "hall":
        grant_return(op, application, case.step, until)
    op.record(
        events.ReturnRenewed(step=case.step, lapsed=lapsed.isoformat(), return_by=until.isoformat()),
        office=case.office_id,
        application=application.pk,
    )
    return case
