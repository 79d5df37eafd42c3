"""Recording at the counter: the camera and the reader, or a file for the photo, seen before it is kept."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from setara.applications.service import photo as clean_photo
from setara.casework import operations
from setara.casework.devices import Capture, Kind, PhotoFile, SimulatedDevice
from setara.casework.views import pending
from setara.casework.views.common import by_of
from setara.kernel.errors import Refused, SetaraError
from setara.queueing.service import Call


@dataclass(frozen=True, slots=True)
class Taken:
    """What was recorded so far for the running call, as signed text for the page, and what went wrong."""

    photo: Capture | None = None
    fingerprints: Capture | None = None
    photo_sealed: str = ""
    fingerprints_sealed: str = ""
    error: SetaraError | None = None

    @property
    def photo_url(self) -> str:
        """The photo itself, to be looked at before it is kept."""
        if self.photo is None:
            return ""
        return f"data:{self.photo.mime};base64,{base64.b64encode(self.photo.data).decode()}"

    def complete(self, captures: Iterable[Kind]) -> bool:
        """Whether everything that the step records is there."""
        there = {"photo": self.photo, "fingerprints": self.fingerprints}
        return all(there[kind] is not None for kind in captures)


def kept(request: HttpRequest, call: Call) -> Taken:
    """What the page brings along from earlier recordings of this call; Conflict for anything else."""
    photo, fingerprints = request.POST.get("photo", ""), request.POST.get("fingerprints", "")
    return Taken(
        pending.unseal(call, "photo", photo),
        pending.unseal(call, "fingerprints", fingerprints),
        photo,
        fingerprints,
    )


def take(request: HttpRequest, call: Call) -> Taken:
    """Record one more thing; what was recorded before stays. Trouble of the device is told, never raised."""
    try:
        sofar = kept(request, call)
    except SetaraError as foreign:
        return Taken(error=foreign)
    what = request.POST["take"]
    try:
        if what == "fingerprints":
            taken = _device().capture("fingerprints", str(call.pk))
            return replace(
                sofar, fingerprints=taken, fingerprints_sealed=pending.seal(call, "fingerprints", taken)
            )
        taken = _from_file(request) if what == "file" else _camera(call)
        return replace(sofar, photo=taken, photo_sealed=pending.seal(call, "photo", taken))
    except SetaraError as trouble:
        return replace(sofar, error=trouble)


def finish(request: HttpRequest, call: Call) -> None:
    """Keep what was recorded and end the step."""
    found = kept(request, call)
    operations.capture(by_of(request), call, found.photo, found.fingerprints)


def _camera(call: Call) -> Capture:
    kind: Kind = "photo"
    return _device().capture(kind, str(call.pk))


def _device() -> SimulatedDevice:
    if not settings.SETARA_DEVICE_URL:
        raise Refused(
            _("Tidak ada alat perekam yang terhubung dengan loket ini."),
            code="casework.no_device",
            remedy=_("Pakai berkas foto, atau minta administrator menghubungkan alatnya."),
        )
    return SimulatedDevice(settings.SETARA_DEVICE_URL)


def _from_file(request: HttpRequest) -> Capture:
    """A photo from a file, drawn anew by our own cleaning."""
    uploaded = request.FILES.get("file")
    if uploaded is None:
        raise Refused(
            _("Belum ada berkas foto yang dipilih."),
            code="casework.no_file",
            remedy=_("Pilih berkas JPG atau PNG, lalu tekan lagi."),
            field="file",
        )
    try:
        return PhotoFile(clean_photo(uploaded.read()).data).capture("photo", "")
    except Refused as refused:
        refused.field = "file"
        raise
