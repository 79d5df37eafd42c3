"""What this log cannot show, said with every report so that nobody has to know it by heart."""

from __future__ import annotations

from collections.abc import Sequence

from setara.science.fairness.groups import Groups
from setara.science.fairness.levels import NUMERIC_RULE
from setara.science.fairness.prepared import Prepared
from setara.science.fairness.result import Finding

ALWAYS = (
    "A finding is a question to be asked, never an answer: it names calls and cases, not motives.",
    "What happened outside the log is not in it: service without a ticket, favours before check-in, the quality of "
    "treatment, and records that say what did not happen.",
)


def of(prepared: Prepared, found: Sequence[Finding], groups: Groups) -> tuple[str, ...]:
    """The sentences for one audit."""
    return (*ALWAYS, *_calls(prepared, found), *_groups(groups), *prepared.log.notes)


def _calls(prepared: Prepared, found: Sequence[Finding]) -> list[str]:
    said: list[str] = []
    lines = prepared.lines
    if isinstance(lines, str):
        return [f"The order of calling cannot be checked: {lines}."]
    order = next(one for one in found if one.id == "D1")
    left_out = order.details.get("left_out", dict(lines.left_out))
    said += [f"{n} {words} are left out." for words, n in left_out.items()]
    out = order.details.get("out_of_turn", 0)
    without = order.details.get("out_of_turn_if_absences_were_not_marked")
    if not lines.marks:
        low, again = _both_ways(prepared, out)
        said.append(
            "The log has no absence marks, so people who did not come when called may look passed: "
            f"{out} calls look out of turn; {low} of them still do if everybody who was called again at the same "
            f"step ({again} tickets) was away in between."
        )
    elif without is not None:
        said.append(
            f"With the absence marks {out} calls are out of turn; without them it would look like {without}: people "
            "who did not come would look passed."
        )
    if prepared.options.rule.kind == "pack":
        frame = lines.frame
        lacking = [name for name in ("rank", "returned", "opened") if name not in frame.columns]
        if lacking:
            said.append(
                f"The pack's rule was replayed without {', '.join(lacking)}: who stood first at the opening, when "
                "somebody came back, or when the doors opened is taken from the calls themselves."
            )
    if "reason" not in lines.frame.columns:
        said.append("The log has no reasons: families, returns and outages cannot be told from favours.")
    if any(one.computable for one in found if one.id in {"D3", "D4", "D10"}):
        said.append(
            f"D3, D4 and D10 take it that honest people get {prepared.options.honest_error:.2%} of their calls wrong "
            "(--honest-error); where it is twice that, about twice as many innocent names are on D3's list."
        )
    if not prepared.fit.fits and prepared.fit.calls:
        said.append(prepared.fit.words)
    return said


def _both_ways(prepared: Prepared, out: int) -> tuple[int, int]:
    """Out of turn even if whoever was called again was away in between; and how many were called again.
    ``out``: how many are out of turn as it is."""
    from setara.science.fairness.order import out_of_turn_if_away

    lines = prepared.lines
    assert not isinstance(lines, str)  # noqa: S101 - the caller has looked
    again = int(lines.frame["again"].sum())
    if not again and prepared.options.rule.kind != "pack":
        return out, 0
    return out_of_turn_if_away(lines, prepared.options.rule), again


def _groups(groups: Groups) -> list[str]:
    said = list(groups.notes)
    if groups.untested:
        said.append(f"{len(groups.untested)} attributes or levels were not compared; each says why.")
    if groups.compared:
        said.append(
            "Groups are compared as they are"
            + (f" inside {', '.join(groups.strata)}" if groups.strata else "")
            + f": what else differs between them is not known to the log. Of numbers: {NUMERIC_RULE}."
        )
    return said
