"""The path of a file through the steps of its pack: the one engine behind every step's operation.

Nothing here knows a step by its name. What an outcome does follows from where the pack says it goes: to a
step in the hall, in the back office or at collection; ``send_back``, ``hold``, ``refuse`` or ``done``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from setara.applications.service import Application, ask_papers, move_to, needs_of, pack_of_application
from setara.casework import events, guards
from setara.casework.assigning import assign
from setara.casework.models import Book, Case, Hold, StepRun
from setara.casework.terms import due_on
from setara.kernel.errors import Invalid
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op
from setara.offices.service import Staff, local_date, staff_by_id
from setara.people.service import Blob, seal
from setara.queueing.service import Call, Ticket, grant_return, leave, send_back, to_step
from setara.rules.packs import HoldReason, Outcome, Pack, Step

S = Application.Status


@dataclass(slots=True)
class Doing:
    """One doing of one step: what is known before it ends, and what came of it."""

    op: Op
    case: Case
    application: Application
    pack: Pack
    step: Step
    outcome: Outcome
    started_at: datetime
    call: Call | None = None
    note: str = ""
    hold_reason: str | None = None
    missing: list[str] = field(default_factory=list)
    corrects: StepRun | None = None
    # What the step itself adds to the run and its event.
    captures: list[dict[str, Any]] = field(default_factory=list)
    book: Book | None = None
    to: str | None = None
    # What came of it.
    hold: Hold | None = None
    clock: str = ""
    blob: Blob | None = None
    joined_at: datetime | None = None

    @property
    def ticket(self) -> Ticket | None:
        """The ticket that stands before the officer, if the step is in the hall and its day still runs."""
        if self.call is None or self.call.ticket.closed_at is not None:
            return None
        return self.call.ticket


def finish(doing: Doing) -> StepRun:
    """End the step: move file, ticket and application, run or stop the clock, keep the run, record the event."""
    guards.reason_given(doing.outcome, doing.note, doing.missing)
    papers_exist(doing.application, doing.missing)
    if doing.note.strip():
        doing.blob = seal(doing.op, doing.note.strip().encode(), "text/plain")
    _move(doing)
    _clock(doing)
    doing.case.save()
    run = _run(doing)
    _record(doing, run)
    return run


def end_hold(op: Op, case: Case, at: datetime) -> None:
    """End a hold because the step is being done again: it lasted until the person was back, not until now."""
    hold = guards.OPEN_HOLD.first(case.pk)
    if hold is not None:
        lift(op, case, hold, at)
        recompute(case, at)


def lift(op: Op, case: Case, hold: Hold, at: datetime) -> None:
    """The hold lasted until ``at``; the papers that it asked for are not asked for any longer."""
    hold.ended_at = max(hold.started_at, at)
    hold.save(update_fields=["ended_at"])
    ask_papers(op, case.application, ())


def recompute(case: Case, now: datetime) -> None:
    """Set the due date again after a hold ended; the promise stays what it was when the clock has stopped."""
    if case.clock_stopped_at is None:
        case.due_on = due_on(case, now)


def reason_of(doing: Doing) -> HoldReason:
    """The reason of the hold that the outcome brings: the one named, else the first that the pack lists."""
    code = doing.hold_reason or doing.outcome.holds[0]
    if code not in doing.outcome.holds:
        raise Invalid(
            {"hold_reason": _("Pilih salah satu alasan penahanan dari daftar.")},
            code="casework.unknown_hold",
            rule=_("Alasan penahanan ditetapkan dalam ketentuan layanan."),
        )
    return doing.pack.hold(code)


def open_hold(op: Op, case: Case, reason: HoldReason, missing: Sequence[str], return_by: date | None) -> Hold:
    """Put the file on hold; the papers that are missing can be handed in from now on."""
    if reason.attributed_to == "applicant":
        ask_papers(op, case.application, missing)
    return Hold.objects.create(
        case=case,
        reason=reason.code,
        attributed_to=reason.attributed_to,
        stops_clock=reason.stops_clock,
        missing=list(missing),
        started_at=op.now,
        return_by=return_by,
    )


def waits_for_papers(step: Step, reason: HoldReason) -> bool:
    """Whether a hold at this step waits for papers that can be handed in without coming to a counter."""
    return reason.papers and step.kind == "back"


def papers_exist(application: Application, missing: Sequence[str]) -> None:
    """Invalid for missing papers that are not named by the codes of this application's own list."""
    known = {need.code for need in needs_of(application)} if missing else set()
    if unknown := [code for code in missing if code not in known]:
        raise Invalid(
            {"missing": _("Dokumen ini tidak termasuk persyaratan: %(codes)s.", codes=", ".join(unknown))},
            code="casework.unknown_requirement",
        )


