"""Putting right a wrong press: a new run and a new event; the old ones stay."""

from __future__ import annotations

from collections.abc import Sequence

from setara.applications.service import Application, lock, move_to
from setara.casework import guards, policies
from setara.casework.models import Book, Capture, Case, Hold, StepRun
from setara.casework.moves import lock_case
from setara.casework.operations.back import mark_book
from setara.casework.path import Doing, finish, lift, pack_of, recompute
from setara.kernel.errors import Conflict, Forbidden, NotFound, Refused
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, operation
from setara.offices.service import OfficeDay, day_of
from setara.queueing.service import Call, Ticket, back_to_step, last_visit
from setara.queueing.service import re_read as re_read_ticket
from setara.rules.packs import Outcome, Pack, Step

#: Why a correction is made; the reason of the event.
REASONS = {
    "wrong_press": _("Salah tekan"),
    "wrong_person": _("Tertukar dengan orang lain"),
    "seen_too_late": _("Terlihat setelah langkah selesai"),
}
S = Application.Status
_HELD = {"hold", "send_back"}


@operation
def correct(op: Op, run: StepRun, outcome: str, missing: Sequence[str] = (), note: str = "") -> StepRun:
    """End the step of ``run`` differently; ``By.reason`` is one of ``REASONS``.

    What the first press did is taken back (hold, clock, book, place), then the outcome is applied as if it
    had been pressed then: the person waits at the next step from the moment of the first press. Officers
    correct their own presses, supervisors any. Refused when the next step has begun, when the book was
    handed over, when nothing would change, or without a reason.
    """
    op.permit(policies.CORRECT, office=run.case.office_id)
    application = lock(op, run.case.application)
    case = lock_case(application)
    if case is None:
        raise NotFound(_("Berkas ini tidak ada."), code="casework.no_case")
    case.application = application
    run = StepRun.objects.select_related("case", "staff").get(pk=run.pk)
    pack = pack_of(application)
    step = pack.step(run.step)
    old, new = pack.outcome(run.step, run.outcome), guards.outcome_of(pack, step, outcome)
    _may_correct(op, run, old, new)
    call, ticket = _at_the_counter(run)
    _not_gone_on(case, run, ticket)
    _possible(case, step, old, new)
    _take_back(op, case, application, run, pack, ticket)
    doing = Doing(
        op=op,
        case=case,
        application=application,
        pack=pack,
        step=step,
        outcome=new,
        started_at=run.started_at,
        call=call,
        note=note,
        missing=list(missing),
        corrects=run,
        joined_at=run.ended_at,
    )
    _redo_book(doing)
    return finish(doing)


def _may_correct(op: Op, run: StepRun, old: Outcome, new: Outcome) -> None:
    if op.reason not in REASONS:
        raise Refused(
            _("Pembetulan memerlukan alasan dari daftar."),
            code="casework.correction_reason",
            rule=_("Setiap pembetulan dicatat dengan alasannya; catatan semula tetap ada."),
            remedy=_("Pilih salah satu alasan."),
            field="reason",
        )
    if "supervisor" not in op.actor.roles and str(run.staff_id) != op.actor.id:
        raise Forbidden(
            _("Hasil ini dicatat oleh petugas lain."),
            code="casework.not_your_run",
            rule=_("Petugas membetulkan hasilnya sendiri; pengawas boleh membetulkan semuanya."),
            remedy=_("Minta petugas itu atau pengawas."),
        )
    if old.code == new.code:
        raise Conflict(
            _("Hasilnya sudah: %(outcome)s.", outcome=old.name),
            code="casework.same_outcome",
            remedy=_("Tidak ada yang perlu dibetulkan."),
        )


def _at_the_counter(run: StepRun) -> tuple[Call | None, Ticket | None]:
    """The run's call and its ticket, locked; (None, None) for the back office."""
    if run.call_id is None:
        return None, None
    call = Call.objects.select_related("counter", "staff").get(pk=run.call_id)
    call.ticket = re_read_ticket(Ticket(pk=call.ticket_id))
    return call, call.ticket


