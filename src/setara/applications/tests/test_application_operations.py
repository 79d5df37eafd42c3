"""Start, answer, attach, submit: what is accepted, and what is refused and why."""

from __future__ import annotations

import json

import pytest

from setara.applications.service import (
    Application,
    access_code,
    amend_person,
    answer,
    answers_of,
    attach,
    find,
    missing,
    renew_code,
    requirements_of,
    start,
    submit,
)
from setara.applications.tests.making import ADULT, BOSS, House, house, papers, person
from setara.kernel.errors import Conflict, Forbidden, Invalid, Refused
from setara.ledger.models import Event
from setara.ledger.service import VISITOR, Actor, By
from setara.people.service import open_person


def events(application: Application) -> list[str]:
    return list(
        Event.objects.filter(application=application.pk).order_by("seq").values_list("type", flat=True)
    )


def explained(error: pytest.ExceptionInfo[Refused], code: str) -> None:
    assert error.value.code == code
    assert str(error.value.message)
    assert str(error.value.rule)
    assert str(error.value.remedy)


def test_the_whole_way_online(kanim: House) -> None:
    made, by = kanim.draft()
    answer(by, made, {"type": "new", "applicant": "adult"})
    with pytest.raises(Invalid) as unanswered:
        submit(by, made)
    assert set(unanswered.value.errors) == {"special", "purpose", "book", "validity"}
    answer(by, made, ADULT)
    with pytest.raises(Refused) as incomplete:
        submit(by, made)
    explained(incomplete, "applications.incomplete")
    for need in missing(made):
        attach(by, made, need.code, papers())
    submit(by, made)
    made.refresh_from_db()
    assert (made.status, made.type, made.fee) == ("submitted", "new", 950_000)
    assert [n["code"] for n in made.needs] == ["identity", "kk", "civil_record"]
    with pytest.raises(Refused) as twice:
        submit(by, made)
    explained(twice, "applications.not_draft")
    for late in (lambda: answer(by, made, ADULT), lambda: amend_person(by, made, person(name="Lain"))):
        with pytest.raises(Refused) as after:
            late()
        explained(after, "applications.not_draft")
    with pytest.raises(Refused) as papers_late:
        attach(by, made, "kk", papers())
    explained(papers_late, "applications.no_papers_now")
    assert events(made) == [
        "applications.started",
        "applications.answered",
        "applications.answered",
        *["applications.attached"] * 3,
        "applications.submitted",
    ]


def test_personal_answers_are_sealed_and_no_event_tells_who_or_how(kanim: House) -> None:
    made, by = kanim.draft()
    answer(by, made, ADULT)
    made = Application.objects.get(pk=made.pk)
    assert "purpose" not in made.answers
    assert answers_of(made)["purpose"] == "tourism"
    first = made.private_id
    answer(by, made, {"purpose": "study"})
    made = Application.objects.get(pk=made.pk)
    assert made.private_id != first
    assert answers_of(made)["purpose"] == "study"
    said = json.dumps(list(Event.objects.values("payload", "reason", "actor_id")), default=str)
    data = person()
    for secret in (data.name, data.nik, data.phone, "1990", "tourism", made.person_id.hex):
        assert secret not in said
    assert "purpose" in said


def test_a_change_of_mind_drops_what_no_longer_matters(kanim: House) -> None:
    made, by = kanim.draft()
    answer(by, made, ADULT)
    answer(by, made, {"applicant": "child"})
    assert "validity" not in answers_of(made)
    assert {n.code for n in requirements_of(made)} >= {"parent_ktp", "child_birth_certificate"}
    with pytest.raises(Invalid) as wrong:
        answer(by, made, {"book": "golden", "parents": "both", "nonsense": "x"})
    assert set(wrong.value.errors) == {"book", "nonsense"}
    assert "parents" not in answers_of(Application.objects.get(pk=made.pk))


def test_a_stop_answer_says_where_to_go(kanim: House) -> None:
    made, by = kanim.draft()
    with pytest.raises(Invalid) as stop:
        answer(by, made, {"type": "other"})
    assert "meja informasi" in str(stop.value.errors["type"])
    assert answer(by, made, {"type": "new"}).type == "new"


@pytest.mark.parametrize("nik", ["0000000000000000", "9901019999990000", "3276 0157 0890 0001"])
def test_nobody_is_refused_for_an_odd_number(kanim: House, nik: str) -> None:
    made, _by = kanim.draft(nik=nik)
    assert open_person(made.person).nik == nik.replace(" ", "")
    with pytest.raises(Invalid) as short:
        person(nik="123")
    assert "16 angka" in str(short.value.errors["nik"])


def test_contact_must_be_possible(kanim: House) -> None:
    def begin(contact: str, **data: str) -> Application:
        return start(
            By(VISITOR), kanim.office, person(**data), contact=contact, language="id", channel="online"
        )

    for contact, data, field in (
        ("sms", {"phone": ""}, "phone"),
        ("email", {}, "email"),
        ("email", {"email": "bukan surel"}, "email"),
        ("sms", {"phone": "nol delapan"}, "phone"),
        ("pigeon", {}, "contact"),
    ):
        with pytest.raises(Invalid) as wrong:
            begin(contact, **data)
        assert field in wrong.value.errors
    assert begin("slip", phone="").contact == "slip"
    assert begin("email", email="sekar@contoh.id").contact == "email"


