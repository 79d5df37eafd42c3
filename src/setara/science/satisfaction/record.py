"""Opinion against record: what people say of a promise beside how often it was kept.

An item has a *twin* where its statement is about something that records hold (``TWINS``). *Opinion*: the share of
those who answered whose answer lies above the middle of the scale, with Wilson's interval, and the mean. *Record*:
the share of cases in which it was so (:mod:`facts`). *Difference*: opinion minus record, Newcombe's (1998) method 10
interval for independent shares, at a level that holds for all items of the run together (Bonferroni). They *disagree*
when that interval lies wholly beyond ``margin``; they *agree* when it lies wholly within; else it is unclear. Opinion
above the record is the case that the study found: an index that the floor contradicts. Opinion below it may say that
people feel a wait that the standard calls short.

Where respondents are known by their case, *linked* says how many of those whose promise was kept are content, and how
many of the others (Fisher's exact p): an opinion that does not follow the fact is about something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final, Literal

import numpy as np
import polars as pl
from scipy import stats

from setara.kernel.words import Words
from setara.science.satisfaction.facts import NAMES, Fact, Facts
from setara.science.satisfaction.instruments import BadInput
from setara.science.satisfaction.intervals import MINIMUM_CELL
from setara.science.satisfaction.nonresponse import wilson
from setara.science.satisfaction.tables import Answers

Decision = Literal["opinion above record", "opinion below record", "agree", "unclear", "too few"]
MARGIN: Final = 0.1
#: Instrument -> column of the answers -> the facts that it is about.
TWINS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "servqual": {
        "P2": ("parking",), "P5": ("promised_date",), "P6": ("complaints",), "P7": ("requirements",),
        "P8": ("window",), "P10": ("told_date",), "P11": ("wait",), "P23": ("order",),
    },
    "spak": {"A1": ("order",), "A2": ("order", "path")},
    "spkp": {"K2": ("requirements",), "K3": ("path",), "K4": ("promised_date",), "K8": ("complaints",)},
    "skm-2017": {"U1": ("requirements",), "U3": ("promised_date", "wait"), "U8": ("complaints",)},
}  # fmt: skip


@dataclass(frozen=True)
class Linked:
    """Content among those whose promise was kept, and among the others: (content, all) of each; Fisher's p."""

    kept: tuple[int, int]
    broken: tuple[int, int]
    p_value: float


@dataclass(frozen=True)
class Pair:
    """One item beside one fact. ``difference``: opinion minus record, ``interval`` for all pairs together."""

    item: str
    statement: Words
    fact: Fact
    n: int
    content: int
    mean: float
    opinion: float
    opinion_interval: tuple[float, float]
    difference: float
    interval: tuple[float, float]
    decision: Decision
    linked: Linked | None

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        body: dict[str, Any] = {
            "item": self.item,
            "statement": self.statement.as_dict(),
            "fact": self.fact.code,
            "fact_name": NAMES[self.fact.code].as_dict(),
            "opinion": {
                "n": self.n, "content": self.content, "share": self.opinion,
                "interval": list(self.opinion_interval), "mean": self.mean,
            },
            "record": {
                "n": self.fact.n, "kept": self.fact.kept, "share": self.fact.share,
                "interval": list(self.fact.interval), "source": self.fact.source, **self.fact.details,
            },
            "difference": self.difference,
            "interval": list(self.interval),
            "decision": self.decision,
            "linked": None,
        }  # fmt: skip
        if self.linked:
            body["linked"] = {
                "kept": list(self.linked.kept), "broken": list(self.linked.broken), "p_value": self.linked.p_value,
            }  # fmt: skip
        return body


@dataclass(frozen=True)
class Record:
    """All pairs, and why other twins of the instrument have none."""

    n: int
    pairs: tuple[Pair, ...]
    without: Mapping[str, Words]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "n": self.n,
            "margin": MARGIN,
            "pairs": [one.as_dict() for one in self.pairs],
            "without": {code: words.as_dict() for code, words in self.without.items()},
        }


