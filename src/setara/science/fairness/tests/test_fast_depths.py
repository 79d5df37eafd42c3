"""The fast depths are the depths of the order oracle, call by call."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from setara.science.events import MOMENT, Log
from setara.science.fairness import fast, order
from setara.science.fairness.calls import grouped, lines
from setara.science.fairness.kernels import passed_and_waiting
from setara.science.fairness.rule import OrderRule

BEGIN = datetime(2026, 3, 2, 1, tzinfo=UTC)
#: Case, activity, lane, joining, seconds until the call, and until the mark of absence.
row = st.tuples(
    st.sampled_from("abcdef"),
    st.sampled_from("xxy"),
    st.sampled_from("ppr"),
    st.one_of(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4), st.none()),
    st.one_of(st.integers(-1, 6), st.integers(0, 6), st.integers(0, 6), st.none()),
    st.one_of(st.integers(0, 8), st.none()),
)
rows = st.lists(row, min_size=8, max_size=20)
#: Somebody marked absent before a later one is called: chance may not draw them.
ABSENT = [("m", "y", "r", 0, 9, 2), ("n", "y", "r", 1, 4, None)]


def log_of(told: list[tuple[str, str, str, int | None, int | None, int | None]], *, marks: bool) -> Log:
    def moments(at: int) -> pl.Series:
        base = int(BEGIN.timestamp()) * 1_000_000
        return pl.Series([None if one[at] is None else base + one[at] * 1_000_000 for one in told]).cast(
            MOMENT
        )

    size = len(told)
    frame = pl.DataFrame(
        {
            "case": [one[0] for one in told],
            "activity": [one[1] for one in told],
            "time": pl.Series([BEGIN] * size).cast(MOMENT),
            "enqueue": moments(3),
            "call": moments(4),
            "lane": [one[2] for one in told],
            "office": ["o"] * size,
            "day": [date(2026, 3, 2)] * size,
        }
    )
    return Log(frame.with_columns(absent=moments(5)) if marks else frame, {})


def by_tables(log: Log) -> dict[int, int]:
    found = lines(log)
    assert not isinstance(found, str)
    if found.height == 0:
        return {}
    calls = order.with_depth(found, OrderRule())
    return dict(calls.select("row", "depth").rows())


def by_numbers(log: Log) -> dict[int, int]:
    found = fast.depths(log)
    assert found is not None
    assert found.left_out == log.frame.height - len(found.row)
    return dict(zip(found.row.tolist(), found.depth.tolist(), strict=True))


#: Called in vain in the very moment of joining, then again: away until that second call.
IN_VAIN_AT_ONCE = [("a", "x", "p", 1, 0, None), ("b", "x", "p", 0, 0, 0), ("b", "x", "p", 0, 2, 2)]


@settings(max_examples=60, deadline=None)
@given(rows, st.booleans())
@example(IN_VAIN_AT_ONCE, True)
def test_both_forms_count_the_same(told: list[tuple[str, str, str, int, int, int]], marks: bool) -> None:
    log = log_of(
        [
            (*one[:4], *(None if later is None else (one[3] or 0) + later for later in one[4:]))  # type: ignore[misc]
            for one in [*told, *ABSENT]
        ],
        marks=marks,
    )
    assert by_numbers(log) == by_tables(log)


def by_tree(log: Log) -> dict[int, tuple[int, int]]:
    """Depth and length of the line of each call, the lines found by their texts and counted by trees of ranks."""
    found = lines(log)
    assert not isinstance(found, str)
    frame = found.frame
    group = grouped(frame, ("office", "day", "activity", "lane"))
    depth, waiting = passed_and_waiting(group.starts, group.key, group.since, group.until, group.call)
    return {
        row: (int(passed), int(there))
        for row, passed, there in zip(frame["row"], group.back(depth), group.back(waiting), strict=True)
    }


@settings(max_examples=60, deadline=None)
@given(rows, st.booleans())
def test_the_list_counts_as_the_tree_of_ranks_does(
    told: list[tuple[str, str, str, int, int, int]], marks: bool
) -> None:
    equal = [("a", "x", "p", 2, 4, None), ("b", "x", "p", 2, 3, None), ("c", "x", "p", 1, 4, None)]
    later = [
        (*one[:4], *(None if after is None else (one[3] or 0) + after for after in one[4:])) for one in told
    ]
    log = log_of([*later, *equal], marks=marks)  # type: ignore[list-item]
    found = lines(log)
    assert not isinstance(found, str)
    calls = order.with_depth(found, OrderRule())
    by_list = {row: (depth, there) for row, depth, there in calls.select("row", "depth", "waiting").rows()}
    assert by_list == by_tree(log)


def test_a_line_in_no_order_at_all_is_counted_by_the_tree(monkeypatch: object) -> None:
    rng = np.random.default_rng(5)
    told = [(f"c{one}", "x", "p", int(rng.integers(0, 5000)), None, None) for one in range(3000)]
    told = [(*one[:4], one[3] + int(rng.integers(0, 5000)), None) for one in told]
    log = log_of(told, marks=False)  # type: ignore[arg-type]
    found = by_numbers(log)
    assert found == by_tables(log) == {row: depth for row, (depth, _) in by_tree(log).items()}
    assert sum(found.values()) > 64 * 3000  # more than the list has patience for


def test_evidence_is_deepest_first_and_what_cannot_be_done_fast_is_left() -> None:
    told = [("a", "x", "p", 1, 9, None), ("b", "x", "p", 2, 8, None), ("c", "x", "p", 3, 5, None)]
    log = log_of(told, marks=False)  # type: ignore[arg-type]
    found = fast.depths(log)
    assert found is not None
    assert found.evidence(log).select("case", "depth").rows() == [("c", 2), ("b", 1)]
    undone = Log(log.frame.with_columns(outcome=pl.lit("undone")), {})
    assert fast.depths(undone) is None
    assert fast.depths(log.without("enqueue")) is None
