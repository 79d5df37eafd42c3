"""The treasury that this office is configured to speak with."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from setara.payments.gateway import Treasury


def treasury() -> Treasury:
    """The client for ``settings.SETARA_TREASURY_URL``, one for the whole process."""
    return _client(settings.SETARA_TREASURY_URL, settings.SETARA_TREASURY_SECRET)


@lru_cache(maxsize=4)
def _client(url: str, secret: str) -> Treasury:
    return Treasury(url, secret)
