"""Which permissions an operation asks for and which events it may record, read from its source.

The functions that an operation calls inside its own room are followed too; what another room's moves do is not,
since moves ask nothing and record nothing.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from setara.ledger.service import Event, Permission


@dataclass(slots=True)
class Trace:
    """What was found on the way through an operation."""

    permissions: set[str] = field(default_factory=set)
    events: set[type[Event]] = field(default_factory=set)


def trace(operation: Callable[..., Any]) -> Trace:
    """The permissions (by name) and the event classes that ``operation`` mentions, with its room's helpers."""
    found, seen = Trace(), set[Any]()
    first = inspect.unwrap(operation)
    room = ".".join(first.__module__.split(".")[:2]) + "."
    todo: list[Any] = [first]
    while todo:
        thing = todo.pop()
        if thing in seen:
            continue
        seen.add(thing)
        for value in _mentioned(thing):
            if isinstance(value, Permission):
                found.permissions.add(value.name)
            elif isinstance(value, type) and issubclass(value, Event):
                found.events.add(value)
            elif _own(value, room):
                todo.append(value)
    found.events.discard(Event)
    return found


def _own(value: Any, room: str) -> bool:
    """Whether ``value`` is a function or class of the room, to be followed."""
    # Another operation is no helper: the contract forbids to call one inside another.
    follows = isinstance(value, FunctionType | type) and not hasattr(value, "__wrapped__")
    return follows and f"{value.__module__}.".startswith(room)


def _flat(value: Any) -> Iterator[Any]:
    """``value`` itself, or what is in it where it is a table or a list."""
    if isinstance(value, dict | list | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _flat(each)
    else:
        yield value


@cache
def _mentioned(thing: Any) -> tuple[Any, ...]:
    """The global values that the source of a function or class names, annotations left out."""
    return tuple(one for value in _values(thing) for one in _flat(value))


def _values(thing: Any) -> Iterator[Any]:
    if isinstance(thing, type) and hasattr(thing, "_meta"):
        return  # a model: state, which records nothing
    try:
        source = textwrap.dedent(inspect.getsource(thing))
    except (OSError, TypeError):
        return
    names = vars(inspect.getmodule(thing) or ModuleType("nothing"))
    for node in _code(ast.parse(source).body[0]):
        if isinstance(node, ast.Name) and node.id in names:
            yield names[node.id]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            base = names.get(node.value.id)
            if isinstance(base, ModuleType) and hasattr(base, node.attr):
                yield getattr(base, node.attr)


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes below ``node`` but those of annotations and decorators: a type named there is not used."""
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child
                yield from _code(child)