def papers_named(step: Step, reason: HoldReason, missing: Sequence[str]) -> None:
    """Invalid for a hold that waits for papers and does not say for which."""
    if waits_for_papers(step, reason) and not missing:
        raise Invalid(
            {"missing": _("Pilih dokumen yang kurang.")},
            code="casework.papers_unnamed",
            rule=_("Pemohon yang ditunggu dokumennya harus tahu dokumen yang mana."),
        )


def return_by(op: Op, application: Application, pack: Pack) -> date:
    """Until when missing papers can be brought or an unfinished visit continued."""
    return local_date(application.office, op.now) + timedelta(days=pack.incomplete.days)


def _move(doing: Doing) -> None:
    goes_to = doing.outcome.goes_to
    if goes_to == "refuse":
        doing.case.status = Case.Status.REFUSED
        move_to(doing.op, doing.application, S.REFUSED)
        _leave(doing, "refused")
    elif goes_to == "done":
        doing.case.status = Case.Status.DONE
        move_to(doing.op, doing.application, S.DONE)
        _leave(doing, "done")
    elif goes_to in {"send_back", "hold"}:
        _stand_still(doing)
    else:
        _next(doing, doing.pack.step(goes_to))


def _next(doing: Doing, step: Step) -> None:
    doing.case.step, doing.case.joined_at = step.code, doing.joined_at or doing.op.now
    if step.kind == "hall":
        if doing.ticket is not None:
            to_step(doing.op, doing.ticket, step.code, doing.joined_at)
        else:
            # From the back office, or after the hall has closed: the person comes again.
            move_to(doing.op, doing.application, S.RETURNED)
            until = return_by(doing.op, doing.application, doing.pack)
            grant_return(doing.op, doing.application, step.code, until)
        return
    move_to(doing.op, doing.application, S.READY if step.kind == "pickup" else S.IN_PROCESS)
    assign(doing.op, doing.case, step)
    _leave(doing, "done")


def _stand_still(doing: Doing) -> None:
    """A hold. Somebody sent back keeps the ticket for today; whoever must come again leaves with a right to."""
    op, reason = doing.op, reason_of(doing)
    papers_named(doing.step, reason, doing.missing)
    comes_back = doing.step.kind == "hall" and reason.attributed_to in {"applicant", "outage"}
    until = return_by(op, doing.application, doing.pack)
    theirs = reason.attributed_to == "applicant" or doing.outcome.goes_to == "send_back" or comes_back
    doing.hold = open_hold(op, doing.case, reason, doing.missing, until if theirs else None)
    if doing.step.kind == "hall":
        move_to(op, doing.application, S.RETURNED if theirs else S.IN_PROCESS)
    elif waits_for_papers(doing.step, reason):
        move_to(op, doing.application, S.RETURNED)
    if doing.ticket is None:
        if doing.step.kind == "hall":
            # A correction after the hall has closed: the person comes again, to this step.
            grant_return(op, doing.application, doing.step.code, until if theirs else None)
        return
    if doing.outcome.goes_to == "send_back":
        send_back(op, doing.ticket, until)
    else:
        leave(op, doing.ticket, "hold", until if theirs else None)


def _leave(doing: Doing, outcome: str) -> None:
    if doing.ticket is not None:
        leave(doing.op, doing.ticket, outcome)


