"""The treasury that this office is configured to speak with."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from setara.kernel.errors import Unavailable
from setara.payments.gateway import Treasury


def treasury() -> Treasury:
    """The client for ``settings.SETARA_TREASURY_URL``, one for the whole process.

    Raises ``Unavailable`` in an office for which no treasury has been configured yet.
    """
    if not settings.SETARA_TREASURY_URL:
        raise Unavailable(
            _("Kantor ini belum terhubung dengan sistem pembayaran negara."),
            code="treasury_unconfigured",
            remedy=_("Sampaikan kepada petugas. Permohonan Anda tersimpan."),
        )
    return _client(settings.SETARA_TREASURY_URL, settings.SETARA_TREASURY_SECRET)


@lru_cache(maxsize=4)
def _client(url: str, secret: str) -> Treasury:
    return Treasury(url, secret)
