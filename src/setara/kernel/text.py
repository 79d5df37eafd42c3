"""What may stand in one line of text that a person typed."""

from __future__ import annotations

import unicodedata

from setara.kernel.errors import Invalid
from setara.kernel.words import Words

_UNSEEN = Words(
    id="Isian ini memuat tanda yang tidak terlihat. Hapus isinya, lalu ketik ulang.",
    en="There are characters in here that cannot be seen. Clear the field and type it again.",
)


def one_line(text: str, *, field: str) -> str:
    """``text`` unchanged; :class:`~setara.kernel.errors.Invalid` if it holds control characters or half ones.

    Such characters come from scanners and faulty programs, change what a screen or a printer shows, and are never
    part of a name or an address.
    """
    if any(unicodedata.category(symbol) in {"Cc", "Cs"} for symbol in text):
        raise Invalid({field: _UNSEEN})
    return text
