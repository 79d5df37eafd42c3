"""Charts as SVG: one look, real text, colours that colour-blind people can tell apart, and a spoken finding.

Whoever draws passes a function that fills one Matplotlib ``Axes``; the figure comes back as a piece of SVG to
stand inside a page, with ``title`` and ``desc`` for those who cannot see it. The same drawing gives the same
bytes: neither date nor random ids are in it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Okabe and Ito's colours, which people with any usual colour blindness can tell apart, darkest first.
COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_STYLE: Final[Any] = {
    "svg.fonttype": "none",  # text stays text: it can be read aloud, searched and enlarged
    "svg.hashsalt": "setara",
    "font.family": "sans-serif",
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#D9D9D9",
    "figure.facecolor": "white",
}


def svg(
    draw: Callable[[Axes], None], *, title: str, finding: str, width: float = 7.5, height: float = 4.0
) -> str:
    """The chart that ``draw`` makes on one pair of axes, ``width`` x ``height`` inches, as inline SVG."""
    text = _drawn(draw, width, height, "svg").decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    head = f'<svg role="img" aria-label="{escape(title)}" '
    said = f"<title>{escape(title)}</title><desc>{escape(finding)}</desc>"
    text = re.sub(r' (width|height)="[0-9.]+pt"', "", text, count=2)
    start = text.index(">") + 1
    return head + text[len("<svg ") : start] + said + text[start:]


def png(draw: Callable[[Axes], None], *, width: float = 7.5, height: float = 4.0) -> bytes:
    """The same chart as a picture of 150 dots an inch, for documents that cannot hold SVG."""
    return _drawn(draw, width, height, "png")


def _drawn(draw: Callable[[Axes], None], width: float, height: float, kind: str) -> bytes:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        (FigureCanvasSVG if kind == "svg" else FigureCanvasAgg)(figure)
        draw(figure.add_subplot())
        out = io.BytesIO()
        metadata: dict[str, Any] = {"Date": None} if kind == "svg" else {"Software": None}
        figure.savefig(out, format=kind, dpi=150, metadata=metadata)
    return out.getvalue()
