"""The event log of a played day, one row for each activity, as Parquet or XES.

Columns (documented in docs/reference/day.md): those of ``COLUMNS``. People appear only as the id of their
application. `setara audit` reads the file without being told which column is which, and can ask the queue rule
again at every call.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from setara.casework.service import StepRun
from setara.ledger.models import Event
from setara.offices.service import Office
from setara.queueing.service import Call
from setara.site.output import atomic

COLUMNS: dict[str, type] = {
    "case": str,
    "activity": str,
    "time": datetime,
    "start": datetime,
    "call": datetime,
    "enqueue": datetime,
    "absent": datetime,
    "resource": str,
    "counter": str,
    "lane": str,
    "window": datetime,
    "arrival": datetime,
    "label": str,
    "reason": str,
    "proof": str,
    "rule_label": str,
    "outcome": str,
    "office": str,
    "type": str,
    "rank": str,
    "returned": datetime,
    "opened": datetime,
    "beside": str,
}
# Events about an application that are activities by themselves; calls and steps come from their own rows.
MILESTONES = (
    "applications.started",
    "applications.submitted",
    "payments.billed",
    "payments.paid",
    "booking.booked",
    "queueing.checked_in",
    "feedback.invited",
)


def rows(office: Office, people: Collection[UUID]) -> list[dict[str, Any]]:
    """All activities of the applications with these ids, in order of completion."""
    found = [*_milestones(office, people), *_calls(office, people), *_back_office(office, people)]
    found.sort(key=lambda row: (row["time"], row["case"], row["activity"]))
    return found


def write(path: Path, office: Office, people: Collection[UUID]) -> int:
    """Write the log to `path` (.parquet or .xes), whole or not at all; returns the number of rows."""
    table = rows(office, people)
    with atomic(path) as file:
        if path.suffix == ".parquet":
            _parquet(file, table)
        else:
            _xes(file, table)
    return len(table)


def _blank(office: Office, **given: Any) -> dict[str, Any]:
    return dict.fromkeys(COLUMNS) | {"office": office.code} | given


def _milestones(office: Office, people: Collection[UUID]) -> Iterator[dict[str, Any]]:
    chosen = Event.objects.filter(office=office.code, type__in=MILESTONES, application__in=people)
    for event in chosen.order_by("seq").iterator(2000):
        yield _blank(
            office,
            case=str(event.application),
            activity=event.type,
            time=event.occurred_at,
            resource=event.actor_kind,
            type=event.payload.get("type"),
        )


def _calls(office: Office, people: Collection[UUID]) -> Iterator[dict[str, Any]]:
    returns = _returns(office, people)
    before: dict[tuple[Any, str], datetime] = {}
    calls = Call.objects.filter(office=office, ticket__application__in=people, ended_at__isnull=False)
    related = ("ticket", "ticket__companion_of", "rule_ticket", "counter", "staff")
    for call in calls.select_related(*related).order_by("called_at", "pk"):
        ended, ticket, host = call.ended_at, call.ticket, call.ticket.companion_of
        if ended is None:
            continue
        last = before.get((ticket.pk, call.step))
        came_back = [at for at in returns.get(ticket.pk, ()) if last and last <= at <= call.called_at]
        opened = call.memory_before.get("opened_at")
        yield _blank(
            office,
            case=str(ticket.application_id),
            activity=call.step,
            time=ended,
            start=call.started_at,
            call=call.called_at,
            enqueue=call.joined_at,
            absent=ended if call.outcome == Call.Outcome.ABSENT else None,
            resource=call.staff.label,
            counter=str(call.counter.number),
            lane=ticket.lane,
            window=ticket.booked_window,
            arrival=ticket.arrived_at,
            label=ticket.label,
            reason=call.reason,
            proof=_proof(call),
            rule_label=call.rule_ticket.label if call.rule_ticket else None,
            outcome=call.outcome,
            rank=None if ticket.rank is None else str(ticket.rank),
            returned=came_back[-1] if came_back else None,
            opened=datetime.fromisoformat(opened) if opened else None,
            beside=host.label if host else None,
        )
        before[ticket.pk, call.step] = ended


def _proof(call: Call) -> str | None:
    """What proves the reason of a call out of turn; of any other call, the ground of the lane."""
    if call.reason is not None:
        return call.proof if call.proof == "proven" else None
    return call.ticket.ground_proof or None


def _returns(office: Office, people: Collection[UUID]) -> dict[Any, list[datetime]]:
    """When each ticket came back after a missed call or with a paper."""
    events = Event.objects.filter(office=office.code, type="queueing.returned", application__in=people)
    found: dict[Any, list[datetime]] = {}
    for ticket, at in events.order_by("seq").values_list("ticket", "occurred_at"):
        found.setdefault(ticket, []).append(at)
    return found


def _back_office(office: Office, people: Collection[UUID]) -> Iterator[dict[str, Any]]:
    runs = StepRun.objects.filter(case__in=people, call__isnull=True).select_related("staff")
    for run in runs.order_by("ended_at", "pk").iterator(2000):
        yield _blank(
            office,
            case=str(run.case_id),
            activity=run.step,
            time=run.ended_at,
            start=run.started_at,
            resource=run.staff.label,
            outcome=run.outcome,
        )


def _parquet(file: IO[bytes], table: list[dict[str, Any]]) -> None:
    import polars as pl

    kinds: dict[type, Any] = {str: pl.String, datetime: pl.Datetime("us", "UTC")}
    schema = {name: kinds[kind] for name, kind in COLUMNS.items()}
    pl.DataFrame(table, schema=schema, orient="row").write_parquet(file)


# XES 1.0 (IEEE 1849): the standard extensions' keys for what every tool looks for; the rest under own names.
XES_KEYS = {"activity": "concept:name", "time": "time:timestamp", "resource": "org:resource"}


def _xes(file: IO[bytes], table: list[dict[str, Any]]) -> None:
    out = XMLGenerator(file, "utf-8", short_empty_elements=True)
    out.startDocument()
    log = {"xes.version": "1.0", "xes.features": "", "xmlns": "http://www.xes-standard.org/"}
    _open(out, "log", **log)
    for name, prefix in (
        ("Concept", "concept"),
        ("Time", "time"),
        ("Organizational", "org"),
        ("Lifecycle", "lifecycle"),
    ):
        uri = f"http://www.xes-standard.org/{prefix}.xesext"
        _open(out, "extension", name=name, prefix=prefix, uri=uri)
        out.endElement("extension")
    cases: dict[str, list[dict[str, Any]]] = {}
    for row in table:
        cases.setdefault(row["case"], []).append(row)
    for case, events in cases.items():
        _open(out, "trace")
        _attribute(out, "concept:name", case)
        for row in events:
            _open(out, "event")
            for name, value in row.items():
                if value is not None and name != "case":
                    _attribute(out, XES_KEYS.get(name, name), value)
            _attribute(out, "lifecycle:transition", "complete")
            out.endElement("event")
        out.endElement("trace")
    out.endElement("log")
    out.endDocument()


def _open(out: XMLGenerator, element: str, **attributes: str) -> None:
    out.startElement(element, AttributesImpl(attributes))


def _attribute(out: XMLGenerator, key: str, value: object) -> None:
    if isinstance(value, datetime):
        _open(out, "date", key=key, value=value.isoformat(timespec="microseconds"))
        out.endElement("date")
    else:
        _open(out, "string", key=key, value=str(value))
        out.endElement("string")
