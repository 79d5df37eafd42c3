"""The people of the played day are reproducible, plausible and recognisably made up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from setara.kernel import clock
from setara.kernel.nik import check_nik
from setara.site.day import cast, demo_office

DAY = date(2026, 3, 3)


@pytest.fixture(autouse=True)
def _standing_clock() -> Iterator[None]:
    with clock.using(clock.ManualClock(datetime(2026, 3, 3, tzinfo=UTC))):
        yield


def test_the_same_seed_draws_the_same_person_and_another_seed_another() -> None:
    assert cast.draw(1, 7, DAY).data == cast.draw(1, 7, DAY).data
    assert cast.draw(1, 7, DAY).data != cast.draw(2, 7, DAY).data


def test_nobody_alive_can_have_such_a_number_and_every_name_says_that_it_is_made_up() -> None:
    for index in range(300):
        person = cast.draw(1, index, DAY)
        # Provinces go from 11 to 96 (DOMAIN 8): 99 is nobody's; the form is right all the same.
        assert person.data.nik.startswith("99")
        assert check_nik(person.data.nik).digits == person.data.nik
        assert person.data.name.endswith("Rekaan")


def test_shares_come_out_about_as_stated() -> None:
    people = [cast.draw(3, index, DAY) for index in range(4000)]
    share = {
        name: sum(bool(getattr(p, name)) for p in people) / len(people) for name in ("incomplete", "by_name")
    }
    assert abs(share["incomplete"] - cast.INCOMPLETE) < 0.015
    assert abs(share["by_name"] - cast.BY_NAME) < 0.025
    types = Counter(p.type for p in people)
    assert abs(types["new"] / len(people) - cast.NEW_APPLICATION) < 0.03


def test_service_times_have_the_stated_mean() -> None:
    person = cast.draw(1, 1, DAY)
    drawn = [person.minutes(6).total_seconds() / 60 for _ in range(4000)]
    assert abs(sum(drawn) / len(drawn) - 6) < 0.25


def test_every_step_has_a_counter_and_no_counter_is_idle() -> None:
    for counters in (1, 2, 3, 8, 80):
        steps = demo_office.steps_of(counters)
        assert len(steps) == counters
        assert {step for row in steps for step in row} == set(demo_office.HALL)
    share = Counter(row[0] for row in demo_office.steps_of(80))
    # Interviews take six of fourteen minutes, so about that share of the counters.
    assert abs(share["interview"] / 80 - 6 / 14) < 0.05
