"""Reading objections: one's own with the answer, the supervisor's list, and the counts that everybody may see."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncDate

from setara.kernel.errors import Invalid, NotFound
from setara.kernel.phrase import phrase as _
from setara.offices.service import Office, local_date, pack_of, zone_of
from setara.people.service import Blob, open_blob
from setara.queueing.models import Call, Objection, Ticket
from setara.queueing.picture import reason_words
from setara.queueing.stepping import why_words

#: The public counts look so many days back.
DAYS: Final = 30
_LABEL = re.compile(r"([A-Z])[\s.-]*(\d{1,4})")


@dataclass(frozen=True, slots=True)
class Counts:
    """Objections of the last days: all, answered in time, answered late, waiting, and of those overdue."""

    made: int
    in_time: int
    late: int
    waiting: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Shown:
    """An objection with its opened words and where it stands."""

    objection: Objection
    words: str
    answer: str
    overdue: bool


def counts(office: Office, today: date) -> Counts:
    """The counts of :data:`DAYS` days; one query. An answer is late after the end of the day on which it was due."""
    made = Objection.objects.filter(office=office, date__gt=today - timedelta(days=DAYS))
    late = Q(answered_on__gt=F("due_on"))
    found = made.annotate(answered_on=TruncDate("answered_at", tzinfo=zone_of(office))).aggregate(
        made=Count("pk"),
        in_time=Count("pk", filter=Q(answered_on__lte=F("due_on"))),
        late=Count("pk", filter=late),
        waiting=Count("pk", filter=Q(answered_at=None)),
        overdue=Count("pk", filter=Q(answered_at=None, due_on__lt=today)),
    )
    return Counts(**found)


def of_ticket(ticket: Ticket, at: datetime) -> list[Shown]:
    """What this ticket's holder objected to, with the answers, newest first."""
    rows = Objection.objects.filter(ticket=ticket).select_related("call__ticket", "answer", "words")
    today = local_date(ticket.office, at)
    return [_shown(one, today) for one in rows.order_by("-made_at")]


def waiting(office: Office) -> int:
    """How many objections wait for an answer."""
    return Objection.objects.filter(office=office, answered_at=None).count()


def listed(office: Office, at: datetime, *, most: int = 100) -> list[Shown]:
    """The supervisor's list: those without an answer first, the oldest on top, then the last answered."""
    rows, today = _rows(office), local_date(office, at)
    found = [*rows.filter(answered_at=None).order_by("made_at")[:most]]
    found += rows.exclude(answered_at=None).order_by("-answered_at")[: most // 4]
    return [_shown(one, today) for one in found]


def one(office: Office, pk: UUID, at: datetime) -> list[Shown]:
    """The objection with this id, in a list; an empty one when the office has none such."""
    today = local_date(office, at)
    return [_shown(found, today) for found in _rows(office).filter(pk=pk)]


def _rows(office: Office) -> QuerySet[Objection]:
    return Objection.objects.filter(office=office).select_related(
        "call__ticket", "call__rule_ticket", "call__counter", "call__staff", "call__office", "office", "ticket",
        "words", "answer", "answered_by",
    )  # fmt: skip


def facts(objection: Objection) -> dict[str, Any]:
    """What is known of the call: ``step``, ``reason`` (its published words) and ``why`` (the rule's sentence)."""
    call = objection.call
    pack = pack_of(call.office, call.date)
    return {
        "step": pack.step(call.step).name,
        "reason": reason_words(pack, call.reason) if call.reason else "",
        "why": why_words(pack, call.why),
    }


def by_call(office: Office, day: date) -> dict[object, tuple[int, int]]:
    """Call -> (objections, of those answered) of a day, for the list of its calls."""
    rows = (
        Objection.objects.filter(office=office, date=day)
        .values_list("call")
        .annotate(made=Count("pk"), answered=Count("answered_at"))
    )
    return {call: (made, answered) for call, made, answered in rows}


def label_of(typed: str, field: str) -> str:
    """A label as it is stored, of what was typed (``K-004``, ``k4``, ``k 004``). Invalid for anything else."""
    match = _LABEL.fullmatch(typed.strip().upper())
    if match is None:
        raise Invalid({field: _("Tulis nomor seperti di layar, misalnya A-017.")})
    return f"{match[1]}-{int(match[2]):03d}"


def the_call(office: Office, day: date, typed: str) -> Call:
    """The last call of that day of the number that was typed; NotFound when it was not called."""
    label = label_of(typed, "label")
    rows = Call.objects.filter(office=office, date=day, ticket__label=label).exclude(
        outcome=Call.Outcome.UNDONE
    )
    found = rows.select_related("ticket", "office", "counter").order_by("-called_at").first()
    if found is None:
        raise NotFound(
            _("Nomor %(label)s tidak dipanggil hari itu.", label=label),
            code="queueing.not_called",
            rule=_("Keberatan adalah tentang satu panggilan."),
            remedy=_("Periksa nomornya di daftar semua panggilan."),
            field="label",
        )
    return found


def _shown(one: Objection, today: date) -> Shown:
    return Shown(one, _text(one.words), _text(one.answer), one.answered_at is None and one.due_on < today)


def _text(blob: Blob | None) -> str:
    if blob is None or blob.sealed is None:
        return ""
    return open_blob(blob).decode()
