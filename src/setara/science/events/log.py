"""An event log as every detector gets it: one row an activity instance, under known names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl

#: What a column can mean. ``time`` is the completion; ``call`` the moment of calling.
ROLES: Final = (
    "case",
    "activity",
    "time",
    "start",
    "call",
    "enqueue",
    "absent",
    "resource",
    "counter",
    "lane",
    "window",
    "reason",
    "proof",
    "office",
)
MOMENTS: Final = ("time", "start", "call", "enqueue", "absent", "window")
#: All moments are held in UTC to the microsecond; the local date stands beside, in the column ``day``.
MOMENT: Final = pl.Datetime("us", "UTC")


@dataclass(frozen=True)
class Log:
    """A log that was read.

    ``frame``: one row an activity instance; columns are the roles that the source has (names of ``ROLES``;
    moments of type ``MOMENT``, all else text), ``day`` (``pl.Date``, the local date of the row in the log's
    own offset) and the attributes under their own names. ``columns``: role -> column of the source;
    ``guessed`` are the roles nobody named. ``case_attributes`` are constant within each case,
    ``event_attributes`` are not.
    ``notes`` says what was ignored or counted out while reading, a sentence each.
    """

    frame: pl.DataFrame
    columns: Mapping[str, str]
    name: str = ""
    guessed: frozenset[str] = frozenset()
    case_attributes: tuple[str, ...] = ()
    event_attributes: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def has(self, *roles: str) -> bool:
        """Whether the source has a column for each of these roles."""
        return all(role in self.frame.columns for role in roles)

    def without(self, *roles: str) -> Log:
        """The same log as if these columns had never been kept."""
        kept = {role: name for role, name in self.columns.items() if role not in roles}
        return replace(self, frame=self.frame.drop(roles, strict=False), columns=kept)
