"""What a detector says: one kind of answer for all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

Decision = Literal["clear", "attention", "not computable"]


@dataclass(frozen=True)
class Finding:
    """The answer of one detector about one log.

    ``effect`` with ``interval`` (95 %) is in ``unit``; ``q_value`` or ``e_value`` says how sure a statistical
    detector is, exact ones have neither. ``evidence`` has a row for each thing found, with at least ``case``,
    ``activity``, ``time``, ``resource`` and ``depth`` where they apply; ``explained`` lists the innocent
    explanations that were checked, each with how many rows it took away. ``why_not`` is said where
    ``decision`` is "not computable".
    """

    id: str
    name: str
    decision: Decision
    why_not: str = ""
    effect: float | None = None
    unit: str = ""
    interval: tuple[float, float] | None = None
    q_value: float | None = None
    e_value: float | None = None
    evidence: pl.DataFrame = field(default_factory=pl.DataFrame)
    explained: tuple[tuple[str, int], ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def computable(self) -> bool:
        """Whether the log has what this detector needs."""
        return self.decision != "not computable"

    @property
    def evidence_total(self) -> int:
        """How many rows of evidence there are; a report may print fewer."""
        return self.evidence.height


def not_computable(id_: str, name: str, why: str) -> Finding:
    """The answer where the log lacks something; ``why`` says what."""
    return Finding(id_, name, "not computable", why_not=why)
