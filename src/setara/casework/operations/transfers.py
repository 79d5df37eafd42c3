"""The person at the counter must go through an earlier step again: moved there, to the place held before."""

from __future__ import annotations

from setara.casework import events, guards, policies
from setara.casework.moves import open_case
from setara.casework.path import digest_of, pack_of
from setara.kernel.errors import Invalid
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, operation
from setara.people.service import seal
from setara.queueing.service import Call, claim_call, finish_call, to_step
from setara.rules.packs import Pack, Step


def earlier_steps(pack: Pack, step: str) -> list[Step]:
    """The steps of the hall before ``step``: where somebody may be moved. Never ahead, so that no step is skipped."""
    hall = [one for one in pack.steps if one.kind == "hall"]
    codes = [one.code for one in hall]
    return hall[: codes.index(step)] if step in codes else []


@operation
def transfer(op: Op, call: Call, step: str, note: str) -> Call:
    """Move the person in service to an earlier step of the hall that must be done again (a photo that is no good).

    The ticket waits there from the moment at which it first joined that step, so that the office's mistake costs
    nobody their place. ``note`` says why, sealed. Invalid without words or for a step that is not an earlier one
    of the hall; Conflict when the call is over.
    """
    op.permit(policies.TRANSFER, office=call.office_id, step=call.step)
    call = claim_call(op, call)
    application, ticket = call.ticket.application, call.ticket
    pack = pack_of(application)
    case = open_case(op, application, call.step)
    case.application = application
    guards.waits_at(case, call.step, pack)
    if step not in {one.code for one in earlier_steps(pack, call.step)}:
        raise Invalid(
            {"step": _("Pilih langkah sebelumnya di aula.")},
            code="casework.not_an_earlier_step",
            rule=_("Pemohon dipindah hanya ke langkah yang sudah dilalui; tidak ada langkah yang dilompati."),
        )
    if not note.strip():
        raise Invalid({"note": _("Tulis mengapa langkah itu harus diulang.")})
    first = Call.objects.filter(ticket=ticket, step=step).order_by("joined_at").first()
    joined = first.joined_at if first is not None else ticket.arrived_at
    blob = seal(op, note.strip().encode(), "text/plain")
    finish_call(op, call, Call.Outcome.MOVED)
    to_step(op, ticket, step, joined)
    case.step, case.joined_at = step, op.now
    case.save(update_fields=["step", "joined_at"])
    op.record(
        events.Transferred(
            ticket=str(ticket.pk),
            call=str(call.pk),
            label=ticket.label,
            step=call.step,
            to=step,
            joined_at=joined.isoformat(),
            counter=call.counter.number,
            officer=call.staff.label,
            note_digest=digest_of(blob),
        ),
        office=call.office_id,
        application=application.pk,
        ticket=ticket.pk,
    )
    return call
