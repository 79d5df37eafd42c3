"""Who must keep away from whom: the register of conflicts of interest, and who decides when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from setara.applications.service import Application
from setara.kernel.errors import Conflict as Already
from setara.kernel.errors import Invalid
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, Prepared
from setara.offices.service import Office, calendar_of, local_date, pack_of, staff_by_id
from setara.people.service import seal
from setara.queueing.models import Conflict, Ticket

_COLUMNS = ("label",)
_AWAY = Prepared(
    lambda office, day, staff: Ticket.objects.filter(
        office_id=office, date=day, status=Ticket.Status.WAITING, application__conflicts__staff_id=staff
    ).values_list(*_COLUMNS)
)


def days_to_decide(office: Office, day: date) -> int:
    """Working days in which the superior decides, by the pack of the day."""
    return pack_of(office, day).queue.conflict_decision_days


def declare(op: Op, application: Application, relation: str, note: str, step: str = "") -> Conflict:
    """Enter the acting officer into the register for this application; Already when they stand there.

    The officer is kept away from that moment on. Invalid for a relation that is none of the list.
    """
    if relation not in Conflict.Relation.values:
        raise Invalid({"relation": _("Pilih salah satu hubungan dari daftar.")})
    if Conflict.objects.filter(application=application, staff_id=op.actor.id).exists():
        raise Already(
            _("Hubungan Anda dengan permohonan ini sudah tercatat."),
            code="queueing.conflict_once",
            rule=_("Satu petugas menyatakan satu kali; permohonan itu sudah dijauhkan dari Anda."),
            remedy=_("Lanjutkan dengan pemohon lain."),
        )
    office = application.office
    today = local_date(office, op.now)
    return Conflict.objects.create(
        office=office,
        application=application,
        staff=staff_by_id(op.actor.id),
        relation=relation,
        step=step,
        declared_at=op.now,
        due_on=calendar_of(office).add_working_days(today, days_to_decide(office, today)),
        note=seal(op, note.strip().encode(), "text/plain") if note.strip() else None,
    )


def labels_away_from(staff: UUID, office: str, day: date) -> frozenset[str]:
    """The tickets waiting today that this officer must not be given."""
    return frozenset(row[0] for row in _AWAY.tuples(office, day, staff))


def kept_away(application: UUID, staff: Iterable[UUID]) -> frozenset[UUID]:
    """Those of ``staff`` who are in the register for this application."""
    rows = Conflict.objects.filter(application_id=application, staff_id__in=list(staff))
    return frozenset(rows.values_list("staff_id", flat=True))


def register_of(office: Office, decided: bool = False) -> list[Conflict]:
    """The register: what waits for a decision, the most urgent first; or what was decided, the latest first."""
    rows = Conflict.objects.filter(office=office).select_related(
        "staff", "application", "decided_by", "note", "words"
    )
    if decided:
        return list(rows.exclude(decision="").order_by("-decided_at"))
    return list(rows.filter(decision="").order_by("due_on", "declared_at"))


def overdue(conflict: Conflict, today: date) -> bool:
    """Whether the head should have decided before today."""
    return not conflict.decision and conflict.due_on < today
