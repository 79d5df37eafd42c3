"""Bad input about what goes on in the hall: objections, their answers, announcements."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from tests.bad_input.town import Town
from tests.bad_input.walking import Trial, case

from setara.ledger.service import VISITOR, By
from setara.queueing.models import Announcement, Call, Objection
from setara.queueing.operations.announcing import announce
from setara.queueing.operations.objections import object_to
from setara.queueing.tests.flooring import Floor

WORDS = "Nomor itu datang jauh sesudah saya."
ANSWER = "Pemanggilannya mengikuti giliran jalur prioritas."


def called(town: Town) -> Call:
    """A call of somebody, while somebody else waits."""
    town.arrive()
    town.arrive()
    return town.serve("D1", 1)


@case("object")
def from_ticket(town: Town) -> Trial:
    call = called(town)
    mine = call.ticket.__class__.objects.exclude(pk=call.ticket_id).get()
    wrong = {"label": "nomor itu", "words": WORDS}
    return Trial(
        town.visitor(),
        reverse("object", args=[mine.token]),
        wrong,
        wrong | {"label": call.ticket.label},
        "label",
    )


@case("object")
def from_ticket_own_call(town: Town) -> Trial:
    """One's own call is none to object to."""
    call = called(town)
    other = call.ticket.__class__.objects.exclude(pk=call.ticket_id).get()
    page, wrong = reverse("object", args=[call.ticket.token]), {"label": call.ticket.label, "words": WORDS}

    def call_the_other() -> None:
        Call.objects.filter(pk=call.pk).update(ended_at=town.floor.clock.now(), outcome="served")
        town.serve("D2", 2)

    return Trial(
        town.visitor(), page, wrong, wrong | {"label": other.label}, "label", meanwhile=call_the_other
    )


@case("object_kiosk")
def from_kiosk(town: Town) -> Trial:
    call = called(town)
    wrong = {"label": "A-999", "words": WORDS}
    page = reverse("object_kiosk", args=[call.office_id])
    return Trial(town.visitor(), page, wrong, wrong | {"label": call.ticket.label}, "label")


@case("object_desk")
def at_desk(town: Town) -> Trial:
    call = called(town)
    wrong = {"label": call.ticket.label, "own": "A-999", "words": WORDS}
    return Trial(town.officer("FD"), reverse("object_desk"), wrong, wrong | {"own": ""}, "own")


@case("objection")
def objection(town: Town) -> Trial:
    made: Objection = object_to(By(VISITOR), called(town), None, WORDS, "kiosk")
    wrong = {"finding": "by_rule", "words": "pendek"}
    page = reverse("objection", args=[made.pk])
    return Trial(town.officer("KA"), page, wrong, wrong | {"words": ANSWER}, "words")


@case("announcements")
def announcements(town: Town) -> Trial:
    town.opened()
    wrong = {"kind": "notice", "text_id": WORDS, "text_en": "", "ends_at": "10:00"}
    right = wrong | {"text_en": "The camera is out of order."}
    return Trial(town.officer("KA"), reverse("announcements"), wrong, right, "text_en")


@case("announcement_end")
def announcement_end(town: Town) -> Trial:
    floor: Floor = town.opened()

    def say() -> Announcement:
        ends = floor.clock.now() + timedelta(hours=1)
        return announce(floor.by("KA"), floor.office, WORDS, "The camera is out of order.", ends, "notice")

    made = say()
    return Trial(
        town.officer("KA"), reverse("announcements"), None, {}, action=reverse("announcement_end", args=[made.pk])
    )  # fmt: skip
