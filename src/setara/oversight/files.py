"""Events as lines of a file: CSV or JSON Lines, written while they are read."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from setara.kernel.canon import moment
from setara.ledger.models import Event as Row

TYPES: Final = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}


def record(row: Row) -> dict[str, Any]:
    """One event as plain data: all that its leaf commits to, the time of recording, and the stored hash."""
    return {
        "office": row.office,
        "seq": row.seq,
        "type": row.type,
        "version": row.version,
        "occurred_at": moment(row.occurred_at),
        "recorded_at": moment(row.recorded_at),
        "actor_kind": row.actor_kind,
        "actor_id": row.actor_id,
        "application": row.application and str(row.application),
        "ticket": row.ticket and str(row.ticket),
        "reason": row.reason,
        "operation": row.operation,
        "payload": row.payload,
        "leaf_hash": bytes(row.leaf_hash).hex(),
    }


def lines(rows: Iterable[Row], format: str) -> Iterator[str]:
    """The file, line by line."""
    return _csv(rows) if format == "csv" else _jsonl(rows)


def _jsonl(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(record(row), ensure_ascii=False) + "\n"


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        """Give it back."""
        return text


def _csv(rows: Iterable[Row]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    headed = False
    for row in rows:
        data = record(row) | {"payload": json.dumps(row.payload, ensure_ascii=False, sort_keys=True)}
        if not headed:
            yield writer.writerow(data)
            headed = True
        yield writer.writerow(data.values())
