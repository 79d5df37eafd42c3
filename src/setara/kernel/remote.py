"""Calls to systems outside the office: one try, a time limit, and a plain word when nobody answers.

Nothing is retried here: whether a second try is harmless is known only to the caller. Connections are
kept open, one per thread; one that the other side has closed meanwhile is noticed before anything is
sent on it.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from setara.kernel.errors import Text, Unavailable

_MAX_ANSWER = 16 * 1024 * 1024
#: The other side, or what stands before it, says that it is not there now.
_DOWN = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the status is a 2xx."""
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; ValueError if it is not one."""
        shape = json.loads(self.body)
        if not isinstance(shape, dict):
            raise ValueError("not a JSON object")  # noqa: TRY004 - bad data, not a wrong call
        return shape


class Remote:
    """One outside system at ``base_url`` (http or https).

    ``code``, ``message`` and ``remedy`` are those of the ``Unavailable`` raised when it cannot be reached
    within ``timeout`` seconds, breaks off, or answers 502, 503 or 504. Safe to share between threads.
    """

    def __init__(
        self, base_url: str, *, code: str, message: Text, remedy: Text, timeout: float = 5.0
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("an outside system needs an http or https address")
        self._https = parts.scheme == "https"
        self._host, self._port, self._prefix = parts.hostname, parts.port, parts.path.rstrip("/")
        self._timeout = timeout
        self._code, self._message, self._remedy = code, message, remedy
        self._kept = threading.local()

    def call(
        self,
        method: str,
        path: str,
        *,
        payload: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request (``payload`` as JSON, or raw ``body``) and return the answer, whatever its status.

        Raises ``Unavailable``; the request may or may not have been acted upon then.
        """
        send = dict(headers or {})
        if payload is not None:
            body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
            send.setdefault("Content-Type", "application/json")
        connection = self._connection()
        try:
            connection.request(method, self._prefix + path, body=body, headers=send)
            response = connection.getresponse()
            data = response.read(_MAX_ANSWER + 1)
        except (OSError, HTTPException) as error:
            self._forget()
            raise self.unavailable() from error
        if len(data) > _MAX_ANSWER or response.will_close:
            self._forget()
        # Read up to a number of bytes, a body that broke off looks like a short one; what was promised tells.
        if response.length:
            self._forget()
        if response.length or len(data) > _MAX_ANSWER or response.status in _DOWN:
            raise self.unavailable()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, data)

    def unavailable(self) -> Unavailable:
        """The error for "this system does not answer as agreed", to raise."""
        return Unavailable(self._message, code=self._code, remedy=self._remedy)

    def close(self) -> None:
        """Close this thread's connection."""
        self._forget()

    def _connection(self) -> HTTPConnection:
        kept: tuple[int, HTTPConnection] | None = getattr(self._kept, "pair", None)
        if kept is not None:
            if kept[0] == os.getpid() and _alive(kept[1]):
                return kept[1]
            self._forget()
        kind = HTTPSConnection if self._https else HTTPConnection
        fresh = kind(self._host, self._port, timeout=self._timeout)
        self._kept.pair = (os.getpid(), fresh)
        return fresh

    def _forget(self) -> None:
        kept: tuple[int, HTTPConnection] | None = getattr(self._kept, "pair", None)
        self._kept.pair = None
        if kept is not None:
            with contextlib.suppress(OSError):
                kept[1].close()


def _alive(connection: HTTPConnection) -> bool:
    """False if the other side has closed: an idle connection on which something can be read is over."""
    if connection.sock is None:
        return False
    with selectors.DefaultSelector() as selector:
        selector.register(connection.sock, selectors.EVENT_READ)
        return not selector.select(0)
