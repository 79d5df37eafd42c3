"""OCEL 2.0, JSON and SQLite: the path of the objects of one type is the case.

An event that concerns several objects of the type stands once for each of them. What an object says when it first
says anything counts as its attribute; later changes are counted, not followed. Events and objects that are named
nowhere else are left out and counted. Source: A. Berti et al., "OCEL 2.0 Specification" (ocel-standard.org).
"""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import polars as pl

from setara.science.events.errors import LogError, LogUseError
from setara.science.events.raw import Raw
from setara.science.progress import Progress, silent

_CASE, _ACTIVITY, _TIME, _EVENT = "ocel:object", "ocel:type", "ocel:time", "ocel:event"
_OLD: Final = "OCEL 1.0 is not read; export it as OCEL 2.0 (JSON or SQLite)."


def read_json(path: Path, object_type: str | None, progress: Progress = silent) -> Raw:
    """The table of an OCEL 2.0 file in JSON, also packed with gzip. Raises :class:`LogError`."""
    progress("reading the events", 0)
    whole = _parsed(path)
    if not isinstance(whole, dict):
        raise LogError(f"{path.name} is JSON, but no OCEL: it holds no object at its top.")
    if any(key.startswith("ocel:") for key in whole):
        raise LogError(f"{path.name} is OCEL 1.0.", _OLD)
    missing = [key for key in ("objects", "events") if not isinstance(whole.get(key), list)]
    if missing:
        raise LogError(
            f"{path.name} is JSON, but no OCEL 2.0: it has no list '{missing[0]}'.",
            "A log in JSON must have the lists objectTypes, eventTypes, objects and events.",
        )
    objects = {}
    for place, one in enumerate(whole["objects"]):
        objects[_text(path, "objects", place, one, "id")] = _text(path, "objects", place, one, "type")
    _chosen(path, object_type, objects.values())
    later = 0
    of_object: dict[str, dict[str, Any]] = {}
    for one in whole["objects"]:
        if one["type"] == object_type:
            told, changes = _first_values(_items(one, "attributes"))
            of_object[one["id"]] = told
            later += changes
    rows, left_out = [], 0
    for place, event in enumerate(whole["events"]):
        activity = _text(path, "events", place, event, "type")
        row: dict[str, Any] = {_ACTIVITY: activity, _TIME: _text(path, "events", place, event, "time")}
        row[_EVENT] = event.get("id")
        row |= {str(one.get("name")): _plain(one.get("value")) for one in _items(event, "attributes")}
        related = dict.fromkeys(one.get("objectId") for one in _items(event, "relationships"))
        mine = [one for one in related if objects.get(str(one)) == object_type]
        left_out += not mine
        rows += [row | {_CASE: one} for one in mine]
    table = _table(rows)
    return _raw(path, table, of_object, left_out, later)


def _parsed(path: Path) -> Any:
    data = path.read_bytes()
    try:
        if data.startswith(b"\x1f\x8b"):
            data = gzip.decompress(data)
        return json.loads(data)
    except json.JSONDecodeError as wrong:
        raise LogError(
            f"{path.name}, line {wrong.lineno}: {wrong.msg}.",
            "The JSON is not well-formed.",
            line=wrong.lineno,
        ) from wrong
    except UnicodeDecodeError as wrong:
        raise LogError(f"{path.name} is JSON, but not in UTF-8.") from wrong
    except RecursionError as wrong:
        raise LogError(f"{path.name} is JSON nested too deeply to be a log.") from wrong
    except (OSError, EOFError) as wrong:
        raise LogError(f"{path.name} is damaged: {wrong}.", "Copy it again from its source.") from wrong


def _text(path: Path, where: str, place: int, one: Any, key: str) -> str:
    value = one.get(key) if isinstance(one, dict) else None
    if not isinstance(value, str) or not value:
        raise LogError(f"{path.name}, {where}[{place}]: '{key}' is missing or no text.", line=place + 1)
    return value


