"""The little of HTTP that the simulator needs, as a raw ASGI application."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_MAX_BODY = 256 * 1024
#: Sent with every page: nothing from elsewhere, nothing inline.
_SAFE = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}


class AnswerError(Exception):
    """Stop and answer with this status; ``message`` is Indonesian, ``english`` its translation."""

    def __init__(self, status: int, code: str, message: str, english: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.english = status, code, message, english


@dataclass(slots=True)
class Request:
    """One request; ``arguments`` are the named segments of the path."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    arguments: dict[str, str] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        """The body as a JSON object."""
        try:
            shape = json.loads(self.body)
        except ValueError:
            shape = None
        if not isinstance(shape, dict):
            raise AnswerError(
                400, "bad_json", "Isi permintaan bukan objek JSON.", "The body is not a JSON object."
            )
        return shape

    def form(self) -> dict[str, str]:
        """The body as a submitted form; a form sent by another site is refused."""
        if self.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            raise AnswerError(
                403, "other_site", "Formulir dari situs lain ditolak.", "Forms of other sites are refused."
            )
        return dict(parse_qsl(self.body.decode("utf-8", "replace")))

    @property
    def is_form(self) -> bool:
        """Whether a browser's form was sent."""
        return self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


@dataclass(slots=True)
class Response:
    """One answer."""

    status: int = 200
    body: bytes = b""
    mime: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def as_json(shape: Mapping[str, Any], status: int = 200) -> Response:
    """A JSON answer."""
    return Response(status, json.dumps(shape, ensure_ascii=False, separators=(",", ":")).encode())


def as_html(page: str, status: int = 200) -> Response:
    """A page."""
    return Response(status, page.encode(), "text/html; charset=utf-8")


def see(path: str) -> Response:
    """Go and look there (after a form)."""
    return Response(303, headers={"location": path})


Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Route:
    """``path`` may have named segments: ``/treasury/bills/{code}/pay``. ``system`` is what can be out."""

    method: str
    path: str
    system: str
    handler: Handler


class Router:
    """Finds the handler of a request."""

    def __init__(self, routes: list[Route]) -> None:
        self._exact = {(route.method, route.path): route for route in routes if "{" not in route.path}
        self._named = [(route, route.path.split("/")) for route in routes if "{" in route.path]
        self._paths = {route.path for route in routes}

    def find(self, request: Request) -> Route:
        """The route; fills ``request.arguments``. Raises ``AnswerError`` 404 or 405."""
        route = self._exact.get((request.method, request.path))
        if route is not None:
            return route
        segments = request.path.split("/")
        other_method = request.path in self._paths
        for candidate, pattern in self._named:
            if len(pattern) == len(segments) and all(
                want == got or (want.startswith("{") and got)
                for want, got in zip(pattern, segments, strict=True)
            ):
                if candidate.method == request.method:
                    request.arguments = {
                        want[1:-1]: got
                        for want, got in zip(pattern, segments, strict=True)
                        if want.startswith("{")
                    }
                    return candidate
                other_method = True
        if other_method:
            raise AnswerError(
                405, "method", "Cara permintaan ini tidak dikenal di sini.", "Method not allowed here."
            )
        raise AnswerError(404, "no_page", "Halaman ini tidak ada.", "There is no such page.")


async def read(scope: Scope, receive: Receive) -> Request:
    """The whole request; ``AnswerError`` 413 if its body is too long."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > _MAX_BODY:
            raise AnswerError(413, "too_long", "Permintaan terlalu panjang.", "The request is too long.")
        if not message.get("more_body"):
            break
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"))),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=body,
    )


async def answer(response: Response, send: Send) -> None:
    """Send the answer."""
    headers = {
        "content-type": response.mime,
        "content-length": str(len(response.body)),
        **(_SAFE if response.mime.startswith("text/html") else {"cache-control": "no-store"}),
        **response.headers,
    }
    start = {
        "type": "http.response.start",
        "status": response.status,
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
    }
    await send(start)
    await send({"type": "http.response.body", "body": response.body})
