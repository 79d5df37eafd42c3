"""Survey instruments as versioned data: wording, scale, labels, element codes, limits of the grades.

An instrument is one TOML file, in ``data/`` beside this module or an office's own. Elements are keyed by code and
never by position: the regulation lists complaints eighth and facilities ninth, the standard form of the same
regulation the other way round, so that a position says nothing. What the sources disagree about is data here and
can be changed in a file of one's own; ``docs/how-to/yearly-skm.md`` shows how.
"""

from __future__ import annotations

import functools
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from setara.kernel.errors import SetaraError

Language = Literal["id", "en"]


class BadInput(SetaraError):  # noqa: N818 - a refusal, like the others of the kernel
    """A file or an option that cannot be used; the text names the place and says what to do. Exit code 2."""

    code = "bad_input"
    status = 400


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Element(_Data):
    """One question. A score is the number of its label, worst first, counted from the scale's lower end."""

    code: str = Field(pattern=r"^[A-Z]{0,3}[0-9]{1,3}$")
    name_id: str
    name_en: str
    question_id: str
    question_en: str
    labels_id: tuple[str, ...] = ()
    labels_en: tuple[str, ...] = ()
    #: Words by which a column's heading is known when it has no code; small letters.
    aliases: tuple[str, ...] = ()
    #: The item's number on the standard form, where that differs from the code.
    form_item: int | None = None
    #: SERVQUAL: one of the instrument's dimensions.
    dimension: str | None = None
    #: Reported beside the figures, part of none of them.
    apart: bool = False
    #: What a reader of the figure must know.
    note_id: str = ""
    note_en: str = ""

    def name(self, lang: Language) -> str:
        """The short name."""
        return self.name_en if lang == "en" else self.name_id

    def question(self, lang: Language) -> str:
        """The wording."""
        return self.question_en if lang == "en" else self.question_id

    def note(self, lang: Language) -> str:
        """The note, or nothing."""
        return self.note_en if lang == "en" else self.note_id


class Grade(_Data):
    """One grade: the lowest printed value that gets it, on the converted scale and on the index's own."""

    grade: str
    low: float
    low_index: float
    name_id: str
    name_en: str

    def name(self, lang: Language) -> str:
        """The performance in words."""
        return self.name_en if lang == "en" else self.name_id


class Dimension(_Data):
    """One of SERVQUAL's dimensions."""

    code: str
    name_id: str
    name_en: str

    def name(self, lang: Language) -> str:
        """The dimension's name."""
        return self.name_en if lang == "en" else self.name_id


class Instrument(_Data):
    """A survey instrument. ``index``: one score an element; ``pairs``: expectation and perception of each item.

    ``low``/``high``: the scale of one answer. The index is the mean of the elements' means, on that scale; what is
    published (``ikm``) is the index times ``factor``: 25 for the SKM, 1/1.5 for the six stars of SPKP and SPAK.
    """

    code: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    version: int = Field(ge=1)
    kind: Literal["index", "pairs"] = "index"
    name_id: str
    name_en: str
    source: str
    low: int
    high: int
    multiply: float = 1.0
    divide: float = 1.0
    grades: tuple[Grade, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    elements: tuple[Element, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Instrument:
        codes = [one.code for one in self.elements]
        if twice := {code for code in codes if codes.count(code) > 1}:
            raise ValueError(f"element {min(twice)} is there twice")
        if self.high <= self.low:
            raise ValueError("high must lie above low")
        points = self.high - self.low + 1
        known = {one.code for one in self.dimensions}
        for one in self.elements:
            for labels in (one.labels_id, one.labels_en):
                if labels and len(labels) != points:
                    raise ValueError(f"element {one.code} has {len(labels)} labels for {points} points")
            if self.kind == "pairs" and one.dimension not in known:
                raise ValueError(
                    f"element {one.code} needs one of the dimensions: {', '.join(sorted(known))}"
                )
        return self

    @property
    def factor(self) -> float:
        """What the index is multiplied by to be published."""
        return self.multiply / self.divide

    @property
    def counted(self) -> tuple[Element, ...]:
        """The elements that make the figures."""
        return tuple(one for one in self.elements if not one.apart)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that an answer file must have: element codes; of pairs ``E1`` .. and then ``P1`` .."""
        codes = [one.code for one in self.counted]
        if self.kind == "index":
            return tuple(codes)
        return tuple(f"{side}{code}" for side in "EP" for code in codes)

    @property
    def optional(self) -> tuple[str, ...]:
        """The columns that are read where they are: what is reported apart."""
        codes = [one.code for one in self.elements if one.apart]
        return tuple(codes if self.kind == "index" else (f"{side}{code}" for side in "EP" for code in codes))

    def element(self, code: str) -> Element:
        """The element of a column code (``U4``; ``E4`` and ``P4`` are both item ``4``). Raises KeyError."""
        wanted = code[1:] if self.kind == "pairs" and code[:1] in "EP" else code
        for one in self.elements:
            if one.code == wanted:
                return one
        raise KeyError(code)

    def name(self, lang: Language) -> str:
        """The instrument's name."""
        return self.name_en if lang == "en" else self.name_id


def names() -> list[str]:
    """The codes of the instruments that come with the package."""
    folder = files("setara.science.satisfaction") / "data"
    return sorted(one.name[:-5] for one in folder.iterdir() if one.name.endswith(".toml"))


def load(name_or_path: str | Path) -> Instrument:
    """The instrument of that code, or of an office's own ``FILE.toml``.

    Raises :class:`BadInput` when there is none or the file is not an instrument; the text says what is wrong.
    """
    text = str(name_or_path)
    if text.endswith(".toml"):
        path = Path(text)
        try:
            return _parsed(path.read_text("utf-8-sig"), text)
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"The instrument {text} cannot be read: {error}") from error
    if text not in names():
        raise BadInput(f"There is no instrument {text!r}. Known: {', '.join(names())}; or name a FILE.toml.")
    return _packaged(text)


@functools.cache
def _packaged(code: str) -> Instrument:
    source = files("setara.science.satisfaction") / "data" / f"{code}.toml"
    return _parsed(source.read_text("utf-8"), code)


def _parsed(text: str, name: str) -> Instrument:
    try:
        return Instrument.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"The instrument {name} is not TOML: {error}") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'file'}: {one['msg']}" for one in error.errors()[:5]
        )
        raise BadInput(f"The instrument {name} is not complete: {faults}") from error
