"""What the officer at the counter needs to know for the step at hand, and nothing else (need-to-know).

A step that captures shows the name; one that compares papers shows the papers; one that judges shows the
answers as well; collection shows the book. Which is which follows from the pack.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from django import forms
from django.utils.translation import get_language

from setara.applications.service import (
    Application,
    Need,
    answers_of,
    needs_of,
    pack_of_application,
    requirements_of,
)
from setara.casework.forms import StepForm
from setara.casework.models import Book
from setara.kernel.errors import NotFound
from setara.kernel.workdays import format_date
from setara.people.service import PersonData, VaultError, open_person
from setara.queueing.service import Call
from setara.rules.packs import Outcome, Pack, Step, questions_for

Kind = Literal["check", "judge", "capture", "hand_over"]
_STOPS = {"hold", "send_back", "refuse"}


class FirstFocused(forms.RadioSelect):
    """Radios of which the first has the focus, so that a counter is worked by keyboard alone."""

    def create_option(self, *args: Any, **kwargs: Any) -> Any:
        """As always; the first one asks for the focus."""
        option = super().create_option(*args, **kwargs)
        if option["index"] == "0":
            option["attrs"]["autofocus"] = True
        return option


@dataclass(frozen=True, slots=True)
class Panel:
    """One step in front of the officer."""

    call: Call
    application: Application
    pack: Pack
    step: Step
    kind: Kind
    person: PersonData | None
    type_name: str
    needs: tuple[Need, ...] = ()
    asked: tuple[tuple[str, str, str], ...] = ()
    book: Book | None = None

    def form(self, data: Any = None, *, outcomes: tuple[Outcome, ...] | None = None) -> StepForm:
        """The form in which the officer says how the step ended."""
        chosen = outcomes or (self.stopping if self.kind == "capture" else self.step.outcomes)
        form = StepForm(self.pack, self.step, self.needs, data, outcomes=chosen, asked=self.asked)
        if data is None and self.kind != "capture":
            form.fields["outcome"].widget = FirstFocused(
                choices=form.fields["outcome"].choices  # type: ignore[attr-defined]
            )
        return form

    @property
    def born(self) -> str:
        """The date of birth as people write it."""
        return (
            format_date(self.person.birth_date, get_language() or "id", weekday=False) if self.person else ""
        )

    @property
    def stopping(self) -> tuple[Outcome, ...]:
        """The outcomes of a capturing step that are no capture."""
        return tuple(o for o in self.step.outcomes if o.goes_to in _STOPS)

    @property
    def may_see_papers(self) -> bool:
        """Whether the uploaded papers belong to this step."""
        return self.kind in {"check", "judge"}


def kind_of(step: Step) -> Kind:
    """What the officer does at a step."""
    if step.kind == "pickup":
        return "hand_over"
    if step.captures:
        return "capture"
    return "judge" if step.judgement else "check"


def panel(call: Call) -> Panel:
    """The panel of the call at the counter (ticket, application and person are read with it)."""
    application = call.ticket.application
    pack = pack_of_application(application)
    step = pack.step(call.step)
    kind = kind_of(step)
    types = {one.code: str(one.name) for one in pack.types}
    papers = kind in {"check", "judge"}
    return Panel(
        call=call,
        application=application,
        pack=pack,
        step=step,
        kind=kind,
        person=person_of(application),
        type_name=types.get(application.type, ""),
        needs=tuple(requirements_of(application)) if papers else (),
        asked=asked(application, pack) if kind == "judge" else (),
        book=Book.objects.filter(case=application.pk, status=Book.Status.PASSED).first()
        if kind == "hand_over"
        else None,
    )


def asked(application: Application, pack: Pack) -> tuple[tuple[str, str, str], ...]:
    """(code, question, answer) of everything the applicant answered, in the words of the pack."""
    answers = answers_of(application)
    found = []
    for question in questions_for(pack, answers):
        if question.code not in answers:
            continue
        value = answers[question.code]
        names = {option.code: str(option.name) for option in question.options}
        words = {True: "✓", False: "✗"}.get(value, str(value)) if isinstance(value, bool) else str(value)
        found.append((question.code, str(question.text), names.get(str(value), words)))
    return tuple(found)


def person_of(application: Application) -> PersonData | None:
    """Who it is; None when the data were erased."""
    try:
        return open_person(application.person)
    except (NotFound, VaultError):
        return None


def names_of(application: Application, codes: Iterable[str]) -> list[str]:
    """The names of papers of this application by their codes."""
    wanted = list(codes)
    names = {one.code: str(one.name) for one in needs_of(application)} if wanted else {}
    return [names.get(code, code) for code in wanted]
