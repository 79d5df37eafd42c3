"""The door: people counted, and the draw among those who stood before it when it opened."""

from __future__ import annotations

from setara.kernel.errors import Conflict, Invalid, Refused
from setara.kernel.lots import drawn, seed_of
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, operation
from setara.offices.service import Office, local_date, pack_of, staff_by_id, zone_of
from setara.queueing import events, policies
from setara.queueing.guards import explained
from setara.queueing.lines import doors_of, hold_day, lock_queues, must_be_open
from setara.queueing.models import DoorCount, OpeningDraw, Ticket


@explained
@operation
def draw_opening(op: Op, office: Office) -> OpeningDraw:
    """Draw the ranks of those who stood before the doors when they opened; once a day, after the opening.

    The seed is the hash of every ticket's label and moment of arrival, so nobody could know it before the doors
    closed the list, and anybody can draw again from the published arrivals. Refused before the doors open,
    Conflict when it was drawn, or when nobody stood there.
    """
    op.permit(policies.DRAW, office=office.pk)
    today = local_date(office, op.now)
    day = must_be_open(hold_day(office, today))
    doors = doors_of(office, day)
    if op.now < doors:
        raise Refused(
            _("Pintu layanan belum dibuka."),
            code="queueing.before_doors",
            rule=_("Undian dilakukan di antara semua yang sudah menunggu saat pintu dibuka."),
        )
    steps = [step.code for step in pack_of(office, today).steps if step.order == "window"]
    lock_queues(office, today, steps)
    rows = Ticket.objects.filter(
        office=office, date=today, status=Ticket.Status.WAITING, step__in=steps, arrived_at__lt=doors
    )
    before = list(rows.values_list("label", "arrived_at", "pk"))
    if not before or OpeningDraw.objects.filter(office=office, date=today).exists():
        raise Conflict(
            _("Tidak ada yang perlu diundi."),
            code="queueing.nothing_to_draw",
            rule=_("Undian dilakukan satu kali, di antara yang sudah menunggu saat pintu dibuka."),
        )
    seed = seed_of(
        office.pk, today.isoformat(), *sorted(f"{label} {at.isoformat()}" for label, at, _pk in before)
    )
    ranks = {label: n for n, label in enumerate(drawn(seed, (label for label, _at, _pk in before)), 1)}
    for label, _at, pk in before:
        Ticket.objects.filter(pk=pk).update(rank=ranks[label])
    draw = OpeningDraw.objects.create(office=office, date=today, seed=seed, ranks=ranks, drawn_at=op.now)
    op.record(
        events.OpeningDrawn(date=today.isoformat(), doors=doors.isoformat(), seed=seed, ranks=ranks),
        office=office.pk,
    )
    return draw


@operation
def count_door(op: Op, office: Office, hour: int, people: int) -> DoorCount:
    """Note how many people came through the door within an hour of today (local time); a later count replaces it.

    Invalid for an hour that has not begun or is none.
    """
    op.permit(policies.COUNT_DOOR, office=office.pk)
    today = local_date(office, op.now)
    must_be_open(hold_day(office, today))
    if not 0 <= hour <= op.now.astimezone(zone_of(office)).hour:
        raise Invalid({"hour": _("Jam itu belum dimulai.")})
    if people < 0:
        raise Invalid({"people": _("Tulis jumlah orang, nol atau lebih.")})
    found = DoorCount.objects.filter(office=office, date=today, hour=hour).first()
    before = found.people if found else None
    staff = staff_by_id(op.actor.id)
    count, _made = DoorCount.objects.update_or_create(
        office=office,
        date=today,
        hour=hour,
        defaults={"people": people, "counted_by": staff, "at": op.now},
    )
    op.record(
        events.DoorCounted(
            date=today.isoformat(), hour=hour, people=people, before=before, officer=staff.label
        ),
        office=office.pk,
    )
    return count
