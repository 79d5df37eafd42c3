"""What a case of bad input is, and how each is walked: refused twice, once in each language, then accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from tests.bad_input.languages import check_pair, indonesian_in
from tests.bad_input.reading import Control, Form, Read, read
from tests.bad_input.town import INDONESIAN, Browser, Town, events

from setara.kernel.ids import uuid7

#: What the house answers to what cannot be accepted: a form with faults (400, 422), a rule that says no (422),
#: nothing that fits (404), a state that changed meanwhile (409), a system outside that is silent (503).
REFUSALS = {400, 404, 409, 422, 503}
KEY = "idempotency_key"
Fields = dict[str, Any]


@dataclass
class Trial:
    """One form with one thing wrong, and the same form put right.

    ``page`` shows the form, ``action`` takes it; ``wrong`` is refused beside the field ``beside`` (empty: at the
    top of the page, by a rule), ``right`` is accepted after ``meanwhile``. ``secret`` is never put back, ``lost``
    cannot be (a choice that is none, a file). ``wrong`` None: a button that is never refused. ``stale``: the button
    stood on a page that was opened before the state changed. ``shown_at``: the form that shows the message goes
    elsewhere. ``records``: events of the accepted one; ``again``: of the very
    same request once more, which is none but where each is an event by its nature (signing in).
    """

    browser: Browser
    page: str
    wrong: Fields | None
    right: Fields
    beside: str = ""
    action: str = ""
    holds: str = ""
    method: str = "post"
    meanwhile: Callable[[], object] = lambda: None
    secret: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    shown_at: str = ""
    stale: bool = False
    status: int = 302
    records: int = 1
    again: int = 0
    keyed: bool = True

    @property
    def target(self) -> str:
        """Where the form is sent."""
        return self.action or self.page

    def form(self) -> Form:
        """The form as the page shows it."""
        if self.stale:
            return Form(self.target, "post", {KEY: Control(KEY, "hidden")})
        shown = self.browser.get(self.page, headers=INDONESIAN)
        assert shown.status_code == 200, f"{self.page} ({shown.status_code})"
        found = read(shown).form(self.target, self.holds or self.beside)
        assert found.method == self.method
        if self.method == "post":
            assert not self.keyed or KEY in found.controls, "a retry could not be told"
            assert "csrfmiddlewaretoken" in found.controls
        return found

    def send(self, fields: Fields, language: dict[str, str] = INDONESIAN) -> Any:
        """Send the form, as a browser would. Files are sent from their beginning."""
        for value in fields.values():
            if isinstance(value, SimpleUploadedFile):
                value.seek(0)
        return self.browser.ask(self.method, self.target, dict(fields), headers=language)

    def filled(self, typed: Fields) -> Fields:
        """The form of the page with what somebody types (None: this field is left out)."""
        fields = self.form().sends | {KEY: str(uuid7())} | typed
        if not self.keyed or self.method == "get":
            del fields[KEY]
        return {name: value for name, value in fields.items() if value is not None}


Maker = Callable[[Town], Trial]
#: Every case, by its own name; several may be about one address.
CASES: dict[str, tuple[str, Maker]] = {}


def case(*names: str) -> Callable[[Maker], Maker]:
    """Register a case for the addresses called ``names``."""

    def register(maker: Maker) -> Maker:
        for name in names:
            ident = f"{name}-{maker.__name__}" if name in CASES else name
            assert ident not in CASES, ident
            CASES[ident] = (name, maker)
        return maker

    return register


@dataclass
class Said:
    """A refusal as it was read in one language."""

    answer: Any
    page: Read
    message: str


def refused(trial: Trial, fields: Fields, language: dict[str, str], beside: str) -> Said:
    """Send what is wrong: the right status, recorded nothing, the message where it belongs, the page's language."""
    before = events()
    answer = trial.send(fields, language)
    assert answer.status_code in REFUSALS, f"{answer.status_code}: {answer.content[:400]!r}"
    assert events() == before, "a refused form recorded something"
    page = read(answer)
    assert page.lang == language["accept-language"]
    if not beside:
        return Said(answer, page, page.refusal)
    message = message_at(trial, page, beside)
    assert page.refusal, "nothing at the top of the page leads to the field"
    return Said(answer, page, message)


def message_at(trial: Trial, page: Read, name: str) -> str:
    """What a field that is marked as wrong is described by."""
    control = page.form(trial.shown_at or trial.target, trial.holds or trial.beside).controls[name]
    assert control.invalid or control.kind in {"radio", "checkbox"}, f"{name} is not marked as wrong"
    message = page.message(control)
    assert message, f"nothing describes {name}; the page says {page.refusal!r}"
    return message


def kept(trial: Trial, said: Said, typed: Fields) -> None:
    """What was typed is still there, but secrets and files."""
    form = said.page.form(trial.shown_at or trial.target, trial.holds or trial.beside)
    for name, value in typed.items():
        if value is None or name in {*trial.lost, *trial.hidden} or isinstance(value, SimpleUploadedFile):
            continue
        holds = form.controls[name].holds
        if name in trial.secret:
            assert not holds, f"{name} is secret and stands in the page"
            assert str(value) not in said.answer.content.decode()
        else:
            wanted = value if isinstance(value, list) or not isinstance(holds, list) else [value]
            assert holds == wanted, f"{name} was {value!r}, the page holds {holds!r}"


def check_languages(said: Iterable[Said]) -> None:
    """The same refusal in Indonesian and in English; the English page holds no Indonesian sentence of ours."""
    first, second = said
    check_pair(first.message, second.message)
    assert not indonesian_in(second.page.text), f"Indonesian left: {indonesian_in(second.page.text)}"


def same(first: Any, second: Any) -> bool:
    """Whether two answers lead to the same."""
    return (first.status_code, first.get("Location")) == (second.status_code, second.get("Location"))
