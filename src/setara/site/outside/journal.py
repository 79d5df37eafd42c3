"""What the treasury must not forget: an append-only file of JSON lines, on disk before it is answered."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

#: macOS has no fdatasync.
_flush = getattr(os, "fdatasync", os.fsync)


class Journal:
    """Appends records durably; those that arrive during one fsync share the next.

    ``path`` None keeps nothing (tests, throw-away days). After a failed write the journal stays closed:
    memory may then know more than the disk, so nothing more is acknowledged until a restart.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._pending: list[tuple[bytes, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._failed: OSError | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="journal")

    def replay(self) -> Iterator[dict[str, Any]]:
        """All records so far; a last line that a crash cut short was never acknowledged and is removed."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch(mode=0o600)
        with self._path.open("r+b") as file:
            good = 0
            for line in file:
                if not line.endswith(b"\n"):
                    break
                yield json.loads(line)
                good += len(line)
            file.truncate(good)
        self._file = self._path.open("ab", buffering=0)

    async def append(self, record: dict[str, Any]) -> None:
        """Return when ``record`` is on disk; OSError if it could not be written."""
        if self._path is None:
            return
        if self._failed is not None:
            raise self._failed
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append((line, done))
        if self._writer is None:
            self._writer = asyncio.create_task(self._drain())
        await done

    async def _drain(self) -> None:
        while self._pending:
            batch, self._pending = self._pending, []
            try:
                if self._failed is not None:
                    raise self._failed
                await asyncio.get_running_loop().run_in_executor(
                    self._pool, self._write, b"".join(line for line, _ in batch)
                )
            except OSError as error:
                self._failed = error
            for _, done in batch:
                if done.cancelled():
                    continue
                if self._failed is None:
                    done.set_result(None)
                else:
                    done.set_exception(self._failed)
        self._writer = None

    def _write(self, data: bytes) -> None:
        if self._file is None:
            raise OSError("the journal was not opened: replay() comes first")
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        _flush(self._file.fileno())
