"""Whether a text is in the language it should be in, by the house's own catalogue."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from setara.site.i18n import read_po

_PLACE = re.compile(r"%\(\w+\)[sd]|%s")
#: Words that Indonesian sentences are full of and English ones never hold.
SMALL_WORDS = set(
    re.findall(
        r"\w+",
        """yang dan atau tidak belum sudah untuk dengan pada dari dalam ini itu anda kantor harus bila dahulu lalu
        lagi sekali paling sedikit salah satu isi pilih periksa berkas nomor permohonan petugas hari kode""",
    )
)
#: The same the other way round.
ENGLISH_WORDS = set(
    re.findall(r"\w+", "the is are this that of please enter must not cannot choose and or with for")
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One Indonesian sentence of the catalogue whose English differs: its longest fixed part, and how it looks
    with its values filled in (None: it has none)."""

    msgid: str
    longest: str
    pattern: re.Pattern[str] | None

    def stands_in(self, text: str) -> bool:
        """Whether ``text`` holds the sentence."""
        return self.longest in text and (self.pattern is None or self.pattern.search(text) is not None)


@cache
def sentences() -> tuple[Sentence, ...]:
    """The sentences that tell the languages apart: more than one word, and more than a few letters."""
    found = []
    for message in read_po():
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        english = message.string if isinstance(message.string, tuple) else (message.string,)
        for ident, other in zip(ids, english, strict=False):
            if " " in ident.strip() and ident != other:
                parts = [part.replace("%%", "%") for part in _PLACE.split(" ".join(ident.split()))]
                if sum(map(len, parts)) >= 12:
                    pattern = re.compile(r".{0,80}?".join(map(re.escape, parts))) if len(parts) > 1 else None
                    found.append(Sentence(ident, max(parts, key=len), pattern))
    return tuple(found)


def indonesian_in(text: str) -> list[str]:
    """The Indonesian sentences of the catalogue that stand in ``text``."""
    return [one.msgid for one in sentences() if one.stands_in(text)]


def small_words_in(text: str) -> set[str]:
    """The small Indonesian words that stand in ``text``."""
    return set(re.findall(r"[a-z]+", text.lower())) & SMALL_WORDS


def check_pair(indonesian: str, english: str) -> None:
    """Assert that one message is said in both languages, and each in its own."""
    assert indonesian, "nothing is said in Indonesian"
    assert english, "nothing is said in English"
    assert indonesian != english, f"the same in both languages: {english}"
    left = small_words_in(english) | set(indonesian_in(english))
    assert not left, f"Indonesian in the English message {english!r}: {left}"
    assert not ENGLISH_WORDS & set(re.findall(r"[a-z]+", indonesian.lower())), f"not Indonesian: {indonesian}"