def test_helped_people_have_the_same_rights_and_the_event_names_the_helper(kanim: House) -> None:
    officer = kanim.officer
    with pytest.raises(Refused) as channel:
        start(By(officer), kanim.office, person(), contact="slip", language="id", channel="online")
    explained(channel, "applications.channel")
    made = start(
        By(officer, reason="no_phone"),
        kanim.office,
        person(phone=""),
        contact="slip",
        language="id",
        channel="assisted",
    )
    by = By(officer)
    answer(by, made, ADULT)
    for need in missing(made):
        attach(by, made, need.code, papers())
    with pytest.raises(Invalid) as silent:
        submit(by, made)
    assert set(silent.value.errors) == {"confirmed_aloud"}
    assert submit(by, made, confirmed_aloud=True).confirmed_aloud
    rows = Event.objects.filter(application=made.pk)
    assert {r.payload["typed_by"] for r in rows} == {str(kanim.front.pk)}
    assert rows.order_by("seq")[0].reason == "no_phone"
    assert made.typed_by_id == kanim.front.pk
    # The person may go on alone, with the code of the slip.
    alone = find(made.reference, access_code(made))
    assert renew_code(By(Actor("applicant", str(alone.pk))), alone).code_generation == 2


def test_nobody_touches_what_is_not_theirs(kanim: House) -> None:
    made, by = kanim.draft()
    _other, stranger = kanim.draft()
    elsewhere = house(kanim.clock, "lain")
    for who in (stranger, By(VISITOR), By(elsewhere.officer), BOSS):
        for act in (
            lambda who=who: answer(who, made, ADULT),
            lambda who=who: attach(who, made, "kk", papers()),
            lambda who=who: submit(who, made),
            lambda who=who: renew_code(who, made),
            lambda who=who: amend_person(who, made, person()),
        ):
            with pytest.raises(Forbidden):
                act()
    assert answer(by, made, ADULT).answers["book"] == "electronic"


def test_papers(kanim: House) -> None:
    made, by = kanim.draft()
    answer(by, made, ADULT)
    with pytest.raises(Refused) as unknown:
        attach(by, made, "police_report", papers())
    explained(unknown, "applications.requirement_unknown")
    first = attach(by, made, "kk", papers())
    second = attach(by, made, "kk", papers())
    first.refresh_from_db()
    assert first.superseded
    assert not second.superseded
    kk = next(n for n in requirements_of(made) if n.code == "kk")
    assert kk.document == second
    Application.objects.filter(pk=made.pk).update(status="returned", pack="paspor/2024-12-17")
    assert attach(by, made, "kk", papers()).pages == 1


def test_the_same_press_twice_does_its_work_once(kanim: House) -> None:
    made, by = kanim.draft()
    twice = By(by.actor, key="the form's key")
    answer(twice, made, ADULT)
    answer(twice, made, ADULT)
    one = attach(twice, made, "kk", papers())
    assert attach(twice, made, "kk", papers()) == one
    for need in missing(made):
        attach(by, made, need.code, papers())
    assert submit(twice, made) == submit(twice, made)
    assert events(made).count("applications.submitted") == 1
    begin = By(VISITOR, key="start")
    kw = {"contact": "sms", "language": "id", "channel": "online"}
    assert start(begin, kanim.office, person(), **kw) == start(begin, kanim.office, person(), **kw)


def test_reference_and_code_open_the_application_and_guesses_end(kanim: House) -> None:
    made, by = kanim.draft()
    code = access_code(made)
    assert find(made.reference.lower().replace("-", " "), f"{code[:4]} {code[4:].lower()}") == made
    with pytest.raises(Invalid):
        find("abc", code)
    renew_code(by, made)
    for _ in range(5):
        with pytest.raises(Refused) as wrong:
            find(made.reference, code)
        explained(wrong, "applications.wrong_code")
    with pytest.raises(Refused) as blocked:
        find(made.reference, access_code(made))
    explained(blocked, "guess.blocked.application")
    other, _ = kanim.draft()
    assert find(other.reference, access_code(other)) == other


def test_going_on_from_where_it_no_longer_stands_is_a_conflict(kanim: House) -> None:
    from setara.applications.moves import PATHS, move_to

    class Inside:
        """Stands for an operation: moves only ask for one."""

    made, _ = kanim.draft()
    for before, ways in PATHS.items():
        for after in Application.Status.values:
            Application.objects.filter(pk=made.pk).update(status=before)
            made.refresh_from_db()
            if after in ways or after == before:
                assert move_to(Inside(), made, after).status == after
            else:
                with pytest.raises(Conflict):
                    move_to(Inside(), made, after)
                assert Application.objects.get(pk=made.pk).status == before
