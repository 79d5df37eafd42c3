"""D2 and D6 to D9: each finds what was planted, and nothing where it was not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from setara.science.events.log import MOMENT, MOMENTS, Log
from setara.science.fairness import completeness, queues, reasons, relations, steering
from setara.science.fairness.prepared import Options, Prepared, prepare
from setara.science.fairness.rule import parse

EIGHT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def prepared(rows: list[dict[str, Any]], rule: str = "fcfs") -> Prepared:
    """The ground of an audit of these rows; moments are minutes after eight, ``on`` is the day."""
    names = {name for row in rows for name in row} | {"time"}
    table = []
    for number, row in enumerate(rows):
        shift = timedelta(days=row.get("on", 0))
        full: dict[str, Any] = {
            "case": f"c{number}",
            "activity": "check",
            "time": row.get("call", 500.0),
        } | row
        made = {
            name: value if value is None or name not in MOMENTS else EIGHT + shift + timedelta(minutes=value)
            for name, value in full.items()
            if name != "on"
        }
        table.append(made | {"day": (EIGHT + shift).date()})
    schema: dict[str, Any] = {name: MOMENT for name in MOMENTS if name in names}
    frame = pl.DataFrame(table, schema_overrides=schema, infer_schema_length=None)
    return prepare(Log(frame, {}), Options(rule=parse(rule)))


def d2(ground: Prepared) -> Any:
    return reasons.find(ground.log, ground.lines, ground.calls, ground.options.rule)


# D2


def test_a_reason_needs_a_record_that_was_there_before() -> None:
    rows = [
        {"case": "family", "enqueue": 0, "call": 9, "reason": "family", "proof": "group:7"},
        {"case": "bare", "enqueue": 1, "call": 9, "reason": "medical_emergency", "proof": None},
        {"case": "blank", "enqueue": 1, "call": 9, "reason": "state_duty", "proof": "  "},
        {"case": "vain", "enqueue": 2, "call": 5, "absent": 6},
        {"case": "vain", "enqueue": 2, "call": 12, "reason": "call_not_heard"},
        {"case": "never", "enqueue": 2, "call": 12, "reason": "call_not_heard"},
        {"case": "papers", "enqueue": 0, "call": 3, "time": 4.0, "outcome": "missing"},
        {"case": "papers", "enqueue": 10, "call": 14, "reason": "returned"},
        {"case": "no papers", "enqueue": 10, "call": 14, "reason": "returned"},
        {"case": "nothing", "enqueue": 10, "call": 15},
    ]
    found = d2(prepared(rows))
    assert sorted(found.evidence["case"]) == ["bare", "blank", "never", "no papers"]
    assert dict(found.explained) == {
        "proven by: proof": 1, "proven by: absence mark": 1, "proven by: sent back before": 1,
    }  # fmt: skip
    assert (found.decision, found.effect) == ("attention", pytest.approx(4 / 7))
    proven_only = d2(prepared([row for row in rows if row["case"] not in found.evidence["case"]]))
    assert (proven_only.decision, proven_only.evidence_total) == ("clear", 0)


def test_false_priority_is_a_matter_of_grounds_not_of_order() -> None:
    """In the lane of a priority rule somebody on the visit must have shown a ground, at whichever step."""
    rows = [
        {"case": "old", "lane": "p", "enqueue": 0, "call": 5, "proof": "date_of_birth"},
        {"case": "old", "lane": "p", "enqueue": 6, "call": 9, "proof": None, "activity": "photo"},
        {"case": "young", "lane": "p", "enqueue": 1, "call": 6, "proof": None},
        {"case": "other", "lane": "q", "enqueue": 0, "call": 7, "proof": None},
    ]
    ground = prepared(rows, "priority:p")
    found = d2(ground)
    assert found.evidence.select("case", "reason").rows() == [("young", reasons.NO_GROUND)]
    assert ground.order.decision == "clear"
    assert d2(prepared(rows)).decision == "not computable"  # nobody said that the lane needs a ground


def test_a_ground_for_a_lane_excuses_no_jump_in_it() -> None:
    rows = [{"case": "a", "enqueue": 0, "call": 9}, {"case": "b", "enqueue": 5, "call": 7, "proof": "seen"}]
    excused = prepared([rows[0], rows[1] | {"reason": "family"}])
    ground = prepared([rows[0], rows[1] | {"reason": "elderly"}])
    for one, bare in ((excused, 0), (ground, 1)):
        assert one.order.details["out_of_turn"] == 1
        assert one.order.details["without_proven_reason"] == bare
        assert one.calls is not None
        assert int(one.calls["unexplained"].sum()) == bare


def test_an_officer_s_share_is_drawn_towards_the_others() -> None:
    rows: list[dict[str, Any]] = []
    for who, n, unproven in (
        ("a", 50, 1),
        ("b", 50, 2),
        ("e", 50, 2),
        ("f", 50, 3),
        ("c", 40, 20),
        ("d", 1, 1),
    ):
        rows += [
            {
                "resource": who,
                "enqueue": k,
                "call": k + 1,
                "reason": "x",
                "proof": None if k < unproven else "p",
            }
            for k in range(n)
        ]
    table = {row["resource"]: row for row in d2(prepared(rows)).details["officers"]}
    assert table["c"]["probability_over_twice_median"] > 0.95
    assert table["a"]["probability_over_twice_median"] < 0.2
    assert 0.05 < table["d"]["share_shrunken"] < 0.9  # one of one proves little


def test_lanes_are_lines_of_their_own_under_first_come_first_served() -> None:
    rows = [{"lane": "p", "enqueue": 4, "call": 9}, {"lane": "q", "enqueue": 5, "call": 8}]
    assert prepared(rows).order.evidence_total == 0
    assert prepared([row | {"lane": "p"} for row in rows]).order.evidence_total == 1


# D6


def enriched(linked_wait: float) -> list[dict[str, Any]]:
    """Forty people an hour on three days; every fifth is linked and waits so long, the others twenty minutes."""
    return [
        {"on": day, "case": f"{day}-{k}", "enqueue": float(k), "relation": "cousin" if k % 5 == 0 else "no",
         "call": k + (linked_wait if k % 5 == 0 else 20.0) + (k * 7 % 11) / 5}
        for day in range(3) for k in range(40)
    ]  # fmt: skip


def test_people_with_relations_who_wait_less_are_seen() -> None:
    found = relations.find(prepared(enriched(5.0)))
    assert found.decision == "attention"
    assert found.effect is not None
    assert found.effect > 0.3
    assert found.interval is not None
    assert found.interval[0] > 0.2
    alike = relations.find(prepared(enriched(20.0)))
    assert alike.decision == "clear"
    slower = relations.find(prepared(enriched(40.0)))
    assert (slower.decision, (slower.effect or 0) < 0) == ("clear", True)
    none = [{k: v for k, v in row.items() if k != "relation"} for row in enriched(5.0)]
    assert "the inspectorate holds them" in relations.find(prepared(none)).why_not


# D7


def test_the_lot_is_held_against_where_people_sat() -> None:
    rows = [
        {"resource": "a", "lot": "1", "counter": "1"},
        {"resource": "b", "lot": "2", "counter": "3"},
        {"resource": "c", "lot": None, "counter": "2"},
        {"resource": "d", "lot": None, "counter": None},
        {"resource": "c", "lot": None, "counter": "2", "on": 1},  # no lot was drawn that day
    ]
    found = steering.find(prepared(rows))
    assert found.evidence["resource"].to_list() == ["b", "c"]
    assert found.effect == pytest.approx(2 / 3)
    kept = steering.find(prepared([rows[0], rows[3]]))
    assert (kept.decision, kept.evidence_total) == ("clear", 0)


def pairs(follows: bool) -> list[dict[str, Any]]:
    """Two steps with six officers each over ten days; after p1 comes q1 more often than chance, or not."""
    rows = []
    for day in range(10):
        for k in range(36):
            first = k % 6
            second = 1 if follows and first == 1 else k // 6
            for step, at in (("one", k), ("two", k + 5)):
                who = f"p{first}" if step == "one" else f"q{second}"
                rows.append(
                    {"on": day, "case": f"{day}-{k}", "activity": step, "resource": who, "time": float(at)}
                )
    return rows


def test_officers_who_follow_one_another_too_often_are_seen() -> None:
    found = steering.find(prepared(pairs(follows=True)))
    assert found.decision == "attention"
    assert found.evidence.select("before", "resource").rows() == [("p1", "q1")]
    assert steering.find(prepared(pairs(follows=False))).decision == "clear"


# D8


def prints(order: list[int]) -> list[dict[str, Any]]:
    rows = [{"case": f"b{k}", "activity": "approved", "time": float(k)} for k in range(len(order))]
    return rows + [
        {"case": f"b{k}", "activity": "printing", "time": 100.0 + at, "serial": f"X{at:04}"}
        for at, k in enumerate(order)
    ]


def test_prints_out_of_the_order_of_approval_are_listed_with_whom_they_passed() -> None:
    found = queues.find(prepared(prints([0, 3, 1, 2])))
    assert found.evidence.select("case", "depth", "kind").rows() == [("b3", 2, "print")]
    assert queues.find(prepared(prints([0, 1, 2, 3]))).decision == "clear"


def test_places_that_change_hands_within_seconds_are_listed() -> None:
    def seat(number: int, gap: float) -> list[dict[str, Any]]:
        place = {"seat": f"s{number}"}
        return [
            {"case": f"h{number}", "activity": "booking.booked", "time": 0.0} | place,
            {"case": f"h{number}", "activity": "booking.cancelled", "time": 60.0} | place,
            {"case": f"n{number}", "activity": "booking.booked", "time": 60.0 + gap / 60} | place,
        ]

    usual = [row for number in range(12) for row in seat(number, 900 + 60 * number)]
    quick = queues.find(prepared([*usual, *seat(99, 2)]))
    assert quick.evidence.select("case", "kind").rows() == [("n99", "quota")]
    assert queues.find(prepared(usual)).decision == "clear"


def test_one_who_fetches_the_books_of_many_is_listed() -> None:
    rows = [{"activity": "handover", "collector": f"self-{k}", "time": float(k)} for k in range(60)]
    family = [{"activity": "handover", "collector": "parent", "time": 70.0 + k} for k in range(4)]
    broker = [{"activity": "handover", "collector": "broker", "time": 80.0 + k} for k in range(9)]
    found = queues.find(prepared([*rows, *family, *broker]))
    assert found.evidence["what"].unique().to_list() == ["one of 9 books fetched by broker"]
    assert found.evidence_total == 9
    assert queues.find(prepared([*rows, *family])).decision == "clear"


# D9


def complete_office(books: int = 30) -> list[dict[str, Any]]:
    return [
        row
        for k in range(books)
        for row in (
            {"case": f"b{k}", "activity": "payments.paid", "time": float(k)},
            {
                "case": f"b{k}",
                "activity": "biometrics",
                "call": 50.0 + k,
                "enqueue": 40.0 + k,
                "time": 51.0 + k,
            },
            {"case": f"b{k}", "activity": "printing", "time": 200.0 + k, "serial": f"X{k:04}"},
        )
    ]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (lambda rows: rows[:3] + rows[4:], [("payment", "b1")]),
        (lambda rows: rows[:4] + rows[5:], [("capture", "b1")]),
        (lambda rows: [row | {"serial": "X0002"} if row["case"] == "b1" and "serial" in row else row for row in rows],
         [("serial missing", "b1"), ("serial twice", "b1"), ("serial twice", "b2")]),
        (lambda rows: [*rows[:5], *rows[6:]], [("serial missing", "b2")]),
        (lambda rows: [r | {"call": None} if r.get("call") == 51.0 else r for r in rows], [("no call", "b1")]),
        (lambda rows: rows, []),
    ],
    ids=["unpaid", "without capture", "serial twice", "serial lost", "capture without a call", "complete"],
)  # fmt: skip
def test_books_payments_and_captures_must_match(change: Any, wanted: list[tuple[str, str]]) -> None:
    found = completeness.find(prepared(change(complete_office())))
    got = sorted(found.evidence.select("kind", "case").unique().rows())
    assert got == wanted
    assert found.decision == ("attention" if wanted else "clear")
