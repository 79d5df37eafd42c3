"""Conflicts of interest: declared in advance or at the counter, and decided by the head."""

from __future__ import annotations

from setara.applications.service import Application
from setara.kernel.errors import Conflict as Already
from setara.kernel.errors import Invalid, Refused
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, operation
from setara.offices.service import staff_by_id
from setara.people.service import seal
from setara.queueing import events, policies
from setara.queueing.conflicts import declare
from setara.queueing.guards import explained
from setara.queueing.lines import locked
from setara.queueing.models import Call, Conflict
from setara.queueing.operations.choosing import take_back
from setara.queueing.overriding import digest_of


@explained
@operation
def declare_relation(op: Op, application: Application, relation: str, note: str = "") -> Conflict:
    """An officer says in advance that they have to do with an applicant; the file never comes to them."""
    op.permit(policies.DECLARE, office=application.office_id)
    made = declare(op, application, relation, note)
    op.record(
        events.RelationDeclared(
            conflict=str(made.pk),
            officer=made.staff.label,
            relation=relation,
            due_on=made.due_on.isoformat(),
            note_digest=digest_of(made.note),
        ),
        office=application.office_id,
        application=application.pk,
    )
    return made


@explained
@operation
def recuse(op: Op, call: Call, relation: str = Conflict.Relation.UNSAID, note: str = "") -> Call:
    """Step back from the person called: the ticket waits again exactly where it waited, for another officer.

    One tap is enough; what the relation is may be left unsaid. The rule forgets the call, as after a wrong press.
    """
    op.permit(policies.DECLARE, office=call.office_id)
    call, memory = take_back(op, call, Call.Outcome.RECUSED, application=True)
    made = declare(op, call.ticket.application, relation, note, call.step)
    op.record(
        events.Recused(
            ticket=str(call.ticket_id),
            call=str(call.pk),
            label=call.ticket.label,
            step=call.step,
            counter=call.counter.number,
            memory=memory.as_dict(),
            conflict=str(made.pk),
            officer=made.staff.label,
            relation=relation,
            due_on=made.due_on.isoformat(),
            note_digest=digest_of(made.note),
        ),
        office=call.office_id,
        application=call.ticket.application_id,
        ticket=call.ticket_id,
    )
    return call


@operation
def decide_conflict(op: Op, conflict: Conflict, decision: str, words: str) -> Conflict:
    """The head finds whether there is a conflict of interest; the file stays with somebody else either way.

    Invalid without a decision of the list or without words, which are sealed; Refused on one's own, Already when
    it was decided.
    """
    op.permit(policies.DECIDE_CONFLICT, office=conflict.office_id)
    rows = locked(Conflict.objects.filter(pk=conflict.pk))
    conflict = rows.select_related("staff").select_for_update(of=("self",), no_key=True).get()
    if str(conflict.staff_id) == op.actor.id:
        raise Refused(
            _("Pernyataan sendiri diputuskan oleh orang lain."),
            code="queueing.own_conflict",
            rule=_("Atasan memutuskan benturan kepentingan bawahannya."),
            remedy=_("Minta kepala kantor lain atau pejabat di atasnya memutuskannya."),
        )
    if conflict.decision:
        raise Already(
            _("Pernyataan ini sudah diputuskan: %(what)s.", what=conflict.get_decision_display()),
            code="queueing.conflict_decided",
            rule=_("Satu pernyataan diputuskan satu kali."),
        )
    if decision not in Conflict.Decision.values:
        raise Invalid({"decision": _("Pilih salah satu keputusan.")})
    if not words.strip():
        raise Invalid({"words": _("Tuliskan pertimbangannya.")})
    conflict.decision, conflict.decided_at = decision, op.now
    conflict.decided_by = staff_by_id(op.actor.id)
    conflict.words = seal(op, words.strip().encode(), "text/plain")
    conflict.save()
    op.record(
        events.ConflictDecided(
            conflict=str(conflict.pk),
            officer=conflict.staff.label,
            decision=decision,
            by=conflict.decided_by.label,
            due_on=conflict.due_on.isoformat(),
            words_digest=digest_of(conflict.words),
        ),
        office=conflict.office_id,
        application=conflict.application_id,
    )
    return conflict
