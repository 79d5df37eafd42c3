"""What a device has just recorded, between the recording and the officer's yes.

It travels through the page itself, signed and bound to one call: nothing that is personal is written to the
database before the officer has seen it, and nobody can bring along another picture than the one that was taken.
"""

from __future__ import annotations

import base64
import binascii

from django.core import signing

from setara.casework.devices import Capture
from setara.kernel.errors import Conflict
from setara.kernel.phrase import phrase as _
from setara.queueing.service import Call

_SEPARATOR = "|"


def seal(call: Call, kind: str, taken: Capture) -> str:
    """The recording as text for a hidden field."""
    quality = "" if taken.quality is None else str(taken.quality)
    data = base64.b64encode(taken.data).decode()
    return _signer(call, kind).sign(_SEPARATOR.join([quality, taken.mime, taken.device, data]))


def unseal(call: Call, kind: str, text: str) -> Capture | None:
    """The recording of this call; None when the field is empty. Conflict for anything we did not sign."""
    if not text:
        return None
    try:
        quality, mime, device, data = _signer(call, kind).unsign(text).split(_SEPARATOR, 3)
        return Capture(base64.b64decode(data, validate=True), mime, int(quality) if quality else None, device)
    except (signing.BadSignature, ValueError, binascii.Error):
        raise Conflict(
            _("Rekaman ini bukan milik panggilan yang sedang berjalan."),
            code="casework.foreign_capture",
            rule=_("Rekaman hanya berlaku untuk orang yang sedang berada di loket."),
            remedy=_("Rekam sekali lagi."),
        ) from None


def _signer(call: Call, kind: str) -> signing.Signer:
    return signing.Signer(salt=f"setara.casework.pending/{kind}/{call.pk}")
