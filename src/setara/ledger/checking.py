"""Checking a stretch of an office's events: no number missing, and every leaf fits its hash."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from setara.ledger import models
from setara.ledger.storage import leaf_hash, leaf_of

#: Faults are named one by one up to here; more are only counted.
NAMED = 20


@dataclass(slots=True)
class Checked:
    """What a check of consecutive events found. ``first`` and ``last`` are None when there were none."""

    first: int | None = None
    last: int | None = None
    events: int = 0
    gaps: list[tuple[int, int]] = field(default_factory=list)
    altered: list[int] = field(default_factory=list)
    faults: int = 0

    @property
    def sound(self) -> bool:
        """Nothing was wrong."""
        return self.faults == 0

    def see(self, row: models.Event) -> None:
        """Take the next event, in order of sequence."""
        if self.last is not None and row.seq != self.last + 1:
            self.faults += 1
            if len(self.gaps) < NAMED:
                self.gaps.append((self.last + 1, row.seq - 1))
        if not fits(row):
            self.faults += 1
            if len(self.altered) < NAMED:
                self.altered.append(row.seq)
        self.first = row.seq if self.first is None else self.first
        self.last = row.seq
        self.events += 1


def fits(row: models.Event) -> bool:
    """Whether the leaf of a stored event, computed again from its columns, fits the hash stored with it."""
    return leaf_hash(leaf_of(row)) == bytes(row.leaf_hash)


def check(rows: Iterable[models.Event]) -> Checked:
    """Check consecutive events of one office, given in order of their sequence."""
    found = Checked()
    for row in rows:
        found.see(row)
    return found
