"""What the live process asks the database: in a thread of its own, once for each change of an office."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, ParamSpec, TypeVar, cast

from django.db import InterfaceError, OperationalError, connection
from django.template.loader import render_to_string
from django.utils import translation

from setara.kernel import clock
from setara.kernel.errors import NotFound
from setara.offices.service import office_by_code
from setara.queueing import following, showing
from setara.queueing.service import Picture, load
from setara.site.home import now_context

P = ParamSpec("P")
T = TypeVar("T")
Kind = Literal["hall", "home", "queue"]

LANGUAGES = ("id", "en")
MIMES: Final[dict[str, bytes]] = {"hall": b"text/html", "home": b"text/html", "queue": b"application/json"}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a board shows: the display or the front page of an office, or the state of its queue for all phones."""

    kind: Kind
    office: str
    lang: str


def kept_connection(ask: Callable[P, T]) -> Callable[P, T]:
    """Ask over the thread's own connection, kept open between questions; once more over a new one when the
    old one turns out to be dead (the database was restarted)."""

    @functools.wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return ask(*args, **kwargs)
        except (OperationalError, InterfaceError):
            connection.close()
            return ask(*args, **kwargs)

    return asked


def subject_of(office: str, kind: str, lang: str) -> Subject | None:
    """The subject of an address, whether or not there is such an office; None for an unknown kind."""
    if kind not in MIMES:
        return None
    return Subject(cast("Kind", kind), office, lang if lang in LANGUAGES else LANGUAGES[0])


@kept_connection
def exists(office: str) -> bool:
    """Whether there is such an office."""
    try:
        return office_by_code(office).pk == office
    except NotFound:
        return False


@kept_connection
def show(code: str, wanted: Sequence[Subject]) -> list[tuple[Subject, str]]:
    """The boards of an office as they are now; the hall is read once for all of them."""
    picture = load(office_by_code(code), clock.now())
    shown = []
    for lang in LANGUAGES:
        with translation.override(lang):
            shown += [(one, _body(picture, one.kind)) for one in wanted if one.lang == lang]
    return shown


def _body(picture: Picture, kind: Kind) -> str:
    if kind == "queue":
        return json.dumps(following.state(picture), ensure_ascii=False, separators=(",", ":"))
    if kind == "hall":
        return render_to_string("queueing/_hall.html", showing.hall_context(picture))
    return render_to_string("site/_now.html", now_context(picture))
