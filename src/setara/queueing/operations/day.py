"""The end of the day: nobody who came goes home without an outcome and a right to return."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from setara.applications.service import Application, move_to
from setara.booking.service import Appointment, appointments_on, free_place, miss
from setara.kernel.errors import Refused
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, operation
from setara.offices.service import Office, OfficeDay, mark_day_closed, pack_of
from setara.queueing import events, policies
from setara.queueing.closing import next_open
from setara.queueing.lines import locked, must_be_open
from setara.queueing.models import Approval, Call, Line, OverrideRequest, Proof, Session, Ticket

S = Ticket.Status


@operation
def close_day(op: Op, office: Office, date: date, force: bool = False) -> OfficeDay:
    """Close the hall of a day.

    Every open ticket gets an outcome and, unless the person is through, a right to return from the next
    working day until the pack's number of days is over; counters are closed, calls not yet taken up are
    ended, and booked people who did not come are marked as such. Refused while somebody is being served:
    service is finished first. ``force`` is for a hall that must be left at once (alarm, outage): it ends
    running service too, with the same right to return, and the event says so. Requests to call out of turn
    end with the day: urgent calls that nobody approved lapse and stand unproven.
    """
    op.permit(policies.CLOSE_DAY, office=office.pk)
    # Whoever is being checked in now is in before this; whoever comes later finds the day closed.
    day = must_be_open(locked(OfficeDay.objects.filter(office=office, date=date)).first())
    sessions = list(
        locked(
            Session.objects.filter(office=office, date=date)
            .exclude(state=Session.State.CLOSED)
            .order_by("pk")
        )
    )
    _end_calls(op, office, date, force)
    # With counters and lines held nobody is called, comes back or joins while the day is being closed.
    list(locked(Line.objects.filter(office=office, date=date).order_by("pk")))
    lapsed = _end_overrides(office, date)
    unserved = [_let_go(op, ticket) for ticket in _open_tickets(office, date)]
    counters = sorted(
        Session.objects.filter(pk__in=[one.pk for one in sessions]).values_list("counter__number", flat=True)
    )
    Session.objects.filter(pk__in=[one.pk for one in sessions]).update(
        state=Session.State.CLOSED, closed_at=op.now
    )
    missed = [one for one in appointments_on(office, date) if one.status == Appointment.Status.BOOKED]
    for appointment in missed:
        miss(op, appointment)
    day = mark_day_closed(op, day)
    op.record(
        events.DayClosed(
            date=date.isoformat(),
            unserved=unserved,
            missed_appointments=len(missed),
            counters=counters,
            forced=force,
            lapsed=lapsed,
        ),
        office=office.pk,
    )
    return day


def _end_calls(op: Op, office: Office, day: date, force: bool) -> None:
    running = Call.objects.filter(office=office, date=day, ended_at__isnull=True).select_related(
        "ticket", "counter"
    )
    calls = list(running.order_by("pk").select_for_update(of=("self",), no_key=True))
    serving = [call for call in calls if call.started_at is not None]
    if serving and not force:
        places = ", ".join(f"{call.ticket.label} ({call.counter.number})" for call in serving)
        raise Refused(
            _("Masih ada yang sedang dilayani: %(places)s.", places=places),
            code="queueing.still_serving",
            rule=_("Hari ditutup setelah layanan yang berjalan selesai."),
            remedy=_("Tunggu sampai loket itu selesai. Bila gedung harus dikosongkan, tutup paksa."),
        )
    Call.objects.filter(pk__in=[call.pk for call in calls]).update(
        ended_at=op.now, outcome=Call.Outcome.CLOSED
    )


def _end_overrides(office: Office, day: date) -> list[str]:
    """End the day's requests; the labels whose urgent call was never approved."""
    state = OverrideRequest.State
    rows = OverrideRequest.objects.filter(office=office, date=day)
    open_ = rows.filter(state__in=[state.WAITING, state.APPROVED])
    pending = rows.filter(state=state.USED, decided_by__isnull=True).select_related("ticket").order_by("pk")
    lapsed = list(pending.select_for_update(of=("self",), no_key=True))
    open_.update(state=state.EXPIRED)
    OverrideRequest.objects.filter(pk__in=[one.pk for one in lapsed]).update(state=state.LAPSED)
    Call.objects.filter(override__in=lapsed).update(approval=Approval.LAPSED, proof=Proof.UNPROVEN)
    return sorted(one.ticket.label for one in lapsed)


def _open_tickets(office: Office, day: date) -> list[Ticket]:
    rows = Ticket.objects.filter(office=office, date=day, closed_at__isnull=True)
    rows = rows.select_related("application__office", "office").order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True))


def _let_go(op: Op, ticket: Ticket) -> dict[str, Any]:
    """Close an open ticket for today; what the record of the day says of it."""
    was, application = ticket.status, ticket.application
    begins = next_open(ticket.office, ticket.date)
    if was == S.SENT_BACK:
        ticket.outcome = "sent_back"
    else:
        ticket.outcome = "absent" if was == S.ABSENT else "not_served"
        ticket.status = S.ABSENT if was == S.ABSENT else S.NOT_SERVED
    if was != S.SENT_BACK or ticket.right_of_return is None:
        days = pack_of(ticket.office, ticket.date).unserved.return_days
        ticket.right_of_return = max(begins, ticket.date + timedelta(days=days))
    ticket.closed_at = op.now
    ticket.save(update_fields=["status", "outcome", "closed_at", "right_of_return"])
    if application.status == Application.Status.IN_SERVICE:
        # They have paid, and may also choose a new date.
        move_to(op, application, Application.Status.PAID)
        free_place(op, application)
    return {
        "label": ticket.label,
        "step": ticket.step,
        "outcome": ticket.outcome,
        "was": was,
        "return_from": begins.isoformat(),
        "return_until": ticket.right_of_return.isoformat(),
    }
