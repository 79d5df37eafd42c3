"""Integrity tests: each finds what it is for, says nothing of honest files, and says so when a column is missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from setara.science.satisfaction import integrity, survey_sim
from setara.science.satisfaction.integrity import (
    Answers,
    Outcome,
    bursts,
    channels,
    codes,
    devices,
    digits,
    duplicates,
    kinds,
    scan,
    straight,
    ties,
    times,
)

DESIGN = survey_sim.Design(respondents=150)


def file(
    seed: int = 1, what: survey_sim.Tampering | None = None, design: survey_sim.Design = DESIGN
) -> Answers:
    """A simulated file as the tests read it."""
    made = survey_sim.simulate(design, seed)
    made = survey_sim.tamper(made, what, seed) if what else made
    return Answers(
        made.scores, made.design.low, made.design.high, made.time, made.seconds, made.device, made.channel
    )


def decisions(answers: Answers) -> dict[str, str]:
    """What each test decides."""
    return {one.code: one.decision for one in integrity.tests(answers)}


def test_an_honest_file_is_clear_and_every_test_states_its_rate() -> None:
    found = integrity.tests(file())
    assert [one.code for one in found] == [
        "bursts", "straight-lining", "duplicates", "devices", "impossible-times", "digits", "ties", "channels",
    ]  # fmt: skip
    assert {one.decision for one in found} == {"clear"}
    assert (
        sum(one.false_alarm for one in found) == pytest.approx(0.016) == pytest.approx(integrity.FALSE_ALARM)
    )
    for one in found:
        body = one.as_dict()
        assert body["finding"]["id"]
        assert body["finding"]["id"] != body["finding"]["en"]
    # What honest files contain is in this one: straight lines, families, a kiosk, busy hours.
    answers = file()
    assert answers.device is not None
    sizes = np.bincount(answers.device)
    assert answers.straight.mean() > 0.2
    assert sizes[0] > 20
    assert ((sizes[1:] > 1) & (sizes[1:] < 6)).sum() > 3


@pytest.mark.parametrize("kind", survey_sim.KINDS)
@pytest.mark.parametrize(("place", "finder"), [("hour", "bursts"), ("device", "devices")])
def test_stuffing_is_found_by_the_test_that_is_for_it(kind: str, place: str, finder: str) -> None:
    what = survey_sim.Tampering(kind, place)
    assert decisions(file(2))[finder] == "clear"
    stuffed = file(2, what)
    found = {one.code: one for one in integrity.tests(stuffed)}
    assert found[finder].decision == "attention"
    made = survey_sim.tamper(survey_sim.simulate(DESIGN, 2), what, 2)
    named = set(found[finder].rows)
    planted = set((np.flatnonzero(made.tampered) + 1).tolist())
    assert len(named & planted) >= 0.9 * len(planted)  # the rows named are those put in
    assert len(named - planted) <= 0.4 * len(named)
    # The same rows, put in one at a time over all hours and devices, leave no trace there.
    rng = np.random.default_rng(3)
    spread = replace(
        stuffed,
        time=np.sort(rng.permutation(stuffed.time)),
        scores=rng.permutation(stuffed.scores),
        device=np.arange(stuffed.n),
    )
    assert decisions(spread)[finder] == "clear"


def test_without_its_column_a_test_says_so() -> None:
    whole = file(2, survey_sim.Tampering("highest", "hour"))
    bare = replace(whole, time=None, seconds=None, device=None, channel=None)
    found = integrity.tests(bare)
    missing = {one.code for one in found if one.decision == "not computable"}
    assert missing == {
        "bursts", "straight-lining", "devices", "impossible-times", "digits", "ties", "channels",
    }  # fmt: skip
    assert all(one.finding.en and one.p_value is None for one in found if one.code in missing)
    assert "not computable" not in decisions(whole).values()
    # Dates are no times of day; bursts need these, ties do not.
    dated = replace(whole, time=whole.time.astype("datetime64[D]").astype("datetime64[s]"))
    assert decisions(dated)["bursts"] == decisions(dated)["digits"] == "not computable"
    assert decisions(dated)["ties"] == "clear"


def test_a_busy_hour_is_no_burst_and_a_family_no_device() -> None:
    answers = file(4)
    rng = np.random.default_rng(1)
    crowded = np.where(rng.random(answers.n) < 0.4, answers.time[0], answers.time)
    crowded = crowded + rng.integers(0, 3_000, answers.n).astype("timedelta64[s]")
    assert bursts.run(replace(answers, time=crowded)).decision == "clear"
    # Seven alike on one device are a family (or a class); eight times as likely alike is a pattern.
    scores, device = answers.scores.copy(), np.arange(answers.n)
    scores[:7], device[:7] = 4.0, 900
    assert devices.run(replace(answers, scores=scores, device=device)).decision == "clear"
    scores[:14], device[:14] = 4.0, 900
    assert devices.run(replace(answers, scores=scores, device=device)).decision == "attention"


def test_straight_lines_on_one_day() -> None:
    answers = file(5, design=survey_sim.Design(respondents=400))
    day = answers.time.astype("datetime64[D]")
    assert straight.run(answers).decision == "clear"
    scores = answers.scores.copy()
    scores[day == day[200]] = 3.0
    found = straight.run(replace(answers, scores=scores))
    assert (found.decision, found.details["by"]) == ("attention", "day")
    assert set(found.rows) <= set((np.flatnonzero(day == day[200]) + 1).tolist())


def test_duplicates_need_neither_time_nor_device() -> None:
    answers = replace(file(6), time=None, seconds=None, device=None, channel=None)
    assert duplicates.run(answers).decision == "clear"
    scores = np.vstack([answers.scores, np.tile([2.0, 4, 3, 1, 4, 2, 3, 4, 2], (12, 1))])
    scores[-4:, 0] = [1, 3, 4, 1]
    found = duplicates.run(Answers(scores, 1, 4))
    assert found.decision == "attention"
    assert set(found.rows) >= set(range(151, 163))
    rows = np.arange(2, 152)
    twice = replace(answers, respondent=codes([*range(148), 7, 9]), rows=rows)
    found = duplicates.run(twice)
    assert (found.decision, found.rows) == ("attention", (9, 11, 150, 151))
    assert duplicates.run(replace(twice, respondent=codes([*range(148), None, ""]))).decision == "clear"


def test_impossible_times() -> None:
    answers = file(7)
    assert answers.seconds is not None
    assert times.run(answers).decision == "clear"
    seconds = answers.seconds.copy()
    seconds[3] = 1.0
    found = times.run(replace(answers, seconds=seconds))
    assert (found.decision, found.rows) == ("clear", (4,))  # told, not flagged
    seconds[:6] = 1.0
    assert times.run(replace(answers, seconds=seconds)).decision == "attention"
    seconds = answers.seconds.copy()
    seconds[9] = -5
    assert times.run(replace(answers, seconds=seconds)).rows == (10,)
    assert times.run(replace(answers, seconds=seconds)).decision == "attention"
    at_once = replace(answers, time=answers.time.copy(), device=answers.device.copy())
    at_once.time[20:27], at_once.device[20:27] = answers.time[20], 7_000
    assert times.run(at_once).details["at_once"] == 6
    assert times.run(at_once).decision == "attention"
    minutes = replace(
        at_once, time=at_once.time.astype("datetime64[m]").astype("datetime64[s]"), seconds=None
    )
    assert times.run(minutes).decision == "not computable"


def test_digits_of_the_clock() -> None:
    answers = file(8)
    assert digits.run(answers).decision == "clear"
    typed = answers.time.copy()
    typed[:40] = typed[:40].astype("datetime64[m]")
    found = digits.run(replace(answers, time=typed))
    assert (found.decision, found.details["second"]) == ("attention", 0)
    tens = answers.time.astype(np.int64) // 10 * 10
    assert (
        digits.run(replace(answers, time=tens.astype("datetime64[s]"))).decision == "clear"
    )  # a coarse clock


def test_days_that_agree_too_well() -> None:
    answers = file(9)
    assert ties.run(answers).decision == "clear"
    # The same answers, dealt out like cards by their own mean: every day gets the same hand.
    days = 10
    rank = np.argsort(np.argsort(answers.scores.mean(axis=1), kind="stable"), kind="stable")
    turn = np.where((rank // days) % 2, days - 1 - rank % days, rank % days)
    dealt = np.datetime64("2026-03-02", "s") + (turn * 86_400).astype("timedelta64[s]")
    assert ties.run(replace(answers, time=dealt)).decision == "attention"


def test_a_channel_far_off() -> None:
    answers = file(10, design=survey_sim.Design(respondents=400))
    assert channels.run(answers).decision == "clear"
    kiosk = answers.channel == 0
    near, far = answers.scores.copy(), answers.scores.copy()
    near[kiosk] = np.clip(near[kiosk] - 0.35, 1, 4)
    far[kiosk] = np.clip(far[kiosk] - 1.4, 1, 4)
    assert channels.run(replace(answers, scores=near)).decision == "clear"
    found = channels.run(replace(answers, scores=far))
    assert found.decision == "attention"
    assert found.details["gap"] < -0.5
    assert set(found.rows) == set((np.flatnonzero(kiosk) + 1).tolist())


@pytest.mark.parametrize("n", [0, 1, 2, 9])
def test_tiny_files(n: int) -> None:
    whole = file(11)
    cut = {name: getattr(whole, name)[:n] for name in ("scores", "time", "seconds", "device", "channel")}
    assert "attention" not in decisions(Answers(low=1, high=4, **cut)).values()


def test_all_answers_equal_and_answers_missing() -> None:
    answers = file(12)
    assert "attention" not in decisions(replace(answers, scores=np.full((150, 9), 4.0))).values()
    scores = answers.scores.copy()
    scores[::3, 4] = np.nan
    scores[5] = np.nan
    assert "attention" not in decisions(replace(answers, scores=scores)).values()
    assert decisions(replace(file(2, survey_sim.Tampering("highest", "hour"))))["bursts"] == "attention"


def test_the_tail_is_fishers_and_with_odds_the_noncentral_one() -> None:
    from scipy import stats

    assert scan._tail(165, 30, 20, 9, 1.0) == pytest.approx(stats.hypergeom.sf(8, 165, 30, 20))
    noncentral = stats.nchypergeom_fisher.sf(8, 165, 30, 20, 1.5)
    assert scan._tail(165, 30, 20, 9, 1.5) == pytest.approx(noncentral)


def test_patterns_of_long_rows_are_told_apart_too() -> None:
    rng = np.random.default_rng(1)
    levels = rng.integers(1, 8, (500, 44)).astype(np.int8)
    levels[250:] = levels[:250]
    first, which, counts = kinds.patterns(levels)
    assert len(first) == 250
    assert (counts == 2).all()
    assert (levels[first][which] == levels).all()


@pytest.mark.slow(6)
def test_few_honest_files_are_flagged() -> None:
    """A small form of benchmarks/satisfaction/integrity.py: at 1.6 %, more than 4 of 60 has a chance of 0.3 %."""

    def flagged(outcomes: list[Outcome]) -> bool:
        return any(one.decision == "attention" for one in outcomes)

    assert sum(flagged(integrity.tests(file(seed))) for seed in range(100, 160)) <= 4
    copies = survey_sim.Tampering("copies", "hour")
    assert sum(flagged(integrity.tests(file(seed, copies))) for seed in range(15)) >= 11
