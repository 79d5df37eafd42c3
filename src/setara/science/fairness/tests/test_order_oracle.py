"""D1: the depth is the one of the definition, whoever is away is not passed, and the rule itself is judged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setara.rules.queue import Memory, Waiting, after, next_ticket, order
from setara.science.events.log import MOMENT, MOMENTS, Log
from setara.science.fairness import completions
from setara.science.fairness.calls import Lines, lines
from setara.science.fairness.engine import audit
from setara.science.fairness.indonesian import translated
from setara.science.fairness.order import NOT_BY_RULE, UNSPOKEN, find, fit, with_depth
from setara.science.fairness.prepared import Options
from setara.science.fairness.replay import rules_of
from setara.science.fairness.rule import OrderRule, parse

FCFS = OrderRule()
EIGHT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def at(minutes: float | None) -> datetime | None:
    """So many minutes after eight."""
    return None if minutes is None else EIGHT + timedelta(minutes=minutes)


def a_log(rows: list[dict[str, Any]]) -> Log:
    """A log of these rows; moments are minutes after eight."""
    names = {name for row in rows for name in row}
    table = []
    for number, row in enumerate(rows):
        full = {"case": str(number), "activity": "check", "resource": "a", "time": 500.0} | row
        made = {name: at(v) if name in {*MOMENTS, "returned", "opened"} else v for name, v in full.items()}
        table.append(made | {"day": EIGHT.date() + timedelta(days=int(row.get("on", 0)))})
    schema: dict[str, Any] = {
        name: MOMENT for name in (*MOMENTS, "returned", "opened") if name in names | {"time"}
    }
    return Log(pl.DataFrame(table, schema_overrides=schema, infer_schema_length=None), {})


def calls_of(log: Log, rule: OrderRule = FCFS) -> pl.DataFrame:
    table = lines(log)
    assert isinstance(table, Lines), table
    return with_depth(table, rule).sort("row")


rows_strategy = st.lists(
    st.fixed_dictionaries({
        "enqueue": st.one_of(st.none(), st.integers(0, 6)),
        "call": st.one_of(st.none(), st.integers(0, 12)),
        "absent": st.one_of(st.none(), st.none(), st.integers(0, 12)),
        "lane": st.sampled_from(["x", "y", None]),
        "activity": st.sampled_from(["check", "photo"]),
        "on": st.integers(0, 1),
    }),
    min_size=8,
    max_size=40,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(rows_strategy)
def test_the_depth_is_that_of_the_definition(rows: list[dict[str, Any]]) -> None:
    """Word for word: same day, activity and lane, joined strictly earlier, called strictly later, present."""
    good = {
        i: r for i, r in enumerate(rows)
        if r["enqueue"] is not None and r["call"] is not None and r["enqueue"] <= r["call"]
    }  # fmt: skip
    if not good:
        return
    place = ("on", "activity", "lane")
    wanted = {
        i: sum(
            all(mine[p] == other[p] for p in place)
            and other["enqueue"] < mine["enqueue"]
            and other["call"] > mine["call"]
            and not (other["absent"] is not None and other["absent"] <= mine["call"])
            for j, other in good.items()
            if j != i
        )
        for i, mine in good.items()
    }
    found = calls_of(a_log([*rows, {"enqueue": 0, "call": 0, "absent": None, "lane": None, "on": 9}]))
    got = dict(zip(found["row"], found["depth"], strict=True))
    assert got == wanted | {len(rows): 0}
    for row, names in zip(found["row"], found["passed"], strict=True):
        assert (len(names) if names is not None else 0) == got[row]


def test_equal_moments_are_no_breach() -> None:
    """Joined in the same moment, or called in the same moment: nobody was passed. One minute makes the difference."""

    def depths(*people: tuple[int, int]) -> list[int]:
        return calls_of(a_log([{"enqueue": joined, "call": called} for joined, called in people]))[
            "depth"
        ].to_list()

    assert depths((5, 9), (5, 8)) == [0, 0]
    assert depths((4, 9), (5, 9)) == [0, 0]
    assert depths((4, 9), (5, 8)) == [0, 1]


@pytest.mark.parametrize(("absent", "passed"), [(None, 1), (6, 0), (8, 0), (8.5, 1)])
def test_from_the_absence_mark_on_nobody_is_passed(absent: float | None, passed: int) -> None:
    rows = [{"enqueue": 4, "call": 9, "absent": absent}, {"enqueue": 5, "call": 8, "absent": None}]
    assert calls_of(a_log(rows))["depth"].to_list() == [0, passed]


def test_who_is_away_is_not_passed_and_who_came_back_is() -> None:
    """One ticket called in vain at 9:00 and again at 9:25, while later ones are called in between."""
    vain = {"case": "A", "enqueue": 0, "call": 60, "absent": 61}
    again = {"case": "A", "enqueue": 0, "call": 85}
    between = [{"case": "B", "enqueue": 10, "call": 62}, {"case": "C", "enqueue": 20, "call": 80}]
    before = {"case": "D", "enqueue": 30, "call": 50}

    def depths(rows: list[dict[str, Any]]) -> dict[str, int]:
        found = calls_of(a_log(rows))
        return dict(zip(found["case"], found["depth"], strict=True))  # the last call of A stays

    assert depths([vain, again, *between, before]) == {"A": 0, "B": 0, "C": 0, "D": 3}
    unmarked = {k: v for k, v in vain.items() if k != "absent"}
    assert depths([unmarked, again, *between, before]) == {"A": 0, "B": 1, "C": 1, "D": 3}
    back = again | {"returned": 70}
    assert depths([vain, back, *between, before]) == {"A": 0, "B": 0, "C": 1, "D": 3}
    alone = vain | {"call": None, "absent": 61}
    assert depths([alone, again, *between, before]) == {"A": 0, "B": 0, "C": 0, "D": 3}


def test_a_wrong_press_never_happened() -> None:
    rows = [
        {"case": "A", "enqueue": 0, "call": 9},
        {"case": "B", "enqueue": 3, "call": 5, "outcome": "undone"},
    ]
    found = lines(a_log(rows))
    assert isinstance(found, Lines)
    assert (found.height, found.left_out) == (1, (("calls taken back as a wrong press", 1),))
    assert calls_of(a_log([rows[0], rows[1] | {"outcome": "served"}]))["depth"].to_list() == [0, 1]


def by_hand(rows: list[dict[str, Any]], lane: str, most: int | None) -> list[int]:
    """The priority rule played with plain lists: how many would go before each called ticket."""
    depth, run = [], 0
    for i, mine in sorted(enumerate(rows), key=lambda pair: (pair[1]["call"], pair[0])):
        here = [
            (r["enqueue"], j) for j, r in enumerate(rows)
            if r["enqueue"] < mine["call"] and r["call"] > mine["call"] and j != i
        ]  # fmt: skip
        lines_ = [
            sorted(x for x in [*here, (mine["enqueue"], i)] if (rows[x[1]]["lane"] == lane) == first)
            for first in (True, False)
        ]
        going, row = 0, min(run, most) if most else 0
        while True:
            turn = 0 if lines_[0] and not (most and row >= most and lines_[1]) else 1
            key, who = lines_[turn].pop(0)
            if who == i or (key == mine["enqueue"] and (rows[who]["lane"] == lane) == (mine["lane"] == lane)):
                break
            going, row = going + 1, row + 1 if turn == 0 else 0
        depth.append((i, going))
        run = run + 1 if mine["lane"] == lane else 0
    return [d for _, d in sorted(depth)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 15), st.integers(1, 9), st.booleans()), min_size=1, max_size=20),
    st.sampled_from([None, 1, 2, 3]),
)
def test_priority_is_what_it_says(people: list[tuple[int, int, bool]], most: int | None) -> None:
    """Distinct moments of calling; the lane first, and after so many in a row one of the others."""
    rows = [
        {"enqueue": e * 100 + n, "call": e * 100 + w * 130 + n + 0.5, "lane": "p" if p else "q"}
        for n, (e, w, p) in enumerate(people)
    ]  # fmt: skip
    if not any(row["lane"] == "p" for row in rows):
        return
    rule = OrderRule("priority", lane="p", max_in_a_row=most)
    assert calls_of(a_log(rows), rule)["depth"].to_list() == by_hand(rows, "p", most)


def a_day_by_the_pack(out_of_turn: int) -> list[dict[str, Any]]:
    """Sixty people at one step, called as the pack says, but the last of the line at the call ``out_of_turn``."""
    rule = rules_of("paspor/2024-12-17")["biometrics"]
    lanes = [lane.code for lane in rule.lanes]
    coming = [(n * 2.0, lanes[n % 3 % len(lanes)], f"N-{n:03}") for n in range(60)]
    memory, line, rows, now = Memory(at(0)), [], [], 20.0  # type: ignore[arg-type]
    while coming or line:
        while coming and coming[0][0] < now:
            joined, lane, name = coming.pop(0)
            line.append(Waiting(name, lane, at(joined), at(joined)))  # type: ignore[arg-type]
        if line:
            wanted = order(line, rule, memory, at(now))  # type: ignore[arg-type]
            name = wanted[-1] if len(rows) == out_of_turn else wanted[0]
            why = next_ticket(line, rule, memory, at(now))[1]  # type: ignore[arg-type]
            one = next(each for each in line if each.ticket == name)
            line.remove(one)
            memory = after(memory, rule, why, one.lane)
            joined = (one.joined_at - EIGHT).total_seconds() / 60
            row = {"case": name, "label": name, "activity": "biometrics", "lane": one.lane, "opened": 0.0}
            rows.append(row | {"enqueue": joined, "call": now, "place": wanted.index(name)})
        now += 2.5
    return rows


def test_a_pack_is_held_to_the_queue_rule_itself() -> None:
    rows = a_day_by_the_pack(10)
    found = calls_of(a_log(rows), OrderRule("pack", pack="paspor/2024-12-17"))
    assert found["depth"].to_list() == [row["place"] for row in rows]
    assert found["depth"].to_list()[10] > 2
    assert (
        sum(found["depth"].to_list()) == found["depth"].to_list()[10]
    )  # afterwards the rule goes on from there
    assert calls_of(a_log(rows))["depth"].sum() != found["depth"].sum()  # another rule, another answer
    with pytest.raises(ValueError, match="has no lane 'elsewhere' at biometrics; it has"):
        calls_of(a_log([rows[0] | {"lane": "elsewhere"}]), OrderRule("pack", pack="paspor/2024-12-17"))
    with pytest.raises(
        ValueError, match=r"no service pack 'paspor/1900-01-01'. There are: .*paspor/2024-12-17"
    ):
        calls_of(a_log(rows), OrderRule("pack", pack="paspor/1900-01-01"))


def test_steps_that_a_pack_does_not_speak_of_are_counted_and_left_out() -> None:
    rows = a_day_by_the_pack(10)
    pack = Options(rule=OrderRule("pack", pack="paspor/2024-12-17"))
    canteen = [row | {"activity": "canteen"} for row in rows]
    both = audit(a_log(rows + canteen), pack)
    assert both["D1"].details["calls"] == len(rows)
    assert both["D1"].details["left_out"] == {UNSPOKEN: len(rows)}
    said = f"{len(rows)} {UNSPOKEN} are left out."
    assert said in both.limits
    assert said not in audit(a_log(rows), pack).limits
    alone = audit(a_log(canteen), pack)["D1"]
    assert alone.decision == "not computable"
    assert (
        alone.why_not == "the queue rule of the service pack paspor/2024-12-17 speaks of no step of this log"
    )
    assert translated(said) != said
    assert translated(alone.why_not) != alone.why_not


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 15), st.integers(1, 12), st.integers(0, 1), st.one_of(st.none(), st.integers(0, 8))
        ),
        min_size=2,
        max_size=25,
    )
)
def test_the_replay_asks_the_rule_what_the_rule_itself_would_say(
    people: list[tuple[int, int, int, int | None]],
) -> None:
    """Against ``next_ticket`` and ``order`` asked anew at each call with everybody who is there."""
    rule = rules_of("paspor/2024-12-17")["biometrics"]
    lanes = [lane.code for lane in rule.lanes]
    rows = [
        {"case": f"c{n:02}", "activity": "biometrics", "lane": lanes[lane % len(lanes)], "opened": 0.0,
         "enqueue": come + n / 100, "call": come + wait + n / 100 + 0.005,
         "absent": None if away is None else come + n / 100 + away}
        for n, (come, wait, lane, away) in enumerate(people)
    ]  # fmt: skip
    memory, wanted = Memory(at(0)), {}  # type: ignore[arg-type]
    for row in sorted(rows, key=lambda row: row["call"]):
        now = row["call"]
        here = [
            Waiting(str(other["case"]), other["lane"], at(other["enqueue"]), at(other["enqueue"]))  # type: ignore[arg-type]
            for other in rows
            if other is row
            or (
                other["enqueue"] < now < other["call"]
                and not (other["absent"] is not None and other["absent"] <= now)
            )
        ]
        ranked = order(here, rule, memory, at(now))  # type: ignore[arg-type]
        given, why = next_ticket(here, rule, memory, at(now))  # type: ignore[arg-type]
        depth = ranked.index(row["case"])
        wanted[row["case"]] = (depth, given if depth else None)
        memory = after(memory, rule, why, row["lane"])
    found = calls_of(a_log(rows), OrderRule("pack", pack="paspor/2024-12-17"))
    got = {case: (depth, choice) for case, depth, choice in found.select("case", "depth", "choice").rows()}
    assert got == wanted


def office(takes_last: dict[str, float], n: int = 300) -> list[dict[str, Any]]:
    """A line of five, two officers in turn, each taking the last of the line in such a share of their calls."""
    rows: list[dict[str, Any]] = []
    line = [float(k) for k in range(5)]
    for k in range(n):
        who = "ab"[k % 2]
        every = takes_last[who]
        last = every and (k // 2) % round(1 / every) == 0
        joined = line.pop(-1 if last else 0)
        rows.append({"resource": who, "enqueue": joined, "call": 10.0 + k, "case": f"c{joined:.0f}"})
        line.append(5.0 + k)
    return rows


def test_a_rule_that_nobody_keeps_is_the_rule_s_fault_and_one_who_breaks_it_is_not() -> None:
    everybody = calls_of(a_log(office({"a": 0.5, "b": 0.5})))
    one = calls_of(a_log(office({"a": 0.5, "b": 0.0})))
    rule = OrderRule()
    spread, alone = fit(everybody, rule), fit(one, rule)
    assert (spread.fits, spread.spread) == (False, True)
    assert alone.spread is False
    nobody = fit(calls_of(a_log(office({"a": 0.0, "b": 0.0}))), rule)
    assert (nobody.fits, nobody.spread, nobody.explained) == (True, True, 1.0)
    table = lines(a_log(office({"a": 0.5, "b": 0.5})))
    assert isinstance(table, Lines)
    finding = find(everybody, spread, table, rule)
    assert finding.name == NOT_BY_RULE
    assert "not to be blamed on people" in finding.why_not
    assert (finding.decision, finding.evidence_total > 100) == ("clear", True)  # listed, and nobody is blamed
    seldom = calls_of(a_log(office({"a": 0.05, "b": 0.0})))
    blamed = find(seldom, fit(seldom, rule), table, rule)
    assert (blamed.decision, blamed.why_not) == ("attention", "")


def test_a_few_calls_say_nothing_against_a_rule_and_many_do() -> None:
    """One breach in six calls, and the same share of many."""
    rows = [{"case": f"c{k}", "enqueue": float(k), "call": 10.0 + k} for k in range(6)]
    few = calls_of(a_log([*rows[:4], rows[4] | {"call": 15.0}, rows[5] | {"call": 14.0}]))
    assert few.filter(pl.col("depth") > 0).height == 1
    fitted = fit(few, OrderRule())
    assert (fitted.fits, round(fitted.explained or 0, 3)) == (True, 0.833)
    assert fit(pl.concat([few] * 20), OrderRule()).fits is False


def test_what_the_log_lacks_is_said() -> None:
    moments = [(0, 5), (None, 6), (9, 7), (2, 3)]
    rows = [{"enqueue": joined, "call": called} for joined, called in moments]
    log = a_log(rows)
    table = lines(log)
    assert isinstance(table, Lines)
    assert dict(table.left_out) == {
        "rows without a moment of joining or of calling": 1, "calls before the moment of joining": 1,
    }  # fmt: skip
    assert lines(log.without("call")) == "the log has no column for call or start"
    assert (
        lines(log.without("enqueue", "call"))
        == "the log has no column for enqueue and none for call or start"
    )


def test_without_a_line_completions_are_called_what_they_are() -> None:
    """Three cases in two steps; the second step in the order of the first, or the other way round."""

    def a_log_of(second: list[int]) -> Log:
        first = [{"case": str(k), "activity": "in", "time": 10 * k} for k in range(40)]
        return a_log(
            [*first, *({"case": str(k), "activity": "out", "time": t} for k, t in enumerate(second))]
        )

    kept, fitted = completions.find(a_log_of([1000 + k for k in range(40)]), "no enqueue")
    assert (kept.decision, kept.effect, fitted.fits) == ("clear", 0.0, True)
    swapped = [1000 + k for k in range(40)]
    swapped[3], swapped[4] = swapped[4], swapped[3]
    one, _ = completions.find(a_log_of(swapped), "no enqueue")
    assert (one.decision, one.evidence["case"].to_list(), one.evidence["depth"].to_list()) == (
        "attention",
        ["4"],
        [1],
    )
    turned, fitted = completions.find(a_log_of([1000 - k for k in range(40)]), "no enqueue")
    assert (turned.decision, fitted.fits) == ("clear", False)  # listed, and nobody is blamed
    assert "not explained by this rule" in turned.name
    assert turned.evidence_total == turned.details["passed_somebody"] == 39
    assert "no call can be blamed" in turned.why_not


@pytest.mark.parametrize(
    "text", ["", "fifo", "priority:", "priority:x,max-in-a-row=0", "pack:", "priority:x,y"]
)
def test_rules_are_written_one_way(text: str) -> None:
    assert str(parse("priority:VIP,max-in-a-row=3")) == "priority:VIP,max-in-a-row=3"
    assert parse("fcfs").kind == "fcfs"
    with pytest.raises(ValueError, match="max-in-a-row=N"):
        parse(text)
