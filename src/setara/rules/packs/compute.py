"""Pure answers from a pack: which questions, papers, fee, validity and lane this case has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from setara.kernel.errors import Invalid, Refused, Text
from setara.kernel.money import Rupiah
from setara.kernel.words import Words
from setara.rules.packs.conditions import Answer, Answers, met
from setara.rules.packs.model import Document, FeeLine, Ground, Lane, Question
from setara.rules.packs.service_pack import Pack

#: The ground of somebody who only accompanies a person with a ground of their own.
COMPANION = "companion"

_CHOOSE = Words(id="Pilih salah satu jawaban.", en="Choose one of the answers.")
_UNANSWERED = Words(id="Pertanyaan ini belum dijawab.", en="This question is not answered yet.")
_STRANGE = Words(id="Pertanyaan ini tidak ada dalam layanan ini.", en="This service has no such question.")
_NOT_HERE = Words(
    id="Pilihan ini tidak tersedia di kantor ini.", en="This office does not offer this choice."
)
_BIRTH_DATE = Words(id="tanggal lahir", en="date of birth")


def _lanes_rule(pack: Pack) -> Words:
    return Words(id=f"Jalur layanan {pack.id}", en=f"Lanes of the service {pack.id}")


def questions_for(pack: Pack, answers: Answers) -> list[Question]:
    """The questions of this case in order, as far as the answers so far decide.

    An answer to a question that is not shown counts as not given.
    """
    shown: list[Question] = []
    seen: dict[str, Answer] = {}
    for question in pack.questions:
        if question.enabled and met(question.shown_if, seen):
            shown.append(question)
            if question.code in answers:
                seen[question.code] = answers[question.code]
    return shown


def relevant(pack: Pack, answers: Answers) -> dict[str, Answer]:
    """The answers to questions that are shown; the rest (left over from a change of mind) drops out."""
    return {q.code: answers[q.code] for q in questions_for(pack, answers) if q.code in answers}


def next_question(pack: Pack, answers: Answers) -> Question | None:
    """The first question that has no usable answer yet; None when all are answered."""
    for question in questions_for(pack, answers):
        if question.code not in answers or _problem(question, answers[question.code]) is not None:
            return question
    return None


def check_answer(pack: Pack, code: str, raw: object) -> Answer:
    """One answer as typed, made usable; ``Invalid`` with the question's code as the field.

    Booleans may come as ``yes``/``no`` or ``true``/``false``, dates as ISO text.
    """
    try:
        question = pack.question(code)
    except KeyError:
        raise Invalid({code: _STRANGE}) from None
    value = _read(question, raw)
    problem = _CHOOSE if value is None else _problem(question, value)
    if value is None or problem is not None:
        raise Invalid({code: problem or _CHOOSE})
    return value


def validate_answers(pack: Pack, raw: Mapping[str, object]) -> dict[str, Answer]:
    """All answers of a finished wizard, made usable; ``Invalid`` with one message for each question."""
    errors: dict[str, Text] = {}
    usable: dict[str, Answer] = {}
    for question in pack.questions:
        if not (question.enabled and met(question.shown_if, usable)):
            continue
        if question.code not in raw:
            errors[question.code] = _UNANSWERED
            continue
        try:
            usable[question.code] = check_answer(pack, question.code, raw[question.code])
        except Invalid as wrong:
            errors |= wrong.errors
    errors |= dict.fromkeys(_strangers(pack, raw), _STRANGE)
    if errors:
        raise Invalid(errors)
    return usable


def _strangers(pack: Pack, raw: Mapping[str, object]) -> list[str]:
    return sorted(set(raw) - {question.code for question in pack.questions})


def _read(question: Question, raw: object) -> Answer | None:
    if question.kind == "bool":
        if isinstance(raw, bool):
            return raw
        return {"yes": True, "true": True, "no": False, "false": False}.get(str(raw).lower())
    if question.kind == "date":
        if isinstance(raw, date):
            return raw
        try:
            return date.fromisoformat(str(raw))
        except ValueError:
            return None
    return raw if isinstance(raw, str) else None


def _problem(question: Question, value: Answer) -> Words | None:
    """Why a value cannot be used; None if it can."""
    if question.kind != "choice":
        return None if _read(question, value) is not None else _CHOOSE
    for option in question.options:
        if option.code == value:
            if option.stop is not None:
                return option.stop
            return None if option.enabled else _NOT_HERE
    return _CHOOSE


def split_personal(pack: Pack, answers: Answers) -> tuple[dict[str, Answer], dict[str, Answer]]:
    """The answers in two parts: those that are not personal, and those for the vault."""
    personal = {question.code for question in pack.questions if question.personal}
    kept = {code: value for code, value in answers.items() if code not in personal}
    return kept, {code: value for code, value in answers.items() if code in personal}


def type_of(pack: Pack, answers: Answers) -> str | None:
    """The code of the application type; the only one if the pack has one, None if not answered."""
    if len(pack.types) == 1:
        return pack.types[0].code
    given = answers.get("type")
    return given if given in {kind.code for kind in pack.types} else None  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Requirement:
    """A paper that this case needs: one document, or any one of several."""

    code: str
    name: Words
    help: Words
    required: bool
    accepts: tuple[str, ...]
    options: tuple[Document, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain data to store with an application."""
        return {
            "code": self.code,
            "name": self.name.as_dict(),
            "required": self.required,
            "accepts": list(self.accepts),
            "options": [{"code": one.code, "name": one.name.as_dict()} for one in self.options],
        }


