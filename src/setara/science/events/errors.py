"""What is said when a log cannot be read: where it happened and what can be done. Never a traceback."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from setara.kernel.errors import SetaraError


class LogError(SetaraError):
    """The file cannot be read as an event log: ``message`` says what and where, ``remedy`` what to do.

    ``line`` is the line of the file (or the row of a table) where it happened, counted from 1; None where
    there is no such place.
    """

    code = "log"
    status: ClassVar[int] = 400

    def __init__(self, message: str, remedy: str = "", *, line: int | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.line = line

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class LogUseError(LogError):
    """The file may be good, but more must be said to read it: a column, an object type. Exit status 2.

    ``choices`` lists what can be named: the columns of the file, or its object types.
    """

    code = "log_use"

    def __init__(self, message: str, remedy: str = "", *, choices: Iterable[str] = ()) -> None:
        super().__init__(message, remedy)
        self.choices = tuple(choices)
