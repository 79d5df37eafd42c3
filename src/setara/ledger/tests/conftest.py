"""Operations, events and permissions that exist only while a test of the ledger runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.apps import apps

from setara.ledger import actors, contract, registry
from setara.ledger.actors import Actor
from setara.ledger.contract import Op, operation
from setara.ledger.registry import Event, Ref

NOTHING = lambda: None  # noqa: E731


@dataclass
class Kit:
    """A room of its own: `change` makes a row (of the holidays' table) and records `Changed`."""

    Changed: type[Event]
    permission: actors.Permission
    change: Callable[..., Any]
    declare: Callable[[Callable[..., Any]], Callable[..., Any]]
    actor: Actor
    other: Actor

    @staticmethod
    def rows() -> int:
        """How many rows `change` left."""
        return apps.get_model("offices.Holiday").objects.filter(source="kit").count()

    @staticmethod
    def row(name: str) -> Any:
        """Insert one row."""
        model = apps.get_model("offices.Holiday")
        return model.objects.create(date=date(2026, 1, 1), name=name, kind="regional", source="kit")


@pytest.fixture
def kit() -> Iterator[Kit]:
    """See :class:`Kit`; the registries are put back afterwards."""
    kept = [(each, dict(each)) for each in (registry._events, contract._operations, actors._permissions)]

    class Changed(Event, name="kit.changed", version=1):
        """Something of the test changed."""

        what: str
        row: Ref

    permission = actors.permission("kit.change", "clerk", system=True)

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        function.__module__ = "setara.kit.operations"
        return operation(function)

    def change(op: Op, name: str, office: str = "a", meanwhile: Callable[[], object] = NOTHING) -> Any:
        op.permit(permission, office=office)
        row = Kit.row(name)
        meanwhile()
        op.record(Changed(what=name, row=str(row.pk)), office=office)
        return row

    clerk = Actor("officer", "clerk-1", "a", frozenset({"clerk"}))
    yield Kit(Changed, permission, declare(change), declare, clerk, Actor("system", "kit"))
    for registered, before in kept:
        registered.clear()
        registered.update(before)
