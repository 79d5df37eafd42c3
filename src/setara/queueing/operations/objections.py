"""*Saya keberatan*: objecting to a call, and the answer that the office owes."""

from __future__ import annotations

import hashlib
from typing import Final

from setara.kernel.errors import Conflict, Forbidden, Invalid, Refused
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, operation
from setara.offices.service import Staff, calendar_of, local_date, pack_of
from setara.people.service import Blob, seal
from setara.queueing import events, policies
from setara.queueing.guards import explained
from setara.queueing.lines import locked
from setara.queueing.models import Call, Objection, Ticket

#: The office answers until the end of so many working days after the one on which it was asked.
WORKING_DAYS: Final = 1
#: Unanswered objections of one ticket, and of people without a number about one call: no flood, no silencing.
MOST_OPEN, MOST_NAMELESS = 3, 5
#: Unanswered objections of people without a number in one office: beyond it the desk takes them.
MOST_NAMELESS_HERE = 30
#: Signs of an objection (they may be none) and of an answer.
LONGEST, SHORTEST_ANSWER = 1000, 20


@explained
@operation
def object_to(op: Op, call: Call, ticket: Ticket | None, words: str, via: str) -> Objection:
    """Record that somebody objects to ``call``; ``ticket`` is theirs, None when they showed none.

    The words (up to :data:`LONGEST` signs, or none) are sealed. Due: the end of the next working day. Refused for a
    call too long ago, for one's own call, and beyond the limits above; Conflict for the same objection twice.
    """
    op.permit(policies.OBJECT, office=call.office_id)
    # Its row is held, so that the limits hold against a crowd at the same moment.
    rows = Call.objects.select_related("ticket", "counter", "office")
    call = rows.select_for_update(of=("self",), no_key=True).get(pk=call.pk)
    today = local_date(call.office, op.now)
    _check_words(words)
    if ticket is not None:
        _check_ticket(call, ticket)
    days = pack_of(call.office, call.date).queue.objection_open_days
    if (today - call.date).days > days:
        raise Refused(
            _("Panggilan ini sudah terlalu lama berlalu."),
            code="queueing.objection_too_late",
            rule=_("Keberatan diajukan paling lambat %(n)s hari sesudah panggilannya.", n=days),
            remedy=_("Sampaikan kepada kepala kantor atau Ombudsman; catatan panggilannya tetap ada."),
        )
    if not op.actor.is_officer:  # who writes down what somebody says at the desk is no flood
        _check_limits(call, ticket)
    blob = _sealed(op, words)
    made = Objection.objects.create(
        office=call.office,
        date=call.date,
        call=call,
        ticket=ticket,
        via=Objection.Via(via),
        words=blob,
        made_at=op.now,
        due_on=calendar_of(call.office).add_working_days(today, WORKING_DAYS),
    )
    op.record(
        events.Objected(
            objection=str(made.pk),
            call=str(call.pk),
            ticket=str(ticket.pk) if ticket else None,
            label=call.ticket.label,
            step=call.step,
            counter=call.counter.number,
            via=made.via,
            due_on=made.due_on.isoformat(),
            words_digest=_digest(blob),
        ),
        office=call.office_id,
        application=ticket.application_id if ticket else None,
        ticket=ticket.pk if ticket else None,
    )
    return made


