"""The standard path as a state machine: from a service pack, from a small TOML file, or found in the log.

A model says which activity may follow which, by outcome where the log states outcomes. Activities that it does
not name are no part of the path and are passed over.

A pack's path. An outcome leads where ``goes_to`` says; one that sends back or holds up lets the same step be done
again, or an earlier one; one that refuses or completes ends the path.

A path that is found. Its steps are the activities that at least half of the cases pass through, in the order of
their average first place. A move from one to another belongs to it where at least one in twenty departures from
the first, or arrivals at the second, go that way; so does a repetition, and so a loop, that is as common. What a
found path does not hold is unusual, not forbidden.
"""

from __future__ import annotations

import tomllib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numba import njit

from setara.rules import packs
from setara.science.events.cases import Cases

#: Shares of the rule by which a path is found; see above.
PASSED_BY, USUAL = 0.5, 0.05
_AGAIN: Final = frozenset(("send_back", "hold"))


class ModelError(ValueError):
    """A model that cannot be used; the message names the file and the fault."""


@dataclass(frozen=True)
class Model:
    """A state machine over activities.

    ``steps`` in their order; ``first``: with which a case may begin. ``follows``: activity -> outcome -> what may
    come next; the outcome "" holds where the log states none that is known. ``again``: activity and outcome that
    let somebody come back. ``hours``: when the office serves, on its own clock (``zone``, else the log's own).
    """

    name: str
    source: Literal["pack", "file", "log"]
    steps: tuple[str, ...]
    first: frozenset[str]
    follows: Mapping[str, Mapping[str, frozenset[str]]]
    again: frozenset[tuple[str, str]] = frozenset()
    hours: tuple[time, time] | None = None
    zone: ZoneInfo | None = None
    titles: Mapping[str, str] = field(default_factory=dict)

    def next_of(self, activity: str, outcome: str = "") -> frozenset[str]:
        """What may follow an activity that ended so."""
        outcomes = self.follows[activity]
        return outcomes.get(outcome, outcomes[""])

    def missing(self, before: str | None, after: str) -> list[str] | None:
        """The steps that lie between on the shortest way forward; None where there is no way forward.

        ``before`` None: from the beginning of the path.
        """
        starts = self.first if before is None else self._onward(before)
        come_from: dict[str, str | None] = dict.fromkeys(sorted(starts, key=self.steps.index))
        todo = deque(come_from)
        while todo:
            step = todo.popleft()
            if step == after:
                way = []
                while (back := come_from[step]) is not None:
                    way.append(back)
                    step = back
                return way[::-1]
            for other in sorted(self._onward(step), key=self.steps.index):
                if other not in come_from:
                    come_from[other] = step
                    todo.append(other)
        return None

    def _onward(self, step: str) -> frozenset[str]:
        at = self.steps.index(step)
        return frozenset(one for one in self.next_of(step) if self.steps.index(one) > at)

    def as_dict(self) -> dict[str, Any]:
        """For the report."""
        return {
            "name": self.name,
            "source": self.source,
            "steps": list(self.steps),
            "hours": [one.strftime("%H:%M") for one in self.hours] if self.hours else None,
            "moves": {step: sorted(self.next_of(step), key=self.steps.index) for step in self.steps},
        }


def of_pack(pack: packs.Pack) -> Model:
    """The path of a service pack."""
    steps = tuple(step.code for step in pack.steps)
    follows: dict[str, dict[str, frozenset[str]]] = {}
    again = set()
    for at, step in enumerate(pack.steps):
        ways: dict[str, frozenset[str]] = {}
        for outcome in step.outcomes:
            if outcome.goes_to in steps:
                ways[outcome.code] = frozenset((outcome.goes_to,))
            elif outcome.goes_to in _AGAIN:
                ways[outcome.code] = frozenset(steps[: at + 1])
                again.add((step.code, outcome.code))
            else:
                ways[outcome.code] = frozenset()
        ways[""] = frozenset().union(*ways.values())
        follows[step.code] = ways
    return Model(pack.id, "pack", steps, frozenset(steps[:1]), follows, frozenset(again))


def recognised(activities: Iterable[str], on: date) -> Model | None:
    """The pack in force on a day whose steps the log names: at least three of them and three quarters of all."""
    named = frozenset(activities)
    best: tuple[int, date, packs.Pack] | None = None
    for pack in packs.all_packs():
        hits = sum(step.code in named for step in pack.steps)
        if pack.in_force_from > on or hits < max(3, 0.75 * len(pack.steps)):
            continue
        if best is None or (hits, pack.in_force_from) > best[:2]:
            best = (hits, pack.in_force_from, pack)
    return None if best is None else of_pack(best[2])


