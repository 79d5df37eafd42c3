"""Boards, and what keeps them true: one for each fragment and language, shared by all its followers."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from setara.site.live import reading
from setara.site.live.reading import Subject

log = logging.getLogger("setara.live")

#: Seconds between two readings of one office, whatever happens in it.
PACE: Final = 0.5
#: Seconds after which an office is read again although nothing was announced: the order depends on the time,
#: and a lost announcement must not be lost for long.
BELT: Final = 10.0
#: Seconds between a reading that failed and the next.
AGAIN: Final = 1.0
#: Seconds that a board without followers is kept true, for those who poll.
KEPT: Final = 60.0
#: Seconds that the first follower of a board waits for it.
PATIENCE: Final = 5.0
#: Seconds between two signs of life on a quiet board.
HEARTBEAT: Final = 20.0


class Board:
    """One fragment: its present bytes, and the future that its next change fulfils for all who wait.

    Each follower waits for this one future and for its own line only: whatever many wait for together must be
    forgotten when it comes, because taking one waiter off a long list costs as much as the list is long.
    """

    __slots__ = ("_next", "body", "ended", "etag", "followers", "frame", "mime", "seen", "woken")

    def __init__(self, mime: bytes = b"text/html") -> None:
        self.mime = mime + b"; charset=utf-8"
        self.body = b""
        self.etag = ""
        self.frame = b""
        self.followers = 0
        self.ended = False
        self.seen = self.woken = time.monotonic()
        self._next: asyncio.Future[None] | None = None

    def set(self, body: bytes) -> None:
        """Show ``body``; followers hear of it only when it differs from what they have."""
        etag = hashlib.sha256(body).hexdigest()[:24]
        if etag == self.etag:
            if time.monotonic() - self.woken > HEARTBEAT:
                self.wake()
            return
        self.body, self.etag = body, etag
        lines = b"".join(b"data: %s\n" % line for line in body.split(b"\n"))
        self.frame = b"id: %s\nevent: call\n%s\n" % (etag.encode(), lines)
        self.wake()

    def wake(self) -> None:
        """Let all followers look: at a change, or only to be told that the line is alive."""
        self.woken = time.monotonic()
        change, self._next = self._next, None
        if change is not None and not change.done():
            change.set_result(None)

    def end(self) -> None:
        """Let all followers go: the process stops."""
        self.ended = True
        self.wake()

    def next(self) -> asyncio.Future[None]:
        """The next change; one future for all followers, so that a change costs no queue for each."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        return self._next

    @property
    def idle(self) -> bool:
        """Whether nobody has looked for a while."""
        return self.followers == 0 and time.monotonic() - self.seen > KEPT


class OfficeBoards:
    """The followed boards of one office, and the task that reads the office when it changes."""

    def __init__(self, code: str, pool: ThreadPoolExecutor, forget: Callable[[str], None]) -> None:
        self.code = code
        self.boards: dict[Subject, Board] = {}
        self._pool = pool
        self._forget = forget
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=f"boards {code}")

    def changed(self) -> None:
        """Read the office again as soon as the pace allows."""
        self._changed.set()

    def end(self) -> None:
        """Let all followers go."""
        for board in self.boards.values():
            board.end()

    def stop(self) -> None:
        """End the task."""
        self._task.cancel()

    async def board(self, subject: Subject) -> Board | None:
        """The board of ``subject``, with content; None when it could not be read in time."""
        board = self.boards.get(subject)
        if board is None:
            board = self.boards[subject] = Board(reading.MIMES[subject.kind])
            self.changed()
        board.seen = time.monotonic()
        if not board.etag:
            await asyncio.wait((board.next(),), timeout=PATIENCE)
        return board if board.etag else None

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), BELT)
            self._changed.clear()
            await self._read()
            for subject in [one for one, board in self.boards.items() if board.idle]:
                del self.boards[subject]
            if not self.boards:
                break
            await asyncio.sleep(PACE)
        self._forget(self.code)

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            shown = await loop.run_in_executor(self._pool, reading.show, self.code, list(self.boards))
        except Exception:
            # The database may be away; followers keep what they have until it is back, and are told that we live.
            log.exception("event=read-failed office=%s", self.code)
            self._changed.set()
            for board in self.boards.values():
                if board.etag:
                    board.set(board.body)
            await asyncio.sleep(AGAIN)
            return
        for subject, text in shown:
            if (followed := self.boards.get(subject)) is not None:
                followed.set(text.encode())
