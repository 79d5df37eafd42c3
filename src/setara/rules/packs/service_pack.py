"""The checked pack: its parts fit together, and an office may change only what the pack calls local."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from pydantic import PrivateAttr, ValidationError, model_validator

from setara.kernel import canon
from setara.kernel.errors import Invalid, Refused
from setara.kernel.words import Words
from setara.rules.packs.conditions import Condition
from setara.rules.packs.model import (
    Content,
    Ground,
    HoldReason,
    Lane,
    Outcome,
    OverrideReason,
    Question,
    Step,
)
from setara.rules.queue import LaneRule, ReEntry, Rule

#: Where an outcome may lead besides to a step.
ENDS = frozenset({"send_back", "refuse", "hold", "done"})


class Pack(Content):
    """One service from one date on; see :class:`~setara.rules.packs.model.Content` for its parts."""

    # What is not offered can still be switched on: the pack from which :meth:`offered` left it out.
    _whole: Pack | None = PrivateAttr(default=None)

    @property
    def id(self) -> str:
        """Such as ``paspor/2024-12-17``; what an application is bound to."""
        return f"{self.service}/{self.in_force_from.isoformat()}"

    def digest(self) -> str:
        """SHA-256 (hex) of the pack's content, local values included."""
        return canon.digest(self.model_dump(mode="json"), domain="setara/pack/1").hex()

    # Looking things up; KeyError for an unknown code

    def step(self, code: str) -> Step:
        """The step with this code."""
        return _find(self.steps, code)

    def outcome(self, step: str, code: str) -> Outcome:
        """The outcome of a step."""
        return _find(self.step(step).outcomes, code)

    def lane(self, code: str) -> Lane:
        """The lane with this code."""
        return _find(self.lanes, code)

    def ground(self, lane: str, code: str) -> Ground:
        """A ground of a lane."""
        return _find(self.lane(lane).grounds, code)

    def hold(self, code: str) -> HoldReason:
        """The reason of a hold."""
        return _find(self.hold_reasons, code)

    def override(self, code: str) -> OverrideReason:
        """The reason of an override."""
        return _find(self.override_reasons, code)

    def question(self, code: str) -> Question:
        """The question with this code."""
        return _find(self.questions, code)

    def steps_of(self, kind: str) -> tuple[Step, ...]:
        """The steps of one kind (``hall``, ``back``, ``pickup``) in their order."""
        return tuple(step for step in self.steps if step.kind == kind)

    @property
    def first_step(self) -> Step:
        """The step at which somebody who has checked in begins."""
        return self.steps[0]

    def clock_starts(self, step: str, outcome: str) -> bool:
        """Whether the promise begins to run when ``step`` ends so."""
        return step == self.clock.start.step and outcome in self.clock.start.outcomes

    def clock_ends(self, step: str, outcome: str) -> bool:
        """Whether the promise is kept when ``step`` ends so."""
        return step == self.clock.end.step and outcome in self.clock.end.outcomes

    def queue_rule(self, step: str) -> Rule:
        """The queue rule before ``step``: its lanes, its order, the published list of re-entries."""
        found = self.step(step)
        purpose = "pickup" if found.kind == "pickup" else "service"
        return Rule(
            lanes=tuple(
                LaneRule(lane.code, lane.weight)
                for lane in self.lanes
                if lane.enabled and lane.purpose == purpose
            ),
            order=found.order,
            re_entry={entry.code: ReEntry(entry.mode, entry.places) for entry in self.queue.re_entry},
            late_grace=timedelta(minutes=self.queue.late_grace_minutes),
        )

    def with_local(self, overrides: Mapping[str, Any]) -> Pack:
        """The pack with an office's own values; keys are dotted, list items by their code.

        ``Refused`` for a key that the pack does not call local, ``Invalid`` for a value that does not
        fit; the field is the key.
        """
        data = (self._whole or self).model_dump()
        for key, value in overrides.items():
            if key not in self.local:
                raise Refused(
                    Words(
                        id=f"Nilai {key} tidak boleh diubah oleh kantor.",
                        en=f"An office may not change the value {key}.",
                    ),
                    code="not_local",
                    rule=Words(id=f"Ketentuan layanan {self.id}", en=f"Service pack {self.id}"),
                    remedy=Words(
                        id="Ubah hanya nilai yang ditandai sebagai ketentuan setempat.",
                        en="Change only the values that are marked as local.",
                    ),
                    field=key,
                )
            target, last = _resolve(data, key)
            target[last] = value
        try:
            return Pack.model_validate(data)
        except ValidationError as wrong:
            message = Words(
                id="Nilai ini tidak sesuai dengan ketentuan layanan.",
                en="This value does not fit the service pack.",
            )
            raise Invalid(dict.fromkeys(overrides, message)) from wrong

    def offered(self) -> Pack:
        """The pack as the office offers it: without the questions and lanes that it has not switched on."""
        lanes = tuple(lane for lane in self.lanes if lane.enabled)
        questions = tuple(question for question in self.questions if question.enabled)
        if (lanes, questions) == (self.lanes, self.questions):
            return self
        made = self.model_copy(update={"lanes": lanes, "questions": questions})
        made._whole = self
        return made

    def local_values(self) -> dict[str, Any]:
        """The keys that an office may set, with their present values."""
        data = (self._whole or self).model_dump()
        found = {}
        for key in self.local:
            target, last = _resolve(data, key)
            found[key] = target[last]
        return found

    @model_validator(mode="after")
    def _fits_together(self) -> Pack:
        problems = [*_unique(self), *_conditions(self), *_path(self), *_floor(self), *_local(self)]
        if problems:
            raise ValueError("; ".join(problems))
        return self


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


