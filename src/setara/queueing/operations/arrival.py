"""Arrival: who comes is checked in once and given a ticket.

People may be checked in as soon as the day is open, also before the doors are: the rule counts everybody who
came before them as arrived at the opening, and no counter can call before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from setara.applications.service import Application, lock, move_to, pack_of_application
from setara.booking.service import Appointment, arrive, priority_places
from setara.kernel.errors import Conflict, Refused
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, Prepared, operation
from setara.offices.service import Office, local_date, pack_of, staff_by_id
from setara.payments.service import payment_of
from setara.people.service import open_person
from setara.queueing import events, policies, refusals
from setara.queueing.guards import explained
from setara.queueing.lines import doors_open, hold_day, join, joined_first, must_be_open
from setara.queueing.models import Ticket
from setara.rules.packs import COMPANION, Admission, lane_for

Arrival, Purpose, Status = Ticket.Arrival, Ticket.Purpose, Application.Status


@dataclass(frozen=True, slots=True)
class _Arrival:
    """What is known of somebody who stands at the desk, before the ticket is made."""

    office: Office
    day: date
    application: Application
    arrival: str
    purpose: str
    step: str
    admission: Admission
    appointment: Appointment | None = None
    window: datetime | None = None
    re_entry: str = ""
    companion_of: Ticket | None = None


_APPOINTMENT = Prepared(
    lambda pk: Appointment.objects.select_related("window", "application", "office").filter(pk=pk)
)


@explained
@operation
def check_in(op: Op, appointment: Appointment, how: str, ground: str = "", proof: str = "") -> Ticket:
    """Check in somebody with an appointment, found by its QR code or by name (``how``: qr, name).

    ``ground`` and ``proof`` admit a booked person to a priority lane; only an officer can have seen the proof, so
    a kiosk gives none. Refused for an appointment of another office or day, one that is used, moved or missed,
    and for a ticket that is already there.
    """
    appointment = _APPOINTMENT.get(appointment.pk)
    op.permit(policies.CHECK_IN, office=op.actor.office)
    if ground and not op.actor.is_officer:
        raise refusals.ground_needs_an_officer()
    office, application = appointment.office, appointment.application
    if op.actor.office != office.pk:
        raise refusals.other_office(office)
    day = local_date(office, op.now)
    held = hold_day(office, day)
    application = lock(op, application)
    last = _last_ticket(application)
    refusals.refuse_second(last)
    refusals.check_appointment(appointment, day)
    refusals.check_status(application, Status.BOOKED)
    must_be_open(held)
    pack = pack_of(office, day)
    born = open_person(application.person).birth_date if ground else None
    admission = lane_for(pack, booked=True, ground=ground or None, verified=bool(proof), born=born, on=day)
    arrive(op, appointment)
    move_to(op, application, Status.IN_SERVICE)
    return _admit(
        op,
        _Arrival(
            office=office,
            day=day,
            application=application,
            arrival=_how(how),
            purpose=Purpose.SERVICE,
            step=_start(application, last),
            admission=admission,
            appointment=appointment,
            window=appointment.window.starts,
        ),
    )


@explained
@operation
def check_in_walk_in(
    op: Op, application: Application, ground: str, proof: str, companion_of: Ticket | None = None
) -> Ticket:
    """Check in a paid application without an appointment, on a lawful ground of one of the pack's lanes.

    ``proof`` says how the ground was verified (empty: not). A companion (``ground="companion"``) names the
    ticket it belongs to. Refused without proof, beyond the day's quota, or when not paid.
    """
    if not op.actor.is_officer:
        raise refusals.ground_needs_an_officer()
    application, office, day, last = _at_desk(op, application)
    refusals.check_status(application, Status.PAID)
    pack = pack_of(office, day)
    born = open_person(application.person).birth_date if ground and ground != COMPANION else None
    admission = lane_for(
        pack,
        booked=False,
        ground=ground or None,
        verified=bool(proof),
        born=born,
        on=day,
        paid=_fees_paid(application),
    )
    if ground == COMPANION:
        _check_companion(office, day, admission, companion_of)
    move_to(op, application, Status.IN_SERVICE)
    return _admit(
        op,
        _Arrival(
            office=office,
            day=day,
            application=application,
            arrival=Arrival.WALK_IN,
            purpose=Purpose.SERVICE,
            step=_start(application, last),
            admission=admission,
            companion_of=companion_of,
        ),
    )


@explained
@operation
def check_in_pickup(op: Op, application: Application, how: str) -> Ticket:
    """Check in somebody who collects what is ready."""
    application, office, day, _last = _at_desk(op, application)
    refusals.check_status(application, Status.READY)
    step = next(step.code for step in pack_of_application(application).steps if step.kind == "pickup")
    return _admit(
        op,
        _Arrival(
            office=office,
            day=day,
            application=application,
            arrival=_how(how),
            purpose=Purpose.PICKUP,
            step=step,
            admission=lane_for(pack_of(office, day), booked=False, purpose="pickup"),
        ),
    )


@explained
@operation
def check_in_return(op: Op, application: Application, how: str) -> Ticket:
    """Check in somebody with a right to return: not served on an earlier day, or back with the papers.

    The visit goes on at the step where it stopped. Whom the office did not serve counts as booked for the
    first window of the day; who fetched papers stands by arrival.
    """
    application, office, day, last = _at_desk(op, application)
    going_on = application.status in {Status.RETURNED, Status.PAID, Status.IN_PROCESS}
    if not going_on or last is None or last.purpose != Purpose.SERVICE or last.right_of_return is None:
        raise refusals.no_right_of_return(None)
    if last.right_of_return < day:
        raise refusals.no_right_of_return(last.right_of_return)
    pack = pack_of(office, day)
    unserved = last.status in {Ticket.Status.NOT_SERVED, Ticket.Status.ABSENT}
    known = last.lane in {lane.code for lane in pack.lanes}
    admission = Admission(last.lane, last.ground, last.ground_proof) if known else lane_for(pack, booked=True)
    move_to(op, application, Status.IN_SERVICE)
    return _admit(
        op,
        _Arrival(
            office=office,
            day=day,
            application=application,
            arrival=_how(how),
            purpose=Purpose.SERVICE,
            step=last.step,
            admission=admission,
            window=doors_open(office, day) if unserved else None,
            re_entry="" if unserved else "returned",
        ),
    )


def _at_desk(op: Op, application: Application) -> tuple[Application, Office, date, Ticket | None]:
    """The application of this office, locked, on an open day, with its last ticket, which must be closed."""
    op.permit(policies.CHECK_IN, office=op.actor.office)
    office = application.office
    if op.actor.office != office.pk:
        raise refusals.other_office(office)
    day = local_date(office, op.now)
    held = hold_day(office, day)
    application = lock(op, application)
    last = _last_ticket(application)
    refusals.refuse_second(last)
    must_be_open(held)
    return application, office, day, last


def _admit(op: Op, who: _Arrival) -> Ticket:
    """Give the ticket with the next number of its lane, and say so."""
    pack = pack_of(who.office, who.day)
    lane = pack.lane(who.admission.lane)
    join(who.office, who.day, who.step)
    number = _next_number(who.office, who.day, lane.code)
    if who.arrival == Arrival.WALK_IN:
        _check_quota(who, lane.daily_quota)
    staff = staff_by_id(op.actor.id) if op.actor.is_officer else None
    ticket = Ticket.objects.create(
        office=who.office,
        date=who.day,
        application=who.application,
        appointment=who.appointment,
        purpose=who.purpose,
        arrival=who.arrival,
        checked_in_by=staff,
        lane=lane.code,
        number=number,
        label=f"{lane.letter}-{number:03d}",
        ground=who.admission.ground,
        ground_proof=who.admission.verification,
        companion_of=who.companion_of,
        beside_at=joined_first(who.companion_of, who.step),
        step=who.step,
        arrived_at=op.now,
        joined_at=op.now,
        booked_window=who.window,
        re_entry=who.re_entry,
        re_entry_at=op.now if who.re_entry else None,
    )
    op.record(
        events.CheckedIn(
            ticket=str(ticket.pk),
            label=ticket.label,
            lane=ticket.lane,
            step=ticket.step,
            purpose=str(ticket.purpose),
            arrival=str(ticket.arrival),
            joined_at=ticket.joined_at.isoformat(),
            window=who.window.isoformat() if who.window else None,
            rank=ticket.rank,
            ground=ticket.ground,
            proof=ticket.ground_proof,
            companion_of=who.companion_of.label if who.companion_of else None,
            re_entry=ticket.re_entry,
            officer=staff.label if staff else op.actor.id,
        ),
        office=who.office.pk,
        application=who.application.pk,
        ticket=ticket.pk,
    )
    return ticket


_LAST = Prepared(lambda pk: Ticket.objects.filter(application_id=pk).order_by("-arrived_at", "-pk")[:1])


def _last_ticket(application: Application) -> Ticket | None:
    """The last ticket of the application, open or not; pickups included."""
    return _LAST.first(application.pk)


def _fees_paid(application: Application) -> frozenset[str]:
    """The lines of fees that were paid: what a lane with its own payment asks for."""
    payment = payment_of(application)
    return frozenset(str(line.get("code")) for line in payment.bill.lines) if payment else frozenset()


def _start(application: Application, last: Ticket | None) -> str:
    """The step at which a visit begins: the first one, or where an unfinished visit stopped."""
    if last is not None and last.purpose == Purpose.SERVICE and last.status != Ticket.Status.DONE:
        return last.step
    return str(pack_of_application(application).first_step.code)


def _next_number(office: Office, day: date, lane: str) -> int:
    """The next ticket number of the lane; the row stays locked, so that a quota counts right."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO queueing_series (office_id, date, lane, last) VALUES (%s, %s, %s, 1) "
            "ON CONFLICT (office_id, date, lane) DO UPDATE SET last = queueing_series.last + 1 RETURNING last",
            [office.pk, day, lane],
        )
        return int(cursor.fetchone()[0])


