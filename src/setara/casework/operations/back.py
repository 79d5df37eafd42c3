"""Steps behind the hall: judging, printing from stock, checking quality."""

from __future__ import annotations

from collections.abc import Sequence

from setara.applications.service import answers_of, lock
from setara.casework import guards, policies
from setara.casework.assigning import must_be_mine
from setara.casework.models import Book, Case, StepRun
from setara.casework.moves import lock_case
from setara.casework.path import Doing, finish, pack_of
from setara.casework.store import claim_book
from setara.kernel.errors import NotFound
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, Permission, operation
from setara.rules.packs import stock_kind

_STOPS = {"hold", "send_back", "refuse"}


@operation
def adjudicate(
    op: Op,
    case: Case,
    outcome: str,
    note: str = "",
    missing: Sequence[str] = (),
    hold_reason: str | None = None,
) -> StepRun:
    """Decide a step of the back office in which the officer judges. The words of ``note`` are sealed."""
    doing = _begin(op, case, policies.ADJUDICATE, outcome)
    guards.tool_fits(doing.step.kind == "back" and doing.step.judgement, doing.step)
    doing.note, doing.missing, doing.hold_reason = note, list(missing), hold_reason
    return finish(doing)


@operation
def print_book(
    op: Op, case: Case, outcome: str | None = None, note: str = "", hold_reason: str | None = None
) -> StepRun:
    """Take the lowest serial of the right kind from stock and print it.

    Without ``outcome`` the step's outcome that leads on. An outcome that leads to the same step spoils the
    book; one that leads to a hold takes none. Refused when the stock is empty.
    """
    doing = _begin(op, case, policies.PRINT, outcome)
    guards.tool_fits(doing.step.kind == "back" and doing.step.uses_stock, doing.step)
    doing.note, doing.hold_reason = note, hold_reason
    if doing.outcome.goes_to not in _STOPS:
        again = doing.outcome.goes_to == doing.step.code
        kind = stock_kind(doing.pack, answers_of(doing.application))
        name = next((one.name for one in doing.pack.product.stock if one.code == kind), kind)
        status = Book.Status.SPOILED if again else Book.Status.PRINTED
        doing.book = claim_book(doing.case, kind or "", name, status)
    return finish(doing)


@operation
def check_quality(
    op: Op, case: Case, outcome: str, note: str = "", hold_reason: str | None = None
) -> StepRun:
    """End a step of the back office that neither judges nor prints, such as the check of what was printed.

    A book that goes back to printing is spoiled; one that goes on has passed.
    """
    doing = _begin(op, case, policies.QUALITY, outcome)
    step = doing.step
    guards.tool_fits(step.kind == "back" and not step.judgement and not step.uses_stock, step)
    doing.note, doing.hold_reason = note, hold_reason
    if doing.outcome.goes_to not in _STOPS:
        mark_book(doing)
    return finish(doing)


def mark_book(doing: Doing) -> None:
    """The printed book has passed, or is spoiled when the file goes back to a step that prints."""
    book = Book.objects.filter(case=doing.case, status=Book.Status.PRINTED).first()
    if book is None:
        return
    goes_to = doing.outcome.goes_to
    back = any(step.code == goes_to and step.uses_stock for step in doing.pack.steps)
    book.status = Book.Status.SPOILED if back else Book.Status.PASSED
    book.save(update_fields=["status"])
    doing.book = book


def _begin(op: Op, case: Case, wanted: Permission, outcome: str | None) -> Doing:
    """Lock application and file; check that it waits here, that no hold lasts, and who may do the step."""
    application = lock(op, case.application)
    locked = lock_case(application)
    if locked is None:
        raise NotFound(_("Berkas ini tidak ada."), code="casework.no_case")
    locked.application = application
    pack = pack_of(application)
    step = pack.step(locked.step)
    op.permit(wanted, office=locked.office_id, step=step.code)
    guards.waits_at(locked, case.step, pack)
    guards.tool_fits(step.kind == "back", step)
    guards.role_fits(op, step)
    guards.not_on_hold(locked)
    if step.judgement:
        must_be_mine(op, locked)
    leads_on = next(o.code for o in step.outcomes if o.goes_to not in {*_STOPS, step.code})
    return Doing(
        op=op,
        case=locked,
        application=application,
        pack=pack,
        step=step,
        outcome=guards.outcome_of(pack, step, outcome or leads_on),
        started_at=op.now,
    )
