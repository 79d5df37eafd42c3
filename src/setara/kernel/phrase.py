"""Sentences that know their language only when they are read.

Modules without Django write ``_("Berkas lebih besar dari %(limit)s MB.", limit=10)`` with
``from setara.kernel.phrase import phrase as _``: the tools that collect msgids find it, the sentence is
Indonesian as long as nobody has installed a translator, and the site installs gettext's.
"""

from __future__ import annotations

from collections.abc import Callable

Translator = Callable[[str], str]

_translate: Translator = str


def install(translate: Translator) -> Translator:
    """Make ``translate`` (msgid to text in the reader's language) the process's; return the old one."""
    global _translate
    old, _translate = _translate, translate
    return old


class Phrase:
    """A msgid and its values; ``str()`` translates, then fills in the values."""

    __slots__ = ("msgid", "values")

    def __init__(self, msgid: str, values: dict[str, object]) -> None:
        self.msgid = msgid
        self.values = values

    def __str__(self) -> str:
        text = _translate(self.msgid)
        return text % self.values if self.values else text

    def __repr__(self) -> str:
        return f"Phrase({self.msgid!r}, {self.values!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Phrase) and (self.msgid, self.values) == (other.msgid, other.values)

    def __hash__(self) -> int:
        return hash(self.msgid)


def phrase(msgid: str, **values: object) -> Phrase:
    """The sentence ``msgid`` (Indonesian, ``%(name)s`` places) with its values, translated when shown."""
    return Phrase(msgid, values)
