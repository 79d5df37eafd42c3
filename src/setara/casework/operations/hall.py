"""Steps with the applicant at the counter. Each ends the running call and moves the ticket on."""

from __future__ import annotations

from collections.abc import Sequence

from setara.casework import devices, guards, policies
from setara.casework.models import Book, Capture, Handover, StepRun
from setara.casework.moves import open_case
from setara.casework.path import Doing, end_hold, finish, pack_of
from setara.kernel.errors import Invalid, Refused
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, Permission, operation
from setara.people.service import seal
from setara.queueing.service import Call, claim_call, finish_call


@operation
def check_documents(
    op: Op,
    call: Call,
    outcome: str,
    missing: Sequence[str] = (),
    note: str = "",
    hold_reason: str | None = None,
) -> StepRun:
    """End a step of the hall that captures nothing and judges nothing, such as the check of originals.

    ``missing`` names the papers by the codes of the application's list. Invalid for an outcome that the
    step does not have, or one that needs a reason without it; Conflict when the call is over.
    """
    doing = _begin(op, call, policies.CHECK, outcome)
    step = doing.step
    guards.tool_fits(step.kind == "hall" and not step.captures and not step.judgement, step)
    return _end(doing, missing, note, hold_reason)


@operation
def interview(
    op: Op,
    call: Call,
    outcome: str,
    note: str = "",
    missing: Sequence[str] = (),
    hold_reason: str | None = None,
) -> StepRun:
    """End a step of the hall in which the officer judges. The words of ``note`` are sealed."""
    doing = _begin(op, call, policies.INTERVIEW, outcome)
    guards.tool_fits(doing.step.kind == "hall" and doing.step.judgement, doing.step)
    return _end(doing, missing, note, hold_reason)


@operation
def capture(
    op: Op,
    call: Call,
    photo: devices.Capture | None = None,
    fingerprints: devices.Capture | None = None,
    outcome: str | None = None,
    note: str = "",
    hold_reason: str | None = None,
) -> StepRun:
    """End a step that records the person; what was recorded is sealed.

    Without ``outcome`` it is the step's outcome that leads on, which needs everything that the pack wants
    captured (Refused without). An outcome that leads to a hold keeps what was captured, if anything.
    """
    doing = _begin(op, call, policies.CAPTURE, outcome)
    guards.tool_fits(bool(doing.step.captures), doing.step)
    taken = {"photo": photo, "fingerprints": fingerprints}
    lacking = [kind for kind in doing.step.captures if taken[kind] is None]
    if lacking and doing.outcome.goes_to not in {"hold", "send_back", "refuse"}:
        raise Refused(
            _(
                "Perekaman belum lengkap: %(kinds)s.",
                kinds=", ".join(str(Capture.Kind(k).label) for k in lacking),
            ),
            code="casework.capture_incomplete",
            rule=_("Langkah ini selesai setelah semua perekaman yang ditetapkan ada."),
            remedy=_("Rekam yang kurang, atau pilih bahwa perekaman tidak dapat dilakukan."),
        )
    for kind in doing.step.captures:
        if (one := taken[kind]) is not None:
            _keep(doing, kind, one)
    return _end(doing, (), note, hold_reason)


@operation
def hand_over(
    op: Op, call: Call, to: str = Handover.To.SELF, outcome: str | None = None, note: str = ""
) -> StepRun:
    """End the step at which what is ready is handed over: to the applicant, a relative or a proxy.

    An ``outcome`` of the pack that does not lead to ``done`` says that it could not be handed over.
    """
    doing = _begin(op, call, policies.HAND_OVER, outcome)
    guards.tool_fits(doing.step.kind == "pickup", doing.step)
    if doing.outcome.goes_to == "done":
        if to not in Handover.To.values:
            raise Invalid({"to": _("Pilih siapa yang menerima.")}, code="casework.unknown_receiver")
        book = Book.objects.filter(case=doing.case, status=Book.Status.PASSED).first()
        if book is None and doing.pack.product.stock:
            raise Refused(
                _("Tidak ada buku yang lolos uji mutu untuk berkas ini."),
                code="casework.no_book",
                rule=_("Hanya buku yang lolos uji mutu yang diserahkan."),
                remedy=_("Kembalikan berkas ini ke bagian pencetakan."),
            )
        if book is not None:
            book.status = Book.Status.HANDED_OVER
            book.save(update_fields=["status"])
        doing.book, doing.to = book, str(to)
        Handover.objects.create(case=doing.case, book=book, to=to, staff_id=op.actor.id, at=op.now)
    return _end(doing, (), note, None)


def _begin(op: Op, call: Call, wanted: Permission, outcome: str | None) -> Doing:
    """Claim the call, lock application and file, and check that the file waits at the call's step."""
    op.permit(wanted, office=call.office_id, step=call.step)
    call = claim_call(op, call)
    application = call.ticket.application
    pack = pack_of(application)
    step = pack.step(call.step)
    guards.role_fits(op, step)
    case = open_case(op, application, step.code)
    case.application = application
    guards.waits_at(case, step.code, pack)
    return_at = call.ticket.re_entry_at or call.ticket.arrived_at
    end_hold(op, case, return_at)
    leads_on = next(o.code for o in step.outcomes if o.goes_to not in {"hold", "send_back", "refuse"})
    found = guards.outcome_of(pack, step, outcome or leads_on)
    return Doing(
        op=op,
        case=case,
        application=application,
        pack=pack,
        step=step,
        outcome=found,
        started_at=call.started_at or op.now,
        call=call,
    )


def _end(doing: Doing, missing: Sequence[str], note: str, hold_reason: str | None) -> StepRun:
    doing.missing, doing.note, doing.hold_reason = list(missing), note, hold_reason
    assert doing.call is not None  # noqa: S101 - steps of the hall have a call
    ended = Call.Outcome.SENT_BACK if doing.outcome.goes_to == "send_back" else Call.Outcome.SERVED
    finish_call(doing.op, doing.call, ended)
    return finish(doing)


def _keep(doing: Doing, kind: str, taken: devices.Capture) -> None:
    """Seal a capture; an earlier one of the same kind is superseded, not deleted."""
    Capture.objects.filter(case=doing.case, kind=kind, superseded=False).update(superseded=True)
    Capture.objects.create(
        case=doing.case,
        kind=kind,
        blob=seal(doing.op, taken.data, taken.mime),
        quality=taken.quality,
        device=taken.device[:60],
        captured_at=doing.op.now,
    )
    doing.captures.append({"kind": kind, "quality": taken.quality, "device": taken.device[:60]})
