"""Tells the office that a bill was paid, again and again until the office says that it knows."""

from __future__ import annotations

import hashlib
import heapq
import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from setara.kernel.errors import Unavailable
from setara.kernel.remote import Remote

SIGNATURE_HEADER = "X-Treasury-Signature"
_FIRST_WAIT, _LONGEST_WAIT = 0.25, 30.0


@dataclass(order=True)
class _Owed:
    due: float
    wait: float
    code: str = field(compare=False)
    url: str = field(compare=False)
    body: bytes = field(compare=False)


class Notifier:
    """One thread that posts notices signed with HMAC-SHA256 over the body.

    Each is repeated, with a wait that doubles up to half a minute, until the office answers 2xx; then
    ``delivered(code)`` is called in this thread. ``paused()`` says whether the treasury plays dead.
    """

    def __init__(self, secret: str, *, delivered: Callable[[str], None], paused: Callable[[], bool]) -> None:
        self._secret = secret.encode()
        self._delivered = delivered
        self._paused = paused
        self._owed: list[_Owed] = []
        self._remotes: dict[str, Remote] = {}
        self._wake = threading.Condition()
        threading.Thread(target=self._run, name="notifier", daemon=True).start()

    def post(self, code: str, url: str, body: bytes) -> None:
        """Owe one notice; returns at once."""
        with self._wake:
            heapq.heappush(self._owed, _Owed(time.monotonic(), _FIRST_WAIT, code, url, body))
            self._wake.notify()

    def _run(self) -> None:
        while True:
            owed = self._next()
            if not self._paused() and self._try(owed):
                self._delivered(owed.code)
                continue
            owed.due, owed.wait = time.monotonic() + owed.wait, min(owed.wait * 2, _LONGEST_WAIT)
            with self._wake:
                heapq.heappush(self._owed, owed)

    def _next(self) -> _Owed:
        with self._wake:
            while True:
                now = time.monotonic()
                if self._owed and self._owed[0].due <= now:
                    return heapq.heappop(self._owed)
                self._wake.wait(self._owed[0].due - now if self._owed else None)

    def _try(self, owed: _Owed) -> bool:
        parts = urlsplit(owed.url)
        base = f"{parts.scheme}://{parts.netloc}"
        if base not in self._remotes:
            self._remotes[base] = Remote(
                base, code="office_down", message="Kantor tidak menjawab.", remedy=""
            )
        signature = "sha256=" + hmac.new(self._secret, owed.body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", SIGNATURE_HEADER: signature}
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            return self._remotes[base].call("POST", path, body=owed.body, headers=headers).ok
        except Unavailable:
            return False
