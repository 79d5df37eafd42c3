"""What an auditor looked at. Those who watch are on record like those who are watched."""

from __future__ import annotations

from setara.ledger.service import Event, Ref


class Looked(Event, name="oversight.looked", version=1):
    """An auditor looked at events: a page of the list, one event, or a check of a stretch of the ledger."""

    auditor: str
    view: str
    first: int | None
    last: int | None


class Searched(Event, name="oversight.searched", version=1):
    """An auditor searched the events, by what, and which numbers the page of results spans."""

    auditor: str
    type: str
    date_from: str | None
    date_to: str | None
    label: str
    application: Ref | None
    ticket: Ref | None
    shown: int
    first: int | None
    last: int | None


class Exported(Event, name="oversight.exported", version=1):
    """An auditor took events out as a file: which ones, in which format, up to which number."""

    auditor: str
    format: str
    type: str
    date_from: str | None
    date_to: str | None
    label: str
    application: Ref | None
    ticket: Ref | None
    until: int
    events: int
