"""The only writers of surveys."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from setara.applications.service import Application
from setara.feedback import events, policies
from setara.feedback.instruments import instrument
from setara.feedback.models import Answer, Invitation
from setara.kernel.errors import Conflict, Invalid, Refused
from setara.ledger.service import Op, operation
from setara.offices.service import local_date

INSTRUMENT = "skm-2017"
OPEN_FOR = timedelta(days=30)
#: Only what was handed over so recently is looked at for invitations that are still to be given.
RECENT = timedelta(days=7)


def to_invite(now: datetime, limit: int = 200) -> list[Application]:
    """Applications whose service ended lately and whose applicant was not invited yet, the oldest first."""
    rows = Application.objects.filter(
        status=Application.Status.DONE, invitation__isnull=True, case__handover__at__gt=now - RECENT
    )
    return list(rows.select_related("office").order_by("case__handover__at", "pk")[:limit])


@operation
def invite(op: Op, application: Application) -> Invitation:
    """Invite the applicant of a finished application to the survey, once."""
    op.permit(policies.INVITE, office=application.office_id)
    if application.status != Application.Status.DONE:
        raise Refused(_("Undangan survei hanya untuk layanan yang selesai."), code="survey.not_done")
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                application=application, instrument=INSTRUMENT, sent_at=op.now, expires_at=op.now + OPEN_FOR
            )
    except IntegrityError as error:
        raise Conflict(_("Undangan survei sudah diberikan."), code="survey.already_invited") from error
    expires = local_date(application.office, invitation.expires_at)
    op.record(
        events.Invited(instrument=INSTRUMENT, expires_on=expires.isoformat()),
        office=application.office_id,
        application=application.pk,
    )
    return invitation


@operation
def answer_survey(op: Op, invitation: Invitation, scores: dict[str, int]) -> Answer:
    """Store one answer apart from the invitation; the invitation is used up.

    `scores` maps element codes to 1..number of labels; an element may be left out. Raises Invalid for
    scores outside, Refused for a used or expired invitation.
    """
    op.permit(policies.ANSWER, office=None, application=op.actor.id if op.actor.kind == "applicant" else None)
    held = Invitation.objects.select_for_update().select_related("application__office").get(pk=invitation.pk)
    if held.answered_at is not None:
        raise Refused(
            _("Survei ini sudah dijawab."),
            code="survey.answered",
            rule=_("Satu undangan untuk satu jawaban."),
            remedy=_("Terima kasih. Tidak ada lagi yang perlu dilakukan."),
        )
    if op.now > held.expires_at:
        raise Refused(
            _("Undangan survei ini sudah lewat waktunya."),
            code="survey.expired",
            rule=_("Undangan berlaku tiga puluh hari."),
            remedy=_("Pendapat Anda tetap dapat disampaikan lewat pengaduan di kantor."),
        )
    known = {e.code: len(e.choices) for e in instrument(held.instrument).elements}
    wrong = {c: _("Pilih salah satu jawaban.") for c, s in scores.items() if not 1 <= s <= known.get(c, 0)}
    if wrong:
        raise Invalid(wrong)
    if not scores:
        raise Invalid({next(iter(known)): _("Jawab paling sedikit satu pertanyaan.")})
    held.answered_at = op.now
    held.save(update_fields=["answered_at"])
    office = held.application.office
    answer = Answer.objects.create(
        office=office.code,
        instrument=held.instrument,
        month=local_date(office, op.now).replace(day=1),
        scores=dict(sorted(scores.items())),
    )
    op.record(events.Answered(instrument=held.instrument), office=office.code)
    return answer