T = TypeVar("T", bound=_Coded)


def _find(items: Iterable[T], code: str) -> T:
    for item in items:
        if item.code == code:
            return item
    raise KeyError(code)


def _resolve(data: Any, key: str) -> tuple[dict[str, Any], str]:
    """The dictionary and last name that a dotted key means; KeyError if there is no such place."""
    *path, last = key.split(".")
    for name in path:
        data = (
            next((item for item in data if item["code"] == name), None)
            if isinstance(data, (list, tuple))
            else data.get(name)
        )
        if data is None:
            raise KeyError(key)
    if not isinstance(data, dict) or last not in data:
        raise KeyError(key)
    return data, last


def _unique(pack: Pack) -> Iterable[str]:
    lists: dict[str, Iterable[Any]] = {
        name: getattr(pack, name)
        for name in ("types", "questions", "groups", "fees", "lanes", "steps", "hold_reasons")
    }
    lists |= {"documents and groups": (*pack.documents, *pack.groups), "overrides": pack.override_reasons}
    lists |= {f"options of {question.code}": question.options for question in pack.questions}
    lists |= {f"outcomes of {step.code}": step.outcomes for step in pack.steps}
    lists |= {f"grounds of {lane.code}": lane.grounds for lane in pack.lanes}
    for name, items in lists.items():
        codes = [item.code for item in items]
        if len(set(codes)) != len(codes):
            yield f"{name}: a code comes twice"
    letters = [lane.letter for lane in pack.lanes]
    if len(set(letters)) != len(letters):
        yield "lanes: a letter comes twice"
    if pack.in_force_until and pack.in_force_until < pack.in_force_from:
        yield "in force until before it is in force"


def _conditions(pack: Pack) -> Iterable[str]:
    known: dict[str, set[bool | str] | None] = {}
    for question in pack.questions:
        if (question.kind == "choice") != bool(question.options):
            yield f"question {question.code}: options belong to a choice and only to a choice"
        # A question may only depend on earlier ones, so that one page after the other can be shown.
        yield from _known(question.shown_if, known, f"question {question.code}")
        if question.kind == "date":
            known[question.code] = None
        else:
            known[question.code] = {option.code for option in question.options} or {True, False}
    for what, items in (("fee", pack.fees), ("stock", pack.product.stock)):
        for item in items:
            yield from _known(item.when, known, f"{what} {item.code}")
    for document in pack.documents:
        yield from _known(document.required_if, known, f"document {document.code}")
        if document.group and document.group not in {group.code for group in pack.groups}:
            yield f"document {document.code}: unknown group {document.group}"
    for line in pack.validity:
        yield from _known(line.when, known, f"validity {line.years}")
    types = {kind.code for kind in pack.types}
    asked = {
        option.code
        for question in pack.questions
        if question.code == "type"
        for option in question.options
        if option.stop is None
    }
    if (asked or len(types) > 1) and asked != types:
        yield "the question 'type' must offer exactly the types of the pack"
    if not any(line.kind == "base" for line in pack.fees):
        yield "fees: a base line is needed, even if it is Rp0"


