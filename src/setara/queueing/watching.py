"""What the supervisor's page adds to the bare hall: ageing, breaks, unexplained calls, what waits for an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final

from django.utils.translation import gettext as _

from setara.ledger.models import Event
from setara.offices.service import Office, zone_of
from setara.queueing import objecting
from setara.queueing.models import Approval, Call, Proof, Session, Ticket
from setara.queueing.picture import announcements, reason_words
from setara.rules.packs import Pack

#: Limits of the ages in which waits are counted, in minutes.
AGES: Final = (15, 30, 60)


@dataclass(frozen=True, slots=True)
class Ages:
    """How many at a step wait for how long: one count for each age, and the target of the step."""

    step: str
    counts: tuple[int, ...]
    oldest: timedelta | None


def age_names() -> list[str]:
    """The ages as heads of columns."""
    spans = [(0, AGES[0]), *pairwise(AGES)]
    return [_("%(low)s–%(high)s menit") % {"low": low, "high": high} for low, high in spans] + [
        _("lebih dari %(n)s menit") % {"n": AGES[-1]}
    ]


def ages(pack: Pack, tickets: Iterable[Ticket], now: datetime) -> list[Ages]:
    """Per step of the hall, how long people wait there by now."""
    waits: dict[str, list[timedelta]] = {
        step.code: [] for step in pack.steps if step.kind in {"hall", "pickup"}
    }
    for ticket in tickets:
        if ticket.status == Ticket.Status.WAITING and ticket.step in waits:
            waits[ticket.step].append(now - ticket.joined_at)
    return [
        Ages(str(pack.step(code).name), _count(some), max(some, default=None)) for code, some in waits.items()
    ]


def _count(waits: list[timedelta]) -> tuple[int, ...]:
    edges = [timedelta(minutes=n) for n in AGES]
    place = [sum(wait >= edge for edge in edges) for wait in waits]
    return tuple(place.count(n) for n in range(len(AGES) + 1))


def breaks(office: Office, day: date, sessions: Iterable[Session]) -> dict[str, datetime]:
    """Session -> since when its counter is on its break, from the ledger."""
    resting = {str(one.pk) for one in sessions if one.state == Session.State.BREAK}
    if not resting:
        return {}
    begins = datetime.combine(day, time(0), zone_of(office))
    rows = Event.objects.filter(office=office.pk, type="queueing.counter_paused", occurred_at__gte=begins)
    found = rows.order_by("seq").values_list("payload__session", "occurred_at")
    return {session: at for session, at in found if session in resting}


def unexplained(office: Office, day: date) -> list[Call]:
    """Calls of the day out of turn that stand without proof or without a second person's approval."""
    rows = Call.objects.filter(office=office, date=day, reason__isnull=False)
    rows = rows.select_related("ticket", "rule_ticket", "counter").order_by("called_at")
    return [one for one in rows if one.proof != Proof.PROVEN or one.approval != Approval.APPROVED]


def facts(office: Office, pack: Pack, day: date, now: datetime, tickets: list[Ticket]) -> Mapping[str, Any]:
    """For the page: ``ages``, ``age_names``, ``unexplained`` (call, reason), ``objections`` (counts) and
    ``announced``."""
    return {
        "ages": ages(pack, tickets, now),
        "age_names": age_names(),
        "unexplained": [(call, reason_words(pack, call.reason)) for call in unexplained(office, day)],
        "objections": objecting.counts(office, day),
        "announced": announcements(office, now),
    }
