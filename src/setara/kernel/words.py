"""Texts of the ground floor in both languages.

The kernel and the rules know no Django and no gettext, yet their sentences are read by people. A
:class:`Words` holds both languages and becomes text only when shown, in the language of whoever reads;
the site says which that is by :func:`speak`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar


def _indonesian() -> str:
    return "id"


_current: Callable[[], str] = _indonesian


def speak(language: Callable[[], str]) -> Callable[[], str]:
    """Take the language of each moment from ``language`` (a code such as ``id`` or ``en-gb``).

    Returns the function it replaces. Called once by the site when it starts.
    """
    global _current
    old, _current = _current, language
    return old


@dataclass(frozen=True, slots=True)
class Words:
    """One text in Indonesian and English; ``str()`` gives the language of the moment."""

    # Read by pydantic where words stand in a service pack: an unknown key there is an error.
    __pydantic_config__: ClassVar[Any] = {"extra": "forbid", "str_min_length": 1}

    id: str
    en: str

    def text(self, lang: str = "id") -> str:
        """The text in ``lang``; Indonesian for anything but English."""
        return self.en if lang.lower().startswith("en") else self.id

    def as_dict(self) -> dict[str, str]:
        """Plain data with both languages."""
        return {"id": self.id, "en": self.en}

    def __str__(self) -> str:
        return self.text(_current() or "id")
