from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setara.kernel.errors import Invalid, NotFound, Refused
from setara.rules import packs, queue
from setara.rules.packs import Pack

OLD = packs.pack("paspor/2019-05-03")
TEN = packs.pack("paspor/2022-10-12")
NOW = packs.pack("paspor/2024-12-17")
VILLAGE = packs.pack("legalisasi/2024-01-01")
EVERY = pytest.mark.parametrize("pack", packs.all_packs(), ids=lambda pack: pack.id)

ADULT_NEW = {
    "type": "new",
    "applicant": "adult",
    "special": "none",
    "purpose": "tourism",
    "book": "electronic",
}


def cases(pack: Pack, answers: dict[str, packs.Answer] | None = None) -> Iterator[dict[str, packs.Answer]]:
    """Every way through the wizard of a pack."""
    answers = answers or {}
    question = packs.next_question(pack, answers)
    if question is None:
        yield answers
        return
    choices = [option.code for option in question.options if not option.stop and option.enabled] or [
        True,
        False,
    ]
    for choice in choices:
        yield from cases(pack, {**answers, question.code: choice})


def names(pack: Pack, **answers: packs.Answer) -> list[str]:
    return [one.code for one in packs.requirements(pack, answers)]


@EVERY
def test_every_way_through_the_wizard_has_papers_one_fee_and_a_type(pack: Pack) -> None:
    ways = list(cases(pack))
    assert len(ways) > 3
    for answers in ways:
        assert packs.validate_answers(pack, answers) == answers
        assert packs.type_of(pack, answers) in {kind.code for kind in pack.types}
        assert packs.fee(pack, answers).total == sum(line.amount for line in packs.fee(pack, answers).lines)
        papers = packs.requirements(pack, answers)
        assert len({one.code for one in papers}) == len(papers) > 0
        assert all(one.options for one in papers if one.code in {group.code for group in pack.groups})
        assert (packs.stock_kind(pack, answers) is None) == (not pack.product.stock)
        assert (packs.validity_years(pack, answers) is None) == (not pack.validity)


@EVERY
def test_every_text_is_there_in_both_languages(pack: Pack) -> None:
    def walk(value: object) -> Iterator[packs.Words]:
        if isinstance(value, packs.Words):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                yield from walk(item)
        elif hasattr(type(value), "model_fields"):
            for name in type(value).model_fields:
                yield from walk(getattr(value, name))

    texts = list(walk(pack))
    assert len(texts) > 20
    # "Umrah" is the one word that is the same in both.
    assert [one for one in texts if one.id == one.en and one.id != "Umrah"] == []
    assert all(one.id.strip() and one.en.strip() for one in texts)


def test_fees_are_those_of_the_two_regulations() -> None:
    def table(pack: Pack) -> dict[tuple[object, ...], int]:
        return {
            (answers["applicant"], answers["book"], answers.get("validity")): packs.fee(pack, answers).total
            for answers in cases(pack)
        }

    assert table(OLD) == {
        ("adult", "electronic", None): 650_000,
        ("adult", "non_electronic", None): 350_000,
        ("child", "electronic", None): 650_000,
        ("child", "non_electronic", None): 350_000,
    }
    assert table(NOW) == {
        ("adult", "electronic", "10"): 950_000,
        ("adult", "electronic", "5"): 650_000,
        ("adult", "non_electronic", "10"): 650_000,
        ("adult", "non_electronic", "5"): 350_000,
        ("child", "electronic", None): 650_000,
        ("child", "non_electronic", None): 350_000,
    }
    assert {packs.fee(TEN, answers).total for answers in cases(TEN)} == {350_000, 650_000}
    assert packs.fee(VILLAGE, {}).total == 0
    with pytest.raises(Refused) as early:
        packs.fee(NOW, {"type": "new", "book": "electronic"})
    assert early.value.code == "fee_undecided"


def test_ten_years_are_only_for_adults_and_only_since_october_2022() -> None:
    adult, child = {**ADULT_NEW, "validity": "10"}, {**ADULT_NEW, "applicant": "child", "validity": "10"}
    assert packs.validity_years(OLD, adult) == 5
    assert packs.validity_years(TEN, adult) == packs.validity_years(NOW, adult) == 10
    # The child's "10" is left over from a change of mind and counts as not given.
    assert packs.validity_years(NOW, child) == 5
    assert "validity" not in packs.relevant(NOW, child)


