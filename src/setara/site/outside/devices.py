"""Camera and fingerprint reader: a capture for a subject, with a quality score."""

from __future__ import annotations

import asyncio
from collections import Counter

from setara.site.outside.http import AnswerError, Request, Response, Route
from setara.site.outside.portrait import Dice, portrait

KINDS = ("photo", "fingerprints")
TEMPLATE_MIME = "application/x-simulated-fingerprints"
_TEMPLATE_BYTES = 768


class Devices:
    """Plays one camera and one reader.

    ``retake_rate`` (0 to 1) is the share of attempts whose quality is too low. The same seed, subject,
    kind and attempt give the same bytes, so that a day can be repeated; the attempts of a subject are
    counted as long as the process lives.
    """

    def __init__(self, *, seed: int, retake_rate: float) -> None:
        self._seed = seed
        self._rate = retake_rate
        self._attempts: Counter[tuple[str, str]] = Counter()

    def routes(self) -> list[Route]:
        """What programs may ask."""
        return [Route("POST", "/device/capture", "devices", self._capture)]

    async def _capture(self, request: Request) -> Response:
        wish = request.json()
        kind, subject = wish.get("kind"), wish.get("subject")
        if kind not in KINDS:
            raise AnswerError(
                400, "bad_kind", "Jenis rekaman tidak dikenal.", "This kind of capture is not known."
            )
        if not isinstance(subject, str) or not 0 < len(subject) <= 80:
            raise AnswerError(
                400, "bad_subject", "Penanda orang tidak dapat dipakai.", "The subject cannot be used."
            )
        seed = wish.get("seed", self._seed)
        self._attempts[kind, subject] += 1
        attempt = self._attempts[kind, subject]
        luck = Dice(seed, kind, subject, attempt)
        if luck.below(10_000) < self._rate * 10_000:
            quality = 15 + luck.below(30)
            raise LowQualityError(quality)
        quality = 70 + luck.below(30)
        if kind == "photo":
            # In a thread: drawing takes some milliseconds, and Pillow lets others work meanwhile.
            body, mime = await asyncio.to_thread(portrait, Dice(seed, "face", subject)), "image/jpeg"
        else:
            body = b"SIMULASI" + Dice(seed, "fingers", subject, attempt).data(_TEMPLATE_BYTES)
            mime = TEMPLATE_MIME
        headers = {"x-capture-quality": str(quality), "x-capture-device": f"SIMULASI-{kind}-1"}
        return Response(200, body, mime, headers)


class LowQualityError(AnswerError):
    """The capture was too poor to use."""

    def __init__(self, quality: int) -> None:
        message = f"Mutu terlalu rendah ({quality} dari 100), ulangi."
        super().__init__(422, "low_quality", message, f"Quality too low ({quality} of 100), try again.")
        self.quality = quality
