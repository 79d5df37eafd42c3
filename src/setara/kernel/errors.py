"""Errors that explain themselves: which rule, and what can be done now.

Messages are Indonesian sentences for the person in front of the screen. They may be lazy translation
objects; they are turned into text only when shown, so that the language of the reader decides.
"""

# ruff: noqa: N818 - a refusal by a rule is an answer, not an error

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from setara.kernel.words import Words

#: Text, or an object that becomes text with ``str()`` (a lazy translation).
Text = str | Any

_CORRECT = Words(id="Ada isian yang perlu diperbaiki.", en="Please correct the answers that are marked.")
_THEN_SEND = Words(
    id="Perbaiki isian yang ditandai, lalu kirim lagi.", en="Correct what is marked, then send again."
)


class SetaraError(Exception):
    """Base of everything the office refuses or cannot do.

    ``code`` is stable and for programs; ``message`` says what happened, ``rule`` which rule says so,
    ``remedy`` what can be done now, ``field`` which field of a form is meant. ``status`` is the HTTP
    status that fits.
    """

    code: str = "error"
    status: ClassVar[int] = 500

    def __init__(
        self,
        message: Text,
        *,
        code: str | None = None,
        rule: Text = "",
        remedy: Text = "",
        field: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message: Text = message
        self.rule: Text = rule
        self.remedy: Text = remedy
        self.field = field
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return str(self.message)

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape of the error; texts are rendered in the active language."""
        shape: dict[str, Any] = {
            "code": self.code,
            "message": str(self.message),
            "rule": str(self.rule),
            "remedy": str(self.remedy),
        }
        if self.field is not None:
            shape["field"] = self.field
        return shape


class Refused(SetaraError):
    """A rule of the service says no."""

    code = "refused"
    status = 422


class Forbidden(SetaraError):
    """This actor may not do this (policy)."""

    code = "forbidden"
    status = 403


class NotFound(SetaraError):
    """There is no such thing, or not for this actor; the two are not told apart."""

    code = "not_found"
    status = 404


class Conflict(SetaraError):
    """The state changed meanwhile; look again and repeat if still wanted."""

    code = "conflict"
    status = 409


class Invalid(SetaraError):
    """What was typed cannot be used; one message for each field."""

    code = "invalid"
    status = 400

    def __init__(
        self,
        errors: Mapping[str, Text],
        *,
        message: Text = _CORRECT,
        code: str | None = None,
        rule: Text = "",
        remedy: Text = _THEN_SEND,
    ) -> None:
        if not errors:
            raise ValueError("Invalid without a field says nothing; use Refused")
        self.errors: dict[str, Text] = dict(errors)
        field = next(iter(self.errors)) if len(self.errors) == 1 else None
        super().__init__(message, code=code, rule=rule, remedy=remedy, field=field)

    def as_dict(self) -> dict[str, Any]:
        """The shape of the base, with ``errors`` per field."""
        return super().as_dict() | {"errors": {name: str(text) for name, text in self.errors.items()}}


class Unavailable(SetaraError):
    """A system outside the office does not answer; the office works on without it where it can."""

    code = "unavailable"
    status = 503
