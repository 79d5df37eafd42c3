"""Checks that every operation on a file shares, each with its own answer."""

from __future__ import annotations

from collections.abc import Sequence

from setara.casework.models import Case, Hold
from setara.kernel.errors import Conflict, Forbidden, Invalid, Refused
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, Prepared
from setara.rules.packs import Outcome, Pack, Step

#: The hold that lasts, by the key of its file.
OPEN_HOLD = Prepared(lambda case: Hold.objects.filter(case_id=case, ended_at__isnull=True))


def outcome_of(pack: Pack, step: Step, code: str) -> Outcome:
    """The outcome ``code`` of a step; Invalid when the step cannot end so."""
    for outcome in step.outcomes:
        if outcome.code == code:
            return outcome
    choices = ", ".join(str(outcome.name) for outcome in step.outcomes)
    raise Invalid(
        {"outcome": _("Pilih salah satu hasil: %(choices)s.", choices=choices)},
        code="casework.unknown_outcome",
        rule=_("Hasil setiap langkah ditetapkan dalam ketentuan layanan %(pack)s.", pack=pack.id),
    )


def role_fits(op: Op, step: Step) -> None:
    """Forbidden unless the officer holds the role that the pack gives to the step."""
    if step.role not in op.actor.roles:
        raise Forbidden(
            _("Langkah %(step)s dikerjakan oleh peran lain.", step=step.name),
            code="casework.wrong_role",
            rule=_("Setiap langkah memiliki peran yang ditetapkan dalam ketentuan layanan."),
            remedy=_("Minta petugas yang berwenang."),
        )


def tool_fits(fits: bool, step: Step) -> None:
    """Conflict when an operation is used at a step of another nature."""
    if not fits:
        raise Conflict(
            _("Tindakan ini bukan bagian dari langkah %(step)s.", step=step.name),
            code="casework.wrong_step",
            rule=_("Setiap langkah memiliki tindakannya sendiri."),
            remedy=_("Muat ulang halaman untuk melihat langkah berkas ini yang sekarang."),
        )


def waits_at(case: Case, step: str, pack: Pack) -> None:
    """Conflict unless the open file waits at ``step``."""
    if case.status != Case.Status.OPEN or case.step != step:
        where = case.get_status_display() if case.status != Case.Status.OPEN else pack.step(case.step).name
        raise Conflict(
            _("Berkas ini sudah berada di tempat lain: %(where)s.", where=where),
            code="casework.elsewhere",
            rule=_("Langkah dikerjakan satu per satu, menurut urutannya."),
            remedy=_("Muat ulang halaman untuk melihat langkah berkas ini yang sekarang."),
        )


def not_on_hold(case: Case) -> None:
    """Refused while a hold lasts."""
    if OPEN_HOLD.first(case.pk) is not None:
        raise Refused(
            _("Berkas ini sedang ditahan."),
            code="casework.on_hold",
            rule=_("Berkas yang ditahan dilanjutkan setelah penahanannya dicabut."),
            remedy=_("Cabut penahanan lebih dulu."),
        )


def reason_given(outcome: Outcome, note: str, missing: Sequence[str]) -> None:
    """Invalid when an outcome that needs a reason comes without words and without a missing paper."""
    if not outcome.needs_reason or note.strip() or missing:
        return
    field, ask = (
        ("missing", _("Pilih dokumen yang kurang."))
        if outcome.goes_to == "send_back"
        else (
            "note",
            _("Tuliskan alasannya."),
        )
    )
    raise Invalid(
        {field: ask},
        code="casework.reason_needed",
        rule=_(
            "Hasil “%(outcome)s” memerlukan alasan, karena pemohon berhak mengetahuinya.",
            outcome=outcome.name,
        ),
    )
