"""What a published table is judged to be: its traps, and its figures as they should be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from setara.kernel.words import Words
from setara.science.satisfaction.instruments import Grade, Instrument
from setara.science.satisfaction.published import Published
from setara.science.satisfaction.rounding import graded


@dataclass(frozen=True, slots=True)
class Trap:
    """One trap: its ``code``, what the table has, what it should have, and the sentence that explains it."""

    code: str
    found: Any
    should_be: Any
    where: Words
    text: Words


@dataclass(slots=True)
class Verdict:
    """All traps of one table and its figures as they should be.

    ``index`` and ``ikm`` are computed from the printed NRR, ``margin`` is how far the rounding of these may carry the
    ``ikm``; None where the NRR are not all printed.
    """

    instrument: Instrument
    table: Published
    traps: list[Trap] = field(default_factory=list)
    notes: list[Words] = field(default_factory=list)
    index: float | None = None
    ikm: float | None = None
    margin: float = 0.0

    @property
    def grade(self) -> Grade | None:
        """The grade that the table should have: of the IKM as it should be, or as it is printed."""
        value = self.best
        return None if value is None else graded(value, self.instrument.grades)

    @property
    def best(self) -> float | None:
        """The printed IKM where it is within rounding of the recomputed one, which it then states more "
        "exactly."""
        printed = self.table.ikm
        if self.ikm is None:
            return printed.value if printed else None
        if printed and not self.wrong and abs(printed.value - self.ikm) <= self.margin + printed.half:
            return printed.value
        return self.ikm

    @property
    def wrong(self) -> bool:
        """Whether a trap touches the value of the index."""
        return any(one.code in {"weight", "rounding", "ikm", "index", "sum", "scale"} for one in self.traps)


def as_dict(verdict: Verdict) -> dict[str, Any]:
    """The verdict for JSON; texts in English, and in Indonesian under the keys that end in ``_id``."""
    table = verdict.table
    grade = verdict.grade
    traps = [
        {
            "code": one.code,
            "found": one.found,
            "should_be": one.should_be,
            "where": one.where.en,
            "where_id": one.where.id,
            "text": one.text.en,
            "text_id": one.text.id,
        }
        for one in verdict.traps
    ]
    return {
        "instrument": {"code": verdict.instrument.code, "version": verdict.instrument.version},
        "traps": traps,
        "printed": {
            "index": table.index.value if table.index else None,
            "ikm": table.ikm.value if table.ikm else None,
            "grade": table.grade,
        },
        "recomputed": {
            "index": verdict.index,
            "ikm": verdict.ikm,
            "margin": verdict.margin if verdict.ikm is not None else None,
            "grade": grade.grade if grade else None,
        },
        "notes": [one.en for one in verdict.notes],
        "notes_id": [one.id for one in verdict.notes],
    }
