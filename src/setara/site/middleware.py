"""Middleware of the office: screens that lock, and refusals that explain themselves."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse

from setara.kernel.errors import SetaraError
from setara.offices import idle
from setara.offices.service import application_id
from setara.site import errors

View = Callable[[HttpRequest], HttpResponse]


class OfficeMiddleware:
    """Locks the screen of an officer who went away, and keeps personal pages out of every cache."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Watch the session if there is one; visitors without a cookie pass untouched."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        idle.watch(request)
        response = self.get_response(request)
        personal = SESSION_KEY in request.session or application_id(request) is not None
        if personal and not response.has_header("Cache-Control"):
            # The next person at a shared PC must not see this page with the browser's back button.
            response["Cache-Control"] = "no-store, private"
        return response


class RefusalMiddleware:
    """Turns a :class:`SetaraError` that a view let pass into an explained answer with the right status."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; Django's answer to a wrong method has no words of its own.

        No address of ours holds a NUL, and the database takes none: the views need not look out for it.
        """
        if "\0" in request.path_info:
            return errors.not_found(request)
        if "%00" in request.META.get("QUERY_STRING", ""):
            return errors.bad_request(request)
        response = self.get_response(request)
        return errors.wrong_method(request, response) if response.status_code == 405 else response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The answer to a refusal; anything else is a fault of ours and goes on to the 500 page."""
        return errors.refused(request, exception) if isinstance(exception, SetaraError) else None
