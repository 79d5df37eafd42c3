"""The front door: what happens here now, how to begin, and what this office promises about itself."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from importlib.metadata import version
from typing import Any, Final

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import conditional_page, require_safe

from setara.booking.service import WindowFree, windows_of
from setara.kernel import clock
from setara.kernel.errors import NotFound
from setara.ledger import office_clock
from setara.ledger.models import Head
from setara.offices.service import (
    Office,
    OpeningHours,
    calendar_between,
    local_date,
    office_by_code,
    pack_of,
    public,
)
from setara.queueing import objecting, showing
from setara.queueing.service import Picture, load
from setara.reports.service import promise_lately, typical_waits
from setara.rules.packs import Pack
from setara.site.formats import lang

#: The front page looks so many days ahead, and names so many of them.
AHEAD, NAMED = 14, 5
Weekday = OpeningHours.Weekday
#: Counters named one by one; the display shows all of them.
COUNTERS: Final = 24
_TAG: Final = re.compile(r"\s*\[[^\]]*\]")


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The only office of this node, or the list of them."""
    offices = list(Office.objects.order_by("name")[:200])
    if len(offices) == 1:
        return _office_page(request, offices[0])
    return render(request, "site/offices.html", {"offices": offices, "office": None})


@public
@require_safe
def office(request: HttpRequest, office: str) -> HttpResponse:
    """One office: who waits, who is served, how long, what is promised and kept, and the next free days."""
    return _office_page(request, office_by_code(office))


@public
@require_safe
@conditional_page
def home_fragment(request: HttpRequest, office: str) -> HttpResponse:
    """The part of the office's page that changes; 304 when it has not."""
    return render(request, "site/_now.html", now_context(load(office_by_code(office), clock.now())))


def now_context(picture: Picture) -> dict[str, Any]:
    """What ``site/_now.html`` shows, on the page and in the live process alike."""
    typical = typical_waits(picture)
    context = showing.hall_context(picture)
    steps = showing.steps_context(picture)
    for step in steps:
        step["typical"] = typical.get(step["code"])
    return context | {"steps": steps, "here": context["rows"][:COUNTERS], "more": context["rows"][COUNTERS:]}


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A day with free places."""

    date: date
    free: int


def free_days(office: Office) -> list[FreeDay]:
    """The next days on which somebody can still book, in two queries and without opening any window."""
    today = local_date(office, clock.now())
    last = today + timedelta(days=AHEAD)
    ahead = calendar_between(office, today, last)
    closed = {*ahead.holidays, *ahead.closures}
    return _by_day(one for one in windows_of(office, today, last) if one.window.date not in closed)[:NAMED]


def _by_day(windows: Iterable[WindowFree]) -> list[FreeDay]:
    free: dict[date, int] = defaultdict(int)
    for one in windows:
        free[one.window.date] += one.free
    return [FreeDay(day, n) for day, n in sorted(free.items()) if n]


def opening(office: Office) -> list[tuple[str, str]]:
    """The hours of the coming week, days with the same hours together: ``("Senin sampai Kamis", "08.00–12.00")``."""
    today = local_date(office, clock.now())
    calendar = calendar_between(office, today, today + timedelta(days=AHEAD))
    monday = today - timedelta(days=today.weekday())
    found: list[tuple[list[str], str]] = []
    for weekday in Weekday:
        # Today and later: this week's days that are over stand for those of the next.
        on = monday + timedelta(days=weekday + (7 if weekday < today.weekday() else 0))
        hours = ", ".join(f"{_at(start)}–{_at(end)}" for start, end in calendar.hours(on))
        if found and found[-1][1] == hours:
            found[-1][0].append(str(weekday.label))
        else:
            found.append(([str(weekday.label)], hours))
    return [(_span(days), hours or _("tidak buka")) for days, hours in found]


def _span(days: list[str]) -> str:
    if len(days) > 1:
        return _("%(first)s sampai %(last)s") % {"first": days[0], "last": days[-1]}
    return days[0]


def _at(moment: time) -> str:
    return moment.strftime("%H:%M" if lang() == "en" else "%H.%M")


def _office_page(request: HttpRequest, office: Office) -> HttpResponse:
    pack = _pack(office)
    context = now_context(load(office, clock.now())) | {
        "office": office,
        "opening": opening(office),
        "fees": [fee for fee in pack.fees if fee.kind == "base"],
        "promise": promise_lately(office),
        "working_days": pack.clock.working_days,
        "free": free_days(office),
        "rule": showing.rule_words(),
        "counts": objecting.counts(office, local_date(office, clock.now())),
        "poll_url": reverse("home_fragment", args=[office.pk]),
        "live_url": showing.live_url(f"{office.pk}/home"),
    }
    return render(request, "site/home.html", context)


@public
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What this is, and the rule in plain words, taken from the rules that really run."""
    found = _some_office(request)
    pack = _pack(found) if found else None
    # Without the tags that lead to the project's own list of sources.
    sources = [_TAG.sub("", str(source)).strip() for source in pack.sources] if pack else []
    context = {"office": found, "pack": pack, "sources": sources, "version": version("setara")}
    return render(request, "site/about.html", context)


@public
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept of people, why and how long."""
    found = _some_office(request)
    return render(request, "site/privacy.html", {"office": found, "pack": _pack(found) if found else None})


@public
@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """For monitors. Keys: ok, version, database, clock (mode, rate, now), ledger (office -> last number)."""
    body: dict[str, Any] = {"ok": False, "version": version("setara"), "database": False}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        mode, rate, _note = office_clock.state()
        body |= {
            "ok": True,
            "database": True,
            "clock": {"mode": mode, "rate": rate, "now": clock.now().isoformat()},
            "ledger": dict(Head.objects.order_by("office").values_list("office", "last")[:200]),
        }
    except DatabaseError:
        return JsonResponse(body, status=503)
    return JsonResponse(body)


def _pack(office: Office) -> Pack:
    return pack_of(office, local_date(office, clock.now()))


def _some_office(request: HttpRequest) -> Office | None:
    """The office that somebody asked about, or the only one here; None where there are several."""
    if code := request.GET.get("kantor", ""):
        try:
            return office_by_code(code)
        except NotFound:
            return None
    offices = list(Office.objects.all()[:2])
    return offices[0] if len(offices) == 1 else None
