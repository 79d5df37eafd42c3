"""Our own pictures as inline SVG: icons and QR codes. No style attribute, so they pass the strict CSP."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

import segno
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

ICON_FILE: Final = Path(__file__).parent / "static" / "setara" / "svg" / "icons.svg"
_SYMBOL: Final = re.compile(r'<symbol id="([a-z-]+)">(.*?)</symbol>', re.DOTALL)


@cache
def icons() -> dict[str, SafeString]:
    """Every icon by name, read once from ``icons.svg``."""
    text = ICON_FILE.read_text(encoding="utf-8")
    return {name: mark_safe(body) for name, body in _SYMBOL.findall(text)}  # noqa: S308 - our own file


def icon(name: str, label: str = "") -> SafeString:
    """One icon as inline SVG; with ``label`` it speaks, without it is hidden. Unknown name: KeyError."""
    body = icons()[name]
    if label:
        return format_html(
            '<svg class="icon" viewBox="0 0 24 24" role="img" aria-label="{}" focusable="false">{}</svg>',
            label,
            body,
        )
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>', body
    )


def qr(data: str, title: str, desc: str = "") -> SafeString:
    """``data`` as a QR code (level M, quiet zone of 4 modules, black on white in every theme)."""
    code = segno.make(data, error="m", micro=False)
    size = code.symbol_size(border=4)[0]
    runs = []
    for y, row in enumerate(code.matrix, 4):
        for run in re.finditer(b"\x01+", bytes(row)):
            width = run.end() - run.start()
            runs.append(f"M{run.start() + 4} {y}h{width}v1h-{width}z")
    about = f"<desc>{escape(desc)}</desc>" if desc else ""
    return format_html(
        '<svg class="qr" viewBox="0 0 {0} {0}" role="img" aria-label="{1}" focusable="false">'
        '<title>{1}</title>{2}<path fill="#fff" d="M0 0h{0}v{0}h-{0}z"/>'
        '<path fill="#000" shape-rendering="crispEdges" d="{3}"/></svg>',
        size,
        title,
        mark_safe(about),  # noqa: S308 - escaped above
        "".join(runs),
    )
