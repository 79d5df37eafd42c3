"""Reports as one HTML file that needs nothing else: no server, no network, no script from elsewhere."""

from __future__ import annotations

from typing import Any


def render(package: str, template: str, **context: Any) -> str:
    """The page of ``templates/<template>`` in ``package``; it may extend ``report.html.j2`` of this room.

    Everything that is put in is escaped, except charts, which come as ``markupsafe.Markup``.
    """
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    loader = ChoiceLoader([PackageLoader(package), PackageLoader("setara.science")])
    rooms = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return rooms.get_template(template).render(**context)
