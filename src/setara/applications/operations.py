"""The only writers of this room: start, amend the person's data, answer, attach, submit, renew the code, look."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.errors import UniqueViolation

from setara.applications import events, policies
from setara.applications.cleaning import CleanDocument, Kind
from setara.applications.models import Application, Document
from setara.applications.moves import lock, move_to
from setara.applications.queries import answers_of, may_hand_in, missing, needs_of, pack_of_application
from setara.kernel import ids
from setara.kernel.errors import Invalid, Refused, Text
from setara.ledger.service import Op, operation
from setara.offices.service import Office, local_date, pack_of, staff_by_id
from setara.people.service import PersonData, erase_blob, open_person, register, seal, update_person
from setara.rules import packs

#: With thousands of millions of references, meeting a taken one twice in a row is no accident any more.
REFERENCE_TRIES = 5
Status, Channel, Contact = Application.Status, Application.Channel, Application.Contact


@operation
def start(
    op: Op,
    office: Office,
    person: PersonData,
    *,
    contact: str,
    language: str,
    channel: str,
    simulated: bool = False,
) -> Application:
    """A new application. An officer who starts one for somebody is named in it; ``op.reason`` says why.

    Never refused for what a NIK says about region or birth. Raises ``Invalid`` for a contact that the
    person's data do not allow, ``Refused`` (``applications.channel``) for a channel not the actor's.
    """
    # Somebody who holds one application may start another, for their child for example.
    op.permit(policies.START, office=office.pk, application=op.actor.id)
    _check_contact(person, contact)
    if op.actor.is_officer != (channel != Channel.ONLINE) or channel not in Channel.values:
        raise Refused(
            _("Cara pengajuan ini tidak sesuai dengan siapa yang mengisi."),
            code="applications.channel",
            rule=_(
                "Yang diisi petugas tercatat sebagai dibantu; yang diisi sendiri tercatat sebagai daring."
            ),
            remedy=_("Mulai dari halaman yang sesuai."),
        )
    made = _with_reference(
        office=office,
        pack=pack_of(office, local_date(office, op.now)).id,
        person=register(op, person, simulated),
        channel=channel,
        contact=contact,
        language=language,
        typed_by_id=_typist(op),
        started_at=op.now,
    )
    op.record(
        events.Started(
            reference=made.reference,
            typed_by=_typist(op) or "",
            channel=channel,
            contact=contact,
            language=language,
            pack=made.pack,
            simulated=simulated,
        ),
        office=office.pk,
        application=made.pk,
    )
    return made


@operation
def amend_person(op: Op, application: Application, person: PersonData) -> Application:
    """Put the person's data right while the application is a draft."""
    op.permit(policies.FILL, office=application.office_id, application=application.pk)
    lock(op, application)
    _only_draft(application)
    _check_contact(person, application.contact)
    before = open_person(application.person)
    changed = [name for name in PersonData.model_fields if getattr(before, name) != getattr(person, name)]
    application.person = update_person(op, application.person, person)
    _record(op, application, events.PersonAmended, fields=changed)
    return application


@operation
def answer(op: Op, application: Application, answers: Mapping[str, object]) -> Application:
    """Answer one or more questions of the pack; answers that no longer matter drop out.

    Raises ``Invalid`` with one message for each question, ``Refused`` (``applications.not_draft``).
    """
    op.permit(policies.FILL, office=application.office_id, application=application.pk)
    lock(op, application)
    _only_draft(application)
    pack = pack_of_application(application)
    errors: dict[str, Text] = {}
    merged: dict[str, Any] = answers_of(application)
    for code, raw in answers.items():
        try:
            merged[code] = packs.check_answer(pack, code, raw)
        except Invalid as wrong:
            errors |= wrong.errors
    if errors:
        raise Invalid(errors)
    _keep_answers(op, application, pack, packs.relevant(pack, merged))
    application.save(update_fields=["answers", "private", "type"])
    _record(op, application, events.Answered, questions=sorted(answers), type=application.type)
    return application


@operation
def attach(op: Op, application: Application, requirement: str, document: CleanDocument) -> Document:
    """Hand in a cleaned document for a requirement; it takes the place of an earlier one, which is kept.

    Possible while the application is a draft or waits for papers; where the office has named the papers that it
    waits for, for those. Raises ``Refused``: ``applications.no_papers_now``, ``applications.not_asked``,
    ``applications.requirement_unknown``, ``applications.kind``.
    """
    op.permit(policies.FILL, office=application.office_id, application=application.pk)
    lock(op, application)
    _check_paper(application, requirement, document)
    replaced = Document.objects.filter(
        application=application, requirement=requirement, superseded=False
    ).update(superseded=True)
    made = Document.objects.create(
        application=application,
        requirement=requirement,
        blob=seal(op, document.data, document.mime),
        pages=document.pages,
        uploaded_at=op.now,
        typed_by_id=_typist(op),
    )
    if requirement in application.asked and application.asked[requirement] is None:
        application.asked[requirement] = op.now.isoformat()
        application.save(update_fields=["asked"])
    _record(
        op,
        application,
        events.Attached,
        document=str(made.pk),
        requirement=requirement,
        pages=document.pages,
        replaces=bool(replaced),
    )
    return made


