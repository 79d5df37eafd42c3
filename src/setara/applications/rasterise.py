"""Turns a distrusted PDF into a PDF that holds only pictures.

The PDF parser runs in a process of its own with limits on memory and time: a file that makes it crash,
swell or turn in circles costs one refusal and nothing else. The child is this same file, run as a script
that reads the PDF from stdin and writes the new one to stdout, so it needs nothing but pypdfium2 and
Pillow. Nothing of the original but its rendered pixels reaches the result.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DPI = 150
_MEMORY = 1024**3
_SECONDS = 20
_PASSWORD = 4  # FPDF_ERR_PASSWORD
_REASONS = {3: "broken", 4: "locked", 5: "too_long", 6: "too_heavy"}
#: PDFs are rasterised one at a time in each process: rendering uses a whole core anyway.
_one = threading.Lock()


class PdfRefusedError(Exception):
    """``reason`` is "broken", "locked", "too_long" or "too_heavy"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Pages:
    """An image-only PDF; ``width`` and ``height`` are the pixels of its first page."""

    data: bytes
    width: int
    height: int
    pages: int


def rasterise(data: bytes, *, max_pages: int, max_edge: int, quality: int, seconds: int = _SECONDS) -> Pages:
    """Render every page at up to ``DPI`` and ``max_edge`` pixels; raises ``PdfRefusedError``."""
    command = [sys.executable, "-I", str(Path(__file__).resolve())]
    numbers = [str(number) for number in (max_pages, max_edge, quality, seconds)]
    try:
        with _one:
            done = subprocess.run(
                command + numbers, input=data, capture_output=True, timeout=seconds + 5, check=False
            )
    except subprocess.TimeoutExpired as error:
        raise PdfRefusedError("too_heavy") from error
    if done.returncode == 0:
        head, _, body = done.stdout.partition(b"\n")
        return Pages(body, **json.loads(head))
    if done.returncode < 0:  # killed: by the limit on processor time, or by its own crash
        raise PdfRefusedError("too_heavy")
    raise PdfRefusedError(_REASONS.get(done.returncode, "broken"))


def _limit(seconds: int) -> None:
    try:
        import resource
    except ImportError:  # not a POSIX system; the time-out of the parent remains
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _render(pdf: Any, max_edge: int) -> list[Any]:
    pictures = []
    for index in range(len(pdf)):
        page = pdf[index]
        longest = max(page.get_size())
        if longest <= 0:
            raise ValueError("a page without size")
        bitmap = page.render(scale=min(DPI / 72, max_edge / longest), rev_byteorder=True)
        pictures.append(bitmap.to_pil().convert("RGB"))
        bitmap.close()
        page.close()
    return pictures


def _child(max_pages: int, max_edge: int, quality: int, seconds: int) -> int:
    """The script: returns the exit status, a key of ``_REASONS`` when the file is refused."""
    import pypdfium2

    data = sys.stdin.buffer.read()
    _limit(seconds)
    try:
        pdf = pypdfium2.PdfDocument(data)
        if len(pdf) > max_pages:
            return 5
        if len(pdf) == 0:
            return 3
        pdf.init_forms()  # so that what was typed into a form is drawn
        pictures = _render(pdf, max_edge)
    except pypdfium2.PdfiumError as error:
        return 4 if error.err_code == _PASSWORD else 3
    except MemoryError:
        return 6
    except (ValueError, OSError):
        return 3
    out = io.BytesIO()
    # No date: the same pages give the same bytes.
    pictures[0].save(
        out, "PDF", save_all=True, append_images=pictures[1:], resolution=DPI, quality=quality,
        creationDate=None, modDate=None,
    )  # fmt: skip
    head = {"width": pictures[0].width, "height": pictures[0].height, "pages": len(pictures)}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + out.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(_child(*(int(argument) for argument in sys.argv[1:5])))
