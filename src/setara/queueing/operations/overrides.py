"""Asking for a call out of turn, and what the second person says to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from setara.applications.service import CleanDocument
from setara.kernel.errors import Conflict, NotFound, Refused
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, operation
from setara.offices.service import Staff, local_date, pack_of, staff_by_id
from setara.people.service import seal
from setara.queueing import events, policies
from setara.queueing.guards import explained
from setara.queueing.lines import locked
from setara.queueing.models import Approval, Call, OverrideRequest, Proof, Ticket
from setara.queueing.overriding import LIVE, digest_of, listed_reason, lock_live
from setara.queueing.proofs import proofs_of, seen

State = OverrideRequest.State


@explained
@operation
def ask_override(
    op: Op, ticket: Ticket, note: str = "", paper: CleanDocument | None = None
) -> OverrideRequest:
    """Ask to have a waiting ticket called out of turn; ``By.reason`` is one of the pack's.

    ``paper`` is what the person shows, photographed; it is sealed, like the words of ``note``. Which records prove
    the reason is looked up here and now: whatever comes later proves nothing. Refused without a listed reason,
    Conflict when the ticket does not wait or has a request already.
    """
    op.permit(policies.ASK_OVERRIDE, office=ticket.office_id)
    ticket = Ticket.objects.select_related("office", "application").get(pk=ticket.pk)
    reason = listed_reason(op, ticket.office, ticket.date)
    if ticket.status != Ticket.Status.WAITING:
        raise Conflict(
            _("Nomor %(label)s tidak sedang menunggu.", label=ticket.label),
            code="queueing.not_waiting",
            rule=_("Hanya nomor yang menunggu yang dapat dipanggil."),
            remedy=_("Muat ulang antrean untuk melihat keadaan yang sekarang."),
        )
    live = lock_live(ticket)
    if live is not None and live.expires_at > op.now:
        raise _asked_already(live, ticket)
    if live is not None:
        retire(live)
    words = seal(op, note.strip().encode(), "text/plain") if note.strip() else None
    shown = seal(op, paper.data, paper.mime) if paper is not None else None
    minutes = pack_of(ticket.office, ticket.date).queue.override_request_minutes
    request = OverrideRequest.objects.create(
        office=ticket.office,
        date=ticket.date,
        ticket=ticket,
        step=ticket.step,
        reason=reason.code,
        asked_by=staff_by_id(op.actor.id),
        asked_at=op.now,
        expires_at=op.now + timedelta(minutes=minutes),
        proofs=proofs_of(ticket, reason, op.now, shown),
        note=words,
        paper=shown,
    )
    op.record(
        events.OverrideAsked(
            **_named(request),
            officer=request.asked_by.label,
            expires_at=request.expires_at.isoformat(),
            proof=request.proof,
            proofs=request.proofs,
            replaces=str(live.pk) if live else None,
            note_digest=digest_of(words),
            paper_digest=digest_of(shown),
        ),
        **_about(request),
    )
    return request


@operation
def approve_override(op: Op, request: OverrideRequest, saw: bool = False) -> OverrideRequest:
    """Say yes, as the second person: before the call or, for an urgent one that went ahead, after it.

    ``saw``: the second person saw the condition with their own eyes, which proves reasons that the pack lets be
    seen, if it is said before the call. Refused for the person who asked, Conflict when it is decided or over.
    """
    op.permit(policies.APPROVE_OVERRIDE, office=request.office_id)
    request, second = _to_decide(op, request)
    pack = pack_of(request.office, request.date)
    request.decided_by, request.decided_at = second, op.now
    if request.call is None:
        if saw and "seen" in pack.override(request.reason).evidence:
            request.proofs = [*request.proofs, seen(op.now)]
        request.state = State.APPROVED
        request.expires_at = op.now + timedelta(minutes=pack.queue.override_approval_minutes)
    else:
        Call.objects.filter(pk=request.call.pk).update(approval=Approval.APPROVED)
    request.save()
    op.record(
        events.OverrideApproved(
            **_named(request),
            **_decided(request),
            proof=request.proof,
            proofs=request.proofs,
            expires_at=request.expires_at.isoformat() if request.call is None else None,
        ),
        **_about(request),
    )
    return request


@operation
def refuse_override(op: Op, request: OverrideRequest) -> OverrideRequest:
    """Say no, as the second person. An urgent call that went ahead stands, refused and unproven, for all to see."""
    op.permit(policies.APPROVE_OVERRIDE, office=request.office_id)
    request, second = _to_decide(op, request)
    request.decided_by, request.decided_at, request.state = second, op.now, State.REFUSED
    if request.call is not None:
        Call.objects.filter(pk=request.call.pk).update(approval=Approval.REFUSED, proof=Proof.UNPROVEN)
    request.save()
    op.record(events.OverrideRefused(**_named(request), **_decided(request)), **_about(request))
    return request


@operation
def open_override_paper(op: Op, request: OverrideRequest) -> OverrideRequest:
    """Open the paper that was shown with a request, to decide on it. NotFound when there is none."""
    op.permit(policies.APPROVE_OVERRIDE, office=request.office_id)
    if request.paper_id is None:
        raise NotFound(_("Tidak ada surat pada permintaan ini."), code="queueing.no_paper")
    reader = staff_by_id(op.actor.id).label
    op.record(events.OverridePaperOpened(**_named(request), officer=reader), **_about(request))
    return request


@operation
def expire_override(op: Op, request: OverrideRequest) -> OverrideRequest:
    """Mark a request or an approval whose time is over. Conflict while it is good, or when it is over already.

    An urgent call that nobody decided on by the end of its day lapses: it stands unproven, also where nobody
    closed that day.
    """
    op.permit(policies.EXPIRE_OVERRIDE, office=request.office_id)
    if request.call_id is not None:
        locked(Call.objects.filter(pk=request.call_id)).first()
    request = _locked(request)
    was = request.state
    if _undecided(request) and _day_is_over(op, request):
        request.state = State.LAPSED
        request.save(update_fields=["state"])
        Call.objects.filter(override=request).update(approval=Approval.LAPSED, proof=Proof.UNPROVEN)
    elif was in LIVE and request.expires_at <= op.now:
        retire(request)
    else:
        raise _over(request)
    op.record(events.OverrideExpired(**_named(request), was=was), **_about(request))
    return request


def retire(live: OverrideRequest) -> None:
    """Mark a request whose time is over, so that a new one may take its place."""
    live.state = State.EXPIRED
    live.save(update_fields=["state"])


def _to_decide(op: Op, request: OverrideRequest) -> tuple[OverrideRequest, Staff]:
    """The request, locked and still to be decided, and the second person; Refused for whoever asked."""
    if request.call_id is not None:
        # The call before its request, as whoever ends the day takes them.
        locked(Call.objects.filter(pk=request.call_id)).first()
    request = _locked(request)
    if str(request.asked_by_id) == op.actor.id:
        raise Refused(
            _("Permintaan sendiri tidak dapat disetujui atau ditolak sendiri."),
            code="queueing.own_override",
            rule=_("Orang kedua memutuskan dengan akunnya sendiri; yang meminta tidak ikut memutuskan."),
            remedy=_("Minta pengawas lain atau kepala kantor memutuskannya."),
        )
    pending = _undecided(request) and not _day_is_over(op, request)
    if not pending and (request.state != State.WAITING or request.expires_at <= op.now):
        raise _over(request)
    return request, staff_by_id(op.actor.id)


def _undecided(request: OverrideRequest) -> bool:
    """Whether it is of an urgent call that went ahead and waits for its second person."""
    return request.state == State.USED and request.decided_by_id is None


def _day_is_over(op: Op, request: OverrideRequest) -> bool:
    return local_date(request.office, op.now) > request.date


def _locked(request: OverrideRequest) -> OverrideRequest:
    rows = OverrideRequest.objects.select_related("ticket", "office", "asked_by", "decided_by", "call")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=request.pk)


def _over(request: OverrideRequest) -> Conflict:
    waiting = request.state in LIVE or _undecided(request)
    return Conflict(
        _(
            "Permintaan untuk %(label)s: %(state)s.",
            label=request.ticket.label,
            state=State.EXPIRED.label if waiting else request.get_state_display(),
        ),
        code="queueing.override_over",
        rule=_("Satu permintaan diputuskan satu kali, selama masih berlaku."),
        remedy=_("Bila masih diperlukan, ajukan permintaan baru."),
    )


def _asked_already(live: OverrideRequest, ticket: Ticket) -> Conflict:
    return Conflict(
        _(
            "Untuk %(label)s sudah ada permintaan: %(state)s.",
            label=ticket.label,
            state=live.get_state_display(),
        ),
        code="queueing.one_override",
        rule=_("Satu nomor memiliki satu permintaan pada satu waktu."),
        remedy=_("Tunggu keputusan orang kedua."),
        field="ticket",
    )


def _named(request: OverrideRequest) -> dict[str, Any]:
    return {
        "ticket": str(request.ticket_id),
        "request": str(request.pk),
        "label": request.ticket.label,
        "step": request.step,
    }


def _decided(request: OverrideRequest) -> dict[str, Any]:
    return {
        "officer": request.decided_by.label if request.decided_by else "",
        "asked_by": request.asked_by.label,
        "call": str(request.call_id) if request.call_id else None,
    }


def _about(request: OverrideRequest) -> dict[str, Any]:
    return {
        "office": request.office_id,
        "application": request.ticket.application_id,
        "ticket": request.ticket_id,
    }
