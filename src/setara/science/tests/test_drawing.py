"""A chart is text that can be read aloud, the same bytes each time, and safe to stand inside a page."""

from __future__ import annotations

from xml.etree import ElementTree

from matplotlib.axes import Axes

from setara.science import drawing, pages


def _bars(axes: Axes) -> None:
    axes.bar(["loket 1", "loket 2"], [3, 5], color=drawing.COLOURS[:2])


def test_a_chart_has_real_text_title_and_finding_and_is_the_same_twice() -> None:
    once = drawing.svg(_bars, title='Panggilan <"tiap" loket>', finding="Loket 2 terbanyak: 5.")
    assert once == drawing.svg(_bars, title='Panggilan <"tiap" loket>', finding="Loket 2 terbanyak: 5.")
    root = ElementTree.fromstring(once)  # noqa: S314 - our own picture
    assert root.attrib["aria-label"] == 'Panggilan <"tiap" loket>'
    texts = {"".join(one.itertext()).strip() for one in root.iter()}
    assert {"Loket 2 terbanyak: 5.", "loket 1", "loket 2"} <= texts
    assert "width" not in root.attrib  # it takes the width of the page
    assert drawing.png(_bars).startswith(b"\x89PNG")


def test_what_is_put_into_a_page_is_escaped_and_nothing_comes_from_elsewhere() -> None:
    page = pages.render("setara.science", "report.html.j2", lang="id", title="<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)" in page
    assert "default-src 'none'" in page
    assert "http:" not in page
    assert "https:" not in page
