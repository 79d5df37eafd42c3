"""The service pack of an office: the rules of its service on a day, with the values it may set for itself."""

from __future__ import annotations

from datetime import date
from typing import Any

from setara.offices.models import Office
from setara.rules import packs
from setara.rules.packs import Pack


def pack_of(office: Office, on: date) -> Pack:
    """The pack in force for the office's service on ``on``; NotFound when there is none."""
    return _localised(packs.pack_for(office.service, on), office.local)


def pack_by_id(office: Office, id: str) -> Pack:
    """The pack that an application pinned, by its id; NotFound when there is none."""
    return _localised(packs.pack(id), office.local)


def _localised(pack: Pack, local: dict[str, Any]) -> Pack:
    # An office's values outlive a pack: one that no longer lets the office choose simply ignores the choice.
    return packs.localised(pack.id, {key: value for key, value in local.items() if key in pack.local})
