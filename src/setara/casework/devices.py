"""Cameras and fingerprint readers, behind one protocol; and a file that stands for the photo."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, Protocol

from setara.kernel.errors import Refused
from setara.kernel.phrase import phrase as _
from setara.kernel.remote import Remote

Kind = Literal["photo", "fingerprints"]

_JPEG_START = b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True)
class Capture:
    """What a device delivered. ``quality`` is 0 to 100 by its own scale; None where nothing measured it."""

    data: bytes
    mime: str
    quality: int | None
    device: str


class CaptureDevice(Protocol):
    """Anything that can record a person."""

    def capture(self, kind: Kind, subject: str) -> Capture:
        """Record ``kind`` for ``subject`` (an opaque reference, never a name or NIK).

        Raises ``Refused`` (``low_quality``: try again; ``kind_not_offered``) or ``Unavailable``.
        """
        ...


class SimulatedDevice:
    """The simulator's camera and reader at ``base_url``; its pictures are marked SIMULASI."""

    def __init__(self, base_url: str, *, timeout: float = 10.0) -> None:
        self._remote = Remote(
            base_url,
            code="device_down",
            message=_("Alat perekam tidak menjawab."),
            remedy=_("Periksa kabel dan daya alat, lalu ulangi. Bila tetap gagal, pakai loket lain."),
            timeout=timeout,
        )

    def capture(self, kind: Kind, subject: str) -> Capture:
        """One attempt; codes as in :class:`CaptureDevice`, device trouble is ``device_down``."""
        answer = self._remote.call("POST", "/device/capture", payload={"kind": kind, "subject": subject})
        if answer.status == 422:
            raise self._low_quality(answer.body, kind)
        if answer.status == 400:
            raise _not_offered()
        quality = answer.headers.get("x-capture-quality", "")
        if not answer.ok or not answer.body or not re.fullmatch(r"\d{1,3}", quality, re.ASCII):
            raise self._remote.unavailable()
        return Capture(
            data=answer.body,
            mime=answer.headers.get("content-type", "application/octet-stream"),
            quality=int(quality),
            device=answer.headers.get("x-capture-device", "SIMULASI"),
        )

    def _low_quality(self, body: bytes, kind: Kind) -> Refused:
        found = re.search(rb'"quality":(\d{1,3})', body)
        score = int(found.group(1)) if found else 0
        if kind == "photo":
            remedy = _("Minta pemohon menghadap kamera tanpa kacamata, lalu ambil lagi.")
        else:
            remedy = _("Bersihkan kaca pembaca, keringkan jari, lalu rekam lagi.")
        return Refused(
            _("Mutu rekaman terlalu rendah: %(score)s dari 100.", score=score),
            code="low_quality",
            remedy=remedy,
        )


class PhotoFile:
    """A photo from a file, for an office whose camera is not connected.

    ``data`` must be clean already (``applications.service``: a JPEG that we encoded); ValueError if not.
    """

    def __init__(self, data: bytes) -> None:
        if not data.startswith(_JPEG_START):
            raise ValueError("the photo must be a cleaned JPEG")
        self._data = data

    def capture(self, kind: Kind, subject: str) -> Capture:  # noqa: ARG002 - the file is of one person
        """The photo; fingerprints cannot come from a file (``Refused``, ``kind_not_offered``)."""
        if kind != "photo":
            raise _not_offered()
        return Capture(self._data, "image/jpeg", None, "file")


def _not_offered() -> Refused:
    return Refused(
        _("Alat ini tidak dapat merekam jenis ini."),
        code="kind_not_offered",
        remedy=_("Pilih alat perekam yang lain."),
    )
