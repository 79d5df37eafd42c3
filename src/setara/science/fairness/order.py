"""D1, the order oracle: whom the public rule would have called, and whom each call passed.

Formula. ``depth`` of a call = number of tickets of the same office, local day, activity and lane that joined
strictly earlier, are called strictly later and were present at that moment. Under a priority rule or a pack's
rule: how many the rule would have called before this ticket, had it gone on from that moment.

Null model. None: a call is in order or it is not. Equal moments are no breach.

Assumptions. The recorded moments are true; absence marks are complete (without them people who did not come
look passed); the rule handed in is the one the office had. The last one is tested: :func:`fit`.

Source. The depth is the rule-aware form of a "skip" (R. C. Larson, "Perspectives on queues: social justice and
the psychology of queueing", Operations Research 35(6), 1987).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from setara.science.fairness import fast
from setara.science.fairness.calls import LINE, STEP, Grouped, Lines, grouped, moments
from setara.science.fairness.intervals import wilson
from setara.science.fairness.kernels import passed_with_priority
from setara.science.fairness.replay import replay
from setara.science.fairness.result import Finding, not_computable
from setara.science.fairness.rule import OrderRule
from setara.science.progress import Progress, silent

ID, NAME = "D1", "order of calling"
NOT_BY_RULE = "calls not explained by this rule"
UNSPOKEN = "calls to steps that the pack's rule does not speak of"
#: A rule describes an office when the officer in the middle keeps it in so many calls; see ``fit``.
FITS = 0.95
#: An officer's share is looked at from so many calls on.
ENOUGH = 20
#: The people passed are listed by name of case for so many calls, the deepest, and so many people each.
STEPPED, LISTED = 2_000, 40


@dataclass(frozen=True)
class Fit:
    """How well the rule describes the log. ``spread``: the breaches are spread over the officers alike."""

    rule: str
    calls: int
    explained: float | None
    typical: float | None
    spread: bool | None
    fits: bool | None
    words: str

    def as_dict(self) -> dict[str, Any]:
        """For the JSON document."""
        return {
            "rule": self.rule,
            "calls": self.calls,
            "explained": self.explained,
            "explained_by_typical_officer": self.typical,
            "spread_over_officers": self.spread,
            "fits": self.fits,
            "words": self.words,
        }


def with_depth(lines: Lines, rule: OrderRule, progress: Progress = silent) -> pl.DataFrame:
    """The calls of ``lines`` with ``depth`` (int), ``waiting`` (int, the called one included) and the evidence
    of the deepest: ``choice`` (the case that the rule would have called) and ``passed`` (cases, in its order).

    Calls that a pack's rule does not speak of are left out. ValueError where rule and log do not fit together.
    """
    if rule.kind == "pack":
        return _by_pack(lines, rule, progress)
    progress("order of calling", 0, None)
    lanes = set(lines.frame["lane"].unique()) if rule.kind == "priority" else {rule.lane}
    if rule.lane not in lanes:
        raise ValueError(
            f"The log has no lane {rule.lane!r}; it has {', '.join(sorted(lanes - {''})) or 'none'}."
        )
    group, depth, first, waiting = _counted(lines.frame, rule, waiting=True)
    frame = lines.frame.with_columns(
        depth=pl.Series(group.back(depth), dtype=pl.Int32),
        waiting=pl.Series(group.back(waiting), dtype=pl.Int32),
    )
    return _with_lists(frame, _passed(group, depth, first))


def _counted(frame: pl.DataFrame, rule: OrderRule, *, waiting: bool = False) -> tuple[Grouped, Any, Any, Any]:
    """The groups, and in their order depth, who belongs to the first line, and the length of the line if asked."""
    if rule.kind == "fcfs":
        line = frame[LINE].to_numpy()
        size = int(line.max()) + 1 if len(line) else 1
        rows, starts, at, depth = fast.counted(line, size, moments(frame))
        group = Grouped(rows, starts, *at)
        return group, depth, np.ones(len(depth), np.bool_), fast.waiting(starts, *at[1:]) if waiting else None
    group = grouped(frame, (STEP,))
    first, most = (frame["lane"] == rule.lane).to_numpy()[group.order], rule.max_in_a_row or 0
    depth, there = passed_with_priority(
        group.starts, group.key, group.since, group.until, group.call, first, most
    )
    return group, depth, first, there


def _passed(group: Grouped, depth: np.ndarray[Any, Any], first: np.ndarray[Any, Any]) -> dict[int, list[int]]:
    """For the deepest calls: the rows that the rule would have called before, in the order of joining.

    Rows are those of the table; ``depth`` and ``first`` are in the order of the groups. Of the other line of a
    priority rule as many as the depth says, for the rule shares the calls out by number.
    """
    key, since, until, call = group.key, group.since, group.until, group.call
    out: dict[int, list[int]] = {}
    for at in _deepest(depth, group.order):
        part = int(np.searchsorted(group.starts, at, side="right")) - 1
        here = np.arange(group.starts[part], group.starts[part + 1])
        here = here[np.argsort(group.order[here])]  # equal moments in the order of the log
        present = here[(since[here] < call[at]) & (until[here] > call[at])]
        own = present[(first[present] == first[at]) & (key[present] < key[at])]
        other = present[first[present] != first[at]]
        own, other = own[np.argsort(key[own], kind="stable")], other[np.argsort(key[other], kind="stable")]
        other = other[: int(depth[at]) - len(own)]
        before = (other, own) if first[at] == 0 else (own, other)
        out[int(group.order[at])] = [int(group.order[one]) for line in before for one in line][:LISTED]
    return out


def _deepest(depth: np.ndarray[Any, Any], row: np.ndarray[Any, Any]) -> list[int]:
    """Places of the deepest calls, ties in the order of their rows."""
    found = np.flatnonzero(depth > 0)
    return [int(at) for at in found[np.lexsort((row[found], -depth[found]))][:STEPPED]]


def _with_lists(frame: pl.DataFrame, passed: dict[int, list[int]]) -> pl.DataFrame:
    """``passed`` (cases), ``passed_since`` (when each had joined) and ``choice`` (the first of them)."""
    at = pl.Series([at for at, people in passed.items() for _ in people], dtype=pl.UInt32)
    one = pl.Series([row for people in passed.values() for row in people], dtype=pl.UInt32)
    lists = frame.select(passed="case", passed_since="enqueue")[one].with_columns(at=at)
    lists = lists.group_by("at", maintain_order=True).agg(
        "passed", "passed_since", choice=pl.col("passed").first()
    )
    place = np.full(frame.height, lists.height, dtype=np.uint32)
    place[lists["at"].to_numpy()] = np.arange(lists.height, dtype=np.uint32)
    lists = pl.concat([lists.drop("at"), lists.drop("at").clear(1)])  # the last: nobody was passed
    return frame.with_columns(lists[place])


def _by_pack(lines: Lines, rule: OrderRule, progress: Progress) -> pl.DataFrame:
    asked = replay(lines.frame, rule.pack, progress)
    frame = lines.frame.join(asked, on="row", how="inner", maintain_order="left")
    place = dict(zip(frame["row"], range(frame.height), strict=True))
    depth = frame["depth"].to_numpy()
    ahead = frame["ahead"]
    passed = {
        at: [place[row] for row in ahead[at].head(LISTED)] for at in _deepest(depth, frame["row"].to_numpy())
    }
    return _with_lists(frame.drop("ahead"), passed)


def fit(calls: pl.DataFrame, rule: OrderRule) -> Fit:
    """Whether the rule describes the log: judged by the officer in the middle, so that one who often breaks it
    does not make it look wrong, and a rule that nobody keeps is not blamed on anybody.

    Breaches with a proven reason count as explained. ``spread`` is a chi-square test of equal shares at 1 %,
    over officers with at least ``ENOUGH`` calls. With fewer than two such officers the calls are judged together,
    and then the upper end of their share decides: one breach in six calls says nothing against a rule.
    """
    if calls.is_empty():
        return Fit(
            str(rule), 0, None, None, None, None, "The log has no call to which the rule could be held."
        )
    breach = calls.lazy().select(breach=_unexplained(calls), resource="resource").collect()
    explained = 1.0 - float(breach["breach"].mean() or 0.0)  # type: ignore[arg-type]
    officers = breach.filter(pl.col("resource") != "").group_by("resource").agg(
        n=pl.len(), x=pl.col("breach").sum()
    )  # fmt: skip
    officers = officers.filter(pl.col("n") >= ENOUGH)
    typical = explained
    spread: bool | None = None
    if officers.height >= 2:
        typical = 1.0 - float((officers["x"] / officers["n"]).median())  # type: ignore[arg-type]
        spread = _alike(officers["n"].to_numpy(), officers["x"].to_numpy())
        fits = typical >= FITS
    else:
        fits = wilson(explained * calls.height, calls.height)[1] >= FITS
    words = (
        f"The rule ({rule.words}) explains {explained:.1%} of {calls.height} calls, "
        f"{typical:.1%} of the officer in the middle."
    )
    if not fits:
        words += " It does not describe this log: what deviates is not to be blamed on people."
    return Fit(str(rule), calls.height, explained, typical, spread, fits, words)


def _alike(n: np.ndarray[Any, Any], x: np.ndarray[Any, Any]) -> bool:
    from scipy.special import chdtrc

    share = x.sum() / n.sum()
    if share in {0.0, 1.0}:
        return True
    square = float(((x - n * share) ** 2 / (n * share * (1 - share))).sum())
    return bool(chdtrc(len(n) - 1, square) >= 0.01)


def _unexplained(calls: pl.DataFrame) -> pl.Expr:
    breach = pl.col("depth") > 0
    return breach & ~pl.col("proven").fill_null(False) if "proven" in calls.columns else breach


EVIDENCE = (
    "case", "activity", "time", "resource", "depth", "waiting", "office", "day", "counter", "lane", "enqueue", "call",
    "choice", "passed", "passed_since", "reason", "proven",
)  # fmt: skip


def find(calls: pl.DataFrame, described: Fit, lines: Lines, rule: OrderRule) -> Finding:
    """D1 of a table with ``depth``: every call that was not the rule's choice, deepest first.

    ``effect`` is the share of calls out of turn without a proven reason. Where the rule does not describe the log
    they are listed, and nobody is blamed: the decision is "clear", and ``why_not`` says why.
    """
    if calls.is_empty() and lines.height:
        return not_computable(ID, NAME, f"{rule.words} speaks of no step of this log")
    if calls.is_empty():
        return not_computable(ID, NAME, "no row has both a moment of joining and one of calling")
    unspoken = lines.height - calls.height
    evidence = calls.filter(pl.col("depth") > 0).sort("depth", "call", "row", descending=[True, False, False])
    evidence = evidence.select(name for name in EVIDENCE if name in evidence.columns)
    bare = int(calls.select(_unexplained(calls).sum()).item())
    details: dict[str, Any] = {
        "rule": str(rule),
        "calls": calls.height,
        "out_of_turn": evidence.height,
        "without_proven_reason": bare,
        "left_out": dict(lines.left_out) | ({UNSPOKEN: unspoken} if unspoken else {}),
    }
    explained = [("out of turn with a proven reason", evidence.height - bare)]
    if lines.marks:
        without = without_marks(lines, rule)
        if without is not None:
            details["out_of_turn_if_absences_were_not_marked"] = without
            explained.append(("looked passed but was marked absent", without - evidence.height))
    return Finding(
        ID,
        NAME if described.fits else NOT_BY_RULE,
        "attention" if bare and described.fits else "clear",
        why_not="" if described.fits else f"{NOT_BY_RULE}: {described.words}",
        effect=bare / calls.height,
        unit="share of calls",
        interval=wilson(bare, calls.height),
        evidence=evidence,
        explained=tuple(explained),
        details=details,
    )


def without_marks(lines: Lines, rule: OrderRule) -> int | None:
    """How many calls would look out of turn had no absence been marked; None where only a replay could tell."""
    if rule.kind == "pack":
        return None
    again = pl.col("again") & (pl.col("enqueue") <= pl.col("before"))
    since = pl.when(again).then(pl.col("before")).otherwise(pl.col("enqueue"))
    frame = lines.frame.with_columns(until="call", since=since)
    return int((_counted(frame, rule)[1] > 0).sum())


def out_of_turn_if_away(lines: Lines, rule: OrderRule) -> int:
    """How many calls stay out of turn if every ticket that was called again was away since its call before.

    For logs without absence marks: between this and the plain count lies the truth. A pack's rule is taken as
    first come, first served here.
    """
    away = pl.col("again") & (pl.col("enqueue") <= pl.col("before"))
    frame = lines.frame.with_columns(since=pl.when(away).then(pl.col("call")).otherwise(pl.col("since")))
    return int((_counted(frame, rule if rule.kind == "priority" else OrderRule())[1] > 0).sum())
