"""Simulated documents: 1,200-pixel JPEGs that say that they are simulated, and their cleaning ahead of time.

Uploads are re-encoded for real, as in the office. Since cleaning is a pure function of the bytes, it runs in a
helper process while the play goes on; the upload operation then takes the cleaned document, as the upload
page does.
"""

from __future__ import annotations

import io
import random
import signal
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor

from PIL import Image, ImageDraw

from setara.applications.service import CleanDocument, clean

WIDTH, HEIGHT = 1200, 850
AHEAD = 24
KINDS = 6


def paper(seed: int, kind: int) -> bytes:
    """A JPEG that looks like a photographed form: paper colour, lines of text, some noise; marked SIMULASI."""
    rng = random.Random(f"paper/{seed}/{kind}")  # noqa: S311 - a drawing, not a secret
    shade = rng.randint(225, 245)
    image = Image.new("RGB", (WIDTH, HEIGHT), (shade, shade, shade - 8))
    draw = ImageDraw.Draw(image)
    for line in range(70, HEIGHT - 60, 26):
        x = 60
        while x < WIDTH - 120:
            length = rng.randint(18, 110)
            draw.rectangle((x, line, x + length, line + 9), fill=(70, 70, 82))
            x += length + rng.randint(8, 22)
    # A little noise, so that the file has the size of a photograph and not of a drawing.
    grain = Image.effect_noise((WIDTH // 2, HEIGHT // 2), 18).resize((WIDTH, HEIGHT))
    image = Image.blend(image, Image.merge("RGB", (grain, grain, grain)), 0.12)
    draw = ImageDraw.Draw(image)
    for y in range(120, HEIGHT, 240):
        draw.text((90, y), "SIMULASI - CONTOH - BUKAN DOKUMEN ASLI", fill=(170, 30, 40), font_size=44)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70, exif=_exif())
    return out.getvalue()


def _exif() -> Image.Exif:
    """A camera's note, so that its removal is real work."""
    exif = Image.Exif()
    exif[0x010F] = "Setara simulation"
    return exif


class Scanner:
    """Hands out cleaned documents, cleaning a few ahead in a process of its own. Use as a context manager."""

    def __init__(self, seed: int) -> None:
        self._raw = [paper(seed, kind) for kind in range(KINDS)]
        # Ctrl-C reaches every process of the command; this one is ended by the play, without a word of its own.
        self._pool = ProcessPoolExecutor(
            1, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)
        )
        self._ahead: deque[Future[CleanDocument]] = deque()
        self._next = 0

    def __enter__(self) -> Scanner:
        return self

    def __exit__(self, *_error: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def scan(self) -> CleanDocument:
        """The next cleaned document (waits when the cleaning is behind)."""
        while len(self._ahead) < AHEAD:
            raw = self._raw[self._next % KINDS]
            self._next += 1
            self._ahead.append(self._pool.submit(clean, raw, declared_name="berkas.jpg"))
        return self._ahead.popleft().result()