@operation
def answer_objection(op: Op, objection: Objection, finding: str, words: str) -> Objection:
    """Answer in words what was found. Invalid without either, Conflict when it was answered already, Forbidden for
    the officer whose call it is."""
    op.permit(policies.ANSWER, office=objection.office_id)
    rows = Objection.objects.select_related("call__ticket", "office", "ticket")
    objection = rows.select_for_update(of=("self",), no_key=True).get(pk=objection.pk)
    faults: dict[str, object] = {}
    if finding not in Objection.Finding.values:
        faults["finding"] = _("Pilih apa yang Anda temukan.")
    if not SHORTEST_ANSWER <= len(words.strip()) <= LONGEST:
        faults["words"] = _(
            "Jelaskan dengan %(least)s sampai %(most)s huruf.", least=SHORTEST_ANSWER, most=LONGEST
        )
    if faults:
        raise Invalid(faults)
    if objection.answered_at is not None:
        raise Conflict(
            _("Keberatan ini sudah dijawab."),
            code="queueing.objection_answered",
            rule=_("Satu keberatan dijawab sekali; jawabannya tidak diubah."),
            remedy=_("Muat ulang daftar keberatan."),
        )
    if str(objection.call.staff_id) == op.actor.id:
        raise Forbidden(
            _("Panggilan ini Anda lakukan sendiri."),
            code="queueing.own_call",
            rule=_("Keberatan dijawab oleh orang lain daripada yang memanggil."),
            remedy=_("Minta pengawas lain atau kepala kantor menjawabnya."),
        )
    blob = seal(op, words.strip().encode(), "text/plain")
    objection.finding, objection.answer, objection.answered_at = finding, blob, op.now
    objection.answered_by = Staff.objects.get(pk=op.actor.id)
    objection.save(update_fields=["finding", "answer", "answered_at", "answered_by"])
    op.record(
        events.ObjectionAnswered(
            objection=str(objection.pk),
            call=str(objection.call_id),
            label=objection.call.ticket.label,
            finding=finding,
            due_on=objection.due_on.isoformat(),
            late=local_date(objection.office, op.now) > objection.due_on,
            words_digest=_digest(blob) or "",
        ),
        office=objection.office_id,
        application=objection.ticket.application_id if objection.ticket else None,
        ticket=objection.ticket_id,
    )
    return objection


def _check_words(words: str) -> None:
    if len(words) > LONGEST:
        raise Invalid({"words": _("Paling banyak %(most)s huruf.", most=LONGEST)})


def _check_ticket(call: Call, ticket: Ticket) -> None:
    if (ticket.office_id, ticket.date) != (call.office_id, call.date):
        raise Invalid({"label": _("Panggilan ini dari kantor atau hari lain.")})
    if ticket.pk == call.ticket_id:
        raise Refused(
            _("Ini panggilan nomor Anda sendiri."),
            code="queueing.objection_to_own_call",
            rule=_("Keberatan adalah tentang orang lain yang dipanggil."),
            remedy=_("Bila nomor Anda terlewat, datanglah ke meja depan: Anda masuk antrean lagi hari ini."),
            field="label",
        )


def _check_limits(call: Call, ticket: Ticket | None) -> None:
    if ticket is None:
        nameless = Objection.objects.filter(office=call.office, ticket=None, answered_at=None)
        if nameless.filter(call=call).count() < MOST_NAMELESS and nameless.count() < MOST_NAMELESS_HERE:
            return
        rule: object = _(
            "Paling banyak %(n)s keberatan tanpa nomor tentang satu panggilan, dan %(all)s di kantor ini, menunggu "
            "jawaban.",
            n=MOST_NAMELESS,
            all=MOST_NAMELESS_HERE,
        )
        remedy: object = _(
            "Ajukan dari halaman nomor antrean Anda, atau minta petugas meja depan mencatatnya."
        )
    else:
        list(locked(Ticket.objects.filter(pk=ticket.pk)))
        if Objection.objects.filter(ticket=ticket, call=call).exists():
            raise Conflict(
                _("Anda sudah mengajukan keberatan tentang panggilan ini."),
                code="queueing.one_objection_each",
                rule=_("Satu keberatan untuk satu panggilan."),
                remedy=_("Jawabannya muncul di halaman nomor antrean Anda."),
            )
        if Objection.objects.filter(ticket=ticket, answered_at=None).count() < MOST_OPEN:
            return
        rule = _("Satu nomor memiliki paling banyak %(n)s keberatan yang belum dijawab.", n=MOST_OPEN)
        remedy = _("Tunggu jawaban atas keberatan Anda; pengawas menjawab dalam satu hari kerja.")
    raise Refused(
        _("Keberatan ini belum dapat ditambahkan."), code="queueing.objections_full", rule=rule, remedy=remedy
    )


def _sealed(op: Op, words: str) -> Blob | None:
    return seal(op, words.strip().encode(), "text/plain") if words.strip() else None


def _digest(blob: Blob | None) -> str | None:
    return hashlib.sha256(bytes(blob.sealed)).hexdigest() if blob and blob.sealed else None
