"""Conditions as data: when a question is shown, a document needed, a fee due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict, model_validator

#: What a person may answer: an option's code, yes or no, a date.
Answer = str | bool | date
Answers = Mapping[str, Answer]


class Part(BaseModel):
    """Base of everything in a pack: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Condition(Part):
    """Exactly one form: ``answer`` with ``equals`` or ``one_of``; ``all_of``; ``any_of``; ``none_of``.

    A question that was not answered satisfies neither ``equals`` nor ``one_of``.
    """

    answer: str | None = None
    equals: bool | str | None = None
    one_of: tuple[str, ...] = ()
    all_of: tuple[Condition, ...] = ()
    any_of: tuple[Condition, ...] = ()
    none_of: tuple[Condition, ...] = ()

    @model_validator(mode="after")
    def _one_form(self) -> Condition:
        tests = [self.equals is not None, bool(self.one_of)]
        groups = [bool(self.all_of), bool(self.any_of), bool(self.none_of)]
        form, other = (groups, tests) if self.answer is None else (tests, groups)
        if sum(form) != 1 or any(other):
            raise ValueError("a condition is one test of an answer or one group of conditions")
        return self

    def holds(self, answers: Answers) -> bool:
        """Whether the condition is true for these answers."""
        if self.all_of:
            return all(part.holds(answers) for part in self.all_of)
        if self.any_of:
            return any(part.holds(answers) for part in self.any_of)
        if self.none_of:
            return not any(part.holds(answers) for part in self.none_of)
        given = answers.get(self.answer or "")
        if given is None:
            return False
        return given in self.one_of if self.one_of else given == self.equals

    def tests(self) -> Iterator[tuple[str, tuple[bool | str, ...]]]:
        """Every question that is asked about, with the answers it is compared to; for checking packs."""
        if self.answer is not None:
            yield self.answer, self.one_of or ((self.equals,) if self.equals is not None else ())
        for part in (*self.all_of, *self.any_of, *self.none_of):
            yield from part.tests()


def met(when: Condition | None, answers: Answers) -> bool:
    """Whether ``when`` holds; no condition always holds."""
    return when is None or when.holds(answers)