def requirements(pack: Pack, answers: Answers) -> list[Requirement]:
    """The papers of this case in the order of the pack; a group stands where its first paper stands."""
    seen = relevant(pack, answers)
    needed = [document for document in pack.documents if met(document.required_if, seen)]
    groups = {group.code: group for group in pack.groups}
    found: dict[str, Requirement] = {}
    for document in needed:
        if document.group is None:
            found[document.code] = Requirement(
                document.code, document.name, document.help, document.required, document.accepts
            )
        elif document.group not in found:
            group = groups[document.group]
            options = tuple(one for one in needed if one.group == group.code)
            accepts = tuple(dict.fromkeys(mime for one in options for mime in one.accepts))
            required = any(one.required for one in options)
            found[group.code] = Requirement(group.code, group.name, group.help, required, accepts, options)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Fee:
    """What is to be paid, in whole rupiah, with the lines that make it up."""

    total: Rupiah
    lines: tuple[FeeLine, ...]


def fee(pack: Pack, answers: Answers) -> Fee:
    """The fee of this case; ``Refused`` while the answers do not yet decide it."""
    seen = relevant(pack, answers)
    lines = tuple(line for line in pack.fees if met(line.when, seen))
    if sum(line.kind == "base" for line in lines) != 1:
        raise Refused(
            Words(id="Biaya belum dapat dihitung.", en="The fee cannot be worked out yet."),
            code="fee_undecided",
            rule=Words(id=f"Daftar biaya {pack.id}", en=f"List of fees {pack.id}"),
            remedy=Words(id="Jawab dahulu semua pertanyaan.", en="Please answer all questions first."),
        )
    return Fee(Rupiah(sum(line.amount for line in lines)), lines)


def validity_years(pack: Pack, answers: Answers) -> int | None:
    """Years of validity of the product; None if the service knows no validity."""
    seen = relevant(pack, answers)
    return next((line.years for line in pack.validity if met(line.when, seen)), None)


def stock_kind(pack: Pack, answers: Answers) -> str | None:
    """The kind of blank that this case takes from the store; None if it takes none."""
    seen = relevant(pack, answers)
    return next((kind.code for kind in pack.product.stock if met(kind.when, seen)), None)


@dataclass(frozen=True, slots=True)
class Admission:
    """The lane that a person is admitted to, the ground for it and how the ground was verified."""

    lane: str
    ground: str = ""
    verification: str = ""


