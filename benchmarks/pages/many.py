"""Sixteen months of an office from one played day: its rows are copied to every working day that follows.

The first day is played by the real operations, so that the rows fit together as real ones do; each copy is
shifted in time, and its ids and unique texts are made anew. Documents and captures of copies are empty, as
after their retention: nobody needs 50 GB to see whether a page is quick. Words inside event payloads (ids,
dates) and leaf hashes stay those of the first day: this is benchmark data, and the office's name says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.db import models
from psycopg import Connection, sql

from setara.applications.models import Application, Document
from setara.booking.models import Appointment, Seat, Window
from setara.casework.models import Book, Capture, Case, Handover, Hold, StepRun
from setara.feedback.models import Invitation
from setara.ledger.models import Event
from setara.offices.models import OfficeDay
from setara.payments.models import Bill, Payment
from setara.people.models import Blob, Person
from setara.queueing.models import Call, Line, Series, Session, Ticket

MODELS: tuple[type[models.Model], ...] = (
    *(
        Person,
        Blob,
        Application,
        Document,
        Bill,
        Payment,
        Window,
        Seat,
        Appointment,
        OfficeDay,
        Ticket,
        Series,
    ),
    *(Line, Session, Call, Case, StepRun, Hold, Capture, Book, Handover, Invitation, Event),
)

#: Texts and keys that no two rows share, per copy %(k)s; and what copies leave out.
_UNGUESSABLE = "substr(md5(t.{} || %(k)s), 1, 22)"
OVERRIDES = {
    "people_person.nik_index": "sha256(t.nik_index || convert_to(%(k)s::text, 'UTF8'))",
    "people_blob.sealed": "CASE WHEN t.size > 4000 THEN NULL ELSE t.sealed END",
    "people_blob.erased_at": "CASE WHEN t.size > 4000 THEN t.created_at + %(by)s * interval '1 day' END",
    # Letters of the references' own alphabet; nobody types one of these.
    "applications_application.reference": "translate(upper(substr(md5(t.reference || %(k)s), 1, 4) || '-' ||"
    " substr(md5(%(k)s || t.reference), 1, 8)), '01258B', 'GHJKLM')",
    "payments_bill.code": "lpad(('x' || substr(md5(t.code || %(k)s), 1, 12))::bit(48)::bigint::text, 15, '0')",
    "payments_payment.ntpn": "upper(substr(md5(t.ntpn || %(k)s), 1, 16))",
    "booking_appointment.token": _UNGUESSABLE.format("token"),
    "queueing_ticket.token": _UNGUESSABLE.format("token"),
    "feedback_invitation.token": _UNGUESSABLE.format("token"),
    # Two days before may send people for their book on the same day.
    "queueing_ticket.label": "CASE WHEN t.purpose = 'pickup' THEN t.label || chr(65 + t.date - %(first)s::date)"
    " ELSE t.label END",
    "casework_book.serial": "left(t.serial, 1) || lpad((substr(t.serial, 2)::bigint + %(k)s * 1000)::text, 7, '0')",
    "ledger_event.seq": "%(base)s + t.rank",
    "ledger_event.key": "sha256(t.key || convert_to(%(k)s::text, 'UTF8'))",
}

_SHIFT = """
CREATE FUNCTION pg_temp.shifted(id uuid, by bigint) RETURNS uuid IMMUTABLE LANGUAGE sql RETURN
  (lpad(to_hex(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint + by * 86400000), 12, '0')
   || substr(replace(id::text, '-', ''), 13))::uuid
"""


def copy_days(
    admin: Connection[Any], office: str, first: date, days: Sequence[date], tell: Callable[[int], None]
) -> int:
    """Copy everything that came of the day `first` to each of `days`; returns how many events there are then.

    `admin` may set session_replication_role: without foreign-key triggers, which here cannot find anything.
    """
    admin.execute("SET session_replication_role = replica")
    admin.execute("SET synchronous_commit = off")
    admin.execute(_SHIFT)
    for model in MODELS:
        _keep_first(admin, model._meta.db_table, first)
    events = _one(admin, "SELECT count(*) FROM first_ledger_event")
    base = _one(admin, "SELECT max(seq) FROM ledger_event")
    statements = [_statement(model) for model in MODELS]
    for k, day in enumerate(days, start=1):
        values = {"k": k, "by": (day - first).days, "first": first, "base": base + (k - 1) * events}
        with admin.transaction():
            for statement in statements:
                admin.execute(statement, values)
        tell(k)
    last = base + len(days) * events
    admin.execute("UPDATE ledger_head SET last = %s WHERE office = %s", [last, office])
    admin.execute("VACUUM ANALYZE")
    return int(last)


def _keep_first(admin: Connection[Any], table: str, first: date) -> None:
    """Set the played day's rows aside; blank books and what happened before the play are not copied."""
    only, extra = "true", ""
    if table == "ledger_event":
        only, extra = f"occurred_at > '{first}'::date - 9", ", row_number() OVER (ORDER BY seq) AS rank"
    if table == "casework_book":
        only = "case_id IS NOT NULL"
    admin.execute(f"CREATE TEMP TABLE first_{table} AS SELECT *{extra} FROM {table} WHERE {only}")  # noqa: S608 - our own names


def _statement(model: type[models.Model]) -> sql.SQL:
    table = model._meta.db_table
    columns = {field.column: _value(model, field) for field in model._meta.concrete_fields}
    columns = {name: value for name, value in columns.items() if value}
    names, values = ", ".join(f'"{name}"' for name in columns), ", ".join(columns.values())
    query = f"INSERT INTO {table} ({names}) SELECT {values} FROM first_{table} t"  # noqa: S608 - our own names
    # A day, a line or a series may be there from the days before.
    return sql.SQL(query + " ON CONFLICT DO NOTHING" * (model in {OfficeDay, Series, Line}))


def _value(model: type[models.Model], field: models.Field[Any, Any]) -> str:
    """The SQL of a column in a copy; empty: the database gives it."""
    place = f"{model._meta.db_table}.{field.column}"
    column = f't."{field.column}"'
    if place in OVERRIDES:
        return OVERRIDES[place]
    if isinstance(field, models.AutoField):
        return ""
    if isinstance(field, models.ForeignKey):
        return f"pg_temp.shifted({column}, %(by)s)" if field.related_model in MODELS else column
    if isinstance(field, models.UUIDField):
        return f"pg_temp.shifted({column}, %(by)s)"
    if isinstance(field, models.DateTimeField):
        return f"{column} + %(by)s * interval '1 day'"
    if isinstance(field, models.DateField):
        return f"{column} + %(by)s"
    return column


def _one(admin: Connection[Any], query: str) -> int:
    row = admin.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0
