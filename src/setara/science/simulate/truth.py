"""The truth of a simulation: every call that was not the rule's choice, and all else that was planted."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import polars as pl

from setara.science.simulate import hall
from setara.science.simulate.office import INTERVIEW, NUMBER, SCHEMES, STEPS
from setara.science.simulate.queue_kernel import LANE
from setara.science.simulate.running import Day
from setara.science.simulate.tables import WHEN

#: ``depth``: people of the lane who had joined earlier; ``place``: people whom the rule would have called before.
#: Rows of what is no call out of turn have depth 0 and no ``rule_choice``. ``detector`` names who can
#: know of it for certain; durations nobody can.
SCHEMA: Final[dict[str, Any]] = {
    "case": pl.String, "activity": pl.String, "time": WHEN, "resource": pl.String, "rule_choice": pl.String,
    "depth": pl.Int64, "cause": pl.String, "scheme": pl.String, "place": pl.Int64, "waiting": pl.Int64,
    "reason": pl.String, "call": WHEN, "office": pl.String, "detector": pl.String,
}  # fmt: skip
CAUSES: Final = ("rule", "favour", "slip", "lawful")
NAMES: Final = ("", *SCHEMES)


def of_day(day: Day, cases: list[str], calls: pl.DataFrame) -> pl.DataFrame:
    """The truth of the calls of a day; ``calls`` are their rows in the log, in the order of ``day.calls``."""
    numbers, names = day.calls, np.array(cases, object)
    who = numbers[:, hall.WHO]
    scheme = day.people[who, hall.SCHEME]
    cause, false = numbers[:, hall.CAUSE], numbers[:, hall.REASON] == hall.FALSE
    slow = (scheme == NUMBER["slow-walk"]) & (numbers[:, hall.OFFICER] == day.patron)
    unproven = (
        (scheme == NUMBER["false-priority"]) & (numbers[:, hall.AT] == 0) & (day.people[who, LANE] == 0)
    )
    steered = (calls["lot"].fill_null("") != calls["counter"]).to_numpy()
    skipped = (scheme == NUMBER["skipped-interview"]) & (numbers[:, hall.AT] == INTERVIEW - 1)
    detector = np.array(["", "D1", "D1,D2"], object)[(cause != hall.LAWFUL) + 0 + false]
    rows = calls.select("case", "activity", "time", "resource", "reason", "call", "office").with_columns(
        rule_choice=pl.Series(names[numbers[:, hall.CHOICE]], dtype=pl.String),
        depth=pl.Series(numbers[:, hall.DEPTH]),
        cause=pl.Series(np.array(CAUSES, object)[cause], dtype=pl.String),
        scheme=pl.Series(np.array(NAMES, object)[scheme], dtype=pl.String),
        place=pl.Series(numbers[:, hall.PLACE]),
        waiting=pl.Series(numbers[:, hall.WAITING]),
        detector=pl.Series(
            np.array(["", "D1", "D1,D2"], object)[(cause != hall.LAWFUL) + 0 + false], dtype=pl.String
        ),
    )
    out = [rows.filter(pl.Series(cause != hall.BY_RULE))]
    for mask, scheme_name, detector in (
        (unproven, "false-priority", "D2"),
        (slow, "slow-walk", "durations"),
        (steered, "pair", "D7"),
        (skipped, "skipped-interview", "D5"),
    ):
        out.append(planted(rows.filter(pl.Series(mask)), scheme_name, detector))
    out[-1] = out[-1].with_columns(activity=pl.lit(STEPS[INTERVIEW]))
    return pl.concat([as_truth(one) for one in out])


def planted(rows: pl.DataFrame, scheme: str, detector: str) -> pl.DataFrame:
    """Rows of a log as truth about a scheme that is no call out of turn."""
    return rows.with_columns(
        rule_choice=pl.lit(None, dtype=pl.String),
        depth=pl.lit(0, dtype=pl.Int64),
        place=pl.lit(0, dtype=pl.Int64),
        cause=pl.lit("favour"),
        scheme=pl.lit(scheme),
        detector=pl.lit(detector),
    )


def as_truth(rows: pl.DataFrame) -> pl.DataFrame:
    """``rows`` with exactly the columns of the truth; missing ones are empty."""
    return rows.select(
        pl.col(name).cast(kind) if name in rows.columns else pl.lit(None, dtype=kind).alias(name)
        for name, kind in SCHEMA.items()
    )
