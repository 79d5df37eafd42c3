"""Recorded words of a call, made when an office is set up: ``python -m setara.site.voice [--lang id] [FOLDER]``.

A free speech program that the machine has (``espeak-ng``, in Debian's packages) speaks each word into a file of its
own. The program is not part of Setara and neither are its recordings: they belong to the office, which may as well
record somebody's voice under the same names (docs/how-to/what-people-see.md). FOLDER: where the office looks for
them, ``SETARA_VOICE_DIR`` unless given.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from setara.site.places import home

PROGRAM: Final = "espeak-ng"
#: Words a minute: slower than speech, as an announcement is.
PACE: Final = "130"
_ID = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
_EN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
#: Name of a recording -> what is spoken; letters speak for themselves.
WORDS: Final = {
    "id": {"nomor": "nomor antrean", "loket": "silakan ke loket"}
    | {str(n): word for n, word in enumerate(_ID)},
    "en": {"nomor": "ticket number", "loket": "please go to counter"}
    | {str(n): word for n, word in enumerate(_EN)},
}
LETTERS: Final = "abcdefghjklmnprstuvwxyz"


def make(folder: Path, lang: str) -> list[Path]:
    """Speak every word of ``lang`` into ``folder``/<lang>; the files. CalledProcessError when the program fails."""
    place = folder / lang
    place.mkdir(parents=True, exist_ok=True)
    made = []
    for name, text in (WORDS[lang] | {letter: letter for letter in LETTERS}).items():
        file = place / f"{name}.wav"
        subprocess.run([PROGRAM, "-v", lang, "-s", PACE, "-w", str(file), text], check=True)
        made.append(file)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the recordings; 1 when there is no program to speak."""
    parser = argparse.ArgumentParser(prog="python -m setara.site.voice", description=__doc__)
    parser.add_argument("--lang", choices=sorted(WORDS), default="id", help="the language to speak")
    parser.add_argument("folder", nargs="?", type=Path, help="where they go (default: SETARA_VOICE_DIR)")
    wanted = parser.parse_args(arguments)
    if shutil.which(PROGRAM) is None:
        sys.stderr.write(
            f"{PROGRAM} is not installed. Install it (Debian: apt install {PROGRAM}), or record the words yourself; "
            "without recordings a call is marked by a chime.\n"
        )
        return 1
    made = make(wanted.folder or _folder(), wanted.lang)
    sys.stdout.write(f"{len(made)} recordings in {made[0].parent}\n")
    return 0


def _folder() -> Path:
    return Path(os.environ.get("SETARA_VOICE_DIR") or home() / "suara")


if __name__ == "__main__":
    sys.exit(main())
