"""The office's own recordings of a call, for screens whose browser has no Indonesian voice.

A recording for each word of a call, in ``SETARA_VOICE_DIR``/<language>: ``nomor``, ``loket``, the letters of the
lanes and the digits, as .mp3, .ogg or .wav. They are made when the office is set up (``python -m
setara.site.voice``) or spoken by somebody of the office; none come with the program (docs/adr/0009).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.conf import settings

LANGUAGES: Final = ("id", "en")
#: What every office needs; letters are those of its lanes.
ALWAYS: Final = ("nomor", "loket", *"0123456789")
NAMES: Final = frozenset({*ALWAYS, *"abcdefghijklmnopqrstuvwxyz"})
KINDS: Final = {".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".wav": "audio/wav"}


def clips(label: str, counter: int) -> str:
    """The recordings of a call, in their order: ``A-017`` at counter 3 -> ``nomor a 0 1 7 loket 3``."""
    number = [sign.lower() for sign in label if sign.isalnum()]
    return " ".join(["nomor", *number, "loket", *str(counter)])


def recording(lang: str, name: str) -> Path | None:
    """The file of one word; None when there is none, or no such word."""
    if lang not in LANGUAGES or name not in NAMES:
        return None
    folder = Path(settings.SETARA_VOICE_DIR) / lang
    return next((file for kind in KINDS if (file := folder / f"{name}{kind}").is_file()), None)


def complete(lang: str) -> bool:
    """Whether the words that every call needs are all there."""
    return all(recording(lang, name) is not None for name in ALWAYS)
