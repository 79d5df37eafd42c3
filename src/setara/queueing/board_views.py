"""The public pages of the queue: hall display, one's own ticket, calls of the day, and the state as JSON.

They show labels, never people. Each works without JavaScript; with it, the same fragments arrive live.
"""

from __future__ import annotations

from collections import Counter as Tally
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from setara.kernel import clock
from setara.kernel.errors import Invalid, NotFound
from setara.offices.service import local_date, office_by_code, public
from setara.queueing import objecting, refusals, showing, stepping, tickets, voice
from setara.queueing.models import Ticket
from setara.queueing.picture import Picture, TicketRow, board_of, load
from setara.queueing.queries import ticket_by_token

#: Calls on one page: about 30 kB.
PAGE = 100


@public
@require_safe
def hall(request: HttpRequest, office: str) -> HttpResponse:
    """The hall display."""
    found = office_by_code(office)
    context = showing.hall_context(load(found, clock.now()))
    context |= {
        "poll_url": reverse("hall_fragment", args=[found.pk]),
        "live_url": showing.live_url(f"{found.pk}/hall"),
        "voice": reverse("clip", args=[showing.lang(), "KLIP"]) if voice.complete(showing.lang()) else "",
    }
    return render(request, "queueing/hall.html", context)


@public
@require_safe
@conditional_page
def hall_fragment(request: HttpRequest, office: str) -> HttpResponse:
    """The part of the hall display that changes; 304 when it has not."""
    return render(
        request, "queueing/_hall.html", showing.hall_context(load(office_by_code(office), clock.now()))
    )


@public
@require_safe
@conditional_page
def queue_state(request: HttpRequest, office: str) -> HttpResponse:  # noqa: ARG001
    """The whole public state of the queue as JSON (keys: docs/reference/public-data.md), for any program."""
    board = board_of(load(office_by_code(office), clock.now()))
    response = JsonResponse(board)
    response["Access-Control-Allow-Origin"] = "*"
    return response


@public
@require_safe
def ticket(request: HttpRequest, token: str) -> HttpResponse:
    """One's own ticket, reached by the address in its QR code."""
    found = _by_token(token)
    picture = load(found.office, clock.now(), found.date)
    context = tickets.ticket_context(picture, found.pk) | {
        "poll_url": reverse("ticket_fragment", args=[found.token]),
        # A ticket of another day does not change any more.
        "live_url": showing.live_url(f"{found.office_id}/queue") if _is_today(found) else "",
        "calls_url": reverse("calls", args=[found.office_id]) + f"?tanggal={found.date.isoformat()}",
        "replay_url": reverse("replay_day", args=[found.office_id, found.date]),
        "object_url": reverse("object", args=[found.token]),
        "objections": objecting.of_ticket(found, picture.at),
    }
    return render(request, "queueing/ticket.html", context)


@public
@require_safe
@conditional_page
def ticket_fragment(request: HttpRequest, token: str) -> HttpResponse:
    """The part of the ticket's page that changes; 304 when it has not."""
    found = _by_token(token)
    picture = load(found.office, clock.now(), found.date)
    return render(request, "queueing/_ticket.html", tickets.ticket_context(picture, found.pk))


@public
@require_safe
def look_up(request: HttpRequest, office: str) -> HttpResponse:
    """Today's place of any number, for somebody whose phone cannot read the QR code."""
    found = office_by_code(office)
    picture = load(found, clock.now())
    context: dict[str, Any] = {"office": found, "typed": request.GET.get("nomor", "").strip()}
    status = 200
    if "nomor" in request.GET:
        try:
            context["view"] = tickets.ticket_view(picture, _by_label(picture, context["typed"]))
        except (Invalid, NotFound) as error:
            context["error"], status = error, error.status
    context["at"] = picture.at
    return render(request, "queueing/look_up.html", context, status=status)


@public
@require_safe
def clip(request: HttpRequest, lang: str, name: str) -> HttpResponse:  # noqa: ARG001
    """One recorded word of a call."""
    found = voice.recording(lang, name)
    if found is None:
        raise NotFound(
            _("Rekaman ini tidak ada."), remedy=_("Tanpa rekaman, panggilan ditandai dengan bunyi bel.")
        )
    response = HttpResponse(found.read_bytes(), content_type=voice.KINDS[found.suffix])
    response["Cache-Control"] = "public, max-age=86400"
    return response


@public
@require_safe
def calls(request: HttpRequest, office: str) -> HttpResponse:
    """Every call of a day: what the rule gave, what was called, and why they differ where they do."""
    found, now = office_by_code(office), clock.now()
    today = local_date(found, now)
    day = showing.day_from(request.GET.get("tanggal", ""), today)
    only = request.GET.get("hanya") == "pengecualian"
    picture = load(found, now, day)
    rows, number, last = showing.pages(
        showing.calls_table(picture, only_exceptions=only), _number(request.GET.get("hal", "")), PAGE
    )
    objections = objecting.by_call(found, day) if picture.calls else {}
    for row in rows:
        row["objected"], row["answered"] = objections.get(row["call"], (0, 0))
    context = {
        "office": found,
        "date": day,
        "today": today,
        "rows": rows,
        "page": number,
        "last": last,
        "only": only,
        "total": len(picture.calls),
        "exceptions": sum(1 for call in picture.calls if call.out_of_turn),
        "rule": showing.rule_words(),
        "counts": objecting.counts(found, today),
    }
    return render(request, "queueing/calls.html", context)


@public
@require_safe
def replay_day(request: HttpRequest, office: str, date: date) -> HttpResponse:
    """A published day, step by step: at each call who waited, whom the rule chose, who was called, and why."""
    found, now = office_by_code(office), clock.now()
    if date > local_date(found, now):
        raise NotFound(
            _("Hari ini belum tiba."),
            code="queueing.day_to_come",
            rule=_("Hari diterbitkan sejak panggilan pertamanya."),
            remedy=_("Pilih hari lain di daftar semua panggilan."),
        )
    picture = load(found, now, date)
    wanted = request.GET.get("ke", "")
    step = stepping.step_of(picture, int(wanted) if wanted.isdecimal() and len(wanted) < 6 else 0)
    context: dict[str, Any] = {"office": found, "date": date, "step": step, "last": len(picture.calls)}
    if step is None:
        context |= {
            "exceptions": showing.calls_table(picture, only_exceptions=True)[::-1],
            "counts": picture.day and Tally(one.status for one in picture.tickets.values()),
            "arrived": len(picture.tickets),
            "rule": showing.rule_words(),
            "draw": stepping.draw_of(picture),
        }
    return render(request, "queueing/replay_day.html", context)


def _is_today(found: Ticket) -> bool:
    return found.date == local_date(found.office, clock.now())


def _by_token(token: str) -> Ticket:
    found = ticket_by_token(token)
    if found is None:
        raise refusals.unknown_ticket()
    return found


def _by_label(picture: Picture, typed: str) -> TicketRow:
    label = objecting.label_of(typed, "nomor")
    if (found := picture.ticket(label)) is not None:
        return found
    raise NotFound(
        _("Nomor %(label)s tidak ada hari ini.") % {"label": label},
        code="queueing.unknown_label",
        rule=_("Nomor antrean hanya berlaku pada hari dan kantor tempat Anda mengambilnya."),
        remedy=_("Periksa nomornya, atau pindai kode QR pada karcis."),
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 1
