"""What commands write: JSON documents and files that are there whole or not at all.

Answers go to standard output, everything said along the way to standard error, so that a command can stand
in a pipe.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

JSON_VERSION = 1


@contextlib.contextmanager
def atomic(path: Path) -> Iterator[IO[bytes]]:
    """Write a file under another name, flush it to the disk, and rename it to ``path`` when all went well.

    A reader sees the old file or the whole new one. On an error nothing is left behind. Raises OSError.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with draft.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # the new name survives a power cut too, where folders can be synced
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def document(command: str, body: Mapping[str, Any], *, seed: int | None = None) -> dict[str, Any]:
    """A command's result with the keys that every such document has.

    ``command`` is the command line; ``version`` rises when keys change.
    """
    line = shlex.join(["setara", *sys.argv[1:]])
    head = {"schema": f"setara.{command}", "version": JSON_VERSION, "command": line, "seed": seed}
    return head | dict(body)


def write_json(target: str, command: str, body: Mapping[str, Any], *, seed: int | None = None) -> None:
    """Write a command's result to the file ``target``, or to standard output for ``-``. Raises OSError."""
    text = json.dumps(document(command, body, seed=seed), ensure_ascii=False, indent=2, default=str) + "\n"
    if target == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    with atomic(Path(target)) as file:
        file.write(text.encode())


def say(text: str) -> None:
    """A line on standard error for the person who watches."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
