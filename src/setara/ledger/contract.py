"""The one way to change state.

    @operation
    def check_in(op: Op, appointment: Appointment, *, how: str) -> Visit: ...

    visit = check_in(By(actor, key="..."), appointment, how="qr")

Inside one transaction the operation asks for a permission (`op.permit`), changes state, and names exactly
one registered event (`op.record`), which is written last so that the office's sequence is locked for the
shortest time. An operation that asked for no permission or named no event is a programming error and
leaves nothing behind. No remote call belongs inside.

A caller that may retry gives an idempotency key: the second run with the same key, actor and operation
returns what the first returned (read again from the database) and changes nothing, also when the two
overlap.
"""

from __future__ import annotations

import functools
import hashlib
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from psycopg import errors as pg

from setara.kernel import clock
from setara.kernel.errors import SetaraError
from setara.ledger import actors, storage
from setara.ledger.actors import Actor, Permission
from setara.ledger.registry import Event

P = ParamSpec("P")
R = TypeVar("R", bound="models.Model | None")

_running: ContextVar[str | None] = ContextVar("setara_operation", default=None)
_operations: dict[str, Callable[..., Any]] = {}


@dataclass(frozen=True, slots=True)
class By:
    """Who asks, why (where it overrides anything), and the key under which a retry is recognised."""

    actor: Actor
    reason: str | None = None
    key: str | None = None


class Op:
    """What an operation holds while it runs: the actor, the moment, and its one event."""

    __slots__ = ("_event", "_permitted", "actor", "name", "now", "reason")

    def __init__(self, name: str, by: By) -> None:
        self.name = name
        self.actor = by.actor
        self.reason = by.reason
        self.now: datetime = clock.now()
        self._permitted = False
        self._event: storage.Draft | None = None

    def permit(
        self,
        wanted: Permission,
        *,
        office: str | None,
        application: uuid.UUID | str | None = None,
        step: str | None = None,
    ) -> None:
        """Check the policy; raises :class:`setara.kernel.errors.Forbidden`."""
        actors.require(
            wanted,
            self.actor,
            office=office,
            application=None if application is None else str(application),
            step=step,
        )
        self._permitted = True

    def record(
        self,
        event: Event,
        *,
        office: str,
        application: uuid.UUID | None = None,
        ticket: uuid.UUID | None = None,
    ) -> None:
        """Name the operation's one event; it is written when the operation returns."""
        if self._event is not None:
            raise RuntimeError(f"{self.name} names a second event")
        self._event = storage.Draft(event, office, application, ticket)

    def finish(self, key: bytes | None, result: str) -> None:
        """Write the event (called by the contract, not by operations)."""
        if not self._permitted:
            raise RuntimeError(f"{self.name} asked for no permission")
        if self._event is None:
            raise RuntimeError(f"{self.name} recorded no event")
        storage.append(
            self._event,
            actor=self.actor,
            reason=self.reason,
            occurred_at=self.now,
            operation=self.name,
            key=key,
            result=result,
        )


def operation(function: Callable[Concatenate[Op, P], R]) -> Callable[Concatenate[By, P], R]:
    """Make ``function`` an operation (see the module). It returns a saved model instance or None."""
    room = function.__module__.split(".")[1]
    name = f"{room}.{function.__name__}"
    if name in _operations:
        raise ValueError(f"operation {name} is declared twice")

    @functools.wraps(function)
    def run(by: By, *args: P.args, **kwargs: P.kwargs) -> R:
        if _running.get() is not None:
            raise RuntimeError(f"{name} called inside {_running.get()}: one operation, one event")
        key = None if by.key is None else _key(name, by)
        token = _running.set(name)
        try:
            return _attempt(function, name, by, key, args, kwargs)
        except (SetaraError, IntegrityError):
            # Retries are rare, so nobody looks first: a second run either meets a rule (the thing is done
            # already) or, at the latest, the unique key of its event. Both undo it; then we look.
            if key is not None and (earlier := storage.by_key(key)) is not None:
                return cast(R, _again(earlier))
            raise
        finally:
            _running.reset(token)

    _operations[name] = run
    return cast("Callable[Concatenate[By, P], R]", run)


def _attempt(function: Callable[..., R], name: str, by: By, key: bytes | None, args: Any, kwargs: Any) -> R:
    """Run once in a transaction; once more after a deadlock or serialisation failure, which undid all."""
    for last in (False, True):
        try:
            with transaction.atomic():
                op = Op(name, by)
                result = function(op, *args, **kwargs)
                op.finish(key, _label(result))
        except DatabaseError as error:
            retryable = isinstance(error.__cause__, (pg.DeadlockDetected, pg.SerializationFailure))
            if last or not retryable or connection.in_atomic_block:
                raise
        else:
            return result
    raise AssertionError("unreachable")


def already(function: Callable[..., R], by: By) -> R | None:
    """What the operation ``function`` returned to this actor under this key; None when it has not run.

    For a form whose own checks (a name that is taken) would refuse the second copy of what the first one did.
    """
    room = function.__module__.split(".")[1]
    earlier = None if by.key is None else storage.by_key(_key(f"{room}.{function.__name__}", by))
    return None if earlier is None else cast(R, _again(earlier))


def operations() -> dict[str, Callable[..., Any]]:
    """Every declared operation by name (room.function)."""
    return dict(sorted(_operations.items()))


def in_operation() -> bool:
    """True while an operation runs in this context."""
    return _running.get() is not None


def _key(name: str, by: By) -> bytes:
    text = "\0".join((name, by.actor.kind, by.actor.id, by.key or ""))
    return hashlib.sha256(text.encode()).digest()


def _label(result: models.Model | None) -> str:
    return "" if result is None else f"{result._meta.label}:{result.pk}"


def _again(label: str) -> models.Model | None:
    if not label:
        return None
    model, _, pk = label.partition(":")
    found: models.Model = apps.get_model(model)._default_manager.get(pk=pk)
    return found
