"""The log of an office's own database, with all that its queue rule needs to be asked again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from setara.science.events.log import Log
from setara.site.commands.common import UsageError, office_ready


def read(code: str, begin: date, end: date, database: str | None = None) -> Log:
    """All activities of the applications that were called on the days from ``begin`` to ``end``.

    ``database``: one that ``setara day`` kept. UsageError for an office that is not there, or days without a call.
    """
    office_ready(database)
    from setara.offices.service import Office, zone_of
    from setara.queueing.service import Call
    from setara.site.day.export import COLUMNS, rows

    office = Office.objects.filter(code=code).first()
    if office is None:
        known = ", ".join(Office.objects.order_by("code").values_list("code", flat=True)) or "none"
        raise UsageError(f"There is no office {code!r} in this database. There are: {known}.")
    called = Call.objects.filter(office=office, date__range=(begin, end))
    people = set(called.values_list("ticket__application_id", flat=True))
    if not people:
        raise UsageError(f"Nobody was called at {code} from {begin} to {end}.")
    table = [row for row in rows(office, people) if begin - timedelta(days=60) <= row["time"].date()]
    zone = zone_of(office)
    for row in table:
        # On other days only some of those who waited are in this log, so nobody's turn can be judged there.
        if row["call"] is not None and not begin <= row["call"].astimezone(zone).date() <= end:
            row["enqueue"] = None
    return _log(table, COLUMNS, f"{code}, {begin} to {end}", office)


def _log(table: list[dict[str, Any]], columns: dict[str, type], name: str, office: Any) -> Log:
    import polars as pl

    from setara.offices.service import zone_of
    from setara.science.events.log import MOMENT, ROLES

    zone = str(zone_of(office))
    schema = {column: pl.String if kind is str else MOMENT for column, kind in columns.items()}
    frame = pl.DataFrame(table, schema=schema, orient="row")
    when = pl.coalesce("call", "start", "time").dt.convert_time_zone(zone)
    frame = frame.with_columns(
        day=when.dt.date(), offset=when.dt.base_utc_offset().dt.total_minutes().cast(pl.Int16)
    ).sort("time", "case", "activity")
    roles: dict[str, str] = {role: role for role in ROLES if role in frame.columns}
    others = [column for column in columns if column not in ROLES]
    constant = {
        column
        for column in others
        if frame.group_by("case").agg(pl.col(column).drop_nulls().n_unique())[column].max() in {0, 1}
    }
    return Log(
        frame,
        roles,
        name=name,
        case_attributes=tuple(column for column in others if column in constant),
        event_attributes=tuple(column for column in others if column not in constant),
    )