def read(path: Path) -> Model:
    """The model in a file: a service pack, or a state machine as docs/reference/event-logs.md describes it.

    What names no file may be the id of a pack that comes with the program, such as ``paspor/2024-12-17``.
    Raises :class:`ModelError`.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = {pack.id: pack for pack in packs.all_packs()}
        if path.as_posix() in known:
            return of_pack(known[path.as_posix()])
        raise ModelError(f"There is no file {path}, and no pack of that name: {', '.join(known)}.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise ModelError(f"{path.name}: {wrong}") from wrong
    if "service" in data:
        try:
            return of_pack(packs.load(path))
        except packs.PackError as wrong:
            raise ModelError(str(wrong)) from wrong
    return of_table(data, path.name)


def of_table(data: Mapping[str, Any], name: str) -> Model:
    """The model in a table as TOML gives it; ``name`` is the file's, for messages."""
    listed = data.get("step")
    if not isinstance(listed, list) or not listed:
        raise ModelError(f"{name}: a model has a [[step]] for each activity of the path.")
    unknown = data.keys() - {"name", "step", "hours"}
    if unknown:
        raise ModelError(f"{name}: '{sorted(unknown)[0]}' is nothing a model knows: name, hours, step.")
    for at, step in enumerate(listed, start=1):
        if not isinstance(step, dict) or not isinstance(step.get("activity"), str):
            raise ModelError(f"{name}, step {at}: 'activity' is missing or no text.")
        if wrong := step.keys() - {"activity", "next", "first", "outcomes"}:
            raise ModelError(
                f"{name}, step {at}: '{sorted(wrong)[0]}' is nothing a step knows: activity, next, first, outcomes."
            )
    steps = tuple(step["activity"] for step in listed)
    if len(set(steps)) < len(steps):
        raise ModelError(f"{name}: the activity '{_twice(steps)}' stands twice.")
    follows = {}
    again = set()
    for at, step in enumerate(listed):
        plain = step.get("next", list(steps[at + 1 : at + 2]))
        ways = {"": _targets(name, at, plain, steps)}
        for outcome, targets in step.get("outcomes", {}).items():
            ways[str(outcome)] = _targets(name, at, targets, steps)
            if step["activity"] in ways[str(outcome)]:
                again.add((step["activity"], str(outcome)))
        if "next" not in step and len(ways) > 1:
            ways[""] = frozenset().union(*ways.values())
        follows[step["activity"]] = ways
    first = frozenset(step["activity"] for step in listed if step.get("first")) or frozenset(steps[:1])
    hours, zone = _hours(name, data.get("hours"))
    title = str(data.get("name", name))
    return Model(title, "file", steps, first, follows, frozenset(again), hours, zone)


def _twice(steps: Sequence[str]) -> str:
    return next(step for step in steps if steps.count(step) > 1)


def _targets(name: str, at: int, targets: Any, steps: Sequence[str]) -> frozenset[str]:
    if not isinstance(targets, list) or not all(isinstance(one, str) for one in targets):
        raise ModelError(f"{name}, step {at + 1}: what comes next is a list of activities.")
    for one in targets:
        if one not in steps:
            raise ModelError(f"{name}, step {at + 1}: '{one}' is no activity of the model.")
    return frozenset(targets)


def _hours(name: str, told: Any) -> tuple[tuple[time, time] | None, ZoneInfo | None]:
    if told is None:
        return None, None
    try:
        opens, closes = time.fromisoformat(told["open"]), time.fromisoformat(told["close"])
        zone = ZoneInfo(told["zone"]) if "zone" in told else None
    except (TypeError, KeyError, ValueError, ZoneInfoNotFoundError) as wrong:
        raise ModelError(
            f'{name}: hours need open = "08:00" and close = "16:00", and may have zone = "Asia/Jakarta".'
        ) from wrong
    if opens >= closes:
        raise ModelError(f"{name}: the office closes before it opens.")
    return (opens, closes), zone


def found(names: Sequence[str], codes: np.ndarray[Any, Any], cases: Cases) -> Model:
    """The main path of a log. ``codes``: numbers of the activities in the order of ``cases``."""
    size = len(names)
    passing, places, _, _ = _counted(codes, cases.starts, size, False)
    core = np.flatnonzero(passing >= PASSED_BY * cases.count)
    if len(core) < 2:  # nothing is common to half of the cases: the most common ones, then
        core = np.sort(np.argsort(-passing, kind="stable")[: max(2, min(size, 3))])
    core = core[np.argsort(places[core] / np.maximum(passing[core], 1), kind="stable")]
    codes_of_core = np.full(size, -1, dtype=np.int64)
    codes_of_core[core] = np.arange(len(core))
    _, _, moves, begins = _counted(codes_of_core[codes], cases.starts, len(core), True)
    leaving, coming = np.maximum(moves.sum(axis=1), 1), np.maximum(moves.sum(axis=0), 1)
    usual = (moves >= USUAL * leaving[:, None]) | (moves >= USUAL * coming[None, :])
    usual &= moves > 0
    steps = tuple(names[int(one)] for one in core)
    follows = {
        step: {"": frozenset(steps[other] for other in np.flatnonzero(usual[at]))}
        for at, step in enumerate(steps)
    }
    starts = begins >= USUAL * max(int(begins.sum()), 1)
    first = frozenset(steps[at] for at in np.flatnonzero(starts))
    return Model("the usual path of this log", "log", steps, first, follows)


@njit(cache=True)
def _counted(codes: Any, starts: Any, size: int, with_moves: bool) -> Any:  # pragma: no cover - compiled
    """Cases that pass each activity, the sum of its first places, moves between activities, and beginnings."""
    passing, places = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.float64)
    wide = size if with_moves else 0
    moves, begins = np.zeros((wide, wide), dtype=np.int64), np.zeros(size, dtype=np.int64)
    seen = np.full(size, -1, dtype=np.int64)
    for case in range(len(starts) - 1):
        before: Any = np.int64(-1)
        place = 0
        for at in range(starts[case], starts[case + 1]):
            code: Any = np.int64(codes[at])
            if code < 0:
                continue
            if seen[code] != case:
                seen[code] = case
                passing[code] += 1
                places[code] += place
            if before < 0:
                begins[code] += 1
            elif with_moves:
                moves[before, code] += 1
            before = code
            place += 1
    return passing, places, moves, begins
