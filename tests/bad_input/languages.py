"""Whether a text is in the language it should be in, by the house's own catalogue."""

from __future__ import annotations

import re
from functools import cache

from setara.site.i18n import read_po

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


@cache
def sentences() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Every Indonesian sentence of the catalogue whose English differs, with places for its values."""
    found = []
    for message in read_po():
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        english = message.string if isinstance(message.string, tuple) else (message.string,)
        for ident, other in zip(ids, english, strict=False):
            fixed = re.sub(r"%\(\w+\)s|%\(\w+\)d|%s|%%", "", ident)
            if len(fixed) >= 12 and " " in ident.strip() and ident != other:
                found.append((ident, _pattern(ident)))
    return tuple(found)


def _pattern(ident: str) -> re.Pattern[str]:
    parts = re.split(r"%\(\w+\)[sd]|%s", " ".join(ident.split()))
    return re.compile(r".{0,80}?".join(re.escape(part.replace("%%", "%")) for part in parts))


def indonesian_in(text: str) -> list[str]:
    """The Indonesian sentences of the catalogue that stand in ``text``."""
    return [ident for ident, pattern in sentences() if pattern.search(text)]


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
