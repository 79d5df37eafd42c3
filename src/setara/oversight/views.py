"""The auditor's pages: every event of the office, one event, taking events out, checking the ledger."""

from __future__ import annotations

import json
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from setara.kernel import clock
from setara.kernel.errors import Invalid, NotFound
from setara.ledger.checking import check, fits
from setara.ledger.models import Event as Row
from setara.ledger.queries import events_of_office
from setara.ledger.service import By, event_class
from setara.ledger.storage import leaf_hash, leaf_of
from setara.offices.service import Office, Staff, actor_of, local_date, needs, staff_of
from setara.oversight import files, operations, policies, searching
from setara.oversight.forms import ExportForm, SearchForm
from setara.oversight.names import actor_name, event_name
from setara.oversight.searching import Wanted

#: Events checked at once: about two seconds.
STRETCH: Final = 20_000


@needs(policies.LOOK)
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """The office's events, newest first, all of them or those searched for."""
    office, form = staff_of(request).office, SearchForm(request.GET or None)
    context: dict[str, Any] = {"form": form, "office": office}
    what = _wanted(request, office, form)
    if what is None:
        return render(request, "oversight/audit.html", context, status=400)
    found = searching.page(office, what, _number(request.GET.get("sebelum", "")))
    by = By(actor_of(request))
    if what:
        operations.search(by, office, what, shown=len(found.rows), first=found.first, last=found.last)
    else:
        operations.look(by, office, "list", found.first, found.last)
    kept = {key: str(value) for key, value in request.GET.items() if value and key != "sebelum"}
    context |= {
        "what": what,
        "rows": _rows(office, found.rows),
        "older": urlencode(kept | {"sebelum": str(found.older)}) if found.older else "",
        "newest": urlencode(kept) if "sebelum" in request.GET else "",
        "started": "sebelum" in request.GET,
        "kept": kept,
    }
    return render(request, "oversight/audit.html", context)


@needs(policies.LOOK)
@require_safe
def event(request: HttpRequest, seq: int) -> HttpResponse:
    """One event with all its fields; its leaf is computed again and set against the stored hash."""
    office = staff_of(request).office
    row = Row.objects.filter(office=office.pk, seq=seq).first()
    if row is None:
        raise NotFound(
            _("Peristiwa ini tidak ada di kantor ini."),
            code="oversight.unknown_event",
            remedy=_("Kembali ke daftar peristiwa."),
        )
    operations.look(By(actor_of(request)), office, "event", seq, seq)
    context = {
        "office": office,
        "row": _rows(office, [row])[0],
        "event": row,
        "payload": [(key, _shown(value)) for key, value in row.payload.items()],
        "actor": actor_name(row.actor_kind),
        "sound": fits(row),
        "stored": bytes(row.leaf_hash).hex(),
        "computed": leaf_hash(leaf_of(row)).hex(),
    }
    return render(request, "oversight/event.html", context)


@needs(policies.LOOK)  # type: ignore[arg-type]  # a stream is no HttpResponse, only a base of one
@require_POST
def take_out(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Events as a file, written while they are read."""
    office, form = staff_of(request).office, ExportForm(request.POST)
    what = _wanted(request, office, form)
    if what is None:
        context = {"form": form, "office": office}
        return render(request, "oversight/audit.html", context, status=400)
    kind, until = form.cleaned_data["format"], searching.head(office)
    count = searching.matching(office, what).filter(seq__lte=until).count()
    by = By(actor_of(request), key=request.POST.get("idempotency_key") or None)
    operations.export(by, office, what, kind, until=until, count=count)
    response = StreamingHttpResponse(
        files.lines(searching.blocks(office, what, until), kind), content_type=files.TYPES[kind]
    )
    name = f"{office.pk}-{local_date(office, clock.now()).isoformat()}-{until}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@needs(policies.LOOK)
@require_safe
def check_ledger(request: HttpRequest) -> HttpResponse:
    """A stretch of the ledger, checked: no number missing, every leaf fits its hash, the head is the last."""
    office = staff_of(request).office
    head = searching.head(office)
    last = min(_number(request.GET.get("sampai", "")) or head, head)
    first = max(1, _number(request.GET.get("dari", "")) or last - STRETCH + 1, last - STRETCH + 1)
    rows = events_of_office(office.pk).filter(seq__gte=first, seq__lte=last)
    found = check(rows.iterator(2000))
    operations.look(By(actor_of(request)), office, "check", first, last)
    missing = max(0, last - first + 1) - found.events
    context = {
        "office": office,
        "found": found,
        "first": first,
        "last": last,
        "head": head,
        "missing": missing,
        "sound": found.sound and missing == 0,
        "earlier": (max(1, first - STRETCH), first - 1) if first > 1 else None,
    }
    return render(request, "oversight/check.html", context)


def _wanted(request: HttpRequest, office: Office, form: SearchForm) -> Wanted | None:
    """What is searched for; None after putting on the form why it cannot be."""
    if not form.is_bound:
        return Wanted()
    if not form.is_valid():
        return None
    typed = request.GET if request.method in {"GET", "HEAD"} else request.POST
    try:
        what = searching.wanted(office, form.cleaned_data, local_date(office, clock.now()))
    except Invalid as error:
        for name, text in error.errors.items():
            form.add_error(name, str(text))
        return None
    # The links of one event lead to those of the same application.
    if what.application is None and (same := _uuid(typed.get("permohonan", ""))) is not None:
        return Wanted(what.type, what.first, what.last, "", None, same)
    return what


def _rows(office: Office, rows: list[Row]) -> list[dict[str, Any]]:
    """The events with the labels of the officers, and their sentence from the registry."""
    officers = {row.actor_id for row in rows if row.actor_kind == "officer"}
    labels = {
        str(pk): label
        for pk, label in Staff.objects.filter(office=office, pk__in=officers).values_list("pk", "label")
    }
    return [
        {
            "seq": row.seq,
            "type": row.type,
            "at": row.occurred_at,
            "date": local_date(office, row.occurred_at),
            "who": labels.get(row.actor_id, row.actor_id)
            if row.actor_kind == "officer"
            else actor_name(row.actor_kind),
            "name": event_name(row.type),
            "label": row.payload.get("label") or "",
            "reason": row.reason or "",
            "meaning": _meaning(row),
        }
        for row in rows
    ]


def _meaning(row: Row) -> str:
    """The first sentence of the event's description."""
    try:
        return (event_class(row.type, row.version).__doc__ or "").strip().split("\n")[0]
    except KeyError:
        return ""


def _shown(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