def _not_gone_on(case: Case, run: StepRun, ticket: Ticket | None) -> None:
    """Refused when anything was done with the file after ``run``, or the person is at the next counter."""
    later = StepRun.objects.filter(case=case, ended_at__gt=run.ended_at).exists()
    newer = StepRun.objects.filter(case=case, pk__gt=run.pk).exists()
    moved = ticket is not None and (
        ticket.status in {Ticket.Status.CALLED, Ticket.Status.SERVING, Ticket.Status.ABSENT}
        or ticket.re_entry != ""
    )
    last = last_visit(case.application)
    elsewhere = ticket is not None and ticket.purpose == Ticket.Purpose.SERVICE and last != ticket
    if later or newer or moved or elsewhere:
        raise Refused(
            _("Berkas ini sudah berjalan lebih jauh."),
            code="casework.gone_on",
            rule=_("Hasil dapat dibetulkan selama langkah berikutnya belum dimulai."),
            remedy=_("Minta petugas di langkah sekarang mengembalikan atau menahan berkas ini."),
        )


def _possible(case: Case, step: Step, old: Outcome, new: Outcome) -> None:
    if old.goes_to == "done":
        raise Refused(
            _("Hasilnya sudah diserahkan kepada pemohon."),
            code="casework.handed_over",
            rule=_("Penyerahan tidak dapat dibatalkan dengan satu tekanan tombol."),
            remedy=_("Bicarakan dengan pengawas."),
        )
    if new.goes_to == "done":
        raise Refused(
            _("Penyerahan dicatat dengan menyerahkan, bukan dengan membetulkan."),
            code="casework.hand_over_again",
            rule=_("Penerima dan buku dicatat saat penyerahan."),
            remedy=_("Masukkan pengambil ke antrean lagi, lalu serahkan."),
        )
    captured = Capture.objects.filter(case=case, superseded=False).values_list("kind", flat=True)
    if new.goes_to not in {*_HELD, "refuse"} and not set(step.captures) <= set(captured):
        raise Refused(
            _("Rekaman untuk langkah ini belum ada."),
            code="casework.capture_incomplete",
            rule=_("Langkah ini selesai setelah semua perekaman yang ditetapkan ada."),
            remedy=_("Masukkan pemohon ke antrean lagi, lalu rekam."),
        )


def _take_back(
    op: Op,
    case: Case,
    application: Application,
    run: StepRun,
    pack: Pack,
    ticket: Ticket | None,
) -> None:
    """Undo what the first press did to hold, clock, file, application and ticket."""
    hold = Hold.objects.filter(case=case, ended_at__isnull=True, started_at__gte=run.ended_at).first()
    if hold is not None:
        # Begun and ended at one moment, it costs the promise nothing.
        lift(op, case, hold, hold.started_at)
    if run.detail.get("clock") == "started":
        case.clock_started_at = case.due_on = None
    if run.detail.get("clock") == "stopped":
        case.clock_stopped_at = None
    recompute(case, op.now)
    case.status, case.step = Case.Status.OPEN, run.step
    kind = pack.step(run.step).kind
    move_to(op, application, {"hall": S.IN_SERVICE, "back": S.IN_PROCESS, "pickup": S.READY}[kind])
    if ticket is None:
        return
    today = ticket.closed_at is None or _day_runs(ticket)
    if today:
        back_to_step(op, ticket, run.step)


def _day_runs(ticket: Ticket) -> bool:
    """Whether the hall of the ticket's day is still open, so that a closed ticket may be opened again."""
    day = day_of(ticket.office, ticket.date)
    return day is not None and day.status == OfficeDay.Status.OPEN


def _redo_book(doing: Doing) -> None:
    """The book of the corrected run: printed again, passed or spoiled as the new outcome says."""
    run = doing.corrects
    assert run is not None  # noqa: S101 - a correction corrects something
    if (pk := run.detail.get("book")) is None:
        if doing.step.uses_stock and doing.outcome.goes_to not in {*_HELD, "refuse"}:
            raise Refused(
                _("Belum ada buku yang diambil dari stok untuk hasil ini."),
                code="casework.print_again",
                rule=_("Buku dicatat saat dicetak."),
                remedy=_("Cabut penahanan, lalu cetak."),
            )
        return
    book = Book.objects.select_for_update(no_key=True).get(pk=pk)
    if doing.step.uses_stock:
        leads_on = doing.outcome.goes_to not in {*_HELD, "refuse", doing.step.code}
        book.status = Book.Status.PRINTED if leads_on else Book.Status.SPOILED
        book.save(update_fields=["status"])
        doing.book = book
        return
    book.status = Book.Status.PRINTED
    book.save(update_fields=["status"])
    if doing.outcome.goes_to not in _HELD:
        mark_book(doing)