def _items(one: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The list under a key, as far as it is a list of objects."""
    listed = one.get(key)
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []


def _chosen(path: Path, object_type: str | None, types: Iterable[str]) -> str:
    """The type whose objects are the cases; the list of types where none is named or there is no such type."""
    counts = Counter(types)
    listed = ", ".join(f"{name} ({count:,})" for name, count in counts.most_common())
    if object_type is None:
        raise LogUseError(
            f"{path.name} is an object-centric log (OCEL): it must be said whose path is the case.",
            f"Say --object-type TYPE. The types, with their number of objects: {listed or 'none'}.",
            choices=(name for name, _ in counts.most_common()),
        )
    if object_type not in counts:
        raise LogUseError(
            f"{path.name} has no object of the type '{object_type}'.",
            f"The types, with their number of objects: {listed or 'none'}.",
            choices=(name for name, _ in counts.most_common()),
        )
    return object_type


def _first_values(attributes: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], int]:
    told: dict[str, Any] = {}
    changes = 0
    for one in sorted(attributes, key=lambda one: str(one.get("time", ""))):
        name, value = str(one.get("name")), _plain(one.get("value"))
        if name in told and told[name] != value:
            changes += 1
        told.setdefault(name, value)
    return told, changes


def _plain(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _table(rows: list[dict[str, Any]]) -> pl.DataFrame:
    names = dict.fromkeys(name for row in rows for name in row)
    return pl.DataFrame({name: pl.Series([row.get(name) for row in rows], dtype=pl.String) for name in names})


def _raw(
    path: Path, table: pl.DataFrame, of_object: dict[str, dict[str, Any]], left_out: int, later: int
) -> Raw:
    if table.is_empty():
        raise LogError(f"{path.name}: no event concerns an object of this type.")
    names = dict.fromkeys(name for told in of_object.values() for name in told)
    if names:
        ids = list(of_object)
        whole = {_CASE: ids} | {
            f"case:{name}": pl.Series([of_object[one].get(name) for one in ids], dtype=pl.String)
            for name in names
        }
        table = table.join(pl.DataFrame(whole), on=_CASE, how="left", maintain_order="left")
    notes = []
    if left_out:
        notes.append(f"{left_out:,} events concern no object of this type and were left out.")
    if later:
        notes.append(f"{later:,} later changes of attributes were not followed; the first value counts.")
    return Raw(
        table.lazy(),
        path.name,
        known={"case": _CASE, "activity": _ACTIVITY, "time": _TIME},
        line=_event_name(table),
        streams=False,
        case_columns=frozenset(f"case:{name}" for name in names),
        notes=tuple(notes),
    )


def _event_name(table: pl.DataFrame) -> Callable[[int], str]:
    return lambda row: f"event '{table[_EVENT][row]}'"


def read_sqlite(path: Path, object_type: str | None) -> Raw:
    """The table of an OCEL 2.0 file in SQLite, opened for reading only. Raises :class:`LogError`."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
            base.text_factory = lambda value: value.decode("utf-8", "replace")
            return _from_base(path, base, object_type)
    except sqlite3.Error as wrong:
        raise LogError(f"{path.name} is a database that cannot be read: {wrong}.") from wrong


def _from_base(path: Path, base: sqlite3.Connection, object_type: str | None) -> Raw:
    tables = {
        name for (name,) in base.execute("select name from sqlite_master where type in ('table', 'view')")
    }
    needed = ("event", "object", "event_object", "event_map_type", "object_map_type")
    missing = [name for name in needed if name not in tables]
    if missing:
        raise LogError(
            f"{path.name} is a database, but no OCEL 2.0: it has no table '{missing[0]}'.",
            _OLD if any("ocel" in name.casefold() for name in tables) else "",
        )
    counts = dict(base.execute("select ocel_type, count(*) from object group by 1 order by 2 desc, 1"))
    chosen = _chosen(path, object_type, Counter(counts).elements())
    rows: list[dict[str, Any]] = []
    query = (
        "select distinct eo.ocel_event_id, eo.ocel_object_id from event_object eo "
        "join object o on o.ocel_id = eo.ocel_object_id where o.ocel_type = ?"
    )
    related: dict[str, list[str]] = {}
    for event, thing in base.execute(query, (chosen,)):
        related.setdefault(event, []).append(thing)
    events = 0
    for kind, name in base.execute("select ocel_type, ocel_type_map from event_map_type").fetchall():
        for told in _dicts(path, base, tables, f"event_{name}"):
            events += 1
            told[_EVENT], told[_TIME] = told.pop("ocel_id", None), told.pop("ocel_time", None)
            rows += [told | {_ACTIVITY: kind, _CASE: one} for one in related.get(str(told[_EVENT]), ())]
    held = len({row[_EVENT] for row in rows})
    of_object, later = _objects(path, base, tables, chosen)
    return _raw(path, _table(rows), of_object, events - held, later)


def _objects(
    path: Path, base: sqlite3.Connection, tables: set[str], chosen: str
) -> tuple[dict[str, dict[str, Any]], int]:
    found = base.execute(
        "select ocel_type_map from object_map_type where ocel_type = ?", (chosen,)
    ).fetchone()
    of_object: dict[str, dict[str, Any]] = {}
    later = 0
    if found is None:
        return of_object, later
    rows = sorted(
        _dicts(path, base, tables, f"object_{found[0]}"), key=lambda row: str(row.get("ocel_time") or "")
    )
    for told in rows:
        known = of_object.setdefault(str(told.pop("ocel_id", None)), {})
        told.pop("ocel_time", None)
        told.pop("ocel_changed_field", None)
        for name, value in told.items():
            if value is not None and known.get(name) is None:
                known[name] = value
            elif value is not None and known[name] != value:
                later += 1
    return of_object, later


def _dicts(path: Path, base: sqlite3.Connection, tables: set[str], name: str) -> list[dict[str, Any]]:
    if name not in tables:
        raise LogError(f"{path.name}: the table '{name}', which its list of types names, is missing.")
    quoted = name.replace('"', '""')
    cursor = base.execute(f'select * from "{quoted}"')  # noqa: S608 - a name of the file's own list, quoted
    columns = [one[0] for one in cursor.description]
    return [{key: _plain(value) for key, value in zip(columns, row, strict=True)} for row in cursor]
