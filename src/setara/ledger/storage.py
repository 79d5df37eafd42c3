"""Writing and reading events: the sequence, the canonical leaf and its hash."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from setara.kernel import canon, ids
from setara.ledger import models, registry
from setara.ledger.actors import Actor
from setara.ledger.registry import Event

LEAF_VERSION = 1


@dataclass(frozen=True, slots=True)
class Draft:
    """An event on its way to the ledger, with what it is about."""

    event: Event
    office: str
    application: uuid.UUID | None = None
    ticket: uuid.UUID | None = None


def append(
    draft: Draft,
    *,
    actor: Actor,
    reason: str | None,
    occurred_at: datetime,
    operation: str,
    key: bytes | None,
    result: str,
) -> None:
    """Give the next sequence number of the office and insert the event. Must run inside a transaction.

    The update of the head row is what serialises one office (and no other) from here to the commit.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an event is recorded inside the transaction of its operation, never alone")
    event, payload = draft.event, draft.event.payload()
    # The sequence number is given by the database in the statement that writes the event, so that the head is
    # locked for one round trip only; the leaf is therefore hashed there too, around the place of the number.
    before, after = leaf_around_seq(
        office=draft.office,
        type=event.NAME,
        version=event.VERSION,
        occurred_at=occurred_at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        application=draft.application,
        ticket=draft.ticket,
        reason=reason,
        payload=payload,
    )
    values: list[Any] = [
        draft.office, ids.uuid7(), draft.office, event.NAME, event.VERSION, occurred_at, actor.kind,
        actor.id, draft.application, draft.ticket, reason, Jsonb(payload), operation, key, result,
        b"\x00" + before, after,
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)


INSERT = """
WITH head AS (
  INSERT INTO ledger_head AS h (office, last) VALUES (%s, 1)
  ON CONFLICT (office) DO UPDATE SET last = h.last + 1 RETURNING last
)
INSERT INTO ledger_event (id, office, seq, type, version, occurred_at, actor_kind, actor_id,
  application, ticket, reason, payload, operation, key, result, leaf_hash)
SELECT %s::uuid, %s, head.last, %s, %s, %s, %s, %s, %s::uuid, %s::uuid, %s, %s, %s, %s, %s,
  sha256(%s::bytea || convert_to(head.last::text, 'UTF8') || %s::bytea)
FROM head
"""


def leaf_around_seq(**fields: Any) -> tuple[bytes, bytes]:
    """The canonical leaf, cut where the sequence number stands.

    Keys are sorted, so after `seq` come only ticket, type and version, which hold no such text: the last
    occurrence is the right one.
    """
    head, mark, tail = canonical_leaf(seq=0, **fields).rpartition(b',"seq":0,')
    return head + mark[:-2], mark[-1:] + tail


def canonical_leaf(**fields: Any) -> bytes:
    """The bytes that the leaf hash commits to: canonical JSON of everything but ids and recording time."""
    return canon.dumps({"leaf": LEAF_VERSION, **fields})


def leaf_hash(leaf: bytes) -> bytes:
    """RFC 6962 leaf hash: SHA-256 over a zero byte and the leaf, so that no inner node can pose as a leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def leaf_of(row: models.Event) -> bytes:
    """The canonical leaf of a stored event, computed again from its columns."""
    return canonical_leaf(
        office=row.office,
        seq=row.seq,
        type=row.type,
        version=row.version,
        occurred_at=row.occurred_at,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        application=row.application,
        ticket=row.ticket,
        reason=row.reason,
        payload=row.payload,
    )


def by_key(key: bytes) -> str | None:
    """The result label of the operation that already ran under ``key``, or None."""
    return models.Event.objects.filter(key=key).values_list("result", flat=True).first()


def verify(office: str) -> Iterator[str]:
    """What is wrong with the stored events of an office, in words; yields nothing when all is well.

    Checks that the sequence has no gap, that every leaf hash fits its row, and that the last event is the one
    that the head names. The office may go on meanwhile: then the last event seen lies between the heads before
    and after.
    """
    before = head(office)
    expected = 1
    for row in models.Event.objects.filter(office=office).order_by("seq").iterator(2000):
        if row.seq != expected:
            yield f"{office}: sequence jumps from {expected - 1} to {row.seq}"
            expected = row.seq
        if leaf_hash(leaf_of(row)) != bytes(row.leaf_hash):
            yield f"{office}#{row.seq}: the leaf does not fit its hash"
        expected += 1
    last, after = expected - 1, head(office)
    if last < before:
        yield f"{office}: the head says {before}, the last event is {last}"
    elif last > after:
        yield f"{office}: the head says {after}, the last event is {last}"


def head(office: str) -> int:
    """The number of an office's last event; 0 when it has none."""
    return models.Head.objects.filter(office=office).values_list("last", flat=True).first() or 0


def digest(rows: Iterable[models.Event]) -> str:
    """SHA-256, hexadecimal, of the canonical events in order, without ids, hashes and recording times.

    Two runs with the same seed give the same digest.
    """
    total = hashlib.sha256(b"setara/events/1\n")
    for row in rows:
        payload = registry.event_class(row.type, row.version).reproducible(row.payload)
        line = {
            "office": row.office,
            "type": row.type,
            "version": row.version,
            "occurred_at": row.occurred_at,
            "actor": row.actor_kind,
            "reason": row.reason,
            "payload": payload,
        }
        total.update(canon.dumps(line) + b"\n")
    return total.hexdigest()