def against(answers: Answers, facts: Facts, *, margin: float = MARGIN) -> Record:
    """Every item with a twin beside its fact. Raises BadInput for an instrument without twins or facts."""
    instrument = answers.instrument
    twins = TWINS.get(instrument.code)
    if twins is None:
        raise BadInput(
            f"No item of {instrument.code} has a factual twin; these have: {', '.join(sorted(TWINS))}."
        )
    wanted = [(item, code) for item, codes in twins.items() if item in answers.codes for code in codes]
    chosen = [(item, facts.found[code]) for item, code in wanted if code in facts.found]
    if not chosen:
        why = "; ".join(f"{code}: {words.en}" for code, words in facts.missing.items())
        raise BadInput(f"The record has no fact that these answers are about. {why}")
    confidence = 1 - 0.05 / len(chosen)
    pairs = tuple(_pair(answers, item, fact, margin, confidence) for item, fact in chosen)
    nothing = Words(id="tidak ada di sumber ini", en="not in this source")
    without = {
        code: facts.missing.get(code, nothing)
        for code in dict.fromkeys(code for _item, code in wanted)
        if code not in facts.found
    }
    return Record(answers.n, pairs, without)


def _pair(answers: Answers, item: str, fact: Fact, margin: float, confidence: float) -> Pair:
    scores = answers.column(item)
    given = ~np.isnan(scores)
    middle = (answers.instrument.low + answers.instrument.high) / 2
    happy = scores[given] > middle
    n, content = int(given.sum()), int(happy.sum())
    share = content / n if n else float("nan")
    low, high = newcombe(content, n, fact.kept, fact.n, confidence)
    decision: Decision = "unclear"
    if min(n, fact.n) < MINIMUM_CELL:
        decision = "too few"
    elif low > margin:
        decision = "opinion above record"
    elif high < -margin:
        decision = "opinion below record"
    elif -margin <= low and high <= margin:
        decision = "agree"
    code = item.removeprefix("P")
    element = next(one for one in answers.instrument.elements if one.code in {item, code})
    mean = float(scores[given].mean()) if n else float("nan")
    statement = Words(id=element.question_id, en=element.question_en)
    return Pair(
        item, statement, fact, n, content, mean, share, wilson(content, n), share - fact.share, (low, high),
        decision, _linked(answers, scores, middle, fact),
    )  # fmt: skip


def newcombe(a: int, n: int, b: int, m: int, confidence: float = 0.95) -> tuple[float, float]:
    """Newcombe's interval of a/n - b/m (his method 10), without continuity correction."""
    p, q = a / n if n else 0.5, b / m if m else 0.5
    (la, ua), (lb, ub) = wilson(a, n, confidence), wilson(b, m, confidence)
    below = sqrt((p - la) ** 2 + (ub - q) ** 2)
    above = sqrt((ua - p) ** 2 + (q - lb) ** 2)
    return max(-1.0, p - q - below), min(1.0, p - q + above)


def _linked(answers: Answers, scores: np.ndarray[Any, Any], middle: float, fact: Fact) -> Linked | None:
    """Answers beside the facts of the same cases; None where fewer than ten of a kind can be joined."""
    if fact.cases is None or "id" not in answers.meta:
        return None
    table = pl.DataFrame({"case": answers.meta["id"].cast(pl.String), "score": scores}).filter(
        pl.col("score").is_not_nan() & pl.col("case").is_not_null()
    )
    joined = table.join(fact.cases.with_columns(pl.col("case").cast(pl.String)), on="case")
    content = joined.get_column("score").to_numpy() > middle
    kept = joined.get_column("kept").to_numpy().astype(bool)
    counts = [(int(content[side].sum()), int(side.sum())) for side in (kept, ~kept)]
    if min(total for _, total in counts) < MINIMUM_CELL:
        return None
    cells = [[one, total - one] for one, total in counts]
    return Linked(counts[0], counts[1], float(stats.fisher_exact(cells).pvalue))
