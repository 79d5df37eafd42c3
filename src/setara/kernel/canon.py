"""Canonical JSON: one value, one sequence of bytes; and digests of it.

A subset of RFC 8785 (JSON Canonicalization Scheme): UTF-8, no white space, keys sorted by UTF-16
code units, shortest escapes. Allowed are null, booleans, integers, strings, lists, tuples and
dictionaries with string keys, and, as text, aware datetimes (UTC, always six digits of microseconds,
``Z``), dates, UUIDs and enum values. Floats are refused: their text differs between systems, and
nothing that is signed here needs them (money is whole rupiah, durations whole units).
"""

from __future__ import annotations

import enum
import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

#: RFC 8785 writes numbers as IEEE doubles; outside this range an integer would lose its value there.
MAX_INT = 2**53 - 1


def plain(value: Any) -> Any:
    """Turn ``value`` into plain JSON data; TypeError for anything outside the subset above."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _integer(value: int) -> int:
    if abs(value) > MAX_INT:
        raise TypeError("an integer beyond 2^53-1 has no canonical form; write it as text")
    return int(value)


def _mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    for key in value:
        if not isinstance(key, str) or isinstance(key, enum.Enum):
            raise TypeError("keys of canonical data are plain strings")
    # RFC 8785 3.2.3 sorts by UTF-16 code units, which differs from code points beyond the BMP.
    ordered = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
    return {key: plain(value[key]) for key in ordered}


def moment(value: datetime) -> str:
    """``2026-03-03T02:40:00.000000Z``; TypeError for a naive datetime."""
    if value.utcoffset() is None:
        raise TypeError("a naive datetime has no canonical form")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def dumps(value: Any) -> bytes:
    """The canonical bytes of ``value``; TypeError outside the subset, ValueError for lone surrogates."""
    text = json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8")


def digest(value: Any, *, domain: str) -> bytes:
    """SHA-256 over ``domain``, a zero byte and the canonical bytes.

    The domain keeps digests of different purposes apart: the same data hashed as an event and as a
    receipt never collide. It is printable ASCII, for instance ``setara/event/1``.
    """
    if not domain or not domain.isascii() or not domain.isprintable():
        raise ValueError("a digest needs a domain of printable ASCII")
    return hashlib.sha256(domain.encode("ascii") + b"\x00" + dumps(value)).digest()
