"""``setara replay``: one day of an office again, from its ledger alone.

Read are the events of the day and, from before it, what the office was made with and its own settings: nothing of the
tables in which tickets and calls are kept. The rule's part is :mod:`setara.rules.replay`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import perf_counter
from typing import Any

from django.db.models import Q

from setara.kernel import workdays
from setara.ledger.models import Event
from setara.rules import packs
from setara.rules.replay import ROOMS, Answer, Happened, Replayed, replay


@dataclass(frozen=True, slots=True)
class Day:
    """What the ledger holds of one day: its events in order, the pack in force, the office's own values before it."""

    office: str
    date: date
    zone: str
    pack: packs.Pack
    local: dict[str, Any]
    events: list[Happened]


class NoSuchDayError(Exception):
    """The ledger holds no such office, or nothing of that day."""


def read(office: str, day: date) -> Day:
    """The day from the ledger. NoSuchDayError when it holds nothing to replay."""
    made = Event.objects.filter(office=office, type="offices.created").order_by("seq").first()
    if made is None:
        known = sorted(
            Event.objects.filter(type="offices.created").values_list("office", flat=True).distinct()
        )
        raise NoSuchDayError(
            f"There is no office {office!r} in this database. There is: {', '.join(known) or 'none'}."
        )
    zone, service = made.payload["zone"], made.payload["service"]
    begins = datetime.combine(day, time(0), workdays.zone_info(zone))
    rows = Event.objects.filter(
        office=office, occurred_at__gte=begins, occurred_at__lt=begins + timedelta(days=1)
    )
    rooms = Q()
    for room in ROOMS:
        rooms |= Q(type__startswith=room)
    columns = ("seq", "type", "occurred_at", "reason", "payload")
    events = [Happened(*row) for row in rows.filter(rooms).order_by("seq").values_list(*columns)]
    # An urgent call of a day that nobody closed lapses after midnight.
    asked = [one.payload["request"] for one in events if one.type == "queueing.called_out_of_turn"]
    late = Event.objects.filter(office=office, type="queueing.override_expired", payload__was="used")
    late = late.filter(payload__request__in=asked, occurred_at__gte=begins + timedelta(days=1))
    events += [Happened(*row) for row in late.order_by("seq").values_list(*columns)] if asked else []
    if not any(event.type.startswith("queueing.") for event in events):
        raise NoSuchDayError(
            f"The ledger of {office} holds nothing of the floor on {day}: {_days(office, zone)}"
        )
    before = Event.objects.filter(
        office=office,
        type="offices.configured",
        occurred_at__lt=begins,
        payload__model="offices.Office",
        payload__after__has_key="local",
    )
    last = before.order_by("-seq").values_list("payload", flat=True).first()
    return Day(
        office=office,
        date=day,
        zone=zone,
        pack=packs.pack_for(service, day),
        local=last["after"]["local"] if last else {},
        events=events,
    )


def _days(office: str, zone: str) -> str:
    at = Event.objects.filter(office=office, type="queueing.day_closed").order_by("-seq")
    found = [
        moment.astimezone(workdays.zone_info(zone)).date()
        for moment in at.values_list("occurred_at", flat=True)[:5]
    ]
    return f"the last days are {', '.join(map(str, found))}." if found else "no day was played or worked yet."


def result(day: Day) -> dict[str, Any]:
    """The document of ``setara replay`` (docs/reference/replay.md); ``seconds`` is the rule's part alone."""
    began = perf_counter()
    answer = replay(day.events, day.pack, day.local)
    seconds = perf_counter() - began
    zone = workdays.zone_info(day.zone)
    out = answer.not_rules_choice
    return {
        "office": day.office,
        "date": day.date.isoformat(),
        "pack": day.pack.id,
        "rule_version": ", ".join(sorted(answer.versions)),
        "calls": len(answer.calls),
        "taken_back": sum(call.undone for call in answer.calls),
        "agrees": not answer.disagreements,
        "disagreements": [
            {"event": one.seq, "ticket": one.ticket, "what": one.what} for one in answer.disagreements
        ],
        "lawful": sum(call.standing == "lawful" for call in out),
        "unproven": sum(call.standing == "unproven" for call in out),
        "not_rules_choice": [_row(call, zone) for call in out],
        "seconds": round(seconds, 4),
    }


def _row(call: Replayed, zone: Any) -> dict[str, Any]:
    return {
        "ticket": call.ticket,
        "step": call.step,
        "time": call.time.astimezone(zone).isoformat(),
        "counter": call.counter,
        "officer": call.officer,
        "lane": call.lane,
        "rule_choice": call.rule_choice,
        "depth": call.depth,
        "waiting": call.waiting,
        "reason": call.reason,
        "proof": call.proof or None,
        "approval": call.approval or None,
        "asked_by": call.asked_by,
        "approved_by": call.approved_by,
        "standing": call.standing,
        "taken_back": call.undone,
        "event": call.seq,
    }


def table(found: dict[str, Any]) -> str:
    """The result in lines of text."""
    out = found["not_rules_choice"]
    lines = [
        f"Office {found['office']}, {found['date']}, rule {found['rule_version'] or '-'} of {found['pack']}",
        f"  {found['calls']} calls replayed in {found['seconds']} s, {found['taken_back']} of them taken back",
        f"  not the rule's choice: {len(out)}, of them lawful {found['lawful']}, unproven {found['unproven']}",
    ]
    if out:
        lines += [
            "",
            f"  {'time':<10}{'step':<16}{'ticket':<9}{'rule':<9}{'depth':>6}  {'reason':<20}{'':<4}standing",
        ]
    for row in out:
        who = f" ({row['approved_by']})" if row["approved_by"] else ""
        lines.append(
            f"  {row['time'][11:19]:<10}{row['step']:<16}{row['ticket']:<9}{row['rule_choice'] or '-':<9}"
            f"{row['depth']:>6}  {row['reason'] or '-':<20}{row['officer']:<6}{row['standing']}{who}"
        )
    wrong = found["disagreements"]
    lines += ["", f"  The record and the rule {'agree' if found['agrees'] else 'DISAGREE'}."]
    lines += [f"  event {one['event']} {one['ticket']}: {one['what']}" for one in wrong]
    return "\n".join(lines)


__all__ = ["Answer", "Day", "NoSuchDayError", "read", "result", "table"]
