"""Invented faces and fingerprints: drawn from a seed, plainly marked, resembling nobody."""

from __future__ import annotations

import functools
import hashlib
import io

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 480, 640
_SKIN = ("#f1d3b3", "#e3b98e", "#cf9c6c", "#b07d50", "#8a5c3a")
_HAIR = ("#1c1714", "#2b211c", "#3c2d24", "#5b5450")
_CLOTHES = ("#1f2f4a", "#3a2440", "#21423a", "#4a2626", "#2e2e34")
_EYES = ("#20160f", "#2f2118")


class Dice:
    """An endless row of bytes that is the same for the same key."""

    def __init__(self, *key: str | int) -> None:
        self._key = "\x1f".join(str(part) for part in key).encode()
        self._taken = 0

    def below(self, bound: int) -> int:
        """A number from 0 to ``bound`` - 1 (``bound`` up to 65,536; the slight bias does not matter here)."""
        self._taken += 1
        digest = hashlib.blake2b(self._key, digest_size=8, salt=self._taken.to_bytes(16)).digest()
        return int.from_bytes(digest) % bound

    def data(self, length: int) -> bytes:
        """``length`` bytes."""
        return hashlib.shake_256(self._key).digest(length)


@functools.cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def portrait(dice: Dice) -> bytes:
    """A JPEG of 480 x 640: an abstract head on white with the word SIMULASI across and below."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    skin, hair = _SKIN[dice.below(len(_SKIN))], _HAIR[dice.below(len(_HAIR))]
    clothes, eye = _CLOTHES[dice.below(len(_CLOTHES))], _EYES[dice.below(len(_EYES))]
    half, tall = 92 + dice.below(24), 128 + dice.below(24)
    style = dice.below(4)  # short hair, long hair, headscarf, bald
    cx, cy = WIDTH // 2, 270
    draw.ellipse((40, 440, 440, 900), fill=clothes)
    if style == 1:
        draw.rounded_rectangle((cx - half - 24, cy - tall - 16, cx + half + 24, 500), 90, fill=hair)
    if style == 2:
        draw.ellipse((cx - half - 34, cy - tall - 34, cx + half + 34, cy + tall + 60), fill=clothes)
        draw.ellipse((cx - half - 60, cy + 60, cx + half + 60, 560), fill=clothes)
    else:
        draw.rectangle((cx - 42, cy + 80, cx + 42, 470), fill=skin)
        draw.ellipse((cx - half - 14, cy - 26, cx - half + 16, cy + 34), fill=skin)
        draw.ellipse((cx + half - 16, cy - 26, cx + half + 14, cy + 34), fill=skin)
    brow = 0
    if style in {0, 1}:
        brow = 34 + dice.below(16)
        draw.chord((cx - half - 8, cy - tall - 14, cx + half + 8, cy + tall), 180, 360, fill=hair)
    draw.ellipse((cx - half, cy - tall + brow, cx + half, cy + tall), fill=skin)
    _features(draw, dice, cx, cy, half, eye)
    _mark(image, draw)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


def _features(draw: ImageDraw.ImageDraw, dice: Dice, cx: int, cy: int, half: int, eye: str) -> None:
    apart, lift, mouth = half // 2 - 4 + dice.below(8), dice.below(10), 26 + dice.below(16)
    for x in (cx - apart, cx + apart):
        draw.ellipse((x - 19, cy - 30, x + 19, cy - 10), fill="white")
        draw.ellipse((x - 9, cy - 29, x + 9, cy - 11), fill=eye)
        draw.line((x - 24, cy - 44 - lift, x, cy - 50 - lift, x + 24, cy - 44 - lift), fill=eye, width=6)
    draw.line((cx, cy - 4, cx - 10, cy + 34, cx + 6, cy + 36), fill="#7a5238", width=4, joint="curve")
    draw.line((cx - mouth, cy + 72, cx, cy + 76, cx + mouth, cy + 72), fill="#7d3b36", width=7, joint="curve")


def _mark(image: Image.Image, draw: ImageDraw.ImageDraw) -> None:
    veil = Image.new("L", image.size, 0)
    ImageDraw.Draw(veil).text((WIDTH // 2, 300), "SIMULASI", fill=110, font=_font(88), anchor="mm")
    image.paste("#b3261e", mask=veil.rotate(35))
    draw.rectangle((0, HEIGHT - 56, WIDTH, HEIGHT), fill="#b3261e")
    draw.text((WIDTH // 2, HEIGHT - 28), "SIMULASI: bukan orang", fill="white", font=_font(30), anchor="mm")
