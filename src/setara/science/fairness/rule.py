"""Which order of calling a log is held against: ``fcfs``, ``priority:LANE[,max-in-a-row=N]``, ``pack:NAME``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["fcfs", "priority", "pack"]


@dataclass(frozen=True, slots=True)
class OrderRule:
    """The rule of calling.

    ``fcfs``: inside each lane whoever joined first. ``priority``: people of ``lane`` before everybody else,
    each of the two lines by the moment of joining; with ``max_in_a_row`` one of the others is due after so
    many of the lane, as long as others wait. ``pack``: the queue rule of the service pack ``pack``
    (:func:`setara.rules.queue.next_ticket`).
    """

    kind: Kind = "fcfs"
    lane: str = ""
    max_in_a_row: int | None = None
    pack: str = ""

    def __str__(self) -> str:
        if self.kind == "priority":
            most = "" if self.max_in_a_row is None else f",max-in-a-row={self.max_in_a_row}"
            return f"priority:{self.lane}{most}"
        return f"pack:{self.pack}" if self.kind == "pack" else "fcfs"

    @property
    def words(self) -> str:
        """The rule in one clause."""
        if self.kind == "priority":
            most = f", at most {self.max_in_a_row} in a row" if self.max_in_a_row else ""
            return f"lane {self.lane} first{most}, otherwise in the order of joining"
        if self.kind == "pack":
            return f"the queue rule of the service pack {self.pack}"
        return "first come, first served inside each lane"


def parse(text: str) -> OrderRule:
    """The rule that ``text`` names. ValueError says how it is written."""
    if text == "fcfs":
        return OrderRule()
    kind, _, rest = text.partition(":")
    if kind == "pack" and rest:
        return OrderRule("pack", pack=rest)
    if kind == "priority":
        found = re.fullmatch(r"([^,]+)(?:,max-in-a-row=(\d+))?", rest)
        if found and found[2] != "0":
            return OrderRule("priority", lane=found[1], max_in_a_row=int(found[2]) if found[2] else None)
    raise ValueError(
        f"{text!r} is no rule of calling. Write fcfs, priority:LANE, priority:LANE,max-in-a-row=N (N at least 1) "
        "or pack:NAME."
    )
