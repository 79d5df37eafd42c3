"""A simulated office as an event log that anybody's tools read, and the truth beside it.

The log has the names of an exported day (docs/reference/day.md) and a few of its own: ``proof`` (the record that
proves the reason; for the priority lane, its ground), ``lot`` (the counter that the public lot gave the officer),
``seat`` (the booked place), ``collector`` (who fetched the book) and ``serial``. Whoever is sent for a paper comes
back on a later day; who missed a call may come back the same day, and keeps the first place as the pack says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setara.science.progress import Progress, silent
from setara.science.simulate import behind, hall
from setara.science.simulate.office import HANDOVER, INTERVIEW, LANES, NUMBER, STEPS, World
from setara.science.simulate.queue_kernel import ARRIVED, LANE, NONE, WINDOW
from setara.science.simulate.running import Day, Simulation
from setara.science.simulate.tables import midnight, moments, office_code, officer_names, table
from setara.science.simulate.truth import of_day

OUTCOMES: Final = ("complete", "captured", "passed", "handed_over")
LETTERS: Final = {"priority": "K", "booked": "A", "pickup": "L"}


@dataclass
class _Office:
    """What an office carries from one day to the next: whom to expect again, and whose book is ready."""

    sent_back: list[str] = field(default_factory=list)
    ready: list[tuple[int, str, bool]] = field(default_factory=list)
    books: int = 0


def generate(world: World, seed: int, progress: Progress = silent) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The log and the truth of a world, each sorted by moment. The same world and seed give the same tables."""
    simulation = Simulation(world, seed)
    offices = {office: _Office() for office in simulation.offices}
    logs, truths = [], []
    for day in range(world.days):
        for office, state in offices.items():
            collecting = [one for one in state.ready if one[0] <= day] if world.collect else []
            played = simulation.play(office, day, len(collecting))
            for log, truth in _write(played, state, collecting):
                logs.append(log)
                truths.append(truth)
        progress("simulating", day + 1, world.days)
    log = pl.concat(logs).sort("time", "case", "activity", maintain_order=True)
    truth = pl.concat(truths).sort("time", "case", "activity", maintain_order=True)
    return log, truth


