"""The ASGI side of the live process: addresses, streams, polling, and the ear at the database."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import resource
import signal
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any, Final
from urllib.parse import parse_qs

import psycopg
from django.db import DatabaseError

from setara.site.connections import parameters
from setara.site.live import reading
from setara.site.live.boards import Board, OfficeBoards

log = logging.getLogger("setara.live")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

#: A sign of life on a quiet stream. An event, since scripts cannot see comments.
PING: Final = b": k\nevent: ping\ndata: k\n\n"
#: A follower whose line takes no more bytes for so many seconds is let go.
STUCK: Final = 30.0
#: Seconds between losing the ear at the database and the next try.
AGAIN: Final = 0.5
#: Milliseconds after which a browser comes back; each gets its own, so that not all come at once.
RETRY: Final = (3000, 6000)
CHANNEL: Final = "setara"

_COMMON: Final = [
    (b"access-control-allow-origin", b"*"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


class Live:
    """The application: boards by office, and one task that listens for announcements."""

    def __init__(self) -> None:
        self.offices: dict[str, OfficeBoards] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._ear: asyncio.Task[None] | None = None
        self.ending = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the life of the process."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._pool = ThreadPoolExecutor(2, thread_name_prefix="reading")
                _also_on_signal(self._end)
                _as_many_as_allowed()
                self._ear = asyncio.create_task(self._listen(), name="ear")
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self._ear is not None:
                    self._ear.cancel()
                for office in list(self.offices.values()):
                    office.stop()
                if self._pool is not None:
                    self._pool.shutdown(wait=False, cancel_futures=True)
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _end(self) -> None:
        """Let every follower go; the server would wait for the streams to end."""
        self.ending = True
        for office in self.offices.values():
            office.end()

    async def _listen(self) -> None:
        """Hear which office changed. After a gap every followed office is read again: what was said meanwhile
        is lost, what happened is not."""
        while True:
            try:
                await self._hear()
            except (psycopg.Error, OSError) as error:
                log.warning("event=ear-lost error=%s", str(error).strip().replace("\n", " ")[:200])
            await asyncio.sleep(AGAIN)

    async def _hear(self) -> None:
        # Tests and `setara restore` point to another database by the environment, read at each connection.
        async with await psycopg.AsyncConnection.connect(**parameters(), autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}".encode())
            for office in self.offices.values():
                office.changed()
            async for said in connection.notifies():
                if (changed := self.offices.get(said.payload)) is not None:
                    changed.changed()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in {"GET", "HEAD"}:
            await _plain(send, 405, b"Only GET.", [(b"allow", b"GET, HEAD")])
            return
        try:
            board = await self._board(scope)
        except (DatabaseError, psycopg.Error):
            board = None
        except LookupError:
            await _plain(send, 404, b"No such board.")
            return
        if board is None:
            await _plain(send, 503, b"Not readable just now.", [(b"retry-after", b"3")])
            return
        headers = {name: value for name, value in scope["headers"] if name in _READ}
        streams = b"text/event-stream" in headers.get(b"accept", b"") and scope["method"] == "GET"
        if streams and not self.ending:
            has = headers.get(b"last-event-id", b"").decode("latin-1")
            await _stream(board, has, receive, send)
        else:
            await _fragment(board, headers.get(b"if-none-match", b""), scope["method"], send)

    async def _board(self, scope: Scope) -> Board | None:
        """The board of an address; LookupError when there is none, None when it cannot be read now."""
        parts = [part for part in scope["path"].split("/") if part]
        if len(parts) != 3 or parts[0] != "live" or self._pool is None:
            raise LookupError
        lang = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[0]
        subject = reading.subject_of(parts[1], parts[2], lang)
        if subject is None:
            raise LookupError
        office = self.offices.get(subject.office)
        if office is None:
            loop = asyncio.get_running_loop()
            if not await loop.run_in_executor(self._pool, reading.exists, subject.office):
                raise LookupError
            office = self.offices.get(subject.office)  # somebody else may have come first
        if office is None:
            office = self.offices[subject.office] = OfficeBoards(subject.office, self._pool, self._forget)
        return await office.board(subject)

    def _forget(self, code: str) -> None:
        self.offices.pop(code, None)


_READ: Final = {b"accept", b"if-none-match", b"last-event-id"}


def _as_many_as_allowed() -> None:
    """Each follower is an open file: take as many as the system lets us have, not the few it gives to begin with."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _also_on_signal(end: Callable[[], None]) -> None:
    """Let the signals that stop the server end the streams too; the server would wait for them to end."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        servers = signal.getsignal(number)

        def both(number: int, frame: FrameType | None, servers: Any = servers) -> None:
            loop.call_soon_threadsafe(end)
            if callable(servers):
                servers(number, frame)

        signal.signal(number, both)


async def _stream(board: Board, has: str, receive: Receive, send: Send) -> None:
    """The whole state (unless the follower says that it has it), then every change, until it goes away."""
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [*_COMMON, (b"content-type", b"text/event-stream; charset=utf-8")],
        }
    )
    gone = asyncio.ensure_future(_gone(receive))
    board.followers += 1
    try:
        retry = b"retry: %d\n\n" % random.randint(*RETRY)  # noqa: S311 - spreads a crowd, guards nothing
        shown = board.etag
        await _send(send, retry + (PING if has == shown else board.frame))
        while not (gone.done() or board.ended):
            if board.etag == shown:  # else it changed while the last frame was on its way
                await asyncio.wait((board.next(), gone), return_when=asyncio.FIRST_COMPLETED)
            if gone.done() or board.ended:
                break
            if board.etag != shown:
                shown = board.etag
                await _send(send, board.frame)
            else:
                await _send(send, PING)
        with contextlib.suppress(OSError):
            await send({"type": "http.response.body", "body": b""})
    except (TimeoutError, OSError):
        return
    finally:
        board.followers -= 1
        gone.cancel()


async def _gone(receive: Receive) -> None:
    """Return when the follower goes away."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, body: bytes) -> None:
    async with asyncio.timeout(STUCK):
        await send({"type": "http.response.body", "body": body, "more_body": True})


async def _fragment(board: Board, has: bytes, method: str, send: Send) -> None:
    etag = f'"{board.etag}"'.encode()
    headers = [*_COMMON, (b"etag", etag), (b"vary", b"accept")]
    if etag in (tag.strip().removeprefix(b"W/") for tag in has.split(b",")):
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    headers += [
        (b"content-type", board.mime),
        (b"content-length", str(len(board.body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": board.body if method == "GET" else b""})


async def _plain(send: Send, status: int, text: bytes, more: list[tuple[bytes, bytes]] | None = None) -> None:
    headers = [*_COMMON, (b"content-type", b"text/plain; charset=utf-8"), *(more or [])]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