def test_papers_follow_the_case() -> None:
    assert names(NOW, **ADULT_NEW) == ["identity", "kk", "civil_record"]
    old_book = {**ADULT_NEW, "type": "replacement_expired"}
    assert names(NOW, **old_book, issued_after_2009=True) == ["identity", "old_passport"]
    assert names(NOW, **old_book, issued_after_2009=False) == [
        "identity",
        "old_passport",
        "kk",
        "civil_record",
    ]
    child = names(NOW, type="new", applicant="child", parents="one", special="renamed")
    assert child == [
        "parent_ktp",
        "kk",
        "child_birth_certificate",
        "parents_marriage",
        "parent_passport",
        "parents_statement",
        "parent_mandate",
        "name_decision",
    ]
    group = packs.requirements(NOW, ADULT_NEW)[2]
    assert [one.code for one in group.options] == [
        "birth_certificate",
        "marriage_certificate",
        "diploma",
        "baptism_letter",
    ]
    optional = {one.code for one in packs.requirements(NOW, {"applicant": "child"}) if not one.required}
    assert optional == {"parent_passport"}
    assert group.as_dict()["options"][2]["name"] == {"id": "Ijazah", "en": "Diploma"}
    assert names(VILLAGE, own=False) == ["copy", "mandate"]
    assert names(VILLAGE, own=True) == ["copy"]


def test_the_wizard_asks_one_thing_after_the_other_and_says_what_is_wrong() -> None:
    asked, answers = [], {}
    while question := packs.next_question(NOW, answers):
        asked.append(question.code)
        first = question.options[0].code if question.options else "yes"
        answers[question.code] = packs.check_answer(NOW, question.code, first)
    assert asked == ["type", "applicant", "special", "purpose", "book", "validity"]
    assert "issued_after_2009" in [q.code for q in packs.questions_for(NOW, {"type": "replacement_expired"})]
    with pytest.raises(Invalid) as wrong:
        packs.validate_answers(NOW, {"type": "other", "applicant": "dog", "special": "none", "colour": "red"})
    assert set(wrong.value.errors) == {"type", "applicant", "purpose", "book", "colour"}
    assert "hilang" in str(wrong.value.errors["type"])
    for raw in (None, "perhaps", 3):
        with pytest.raises(Invalid):
            packs.check_answer(NOW, "issued_after_2009", raw)
    assert packs.check_answer(NOW, "issued_after_2009", "no") is False
    with pytest.raises(Invalid):
        packs.check_answer(NOW, "colour", "red")
    kept, vault = packs.split_personal(NOW, answers)
    assert vault == {"purpose": "tourism"}
    assert "purpose" not in kept


def test_each_day_has_one_pack_and_nothing_is_in_force_before_the_first() -> None:
    day = date(2019, 5, 3)
    while day < date(2027, 1, 1):
        found = packs.pack_for("paspor", day)
        expected = OLD if day < date(2022, 10, 12) else TEN if day < date(2024, 12, 17) else NOW
        assert found is expected
        day += timedelta(days=7)
    assert packs.pack_for("paspor", date(2024, 12, 16)) is TEN
    assert packs.pack_for("paspor", date(2024, 12, 17)) is NOW
    for service, on in (("paspor", date(2019, 5, 2)), ("ktp", date(2026, 1, 1))):
        with pytest.raises(NotFound):
            packs.pack_for(service, on)
    assert packs.services() == ("legalisasi", "paspor")
    assert len({each.digest() for each in packs.all_packs()}) == len(packs.all_packs())


@EVERY
def test_every_local_value_can_be_set_and_nothing_else(pack: Pack) -> None:
    values = pack.local_values()
    assert set(values) == set(pack.local)
    assert pack.with_local(values).digest() == pack.digest()
    with pytest.raises(Refused) as refused:
        pack.with_local({"fees.electronic_5.amount": 1})
    assert refused.value.as_dict()["field"] == "fees.electronic_5.amount"
    with pytest.raises(Invalid):
        pack.with_local({"clock.working_days": 0})
    changed = packs.localised(pack.id, {"clock.working_days": 3})
    assert (changed.clock.working_days, packs.pack(pack.id) is pack) == (3, True)
    assert changed is packs.localised(pack.id, {"clock.working_days": 3})
    plain = packs.localised(pack.id, {})
    assert plain is packs.localised(pack.id, {})
    assert plain.local_values() == values


def test_the_same_day_lane_is_bought_where_an_office_offers_it() -> None:
    plain = packs.localised(NOW.id, {})
    on = {"lanes.same_day.enabled": True, "questions.speed.enabled": True}
    here = packs.localised(NOW.id, on)
    assert here.digest() == plain.with_local(on).digest()
    ordinary = {**ADULT_NEW, "validity": "10", "speed": "ordinary"}
    bought = {**ordinary, "speed": "same_day"}
    assert packs.fee(here, bought).total - packs.fee(here, ordinary).total == 1_000_000
    assert "speed" in {question.code for question in packs.questions_for(here, bought)}
    assert [lane.code for lane in here.queue_rule("document_check").lanes] == [
        "priority",
        "same_day",
        "booked",
    ]
    for paid, code in (((), "ground_unpaid"), (("electronic_10",), "ground_unpaid")):
        with pytest.raises(Refused) as refused:
            # Nothing that an officer sees takes the place of the payment.
            packs.lane_for(here, booked=False, ground="same_day", verified=True, paid=paid)
        assert refused.value.code == code
    paid = [line.code for line in packs.fee(here, bought).lines]
    admitted = packs.lane_for(here, booked=False, ground="same_day", paid=paid)
    assert admitted == packs.Admission("same_day", "same_day", "payment")
    # Elsewhere it is neither asked, nor charged, nor a lane.
    assert packs.fee(plain, bought).total == packs.fee(plain, ordinary).total
    assert "same_day" not in {lane.code for lane in plain.lanes}
    with pytest.raises(Refused) as nowhere:
        packs.lane_for(plain, booked=False, ground="same_day", paid=paid)
    assert nowhere.value.code == "ground_unknown"


