"""Bad input at the door, the kiosk and the counters, in calls out of turn, and about conflicts of interest."""

from __future__ import annotations

from django.urls import reverse
from tests.bad_input.town import Town
from tests.bad_input.walking import Trial, case

from setara.casework import service as casework
from setara.casework.models import Case
from setara.offices.service import change_roster
from setara.queueing import operations
from setara.queueing import service as queueing

NOTE = "Dilihat petugas, sedang ditanyakan"


@case("override_decide")
def override_decide(town: Town) -> Trial:
    ticket = town.arrive()
    asked = queueing.ask_override(town.floor.by("D1", "bereavement"), ticket, NOTE)
    action = reverse("override_decide", args=[asked.pk])
    return Trial(
        town.officer("KA"), reverse("approvals"), {}, {"decision": "no"}, "decision", action=action,
        lost=("decision",),
    )  # fmt: skip


@case("override_use")
def override_use(town: Town) -> Trial:
    ticket, session = town.arrive(), town.sit("D1", 1)
    asked = queueing.ask_override(town.floor.by("D1", "bereavement"), ticket, NOTE)
    queueing.approve_override(town.floor.by("KA"), asked)
    action = reverse("override_use", args=[asked.pk])
    right = {"counter": str(session.pk)}
    return Trial(
        town.officer("KA"), reverse("out_of_turn"), {"counter": "x"}, right, "counter", action=action,
        lost=("counter",),
    )  # fmt: skip


@case("favours")
def favours(town: Town) -> Trial:
    town.opened()
    return Trial(town.officer("D1"), reverse("favours"), None, {})


@case("favour_note")
def favour_note(town: Town) -> Trial:
    floor = town.opened()
    made = queueing.decline_favour(floor.by("D1"), floor.office)
    action = reverse("favour_note", args=[made.pk])
    return Trial(
        town.officer("D1"), reverse("favours"), {"words": ""}, {"words": NOTE}, "words", action=action
    )


@case("kiosks")
def kiosks(town: Town) -> Trial:
    town.opened()
    return Trial(
        town.officer("KA"), reverse("kiosks"), {"number": "0"}, {"number": "3"}, "number", status=200
    )


@case("kiosk_retire")
def kiosk_retire(town: Town) -> Trial:
    floor = town.opened()
    made = operations.set_up_kiosk(floor.by("KA"), floor.office, 3)
    return Trial(
        town.officer("KA"), reverse("kiosks"), None, {}, action=reverse("kiosk_retire", args=[made.pk])
    )


@case("kiosk_pair")
def kiosk_pair(town: Town) -> Trial:
    floor = town.opened()
    made = operations.set_up_kiosk(floor.by("KA"), floor.office, 3)
    page = reverse("kiosk_pair", args=[floor.office.pk, f"{made.pk}.{made.secret}"])
    return Trial(town.visitor(), page, {"paper": "x"}, {"paper": "58"}, "paper", keyed=False, lost=("paper",))


def _kiosk(town: Town, name: str) -> Trial:
    floor = town.opened()
    seat = floor.appointment()
    made = operations.set_up_kiosk(floor.by("KA"), floor.office, 3)
    device = town.visitor()
    link = reverse("kiosk_pair", args=[floor.office.pk, f"{made.pk}.{made.secret}"])
    assert device.post(link, {"paper": "80"}).status_code == 302
    page = reverse(name, args=[floor.office.pk])
    return Trial(device, page, {"code": "3276010101010001"}, {"code": seat.token}, "code")


@case("kiosk")
def kiosk(town: Town) -> Trial:
    return _kiosk(town, "kiosk")


@case("kiosk_nik")
def kiosk_nik(town: Town) -> Trial:
    return _kiosk(town, "kiosk_nik")


@case("door")
def door(town: Town) -> Trial:
    town.opened()
    right = {"hour": "8", "people": "4"}
    return Trial(town.officer("FD"), reverse("door"), right | {"people": "-1"}, right, "people")


@case("counter_move")
def counter_move(town: Town) -> Trial:
    town.floor.officer("X1", ["document_checker", "biometrics"], ["document_check", "biometrics"])
    session = town.sit("X1", 1)
    action = reverse("counter_move", args=[session.pk])
    return Trial(
        town.officer("KA"), reverse("counters"), {"steps": ["interview"]}, {"steps": ["biometrics"]}, "steps",
        action=action,
    )  # fmt: skip


@case("roster_place")
def roster_place(town: Town) -> Trial:
    floor = town.opened()
    change_roster(floor.by("KA"), floor.day(), floor.staff["D1"], floor.counters[1])
    wrong = {"staff": str(floor.staff["D2"].pk), "place": str(floor.counters[1].pk)}
    right = wrong | {"place": str(floor.counters[2].pk)}
    return Trial(
        town.officer("KA"), reverse("counters"), wrong, right, "place", action=reverse("roster_place")
    )


@case("counter_transfer")
def counter_transfer(town: Town) -> Trial:
    town.arrive()
    call = town.serve("D1", 1)
    casework.check_documents(town.floor.by("D1"), call, "complete")
    action = reverse("counter_transfer", args=[town.serve("B1", 3).pk])
    wrong = {"note": NOTE}
    return Trial(
        town.officer("B1"),
        reverse("counter"),
        wrong,
        wrong | {"step": "document_check"},
        "step",
        action=action,
    )


@case("relations")
def relations(town: Town) -> Trial:
    made = town.opened().application()
    wrong = {"reference": made.reference, "note": NOTE}
    return Trial(town.officer("D1"), reverse("relations"), wrong, wrong | {"relation": "friend"}, "relation")


@case("conflict_decide")
def conflict_decide(town: Town) -> Trial:
    floor = town.opened()
    made = queueing.declare_relation(floor.by("D1"), floor.application(), "friend")
    action = reverse("conflict_decide", args=[made.pk])
    wrong = {"decision": "unfounded", "words": ""}
    return Trial(
        town.officer("KA"), reverse("conflicts"), wrong, wrong | {"words": NOTE}, "words", action=action
    )


def _judged(town: Town) -> tuple[Case, str]:
    """A file at adjudication and the officer to whom the lot gave it."""
    floor = town.opened()
    floor.officer("A2", ["adjudicator"], ["adjudication"])
    for label in ("AJ", "A2"):
        change_roster(floor.by("KA"), floor.day(), floor.staff[label])
    found = town.interviewed()
    given = casework.assigned(found)
    assert given is not None
    return found, given.staff.label


@case("case_recuse")
def case_recuse(town: Town) -> Trial:
    found, label = _judged(town)
    reference = found.application.reference
    page, action = reverse("case", args=[reference]), reverse("case_recuse", args=[reference])
    return Trial(town.officer(label), page, None, {}, action=action)


@case("case_reassign")
def case_reassign(town: Town) -> Trial:
    found, label = _judged(town)
    floor = town.floor
    other = next(one for one in ("AJ", "A2") if one != label)
    change_roster(floor.by("KA"), floor.day(), floor.staff[other], leaves=True)
    reference = found.application.reference
    page, action = reverse("case", args=[reference]), reverse("case_reassign", args=[reference])
    return Trial(
        town.officer("KA"), page, {}, {}, action=action,
        meanwhile=lambda: change_roster(floor.by("KA"), floor.day(), floor.staff[other]),
    )  # fmt: skip
