"""The simulated office: the same seed gives the same bytes, the truth is true, each scheme leaves its trace."""

from __future__ import annotations

import io

import polars as pl
import pytest

from setara.rules import schemes
from setara.science.simulate.logs import generate
from setara.science.simulate.office import NUMBER, SCHEMES, World
from setara.science.simulate.running import Simulation

EVERY = World(applicants=120, offices=2, days=8, honest_error=0.01, schemes=dict.fromkeys(SCHEMES, 0.02))


def bytes_of(*tables: pl.DataFrame) -> list[bytes]:
    out = []
    for table in tables:
        file = io.BytesIO()
        table.write_parquet(file)
        out.append(file.getvalue())
    return out


@pytest.fixture(scope="module")
def both() -> tuple[pl.DataFrame, pl.DataFrame]:
    return generate(EVERY, 5)


def test_the_same_seed_gives_the_same_bytes_and_another_another_day(
    both: tuple[pl.DataFrame, pl.DataFrame],
) -> None:
    assert bytes_of(*both) == bytes_of(*generate(EVERY, 5))
    assert bytes_of(*both) != bytes_of(*generate(EVERY, 6))


def test_a_day_is_the_same_whatever_was_simulated_before_it() -> None:
    alone = Simulation(EVERY, 5).play(1, 3)
    for played in Simulation(EVERY, 5).days():
        if (played.office, played.day) == (1, 3):
            assert (played.calls == alone.calls).all()
            assert (played.people == alone.people).all()
        elif (played.office, played.day) == (0, 3):
            assert played.calls.shape != alone.calls.shape or (played.calls != alone.calls).any()


def passed_by(log: pl.DataFrame) -> pl.DataFrame:
    """Every call with how many of its lane had joined earlier, waited and were called later; counted naively.

    A person who missed a call counts until that call, and not any more: nobody wrote down when they came back.
    """
    calls = log.drop_nulls(["call", "enqueue"]).with_columns(day=pl.col("call").dt.date()).sort("call")
    again = calls.select(pl.struct("office", "day", "activity", "case").is_first_distinct()).to_series()
    rows = calls.with_columns(first=again).select(
        "office", "day", "activity", "lane", "case", "time", "enqueue", "call", "first"
    )
    pairs = rows.join(rows.filter("first"), on=["office", "day", "activity", "lane"], suffix="_other")
    passed = pairs.filter(
        (pl.col("enqueue_other") < pl.col("enqueue"))
        & (pl.col("call_other") > pl.col("call"))
        & (pl.col("case_other") != pl.col("case"))
    )
    return passed.group_by("case", "activity", "time").agg(counted=pl.len().cast(pl.Int64))


def test_the_truth_holds_every_call_that_passed_somebody_and_no_other(
    both: tuple[pl.DataFrame, pl.DataFrame],
) -> None:
    log, truth = both
    told = truth.filter(pl.col("rule_choice").is_not_null())
    key = ["case", "activity", "time"]
    joined = told.select(*key, "depth").join(passed_by(log), on=key, how="full")
    assert joined.height == told.height > 150
    assert joined.filter(pl.col("depth").eq_missing(pl.col("counted"))).height == told.height
    assert set(told["cause"]) == {"favour", "slip", "lawful"}
    # Who was called instead of whom is in the log as well.
    rows = log.join(told, on=key).filter(pl.col("rule_label") == pl.col("label"))
    assert rows.is_empty()
    others = log.drop_nulls("call").join(told, on=key, how="anti")
    assert others.filter(pl.col("rule_label") != pl.col("label")).is_empty()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_each_scheme_leaves_its_trace_and_only_where_it_is_planted(
    scheme: str, both: tuple[pl.DataFrame, pl.DataFrame]
) -> None:
    log, truth = both
    mine = truth.filter((pl.col("scheme") == scheme) & (pl.col("cause") == "favour"))
    assert mine.height > 0
    clean = generate(EVERY.but(schemes={}, offices=1, days=2), 5)[1]
    assert "favour" not in clean["cause"]
    rows = log.join(mine, on=["case", "activity", "time"], how="inner")
    if scheme == "skipped-interview":
        assert log.filter(pl.col("case").is_in(mine["case"]) & (pl.col("activity") == "interview")).is_empty()
        assert log.filter(pl.col("case").is_in(mine["case"]) & (pl.col("activity") == "printing")).height > 0
        return
    assert rows.height == mine.height
    if scheme in {"false-reason", "false-priority"}:
        assert rows["reason"].null_count() == 0
        assert rows["proof"].null_count() == rows.height
    elif scheme == "off-hours":
        assert (rows["start"].dt.hour() < 8).all()
    elif scheme == "pair":
        assert ((rows["lot"] != rows["counter"]).fill_null(True) | (rows["depth"] > 0)).all()
    elif scheme == "quota-leak":
        given = log.filter(pl.col("activity") == "booking.cancelled").select("seat", gone="time")
        given = given.join(rows, on="seat")
        assert given.height == rows.height
        assert ((given["time"] - given["gone"]).dt.total_seconds() == 2).all()
    elif scheme == "broker":
        fetched = log.filter(pl.col("case").is_in(mine["case"])).drop_nulls("collector")
        assert fetched["collector"].str.ends_with("-broker").all()
    elif scheme == "adaptive":
        assert ((rows["time"].dt.day() - 2) // 7 % 2 == 0).all()  # never in the second week
    elif scheme != "slow-walk":
        assert (mine["depth"] > 0).all()


def test_whoever_takes_longer_takes_longer() -> None:
    world = EVERY.but(schemes={"slow-walk": 0.5}, offices=3)
    log, truth = generate(world, 2)
    times = log.with_columns(minutes=(pl.col("time") - pl.col("start")).dt.total_seconds() / 60)
    slow = times.join(truth.filter(pl.col("scheme") == "slow-walk"), on=["case", "activity", "time"])
    others = times.join(truth, on=["case", "activity", "time"], how="anti")
    for activity in ("document_check", "interview"):
        means = [one.filter(pl.col("activity") == activity)["minutes"].mean() for one in (slow, others)]
        assert means[0] > 2 * means[1]


def test_the_honest_error_is_what_it_was_set_to() -> None:
    for rate in (0.0, 0.02):
        world = EVERY.but(schemes={}, honest_error=rate, care_shape=None, days=20, offices=4)
        slips = could = 0
        for day in Simulation(world, 1).days():
            slips += int((day.calls[:, 13] == 2).sum())
            could += int((day.calls[:, 12] >= 2).sum())
        assert slips == pytest.approx(rate * could, rel=0.15)


def test_worlds_that_cannot_be_are_refused_with_what_would_do() -> None:
    assert World(schemes={"escort": 0.01}).schemes == {"escort": 0.01}
    for wrong, said in (
        ({"schemes": {"escrot": 0.01}}, "There is no scheme 'escrot'. There are: single-jump"),
        ({"schemes": {"escort": 1.5}}, "shares of the applicants"),
        ({"days": 0}, "at least one"),
        ({"officers": 3}, "as many officers as counters"),
        ({"honest_error": 1.0}, "below 1"),
    ):
        with pytest.raises(ValueError, match=said):
            World(**wrong)  # type: ignore[arg-type]
    assert [*NUMBER] == [one.slug for one in schemes.SCHEMES if not one.lawful]
    assert set(schemes.DAY) - set(NUMBER) == {one.slug for one in schemes.SCHEMES if one.lawful}