@operation
def submit(op: Op, application: Application, confirmed_aloud: bool = False) -> Application:
    """Hand the application in: complete by the rules of today, which it keeps from now on.

    What an officer typed is read out and confirmed first. Where nothing is to be paid the application counts
    as paid. Raises ``Invalid`` for unanswered questions and for a summary that was not read out, ``Refused``:
    ``applications.not_draft``, ``applications.incomplete``, ``applications.walk_in_only``, ``fee_undecided``.
    """
    op.permit(policies.SUBMIT, office=application.office_id, application=application.pk)
    lock(op, application)
    _only_draft(application)
    if op.actor.is_officer and not confirmed_aloud:
        raise Invalid(
            {
                "confirmed_aloud": _(
                    "Bacakan ringkasannya kepada pemohon, lalu tandai bahwa ia membenarkannya."
                )
            }
        )
    pack = pack_of_application(application)
    answers = packs.validate_answers(pack, answers_of(application))
    _keep_answers(op, application, pack, answers)
    _check_channel(application, pack)
    if absent := missing(application):
        raise Refused(
            _("Masih ada dokumen yang belum diunggah: %(names)s.")
            % {"names": ", ".join(str(need.requirement.name) for need in absent)},
            code="applications.incomplete",
            rule=_("Permohonan dikirim setelah lengkap, supaya tidak ada yang datang dengan sia-sia."),
            remedy=_("Unggah dokumen yang belum ada, lalu kirim lagi."),
        )
    price = packs.fee(pack, answers)
    needs = needs_of(application)
    application.pack = pack.id
    application.fee = price.total
    application.needs = [need.as_dict() for need in needs]
    application.submitted_at = op.now
    application.confirmed_aloud = confirmed_aloud
    application.save(
        update_fields=[
            "answers", "private", "type", "pack", "fee", "needs", "submitted_at", "confirmed_aloud",
        ]
    )  # fmt: skip
    move_to(op, application, Status.SUBMITTED if price.total else Status.PAID)
    _record(
        op,
        application,
        events.Submitted,
        type=application.type,
        pack=pack.id,
        requirements=[need.code for need in needs],
        fee=int(price.total),
        confirmed_aloud=confirmed_aloud,
    )
    return application


@operation
def renew_code(op: Op, application: Application) -> Application:
    """Give the application a new access code; all earlier ones are void."""
    op.permit(policies.RENEW, office=application.office_id, application=application.pk)
    lock(op, application)
    application.code_generation += 1
    application.save(update_fields=["code_generation"])
    _record(op, application, events.CodeRenewed, generation=application.code_generation)
    return application


@operation
def look_at(op: Op, application: Application, page: str) -> None:
    """Record that an officer opened the pages of somebody's application; ``page`` says which first."""
    op.permit(policies.LOOK, office=application.office_id)
    op.record(
        events.Looked(page=page, officer=staff_by_id(op.actor.id).label),
        office=application.office_id,
        application=application.pk,
    )


def _with_reference(**fields: Any) -> Application:
    """The new row, under a reference that nobody has: the unique column decides, whoever else starts just now."""
    for tries_left in reversed(range(REFERENCE_TRIES)):
        try:
            with transaction.atomic():
                return Application.objects.create(reference=ids.reference(), **fields)
        except IntegrityError as error:
            cause = error.__cause__
            taken = isinstance(cause, UniqueViolation) and "reference" in (cause.diag.constraint_name or "")
            if not taken or not tries_left:
                raise
    raise AssertionError("unreachable")


def _record(op: Op, application: Application, event: Any, **fields: Any) -> None:
    """Record ``event`` of this application, with who typed and through which channel it came."""
    made = event(typed_by=_typist(op) or "", channel=application.channel, **fields)
    op.record(made, office=application.office_id, application=application.pk)


def _typist(op: Op) -> str | None:
    """The staff id of the officer who types for somebody; None for people who type themselves."""
    return op.actor.id if op.actor.is_officer else None


