"""Reading packs: TOML files inside the package, ``<service>/<date>.toml``.

A file may say ``extends = "<service>/<earlier date>"`` and then holds only what changes, the way an
amending regulation does: tables are merged key by key, lists of things with a ``code`` are merged by
code (the same code replaces, a new one is added, ``repealed = ["fees.x"]`` takes one out), and any
other value replaces the old one. ``local``, dates and sources always come from the file itself if given.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from setara.kernel import canon
from setara.kernel.errors import NotFound
from setara.kernel.words import Words
from setara.rules.packs.service_pack import Pack

_NO_VALUE = ("extends", "repealed")


class PackError(ValueError):
    """A pack file that cannot be used; the message names the file and the fault."""


def load(path: Path | Traversable, root: Path | Traversable | None = None) -> Pack:
    """The pack in one file; ``root`` is where extended packs are looked for (the folder above).

    Raises :class:`PackError`.
    """
    if root is None:
        root = path.parent.parent if isinstance(path, Path) else files(__package__)
    name = path.name
    try:
        data = _read(path, root)
        pack = Pack.model_validate({key: value for key, value in data.items() if key not in _NO_VALUE})
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as wrong:
        raise PackError(f"{name}: {wrong}") from wrong
    if name != f"{pack.in_force_from.isoformat()}.toml":
        raise PackError(f"{name}: the file is named after the day from which the pack is in force")
    return pack


def _read(path: Path | Traversable, root: Path | Traversable) -> dict[str, Any]:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    base = data.get("extends")
    if base is None:
        return data
    service, _, day = str(base).partition("/")
    # An amendment is later than what it amends: this also rules out a circle.
    if not day < path.name.removesuffix(".toml"):
        raise PackError(f"{path.name}: extends {base}, which is not earlier")
    return _amend(_read(root / service / f"{day}.toml", root), data)


def _amend(base: dict[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    result = {key: value for key, value in base.items() if key not in {*_NO_VALUE, "in_force_until"}}
    for place in change.get("repealed", ()):
        name, _, code = str(place).partition(".")
        kept = [item for item in result.get(name, ()) if item.get("code") != code]
        if len(kept) == len(result.get(name, ())):
            raise PackError(f"repealed: there is no {place}")
        result[name] = kept
    for key, value in change.items():
        old = result.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            result[key] = old | value
        elif _coded(value) and _coded(old):
            new = {item["code"]: item for item in value}
            result[key] = [new.pop(item["code"], item) for item in old or ()] + list(new.values())
        else:
            result[key] = value
    return result


def _coded(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(x, dict) and "code" in x for x in value)


@cache
def all_packs() -> tuple[Pack, ...]:
    """Every pack of the package, by service and date; :class:`PackError` if two overlap."""
    root = files(__package__)
    found = [
        load(file, root)
        for service in sorted(root.iterdir(), key=lambda entry: entry.name)
        if service.is_dir() and not service.name.startswith("_")
        for file in sorted(service.iterdir(), key=lambda entry: entry.name)
        if file.name.endswith(".toml")
    ]
    for earlier, later in pairwise(found):
        until = earlier.in_force_until
        if earlier.service == later.service and (until is None or until >= later.in_force_from):
            raise PackError(f"{earlier.id} is still in force when {later.id} begins")
    return tuple(found)


def services() -> tuple[str, ...]:
    """The codes of the services that have a pack."""
    return tuple(dict.fromkeys(pack.service for pack in all_packs()))


def pack(pack_id: str) -> Pack:
    """The pack with this id; ``NotFound`` if there is none."""
    for each in all_packs():
        if each.id == pack_id:
            return each
    raise NotFound(
        Words(id="Ketentuan layanan ini tidak ada.", en="There is no such service pack."),
        code="pack_not_found",
    )


def pack_for(service: str, on: date) -> Pack:
    """The pack of ``service`` in force on a day; ``NotFound`` if there is none."""
    for each in all_packs():
        until = each.in_force_until
        if each.service == service and each.in_force_from <= on and (until is None or on <= until):
            return each
    raise NotFound(
        Words(
            id="Tidak ada ketentuan layanan yang berlaku pada tanggal ini.",
            en="No service pack is in force on this day.",
        ),
        code="no_pack_in_force",
        remedy=Words(id="Periksa tanggal dan kode layanan.", en="Check the date and the service."),
    )


def localised(pack_id: str, overrides: Mapping[str, Any]) -> Pack:
    """:meth:`Pack.with_local` of a pack by its id, as the office offers it; remembered, for use in every request."""
    return _localised(pack_id, canon.dumps(overrides))


@lru_cache(maxsize=256)
def _localised(pack_id: str, overrides: bytes) -> Pack:
    values = json.loads(overrides)
    found = pack(pack_id)
    return (found.with_local(values) if values else found).offered()
