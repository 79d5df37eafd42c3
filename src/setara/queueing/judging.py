"""Steps of judgement are called blindly: with several officers free, the lot says who may call.

The seed is public and nobody's choice: the date, the step, the label, and the moment at which the ticket joined
the step. Whoever comes first in the lot has a grace (``queue.draw_grace_seconds`` of the pack); then the next may
call, so that nobody waits for an officer who does not press.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Max

from setara.kernel.errors import Refused
from setara.kernel.lots import drawn, seed_of
from setara.kernel.phrase import phrase as _
from setara.kernel.workdays import format_time
from setara.ledger.service import Op
from setara.offices.service import pack_of
from setara.queueing.conflicts import kept_away
from setara.queueing.models import Call, Session, Ticket


def lot_of(ticket: Ticket, officers: Iterable[str]) -> list[str]:
    """The officers (labels) in the order in which the lot has them for this ticket at its step."""
    seed = seed_of(ticket.date.isoformat(), ticket.step, ticket.label, ticket.joined_at.isoformat())
    return drawn(seed, officers)


def drawn_for_me(op: Op, session: Session, ticket: Ticket) -> None:
    """Refused while the lot has given the ticket to another officer who is free and may still take it."""
    pack = pack_of(session.office, session.date)
    if not pack.step(ticket.step).judgement:
        return
    free = _free(session, ticket)
    others = {one.staff.label: since for one, since in free.items() if one.pk != session.pk}
    if not others:
        return
    grace = timedelta(seconds=pack.queue.draw_grace_seconds)
    for label in lot_of(ticket, [session.staff.label, *others]):
        if label == session.staff.label:
            return
        until = max(ticket.joined_at, others[label]) + grace
        if op.now < until:
            raise Refused(
                _("Nomor berikutnya diundi untuk petugas %(who)s.", who=label),
                code="queueing.drawn_for_another",
                rule=_(
                    "Pada langkah yang menilai, undian menentukan petugasnya, bukan siapa yang lebih dulu menekan."
                ),
                remedy=_(
                    "Bila belum dipanggil, Anda dapat memanggilnya mulai pukul %(time)s.",
                    time=format_time(until, session.office.zone),
                ),
            )


def _free(session: Session, ticket: Ticket) -> dict[Session, datetime]:
    """The free counters of the step whose officers may take the ticket, and since when each is free."""
    rows = (
        Session.objects.filter(
            office=session.office, date=session.date, state=Session.State.OPEN, steps__contains=[ticket.step]
        )
        .select_related("staff")
        .prefetch_related("staff__competences")
    )
    busy = Call.objects.filter(office=session.office, date=session.date, ended_at__isnull=True).values_list(
        "session_id", flat=True
    )
    sessions = list(rows.exclude(pk__in=busy).annotate(idle=Max("calls__ended_at")))
    able = [
        one
        for one in sessions
        if any(c.step == ticket.step and c.holds_on(session.date) for c in one.staff.competences.all())
    ]
    away = kept_away(ticket.application_id, [one.staff_id for one in able])
    return {one: one.idle or one.opened_at for one in able if one.staff_id not in away}