def _check_paper(application: Application, requirement: str, document: CleanDocument) -> None:
    """Refuse a paper that cannot be handed in now, is not of this application's list, or is of the wrong kind."""
    if application.status not in {Status.DRAFT, Status.RETURNED}:
        raise Refused(
            _("Berkas permohonan ini tidak dapat diganti lagi."),
            code="applications.no_papers_now",
            rule=_("Berkas diunggah sebelum permohonan dikirim, atau ketika kantor memintanya kembali."),
            remedy=_("Bawa dokumen aslinya ke kantor; petugas mencocokkannya di sana."),
        )
    needed = {need.code: need for need in needs_of(application)}
    if requirement not in needed:
        raise Refused(
            _("Dokumen ini tidak diminta untuk permohonan Anda."),
            code="applications.requirement_unknown",
            rule=_("Persyaratan dihitung dari jawaban Anda; yang tidak diminta tidak perlu diserahkan."),
            remedy=_("Pilih dokumen dari daftar persyaratan Anda."),
            field="file",
        )
    if not may_hand_in(application, requirement):
        raise Refused(
            _("Dokumen ini sudah diperiksa dan tidak diminta lagi."),
            code="applications.not_asked",
            rule=_("Setelah pemeriksaan, hanya dokumen yang diminta kantor yang dapat diganti."),
            remedy=_("Unggah dokumen yang disebut sebagai kurang pada halaman permohonan."),
            field="file",
        )
    accepts = needed[requirement].accepts
    if document.mime not in accepts and not (document.mime == Kind.JPEG and Kind.PNG in accepts):
        raise Refused(
            _("Jenis berkas ini tidak diterima untuk dokumen ini."),
            code="applications.kind",
            rule=_("Setiap dokumen mempunyai jenis berkas yang dapat diterima."),
            remedy=_("Unggah fotonya (JPG)."),
            field="file",
        )


def _only_draft(application: Application) -> None:
    if application.status != Status.DRAFT:
        raise Refused(
            _("Permohonan ini sudah dikirim dan tidak dapat diubah lagi."),
            code="applications.not_draft",
            rule=_("Setelah dikirim, isian permohonan tetap, supaya biaya dan persyaratannya pasti."),
            remedy=_("Sampaikan kekeliruan kepada petugas pemeriksa berkas pada hari kedatangan Anda."),
        )


def _keep_answers(op: Op, application: Application, pack: packs.Pack, answers: packs.Answers) -> None:
    """Put the answers into the row, the personal ones sealed; dates as ISO text."""
    plain = {code: v if isinstance(v, str | bool) else v.isoformat() for code, v in answers.items()}
    open_ones, personal = packs.split_personal(pack, plain)
    before, old = answers_of(application), application.private
    if personal != {code: before.get(code) for code in personal} or (old is not None and not personal):
        application.private = (
            seal(op, json.dumps(personal, sort_keys=True).encode(), "application/json") if personal else None
        )
        if old is not None:
            erase_blob(op, old)
    application.answers = open_ones
    application.type = packs.type_of(pack, plain) or ""


def _check_contact(person: PersonData, contact: str) -> None:
    """The way the person wants to be told must be possible; a slip always is."""
    errors: dict[str, Text] = {}
    if contact not in Contact.values:
        errors["contact"] = _("Pilih cara kantor memberi kabar.")
    if contact == Contact.SMS and not person.phone:
        errors["phone"] = _("Isi nomor telepon untuk menerima SMS, atau pilih slip cetak.")
    if contact == Contact.EMAIL and not person.email:
        errors["email"] = _("Isi alamat surel, atau pilih slip cetak.")
    if person.email:
        try:
            validate_email(person.email)
        except ValidationError:
            errors["email"] = _("Alamat surel ini tidak dapat dipakai. Contoh: nama@contoh.id")
    if person.phone and not _is_phone(person.phone):
        errors["phone"] = _(
            "Nomor telepon hanya berisi angka, misalnya 0812 3456 7890 atau +62 812 3456 7890."
        )
    if errors:
        raise Invalid(errors)


def _is_phone(text: str) -> bool:
    digits = text.translate(str.maketrans("", "", " -.()"))
    digits = digits.removeprefix("+")
    return digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 15


def _check_channel(application: Application, pack: packs.Pack) -> None:
    """A type that must be brought in person cannot be handed in from home; the desk takes it."""
    kind = next((t for t in pack.types if t.code == application.type), None)
    if kind is not None and application.channel == Channel.ONLINE and "online" not in kind.channels:
        raise Refused(
            _("Jenis permohonan ini diajukan langsung di kantor."),
            code="applications.walk_in_only",
            rule=str(kind.who),
            remedy=_("Datanglah ke meja depan kantor; petugas membantu mengisinya."),
        )