def test_an_office_may_be_electronic_only() -> None:
    here = NOW.with_local({"questions.book.options.non_electronic.enabled": False})
    assert packs.check_answer(NOW, "book", "non_electronic") == "non_electronic"
    with pytest.raises(Invalid):
        packs.check_answer(here, "book", "non_electronic")


TODAY = date(2026, 3, 3)


def test_lanes_admit_by_lawful_grounds_only() -> None:
    sixty = date(1966, 3, 3)
    admitted = packs.lane_for(NOW, booked=False, ground="elderly", born=sixty, on=TODAY)
    assert admitted == packs.Admission("priority", "elderly", "date_of_birth")
    assert packs.lane_for(NOW, booked=True).lane == "booked"
    assert packs.lane_for(NOW, booked=False, ground="pregnant", verified=True).ground == "pregnant"
    assert packs.lane_for(NOW, booked=False, ground=packs.COMPANION, verified=True).verification == "card"
    assert packs.lane_for(NOW, booked=False, purpose="pickup").lane == "pickup"
    assert packs.lane_for(VILLAGE, booked=False).lane == "open"
    refused = {
        "walk_in_needs_ground": {},
        "ground_not_met": {"ground": "elderly", "born": sixty + timedelta(days=1), "on": TODAY},
        "ground_unproven": {"ground": "disabled"},
        "ground_unknown": {"ground": "friend", "verified": True},
    }
    for code, given_ in refused.items():
        with pytest.raises(Refused) as no:
            packs.lane_for(NOW, booked=False, **given_)  # type: ignore[arg-type]
        assert no.value.code == code
        assert str(no.value.remedy)
    for ground in ("elderly", packs.COMPANION):
        with pytest.raises(Refused):
            packs.lane_for(NOW, booked=False, ground=ground)
    with pytest.raises(Refused):
        packs.lane_for(NOW, booked=False, ground="breastfeeding", verified=True)
    batam = NOW.with_local({"lanes.priority.grounds.breastfeeding.enabled": True})
    assert packs.lane_for(batam, booked=False, ground="breastfeeding", verified=True).lane == "priority"
    toddler = {"ground": "toddler", "born": date(2022, 1, 1), "on": TODAY}
    assert packs.lane_for(NOW, booked=False, **toddler).lane == "priority"
    with pytest.raises(Refused):
        packs.lane_for(NOW.with_local({"lanes.priority.grounds.toddler.max_age": 2}), booked=False, **toddler)


def test_ages_count_from_the_birthday_even_on_the_29th_of_february() -> None:
    assert packs.age_on(date(1966, 3, 3), TODAY) == 60
    assert packs.age_on(date(1966, 3, 4), TODAY) == 59
    assert packs.age_on(date(2004, 2, 29), date(2026, 2, 28)) == 21
    assert packs.age_on(date(2004, 2, 29), date(2026, 3, 1)) == 22


@EVERY
def test_the_clock_and_the_queue_come_from_the_pack(pack: Pack) -> None:
    starts = [(s.code, o.code) for s in pack.steps for o in s.outcomes if pack.clock_starts(s.code, o.code)]
    ends = [(s.code, o.code) for s in pack.steps for o in s.outcomes if pack.clock_ends(s.code, o.code)]
    assert len(starts) == len(ends) == 1
    for step in pack.steps_of("hall"):
        rule = pack.queue_rule(step.code)
        assert {lane.code for lane in rule.lanes} == {
            x.code for x in pack.lanes if x.enabled and x.purpose == "service"
        }
        assert queue.Rule.from_dict(rule.as_dict()) == rule
    assert pack.queue_rule(pack.first_step.code).order == "window"
    assert {lane.code for lane in pack.queue_rule("handover").lanes} == {"pickup"}
    assert all(pack.hold(code) for s in pack.steps for o in s.outcomes for code in o.holds)
    with pytest.raises(KeyError):
        pack.step("tea")


@EVERY
@given(data=st.data())
def test_any_walk_along_the_outcomes_ends_or_goes_on(pack: Pack, data: st.DataObject) -> None:
    step, seen = pack.first_step, []
    for _ in range(40):
        outcome = data.draw(st.sampled_from(step.outcomes))
        seen.append(step.code)
        if outcome.goes_to in {"done", "refuse"}:
            break
        step = step if outcome.goes_to in {"hold", "send_back"} else pack.step(outcome.goes_to)
    if outcome.goes_to == "done":
        assert set(seen) == {each.code for each in pack.steps}
