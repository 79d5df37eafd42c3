"""An event log as every detector gets it: one row an activity instance, under known names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

if TYPE_CHECKING:
    from setara.science.events.cases import Cases

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

    ``frame``: one row an activity instance, in the order of the source; columns are the roles that the source has
    (names of ``ROLES``; moments of type ``MOMENT``, all else text), ``day`` (``pl.Date``, the local date of the
    call, else of the start, else of the completion, in the row's own offset), where any offset is stated
    ``offset`` (minutes east of UTC, ``pl.Int16``), and the attributes under their own names (numbers, text or
    moments; one that is called like a role but was not taken for it is called ``source:NAME``). Never null are
    ``case``, ``activity`` and ``time``.
    ``columns``: role -> column of the source; ``guessed`` are the roles nobody named.
    ``case_attributes`` never change within a case (though not every row may state them), ``event_attributes`` do.
    ``notes`` says what was ignored or counted out while reading, a sentence each.
    """

    frame: pl.DataFrame
    columns: Mapping[str, str]
    name: str = ""
    guessed: frozenset[str] = frozenset()
    case_attributes: tuple[str, ...] = ()
    event_attributes: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @cached_property
    def cases(self) -> Cases:
        """Which rows belong to which case, in order of time; found once."""
        from setara.science.events.cases import index

        return index(self.frame["case"], self.frame["time"])

    def codes(self, role: str) -> tuple[NDArray[np.uint32], list[str]]:
        """A text column as numbers with what they mean, in order of the alphabet; nothing is the last number.
        Found once a column."""
        known: dict[str, tuple[NDArray[np.uint32], list[str]]] = self.__dict__.setdefault("numbers", {})
        if role not in known:
            from setara.science.events.numbering import numbered

            known[role] = numbered(self.frame[role])
        return known[role]

    def attribute(self, name: str) -> str | None:
        """The column of an attribute named with or without the prefix ``case:``; None: there is none."""
        for one in (name, f"case:{name}", name.removeprefix("case:"), f"source:{name}"):
            if one in self.case_attributes or one in self.event_attributes:
                return one
        return None

    def has(self, *roles: str) -> bool:
        """Whether the source has a column for each of these roles."""
        return all(role in self.frame.columns for role in roles)

    def without(self, *roles: str) -> Log:
        """The same log as if these columns had never been kept."""
        kept = {role: name for role, name in self.columns.items() if role not in roles}
        return replace(self, frame=self.frame.drop(roles, strict=False), columns=kept)
