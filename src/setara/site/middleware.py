"""Middleware of the office."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class OfficeMiddleware:
    """Gives each request its office and actor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)


class RefusalMiddleware(OfficeMiddleware):
    """Turns refusals into pages that explain themselves."""
