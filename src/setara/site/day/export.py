"""The event log of a played day, one row for each activity, as Parquet or XES.

Columns (documented in docs/reference/day.md): case, activity, time (completion), start, call, enqueue, absent,
resource, counter, lane, window, arrival, label, reason, rule_label, outcome, office, type. People appear only as
the id of their application. `setara audit` reads the file without being told which column is which.
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
    "rule_label": str,
    "outcome": str,
    "office": str,
    "type": str,
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
    joined: dict[Any, datetime] = {}
    calls = Call.objects.filter(office=office, ticket__application__in=people, ended_at__isnull=False)
    for call in calls.select_related("ticket", "rule_ticket", "counter", "staff").order_by("called_at", "pk"):
        ended = call.ended_at
        if ended is None:
            continue
        absent = call.outcome == Call.Outcome.ABSENT
        yield _blank(
            office,
            case=str(call.ticket.application_id),
            activity=call.step,
            time=ended,
            start=call.started_at,
            call=call.called_at,
            enqueue=joined.get(call.ticket_id, call.ticket.arrived_at),
            absent=ended if absent else None,
            resource=call.staff.label,
            counter=str(call.counter.number),
            lane=call.ticket.lane,
            window=call.ticket.booked_window,
            arrival=call.ticket.arrived_at,
            label=call.ticket.label,
            reason=call.reason,
            rule_label=call.rule_ticket.label if call.rule_ticket else None,
            outcome=call.outcome,
        )
        if not absent:
            joined[call.ticket_id] = ended


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
