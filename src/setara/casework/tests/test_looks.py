"""Whoever opens somebody's pages is on record: once in ten minutes for each officer and application."""

from __future__ import annotations

from django.urls import reverse

from setara.casework.tests.test_backoffice_pages import applicant, through_the_hall
from setara.ledger.models import Event
from setara.queueing.tests.browsing import send, signed_in
from setara.queueing.tests.flooring import Floor, passport_office


def looks(floor: Floor) -> list[tuple[str, str]]:
    rows = Event.objects.filter(type="applications.looked", office=floor.office.pk).order_by("seq")
    return [(row.payload["officer"], row.payload["page"]) for row in rows]


def test_a_look_is_recorded_once_in_ten_minutes_for_each_officer_and_file(floor: Floor) -> None:
    case, other = through_the_hall(floor), through_the_hall(floor)
    reference = case.application.reference
    desk, boss, judge = (signed_in(floor, label) for label in ("FD", "KA", "AJ"))
    assert looks(floor) == []
    for name in ("desk_person", "application_at_desk", "assist_application"):
        assert desk.get(reverse(name, args=[reference])).status_code == 200
    assert looks(floor) == [("FD", "desk")], "three pages, one look"
    assert judge.get(reverse("case", args=[reference])).status_code == 200
    assert boss.get(reverse("assist_documents", args=[reference])).status_code == 302
    assert looks(floor)[1:] == [("AJ", "file"), ("KA", "assist")]
    floor.after(9)
    desk.get(reverse("application_at_desk", args=[reference]))
    assert len(looks(floor)) == 3
    desk.get(reverse("application_at_desk", args=[other.application.reference]))
    assert looks(floor)[3:] == [("FD", "progress")], "another file"
    floor.after(2)
    desk.get(reverse("assist_application", args=[reference]))
    assert looks(floor)[4:] == [("FD", "assist")]
    last = Event.objects.filter(type="applications.looked").latest("seq")
    assert (last.application, last.actor_id) == (case.pk, str(floor.staff["FD"].pk))


def test_what_was_not_shown_is_no_look_and_people_look_at_their_own(floor: Floor) -> None:
    case = through_the_hall(floor)
    reference = case.application.reference
    assert applicant(case).get(reverse("application")).status_code == 200
    assert signed_in(floor, "D1").get(reverse("case", args=[reference])).status_code == 403
    stranger = passport_office(floor.clock, "lain")
    assert signed_in(stranger, "FD").get(reverse("desk_person", args=[reference])).status_code == 404
    # What is sent has an event of its own, and is refused in words where it cannot be.
    assert send(signed_in(floor, "FD"), "desk_pickup", reference, how="name").status_code == 422
    assert (looks(floor), looks(stranger)) == ([], [])
    assert signed_in(floor, "FD").get(reverse("desk_person", args=[reference])).status_code == 200
    assert looks(floor) == [("FD", "desk")]
