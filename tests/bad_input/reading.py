"""A page as somebody reads it who cannot see it: its forms, and what each field is described by."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "use",
        "wbr",
    ]
)


@dataclass
class Control:
    """All inputs of one name: kind, what is filled in or ticked, and what they are tied to."""

    name: str
    kind: str
    value: str = ""
    ticked: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    described: list[str] = field(default_factory=list)
    invalid: bool = False

    @property
    def is_choice(self) -> bool:
        """Whether it is ticked or picked, not typed."""
        return self.kind in {"radio", "checkbox", "select"}

    @property
    def holds(self) -> Any:
        """What a browser would send of it."""
        if self.kind == "checkbox":
            return self.ticked
        return (self.ticked or [""])[0] if self.is_choice else self.value


@dataclass
class Form:
    """One form: its address, its method, its controls by name, its buttons."""

    action: str
    method: str
    controls: dict[str, Control] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def sends(self) -> dict[str, Any]:
        """What a browser would send of it unchanged, buttons left out."""
        return {
            name: one.holds
            for name, one in self.controls.items()
            if one.kind != "file" and (one.holds or not one.is_choice)
        }


class Read(HTMLParser):
    """A page, read once. ``texts`` maps each id to the text below it."""

    def __init__(self, html: str, url: str = "/") -> None:
        super().__init__()
        self.url = url
        self.lang = ""
        self.forms: list[Form] = []
        self.texts: dict[str, str] = {}
        self.alerts: list[str] = []
        self.words: list[str] = []
        self._ids: list[tuple[int, str]] = []
        self._alerts: list[int] = []
        self._groups: list[tuple[int, list[str]]] = []
        self._stack: list[str] = []
        self._form: Form | None = None
        self._select: Control | None = None
        self._area: Control | None = None
        self.feed(html)

    def form(self, action: str, holds: str = "") -> Form:
        """The form that goes to ``action`` (and has a field ``holds``)."""
        for one in self.forms:
            goes_to = urljoin(self.url, one.action or self.url)
            # What a GET form's address had asked before is replaced by what it asks now.
            fits = goes_to == action if one.method == "post" else _path(goes_to) == _path(action)
            if fits and (not holds or holds in one.controls):
                return one
        raise AssertionError(f"no form goes to {action} with {holds!r}; there are {self.forms}")

    def message(self, control: Control) -> str:
        """The error that a field is described by, as it is read out; empty when there is none."""
        found = [self.texts.get(one, "") for one in control.described if one.endswith("_error")]
        return " ".join(" ".join(found).split())

    @property
    def refusal(self) -> str:
        """What the page says at its top (role="alert"), as it is read out."""
        return " ".join(" ".join(self.alerts).split())

    @property
    def text(self) -> str:
        """All that is read on the page, blanks folded."""
        return " ".join(" ".join(self.words).split())

    # The parser's own callbacks

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.lang = a.get("lang", "")
        if tag not in VOID:
            self._stack.append(tag)
            depth = len(self._stack)
            if "id" in a:
                self._ids.append((depth, a["id"]))
                self.texts[a["id"]] = ""
            if a.get("role") == "alert" and "hidden" not in a:
                self._alerts.append(depth)
                self.alerts.append("")
            if tag == "fieldset":
                self._groups.append((depth, a.get("aria-describedby", "").split()))
        if tag == "form":
            self._form = Form(a.get("action", ""), a.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None:
            self._control(self._form, tag, a)

    def _control(self, form: Form, tag: str, a: dict[str, str]) -> None:
        name, kind = a.get("name", ""), a.get("type", "text") if tag == "input" else tag
        kind = "hidden" if "hidden" in a else kind
        if tag == "button" or kind in {"submit", "button", "image"}:
            form.buttons.append((name, a.get("value", "")))
        elif tag == "option" and self._select is not None:
            self._select.choices.append(a.get("value", ""))
            if "selected" in a or not self._select.ticked:
                self._select.ticked = [a.get("value", "")]
        elif tag in {"input", "select", "textarea"} and name:
            one = form.controls.setdefault(name, Control(name, kind))
            one.described += a.get("aria-describedby", "").split()
            one.described += [ident for _depth, ids in self._groups for ident in ids]
            one.invalid |= a.get("aria-invalid") == "true"
            if kind in {"radio", "checkbox"}:
                one.choices.append(a.get("value", "on"))
                one.ticked += [a.get("value", "on")] * ("checked" in a)
            elif tag == "input":
                one.value = a.get("value", "")
            self._select = one if tag == "select" else self._select
            self._area = one if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.value += data
        if {"script", "style", "title"}.isdisjoint(self._stack):
            self.words.append(data)
            for _depth, ident in self._ids:
                self.texts[ident] += data
            if self._alerts:
                self.alerts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._close_area()
        if tag in self._stack:
            while self._stack.pop() != tag:
                pass
        depth = len(self._stack)
        self._ids = [(at, ident) for at, ident in self._ids if at <= depth]
        self._alerts = [at for at in self._alerts if at <= depth]
        self._groups = [(at, ids) for at, ids in self._groups if at <= depth]

    def _close_area(self) -> None:
        if self._area is not None:
            # As browsers do: the first line break of a text area is not part of it.
            self._area.value = self._area.value.removeprefix("\n").removeprefix("\r\n")
        self._area = None


def read(answer: Any) -> Read:
    """The answer to a request, read."""
    return Read(answer.content.decode(), answer.request["PATH_INFO"] + _query(answer))


def _path(url: str) -> str:
    return url.partition("?")[0]


def _query(answer: Any) -> str:
    found = answer.request.get("QUERY_STRING", "")
    return f"?{found}" if found else ""