def _clock(doing: Doing) -> None:
    case, step, outcome = doing.case, doing.step.code, doing.outcome.code
    if doing.pack.clock_starts(step, outcome) and case.clock_started_at is None:
        case.clock_started_at, doing.clock = doing.op.now, "started"
        recompute(case, doing.op.now)
    if doing.pack.clock_ends(step, outcome) and case.clock_stopped_at is None:
        case.clock_stopped_at, doing.clock = doing.op.now, "stopped"


def _run(doing: Doing) -> StepRun:
    detail: dict[str, Any] = {}
    if doing.missing:
        detail["missing"] = doing.missing
    if doing.hold is not None:
        detail["hold"] = doing.hold.reason
    if doing.book is not None:
        detail["book"] = str(doing.book.pk)
    if doing.to is not None:
        detail["to"] = doing.to
    if doing.clock:
        detail["clock"] = doing.clock
    return StepRun.objects.create(
        case=doing.case,
        step=doing.step.code,
        call=doing.call,
        staff=officer_of(doing),
        counter=doing.call.counter if doing.call else None,
        started_at=doing.started_at,
        ended_at=doing.op.now,
        outcome=doing.outcome.code,
        detail=detail,
        note=doing.blob,
        corrects=doing.corrects,
    )


def _record(doing: Doing, run: StepRun) -> None:
    blob, hold, call = doing.blob, doing.hold, doing.call
    came_to = _came_to(doing)
    shape = _SHAPES[came_to] if doing.corrects is None else events.Corrected
    doing.op.record(
        shape(
            run=str(run.pk),
            step=doing.step.code,
            outcome=doing.outcome.code,
            goes_to=doing.outcome.goes_to,
            came_to=came_to,
            officer=run.staff.label,
            counter=call.counter.number if call else None,
            label=call.ticket.label if call else None,
            joined_at=_joined(doing),
            seconds=int((run.ended_at - run.started_at).total_seconds()),
            clock=doing.clock,
            due_on=doing.case.due_on.isoformat() if doing.case.due_on else None,
            missing=doing.missing,
            hold=hold.reason if hold else None,
            attributed_to=hold.attributed_to if hold else None,
            return_by=hold.return_by.isoformat() if hold and hold.return_by else None,
            captures=doing.captures,
            book=str(doing.book.pk) if doing.book else None,
            book_kind=doing.book.kind if doing.book else None,
            to=doing.to,
            note_digest=digest_of(blob),
            corrects=str(doing.corrects.pk) if doing.corrects else None,
            corrected_outcome=doing.corrects.outcome if doing.corrects else None,
        ),
        office=doing.case.office_id,
        application=doing.application.pk,
        ticket=call.ticket_id if call else None,
    )


def _joined(doing: Doing) -> str | None:
    ticket = doing.ticket
    waits = ticket is not None and ticket.status == Ticket.Status.WAITING
    return ticket.joined_at.isoformat() if ticket is not None and waits else None


def _came_to(doing: Doing) -> str:
    """What the step came to: held, refused, finished, ready (to be collected) or goes_on."""
    if doing.hold is not None:
        return "held"
    if doing.case.status != Case.Status.OPEN:
        return "refused" if doing.case.status == Case.Status.REFUSED else "finished"
    ready = doing.outcome.goes_to != doing.step.code and doing.pack.step(doing.case.step).kind == "pickup"
    return "ready" if ready else "goes_on"


_SHAPES: dict[str, type[events.StepEnded]] = {
    "held": events.Held,
    "refused": events.Refused,
    "finished": events.Finished,
    "ready": events.Ready,
    "goes_on": events.StepEnded,
}


def officer_of(doing: Doing) -> Staff:
    """Who does the step."""
    if doing.call is not None and str(doing.call.staff_id) == doing.op.actor.id:
        return doing.call.staff
    return staff_by_id(doing.op.actor.id)


def digest_of(blob: Blob | None) -> str | None:
    """SHA-256 of sealed words; None when there are none."""
    return hashlib.sha256(bytes(blob.sealed)).hexdigest() if blob and blob.sealed else None


def pack_of(application: Application) -> Pack:
    """The rules of the application."""
    return pack_of_application(application)
