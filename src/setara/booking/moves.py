"""Changes of state that happen inside operations of other rooms; they record nothing themselves."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from setara.applications.service import Application, move_to, pack_of_application
from setara.booking import seats
from setara.booking.models import Appointment
from setara.booking.queries import open_appointment
from setara.kernel.errors import Conflict
from setara.ledger.service import Op


def arrive(op: Op, appointment: Appointment) -> None:
    """The person has come. ``Conflict`` (``booking.not_open``) when the appointment is no longer open."""
    _leave_booked(op, appointment, Appointment.Status.ARRIVED)


def miss(op: Op, appointment: Appointment) -> None:
    """The person did not come: by the pack, another appointment may be booked, or the fee is forfeit.

    ``Conflict`` (``booking.not_open``) when the appointment is no longer open.
    """
    _leave_booked(op, appointment, Appointment.Status.MISSED)
    application = appointment.application
    seats.release(application.pk)
    rule = pack_of_application(application).no_show
    again = rule.rebook_if_never_moved and appointment.moves == 0
    forfeit = rule.forfeits_fee and not again
    move_to(op, application, Application.Status.CANCELLED if forfeit else Application.Status.PAID)


def give_up(op: Op, application: Application) -> Appointment | None:
    """The application needs its appointment no longer: the place is free at once. The appointment, if it had one."""
    held = open_appointment(application)
    if held is not None:
        _leave_booked(op, held, Appointment.Status.GIVEN_UP)
    seats.release(application.pk)
    return held


def free_place(op: Op, application: Application) -> None:  # noqa: ARG001 - proof of an operation
    """Somebody who came was not served: the place used up in vain no longer counts, another may be booked."""
    seats.release(application.pk)


def _leave_booked(op: Op, appointment: Appointment, to: Appointment.Status) -> None:  # noqa: ARG001
    open_ones = Appointment.objects.filter(pk=appointment.pk, status=Appointment.Status.BOOKED)
    if not open_ones.update(status=to):
        raise Conflict(
            _("Janji temu ini sudah tidak berlaku lagi."),
            code="booking.not_open",
            rule=_("Satu janji temu dipakai satu kali."),
            remedy=_("Lihat status permohonan ini, atau buat jadwal baru."),
        )
    appointment.status = to
