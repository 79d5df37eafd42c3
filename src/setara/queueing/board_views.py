"""The public pages of the queue: hall display, one's own ticket, calls of the day, and the state as JSON.

They show labels, never people. Each works without JavaScript; with it, the same fragments arrive live.
"""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from setara.kernel import clock
from setara.kernel.errors import Invalid, NotFound
from setara.offices.service import local_date, office_by_code, public
from setara.queueing import showing, tickets
from setara.queueing.models import Ticket
from setara.queueing.picture import Picture, TicketRow, board_of, load
from setara.queueing.queries import ticket_by_token

#: Calls on one page: about 30 kB.
PAGE = 100
_LABEL = re.compile(r"([A-Z])[\s.-]*(\d{1,4})")


@public
@require_safe
def hall(request: HttpRequest, office: str) -> HttpResponse:
    """The hall display."""
    found = office_by_code(office)
    context = showing.hall_context(load(found, clock.now()))
    context |= {
        "poll_url": reverse("hall_fragment", args=[found.pk]),
        "live_url": showing.live_url(f"{found.pk}/hall"),
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
    if context["typed"]:
        try:
            context["view"] = tickets.ticket_view(picture, _by_label(picture, context["typed"]))
        except (Invalid, NotFound) as error:
            context["error"], status = error, error.status
    context["at"] = picture.at
    return render(request, "queueing/look_up.html", context, status=status)


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
    }
    return render(request, "queueing/calls.html", context)


def _is_today(found: Ticket) -> bool:
    return found.date == local_date(found.office, clock.now())


def _by_token(token: str) -> Ticket:
    found = ticket_by_token(token)
    if found is None:
        raise NotFound(
            _("Nomor antrean ini tidak dikenal."),
            code="queueing.unknown_ticket",
            rule=_("Setiap nomor memiliki alamat sendiri, yang tercetak sebagai kode QR."),
            remedy=_("Pindai lagi kode QR pada karcis, atau cari nomornya di halaman kantor."),
        )
    return found


def _by_label(picture: Picture, typed: str) -> TicketRow:
    match = _LABEL.fullmatch(typed.upper())
    if match is None:
        raise Invalid({"nomor": _("Tulis nomor seperti yang tercetak, misalnya A-017.")})
    letter, number = match[1], int(match[2])
    for one in picture.tickets.values():
        if one.label[:1] == letter and one.label.rpartition("-")[2].lstrip("0") == str(number):
            return one
    raise NotFound(
        _("Nomor %(label)s tidak ada hari ini.") % {"label": f"{letter}-{number:03d}"},
        code="queueing.unknown_label",
        rule=_("Nomor antrean hanya berlaku pada hari dan kantor tempat Anda mengambilnya."),
        remedy=_("Periksa nomornya, atau pindai kode QR pada karcis."),
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 1
