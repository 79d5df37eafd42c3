"""The floor: who waits where and how long, who sits at which counter, and what went out of turn."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from setara.kernel import clock
from setara.kernel.errors import NotFound, SetaraError
from setara.kernel.phrase import phrase as _
from setara.offices.service import (
    Duty,
    Office,
    OfficeDay,
    Role,
    Staff,
    actor_of,
    calendar_of,
    counters_of,
    day_of,
    local_date,
    needs,
    staff_of,
)
from setara.queueing import attention, operations, policies, queries, watching
from setara.queueing.models import Call, Session, Ticket
from setara.queueing.views.common import KINDS, by_of, office_and_pack
from setara.rules.packs import Pack


@needs(policies.WATCH)
@require_safe
def floor(request: HttpRequest) -> HttpResponse:
    """The hall as it stands now."""
    return render(request, "queueing/floor.html", _floor(request))


@needs(policies.WATCH)
@require_safe
def floor_fragment(request: HttpRequest) -> HttpResponse:
    """The part of the page that renews itself."""
    return render(request, "queueing/_floor.html", _floor(request))


@needs(policies.WATCH)
@require_POST
def close_counter(request: HttpRequest, session: UUID) -> HttpResponse:
    """A supervisor closes somebody's counter (who went home, who fell ill)."""
    found = Session.objects.filter(pk=session, office=staff_of(request).office).first()
    if found is None:
        raise NotFound(
            _("Loket ini tidak ada di kantor ini."), remedy=_("Muat ulang halaman lantai layanan.")
        )
    try:
        operations.close_counter(by_of(request), found)
    except SetaraError as refused:
        return render(
            request, "queueing/floor.html", _floor(request) | {"error": refused}, status=refused.status
        )
    return HttpResponseRedirect(reverse("floor"))


def _floor(request: HttpRequest) -> dict[str, Any]:
    """Everything the floor view shows."""
    office, pack = office_and_pack(request)
    now = clock.now()
    today = local_date(office, now)
    actor = actor_of(request)
    tickets = list(Ticket.objects.filter(office=office, date=today))
    day = day_of(office, today)
    steps, counters = _steps(pack, tickets, now), _counters(office, pack, today, now)
    resting = watching.breaks(office, today, [row["session"] for row in counters if row["session"]])
    for row in counters:
        since = resting.get(str(row["session"].pk)) if row["session"] else None
        row["rests"] = now - since if since else None
    return {
        **watching.facts(office, pack, today, now, tickets),
        "office": office,
        "today": today,
        "now": now,
        "points": attention.points(pack, steps, counters, hours=calendar_of(office).is_open(now)),
        "day": day,
        "day_open": day is not None and day.status == OfficeDay.Status.OPEN,
        "tiles": _tiles(tickets),
        "lanes": [lane.name for lane in pack.lanes],
        "steps": steps,
        "counters": counters,
        "exceptions": _exceptions(office, pack, today),
        "away": _listed(tickets, pack, {Ticket.Status.ABSENT, Ticket.Status.SENT_BACK}),
        "unserved": _listed(tickets, pack, {Ticket.Status.NOT_SERVED}),
        "may_close": Role.SUPERVISOR in actor.roles,
        "may_call": bool(policies.ASK_OVERRIDE.roles & actor.roles),
        "may_close_day": bool(policies.CLOSE_DAY.roles & actor.roles),
        "may_decide": bool(policies.APPROVE_OVERRIDE.roles & actor.roles),
        "may_answer": bool(policies.ANSWER.roles & actor.roles),
        "may_announce": bool(policies.ANNOUNCE.roles & actor.roles),
        "may_object": bool(policies.OBJECT.roles & actor.roles),
        "approvals": len(queries.approvals_waiting(office, now)),
    }


