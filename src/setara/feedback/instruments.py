"""Survey instruments: versioned data, read from the files beside this module."""

from __future__ import annotations

import functools
import tomllib
from importlib.resources import files

from django.utils import translation
from pydantic import BaseModel, ConfigDict, Field


class Element(BaseModel):
    """One question with its labels, worst first; a score is 1 for the first label."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    code: str
    question_id: str
    question_en: str
    labels_id: tuple[str, ...] = Field(min_length=2)
    labels_en: tuple[str, ...] = Field(min_length=2)

    @property
    def question(self) -> str:
        """The question in the reader's language."""
        return self.question_en if _english() else self.question_id

    @property
    def choices(self) -> list[tuple[int, str]]:
        """(score, label) in the reader's language."""
        return list(enumerate(self.labels_en if _english() else self.labels_id, start=1))


class Instrument(BaseModel):
    """A survey instrument: a code that answers keep, and its elements by code."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    code: str
    name_id: str
    name_en: str
    source: str
    elements: tuple[Element, ...]

    @property
    def name(self) -> str:
        """The instrument's name in the reader's language."""
        return self.name_en if _english() else self.name_id


@functools.cache
def instrument(code: str) -> Instrument:
    """The instrument `code`; FileNotFoundError when there is none."""
    return Instrument.model_validate(
        tomllib.loads((files("setara.feedback") / "data" / f"{code}.toml").read_text("utf-8"))
    )


def _english() -> bool:
    return (translation.get_language() or "id").startswith("en")