def lane_for(
    pack: Pack,
    *,
    booked: bool,
    ground: str | None = None,
    verified: bool = False,
    born: date | None = None,
    on: date | None = None,
    paid: Collection[str] = (),
    purpose: Literal["service", "pickup"] = "service",
) -> Admission:
    """The lane for somebody who arrives.

    ``ground`` names a lawful ground (or ``companion``); ``verified`` says that the officer saw what the
    ground asks for (card, visible condition, attestation, family card); grounds by age need ``born``
    and the day ``on`` instead, grounds by payment the codes of the fees ``paid``. ``Refused`` with what can be done:
    unknown, unproven or unpaid ground, or a walk-in where the service takes walk-ins only with a ground.
    """
    lanes = [lane for lane in pack.lanes if lane.enabled and lane.purpose == purpose]
    if ground:
        return _by_ground(pack, lanes, ground, verified, born, on, paid)
    for lane in lanes:
        if not lane.grounds and (lane.booked if booked else lane.walk_in):
            return Admission(lane.code)
    raise Refused(
        Words(
            id="Datang langsung tanpa jadwal hanya untuk kelompok yang didahulukan.",
            en="Coming without an appointment is only for priority groups.",
        ),
        code="walk_in_needs_ground",
        rule=_lanes_rule(pack),
        remedy=Words(
            id="Pesan jadwal secara daring, atau minta petugas di meja depan memesankannya sekarang.",
            en="Book online, or ask the front desk to book for you now.",
        ),
        field="ground",
    )


def _by_ground(
    pack: Pack,
    lanes: list[Lane],
    ground: str,
    verified: bool,
    born: date | None,
    on: date | None,
    paid: Collection[str],
) -> Admission:
    for lane in lanes:
        together = lane.companions
        if ground == COMPANION and together is not None and together.enabled and together.max:
            if not verified:
                raise _unproven(pack, together.proof)
            return Admission(lane.code, COMPANION, "card")
        for each in lane.grounds:
            if each.code == ground and each.enabled:
                if each.verification == "payment":
                    _is_paid(pack, each, paid)
                else:
                    _verify(pack, each, verified, born, on)
                return Admission(lane.code, each.code, each.verification)
    raise Refused(
        Words(
            id="Alasan ini tidak termasuk alasan yang sah untuk jalur prioritas di kantor ini.",
            en="This is not a lawful ground for the priority lane of this office.",
        ),
        code="ground_unknown",
        rule=_lanes_rule(pack),
        remedy=Words(
            id="Pilih alasan lain dari daftar, atau pesan jadwal biasa.",
            en="Choose another ground from the list, or book an ordinary appointment.",
        ),
        field="ground",
    )


def _verify(pack: Pack, ground: Ground, verified: bool, born: date | None, on: date | None) -> None:
    if ground.verification != "date_of_birth":
        if not verified:
            raise _unproven(pack, ground.name)
        return
    if born is None or on is None or born > on:
        raise _unproven(pack, _BIRTH_DATE)
    age = age_on(born, on)
    low, high = ground.min_age or 0, ground.max_age
    if age < low or (high is not None and age > high):
        raise Refused(
            Words(
                id=f"Umur {age} tahun tidak memenuhi syarat: {ground.name.id}.",
                en=f"An age of {age} years does not meet the ground: {ground.name.en}.",
            ),
            code="ground_not_met",
            rule=_lanes_rule(pack),
            remedy=Words(
                id="Pilih alasan lain yang sesuai, atau pesan jadwal biasa.",
                en="Choose another ground that fits, or book an ordinary appointment.",
            ),
            field="ground",
        )


def _is_paid(pack: Pack, ground: Ground, paid: Collection[str]) -> None:
    """The lane has its own payment; nothing that an officer sees takes its place."""
    if ground.fee not in paid:
        raise Refused(
            Words(
                id=f"Biaya jalur ini belum dibayar: {ground.name.id}.",
                en=f"The fee of this lane has not been paid: {ground.name.en}.",
            ),
            code="ground_unpaid",
            rule=_lanes_rule(pack),
            remedy=Words(
                id="Bayar biayanya dengan kode dari permohonan, atau pesan jadwal biasa.",
                en="Pay the fee with the code of the application, or book an ordinary appointment.",
            ),
            field="ground",
        )


def _unproven(pack: Pack, what: Words) -> Refused:
    return Refused(
        Words(
            id=f"Alasan prioritas belum dibuktikan: {what.id}.",
            en=f"The ground for priority is not proven yet: {what.en}.",
        ),
        code="ground_unproven",
        rule=_lanes_rule(pack),
        remedy=Words(
            id="Lihat buktinya, lalu tandai bahwa bukti sudah dilihat.",
            en="Look at the proof, then mark that it was seen.",
        ),
        field="ground",
    )


def age_on(born: date, on: date) -> int:
    """Full years of age on a day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