def _tiles(tickets: list[Ticket]) -> dict[str, int]:
    at = Ticket.Status
    count: dict[str, int] = defaultdict(int)
    for ticket in tickets:
        count[ticket.status] += 1
    return {
        "arrived": len(tickets),
        "waiting": count[at.WAITING],
        "serving": count[at.CALLED] + count[at.SERVING],
        "done": count[at.DONE],
        "away": count[at.ABSENT] + count[at.SENT_BACK],
        "not_served": count[at.NOT_SERVED],
    }


def _steps(pack: Pack, tickets: list[Ticket], now: datetime) -> list[dict[str, Any]]:
    """Per step of the hall: who waits in each lane, and the longest wait with its ticket."""
    waiting: dict[tuple[str, str], int] = defaultdict(int)
    longest: dict[str, Ticket] = {}
    for ticket in tickets:
        if ticket.status != Ticket.Status.WAITING:
            continue
        waiting[ticket.step, ticket.lane] += 1
        first = longest.get(ticket.step)
        if first is None or ticket.joined_at < first.joined_at:
            longest[ticket.step] = ticket
    return [
        {
            "code": step.code,
            "name": step.name,
            "lanes": [waiting[step.code, lane.code] for lane in pack.lanes],
            "total": sum(waiting[step.code, lane.code] for lane in pack.lanes),
            "longest": (first := longest.get(step.code)),
            "wait": now - first.joined_at if first else None,
        }
        for step in pack.steps
        if step.kind in {"hall", "pickup"}
    ]


def _sessions(office: Office, today: date) -> Any:
    rows = Session.objects.filter(office=office, date=today).exclude(state=Session.State.CLOSED)
    return rows.select_related("counter", "staff", "office").order_by("counter__number")


def _counters(office: Office, pack: Pack, today: date, now: datetime) -> list[dict[str, Any]]:
    """Every counter in use: who is there and since when, whom it serves, or who should be there."""
    sessions = {session.counter_id: session for session in _sessions(office, today)}
    calls = {
        call.counter_id: call
        for call in Call.objects.filter(office=office, date=today, ended_at__isnull=True).select_related(
            "ticket"
        )
    }
    duties = {
        duty.counter_id: duty.staff
        for duty in Duty.objects.filter(
            day__office=office, day__date=today, counter__isnull=False
        ).select_related("staff")
    }
    used = set(Session.objects.filter(office=office, date=today).values_list("counter_id", flat=True))
    names = {step.code: step.name for step in pack.steps}
    found = []
    for counter in counters_of(office):
        session, call = sessions.get(counter.pk), calls.get(counter.pk)
        since = (call.started_at or call.called_at) if call else None
        found.append(
            {
                "counter": counter,
                "steps": [names.get(step, step) for step in (session.steps if session else counter.steps)],
                "session": session,
                "planned": duties.get(counter.pk),
                "call": call,
                "for": now - since if since else None,
                "kind": _state_kind(session, duties.get(counter.pk)),
                "was_open": session is not None or counter.pk in used,
            }
        )
    return found


def _state_kind(session: Session | None, planned: Staff | None) -> str:
    if session is None:
        return "warn" if planned else "wait"
    return "done" if session.state == Session.State.OPEN else "held"


def _exceptions(office: Office, pack: Pack, today: date) -> list[dict[str, Any]]:
    """Everybody who was called out of turn today, with the public reason and how many were passed."""
    names = {reason.code: reason.name for reason in pack.override_reasons}
    rows = Call.objects.filter(office=office, date=today, reason__isnull=False).select_related(
        "ticket", "rule_ticket", "counter"
    )
    return [
        {"call": call, "reason": names.get(call.reason or "", call.reason), "step": pack.step(call.step).name}
        for call in rows.order_by("called_at")
    ]


def _listed(tickets: list[Ticket], pack: Pack, statuses: set[Ticket.Status]) -> list[dict[str, Any]]:
    return [
        {"ticket": one, "step": pack.step(one.step).name, "kind": KINDS[Ticket.Status(one.status)]}
        for one in sorted(tickets, key=lambda one: one.label)
        if one.status in statuses
    ]
