"""What every template knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def house(request: HttpRequest) -> dict[str, Any]:
    """`demo`: whether people here are simulated."""
    return {"demo": settings.SETARA_DEMO}
