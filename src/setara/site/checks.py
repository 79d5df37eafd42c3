"""The office does not start with a page that does not say who may open it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from setara.offices.service import Access, access_of

#: Pages of Django's own for administrators only (setara.offices.admin asks for the role itself).
ADMINISTRATION: Final = "admin"


@dataclass(frozen=True, slots=True)
class Page:
    """One address: its route, its name, the view, and its mark (None: not said)."""

    route: str
    name: str
    view: Any
    access: Access | None
    administration: bool
    converters: dict[str, str]


def pages() -> Iterator[Page]:
    """Every address of the site."""
    return _walk(get_resolver().url_patterns, "", "", False)


def _walk(
    patterns: Sequence[URLPattern | URLResolver], prefix: str, namespace: str, administration: bool
) -> Iterator[Page]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            deep = administration or pattern.app_name == ADMINISTRATION
            yield from _walk(pattern.url_patterns, route, inner, deep)
        else:
            yield Page(
                route,
                namespace + (pattern.name or ""),
                pattern.callback,
                access_of(pattern.callback),
                administration,
                {k: type(c).__name__ for k, c in pattern.pattern.converters.items()},
            )


@register("setara")
def every_page_is_marked(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """An error for each address whose view carries no mark of :mod:`setara.offices.access`."""
    return [
        Error(
            f"/{page.route} does not say who may open it",
            hint="Mark the view with @public, @applicant or @needs(...) from setara.offices.service.",
            obj=page.name or page.route,
            id="setara.E001",
        )
        for page in pages()
        if page.access is None and not page.administration
    ]
