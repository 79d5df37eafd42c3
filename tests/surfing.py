"""A plain visitor over HTTP: keeps cookies, reads the forms of a page, sends them, and can send them again.

No JavaScript, no framework: what an old telephone does. A form that was sent is bytes, so that sending it
again sends exactly the same, idempotency key included.
"""

from __future__ import annotations

import html
import http.client
import re
import uuid
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

Files = dict[str, tuple[str, bytes, str]]


class Unavailable(Exception):  # noqa: N818 - what a person would say of it
    """Nobody answered, or with a fault: it is not known whether anything was done."""


@dataclass
class Form:
    """A form of a page: where it goes, what is filled in, which buttons it has."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Page:
    """What was answered."""

    status: int
    url: str
    text: str
    forms: list[Form]
    headers: dict[str, str]

    def form(self, holds: str = "", action: str = "") -> Form:
        """The form with a field called ``holds`` whose address has ``action`` in it."""
        for one in self.forms:
            if action in one.action and (not holds or holds in one.fields or holds in one.choices):
                return one
        raise AssertionError(
            f"{self.url} ({self.status}) has no form with {holds!r} {action!r}:\n{self.words[:1500]}"
        )

    def has(self, action: str) -> bool:
        """Whether some form goes to an address with ``action`` in it."""
        return any(action in one.action for one in self.forms)

    @property
    def words(self) -> str:
        """The page as it is read: without marks, blanks folded."""
        body = re.sub(r"(?s)<(script|style|head)\b.*?</\1>", " ", self.text)
        return " ".join(html.unescape(re.sub(r"(?s)<[^>]+>", " ", body)).split())


@dataclass(frozen=True)
class Sent:
    """A form as it went over the line."""

    path: str
    body: bytes
    kind: str


class Visitor:
    """One browser with its own cookies, at one office."""

    def __init__(self, port: int, language: str = "id", timeout: float = 20.0) -> None:
        self.port = port
        self.language = language
        self.timeout = timeout
        self.cookies: dict[str, str] = {}
        self.page: Page | None = None

    def get(self, path: str) -> Page:
        """Open a page, following where it leads."""
        path = urljoin(self.page.url if self.page else "/", path)
        for _hop in range(8):
            answer = self._ask("GET", path)
            if answer.status not in {301, 302, 303}:
                self.page = answer
                return answer
            path = _path(answer)
        raise AssertionError(f"{path} leads round in circles")

    def fill(self, form: Form, files: Files | None = None, **values: str) -> Sent:
        """The form with ``values``, ready to be sent."""
        fields = {**form.fields, **{name.rstrip("_"): value for name, value in values.items()}}
        here = urljoin(self.page.url if self.page else "/", form.action or "")
        if files is None:
            return Sent(here, urlencode(fields).encode(), "application/x-www-form-urlencoded")
        return Sent(here, *_multipart(fields, files))

    def send(self, sent: Sent) -> Page:
        """Post it and say what was answered, without going where it leads. Raises Unavailable."""
        answer = self._ask("POST", sent.path, sent.body, sent.kind)
        if answer.status not in {301, 302, 303}:
            self.page = answer
        return answer

    def submit(self, form: Form, files: Files | None = None, **values: str) -> Page:
        """Fill in, post, and go where it leads."""
        answer = self.send(self.fill(form, files, **values))
        return self.get(_path(answer)) if answer.status in {301, 302, 303} else answer

    def _ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Page:
        headers = {
            "Accept": "text/html",
            "Accept-Language": self.language,
            "Referer": f"http://127.0.0.1:{self.port}{self.page.url if self.page else '/'}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if method == "POST":
            headers["Content-Type"] = kind
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            line.request(method, path, body or None, headers)
            answer = line.getresponse()
            text = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"{method} {path}: {error}") from error
        finally:
            line.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value.strip()
        if answer.status >= 500:
            raise Unavailable(f"{method} {path}: {answer.status}")
        reader = _Reader()
        reader.feed(text)
        return Page(
            answer.status, path, text, reader.forms, {k.lower(): v for k, v in answer.headers.items()}
        )


def _path(page: Page) -> str:
    parts = urlsplit(urljoin(page.url, page.headers["location"]))
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _multipart(fields: dict[str, str], files: Files) -> tuple[bytes, str]:
    border = uuid.uuid4().hex
    parts: list[bytes] = []
    for name, value in fields.items():
        parts.append(f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode())
    for name, (filename, data, mime) in files.items():
        head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: {mime}'
        parts.append(head.encode() + b"\r\n\r\n" + data)
    mark = f"--{border}".encode()
    body = b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"
    return body, f"multipart/form-data; boundary={border}"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(a.get("action", ""), a.get("method", "get").lower())
            self.forms.append(self._open)
        form = self._open
        if form is None:
            return
        name = a.get("name", "")
        if tag == "button":
            form.buttons.append((name, a.get("value", "")))
        elif tag == "select":
            self._select = name
            form.choices.setdefault(name, [])
        elif tag == "option" and self._select:
            form.choices[self._select].append(a.get("value", ""))
            if "selected" in a or self._select not in form.fields:
                form.fields[self._select] = a.get("value", "")
        elif tag == "textarea" and name:
            self._area = name
            form.fields[name] = ""
        elif tag == "input" and name:
            self._input(form, name, a)

    def _input(self, form: Form, name: str, a: dict[str, str]) -> None:
        kind = a.get("type", "text")
        if kind in {"radio", "checkbox"}:
            form.choices.setdefault(name, []).append(a.get("value", "on"))
            if "checked" in a:
                form.fields[name] = a.get("value", "on")
        elif kind in {"submit", "button", "image"}:
            form.buttons.append((name, a.get("value", "")))
        elif kind == "file":
            form.choices.setdefault(name, [])
        else:
            form.fields[name] = a.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area and self._open is not None:
            self._open.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""