def _write(
    day: Day, state: _Office, collecting: list[tuple[int, str, bool]]
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    cases = _cases(day, state, [case for _, case, _ in collecting])
    state.ready = [one for one in state.ready if one not in set(collecting)]
    calls = _calls(day, cases, {case for _, case, brokered in collecting if brokered})
    yield calls, of_day(day, cases, calls)
    yield behind.before(day, cases)
    yield behind.off_hours(day, cases)
    finished = _finished(day)
    brokered = day.people[finished, hall.SCHEME] == NUMBER["broker"]
    chosen = [(cases[who], bool(one)) for who, one in zip(finished, brokered, strict=True)]
    if chosen:
        yield behind.books(day.office, chosen, day.day, state.books)
        state.books += len(chosen)
        state.ready += [(day.day + 3, case, one) for case, one in chosen]
    state.sent_back += [cases[who] for who in _sent_back(day)]


def _cases(day: Day, state: _Office, collecting: list[str]) -> list[str]:
    """The case of each person: who was sent for a paper comes again, who collects came before."""
    hall_size = len(day.people) - len(collecting)
    names = [f"{office_code(day.office)}-{day.day + 1:03}-{i + 1:04}" for i in range(hall_size)]
    again = list(state.sent_back)
    for i in range(hall_size):
        person = day.people[i]
        ordinary = person[hall.SCHEME] == 0 and person[WINDOW] != NONE and person[hall.GROUP] == NONE
        if again and ordinary and person[hall.VAIN_AT] == NONE:
            names[i] = again.pop(0)
    state.sent_back = again
    return names + collecting


def _finished(day: Day) -> NDArray[np.int64]:
    """Those who went all the way through the hall, in the order of leaving it."""
    calls = day.calls[day.calls[:, hall.VAIN] == 0]
    scheme = day.people[calls[:, hall.WHO], hall.SCHEME]
    skips = (scheme == NUMBER["skipped-interview"]) & (calls[:, hall.AT] == INTERVIEW - 1)
    sent = day.people[calls[:, hall.WHO], hall.SENT_AT]
    done = calls[((calls[:, hall.AT] == INTERVIEW) & (sent != INTERVIEW)) | skips]
    order = np.argsort(done[:, hall.END], kind="stable")
    early = np.flatnonzero(day.people[:, hall.SCHEME] == NUMBER["off-hours"])
    return np.concatenate([early, done[order, hall.WHO]])


def _sent_back(day: Day) -> list[int]:
    calls = day.calls[(day.calls[:, hall.VAIN] == 0) & (day.calls[:, hall.AT] < HANDOVER)]
    sent = day.people[calls[:, hall.WHO], hall.SENT_AT] == calls[:, hall.AT]
    return [int(who) for who in calls[sent, hall.WHO]]


def labels(day: Day) -> list[str]:
    """The ticket of each person: the letter of the lane, and numbers in the order of arrival."""
    names, counts = [""] * len(day.people), dict.fromkeys(LANES, 0)
    for who in np.argsort(day.people[:, ARRIVED], kind="stable"):
        lane = lane_name(day, int(who))
        counts[lane] += 1
        names[who] = f"{LETTERS[lane]}-{counts[lane]:03}"
    return names


def lane_name(day: Day, who: int) -> str:
    """The lane of a person."""
    collects = day.people[who, hall.STEP] == HANDOVER
    return LANES[2] if collects else LANES[day.people[who, LANE]]


def _calls(day: Day, cases: list[str], brokered: set[str]) -> pl.DataFrame:
    calls, people, base = day.calls, day.people, midnight(day.day)
    who, step = calls[:, hall.WHO], calls[:, hall.AT]
    names, tickets = np.array(cases, object), np.array(labels(day), object)
    lanes = np.array([lane_name(day, i) for i in range(len(people))], object)
    vain = calls[:, hall.VAIN] == 1
    sent = (people[who, hall.SENT_AT] == step) & ~vain
    outcome = np.array(OUTCOMES, object)[step]
    outcome[sent], outcome[vain] = "missing", "absent"
    reason, proof = _reasons(day)
    counters = np.arange(len(day.lot))
    drawn = np.full(int(max(day.lot.max(), day.roster.max())) + 1, NONE)
    drawn[day.lot] = counters
    lot = [str(c + 1) if c != NONE else None for c in drawn[calls[:, hall.OFFICER]]]
    collects = step == HANDOVER
    fetched = [
        (f"{office_code(day.office)}-broker" if case in brokered else f"self-{case}") if at else None
        for case, at in zip(names[who], collects, strict=True)
    ]
    values: dict[str, Any] = {
        "case": names[who],
        "activity": np.array(STEPS, object)[step],
        "time": moments(calls[:, hall.END], base),
        "start": moments(calls[:, hall.START], base),
        "call": moments(calls[:, hall.CALLED], base),
        "enqueue": moments(calls[:, hall.ENQUEUE], base),
        "absent": moments(np.where(vain, calls[:, hall.END], NONE), base),
        "resource": officer_names(day.office, calls[:, hall.OFFICER]),
        "counter": [str(c + 1) for c in calls[:, hall.COUNTER]],
        "lane": lanes[who],
        "window": moments(people[who, WINDOW], base),
        "arrival": moments(people[who, ARRIVED], base),
        "label": tickets[who],
        "reason": reason,
        "proof": proof,
        "rule_label": tickets[calls[:, hall.CHOICE]],
        "outcome": outcome,
        "office": [office_code(day.office)] * len(calls),
        "lot": lot,
        "collector": fetched,
    }
    return table(values)


def _reasons(day: Day) -> tuple[list[str | None], list[str | None]]:
    """The reason that stands beside each call and the record that proves it; None where there is none."""
    reasons: list[str | None] = []
    proofs: list[str | None] = []
    for call in day.calls:
        person = day.people[call[hall.WHO]]
        if call[hall.REASON] == hall.FAMILY:
            reasons.append("family")
            proofs.append(f"group:{person[hall.GROUP]}")
        elif call[hall.REASON] == hall.FALSE:
            reasons.append("medical_emergency")
            proofs.append(None)
        elif call[hall.AT] == 0 and person[LANE] == 0:
            reasons.append("elderly")
            proofs.append(None if person[hall.SCHEME] == NUMBER["false-priority"] else "date_of_birth")
        else:
            reasons.append(None)
            proofs.append(None)
    return reasons, proofs