def _check_quota(who: _Arrival, of_pack: int | None) -> None:
    of_office = priority_places(who.office, who.day)
    quota = of_pack if of_office is None else of_office
    lane = Ticket.objects.filter(office=who.office, date=who.day, lane=who.admission.lane)
    if quota is None or lane.filter(arrival=Arrival.WALK_IN).count() < quota:
        return
    raise Refused(
        _("Kuota jalur prioritas hari ini (%(quota)s orang) sudah penuh.", quota=quota),
        code="queueing.quota_full",
        rule=_("Setiap kantor menetapkan kuota harian untuk jalur prioritas."),
        remedy=_("Pesankan jadwal pada hari lain, atau datang lebih awal besok."),
        field="ground",
    )


def _check_companion(office: Office, day: date, admission: Admission, host: Ticket | None) -> None:
    """A companion names somebody of the same lane, who has not brought more people than the pack allows."""
    companions = pack_of(office, day).lane(admission.lane).companions
    present = host is not None and (host.office_id, host.date, host.lane) == (office.pk, day, admission.lane)
    if host is None or not present or host.ground == COMPANION:
        raise Refused(
            _("Pendamping harus menyebut nomor antrean orang yang didampingi."),
            code="queueing.companion_of_whom",
            rule=companions.proof.id if companions else "",
            remedy=_("Masukkan lebih dahulu orang yang berhak atas jalur prioritas."),
            field="companion_of",
        )
    if companions and Ticket.objects.filter(companion_of=host).count() >= companions.max:
        raise Conflict(
            _("Nomor %(label)s sudah membawa pendamping.", label=host.label),
            code="queueing.companions_used",
            rule=companions.proof.id,
            remedy=_("Pesankan jadwal biasa untuk orang ini."),
            field="companion_of",
        )


def _how(how: str) -> str:
    if how not in {Arrival.QR, Arrival.NAME, Arrival.NIK}:
        raise ValueError("people are found by qr, by name or by nik")
    return how