def _known(when: Condition | None, known: Mapping[str, set[bool | str] | None], where: str) -> Iterable[str]:
    for name, values in when.tests() if when else ():
        allowed = known.get(name, set())
        if name not in known:
            yield f"{where}: asks about {name}, which is not an earlier question"
        elif allowed is not None and not set(values) <= allowed:
            yield f"{where}: {name} can never be {sorted(map(str, set(values) - allowed))}"


def _path(pack: Pack) -> Iterable[str]:
    steps = {step.code: step for step in pack.steps}
    holds = {hold.code for hold in pack.hold_reasons}
    for step in pack.steps:
        for outcome in step.outcomes:
            where = f"{step.code}.{outcome.code}"
            if outcome.goes_to not in steps and outcome.goes_to not in ENDS:
                yield f"{where}: goes to {outcome.goes_to}, which is nowhere"
            if (outcome.goes_to in {"hold", "send_back"}) != bool(outcome.holds):
                yield f"{where}: a hold or a sending back names its reasons, and nothing else does"
            if not set(outcome.holds) <= holds:
                yield f"{where}: unknown reason of a hold"
    for hold in pack.hold_reasons:
        if hold.papers and hold.attributed_to != "applicant":
            yield f"hold {hold.code}: papers are brought by the applicant"
    for event in (pack.clock.start, pack.clock.end):
        known = {outcome.code for outcome in steps[event.step].outcomes} if event.step in steps else set()
        if not event.outcomes or not set(event.outcomes) <= known:
            yield f"clock: {event.step} cannot end so"
    reached, todo = set(), [pack.steps[0].code] if pack.steps else []
    while todo:
        code = todo.pop()
        if code in steps and code not in reached:
            reached.add(code)
            todo += [outcome.goes_to for outcome in steps[code].outcomes]
    if set(steps) - reached:
        yield f"steps never reached: {sorted(set(steps) - reached)}"
    if not any(outcome.goes_to == "done" for code in reached for outcome in steps[code].outcomes):
        yield "steps: nothing is ever done"
    if any(step.uses_stock for step in pack.steps) != bool(pack.product.stock):
        yield "stock: a step uses it if and only if the product has it"


def _floor(pack: Pack) -> Iterable[str]:
    kinds = {step.kind for step in pack.steps}
    for kind, purpose in (("hall", "service"), ("pickup", "pickup")):
        lanes = [lane for lane in pack.lanes if lane.purpose == purpose]
        if (kind in kinds) != bool(lanes):
            yield f"lanes: {purpose} lanes are there if and only if there are {kind} steps"
    for lane in pack.lanes:
        if not (lane.booked or lane.walk_in):
            yield f"lane {lane.code}: nobody is ever admitted"
        for ground in lane.grounds:
            by_age = ground.min_age is not None or ground.max_age is not None
            if by_age != (ground.verification == "date_of_birth"):
                yield f"lane {lane.code}: ground {ground.code} needs an age exactly if it is verified by one"
            if (ground.fee is not None) != (ground.verification == "payment"):
                yield f"lane {lane.code}: ground {ground.code} names a fee exactly if a payment verifies it"
            if ground.fee is not None and ground.fee not in {fee.code for fee in pack.fees}:
                yield f"lane {lane.code}: ground {ground.code}: unknown fee {ground.fee}"
    if pack.steps and pack.steps[0].kind != "hall":
        yield "steps: the first step is in the hall"
    for reason in pack.override_reasons:
        if ("payment" in reason.evidence) != (reason.fee is not None):
            yield f"override {reason.code}: a payment proves it if and only if a fee is named"
        if reason.fee is not None and reason.fee not in {fee.code for fee in pack.fees}:
            yield f"override {reason.code}: unknown fee {reason.fee}"


def _local(pack: Pack) -> Iterable[str]:
    data = pack.model_dump()
    for key in pack.local:
        try:
            _resolve(data, key)
        except KeyError:
            yield f"local: there is no {key}"
