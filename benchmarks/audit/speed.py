"""How fast logs are read and judged: conformance, waits and D1 over a million cases, PM4Py beside it, XES, CSV.

The log is a simulated service of twelve steps in a hundred offices, with text ids, made by this file: people are
called in the order of joining but for one call in two hundred, and 1.4 % of the cases skip a step. Each measurement
runs in a process of its own after one warm-up of the compile cache, so that the peak of memory is its own; it
starts with the file and ends with the list of cases off the path, the table of waits and the calls out of turn.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from benchmarks.common import CHECKOUT, Report, Result, program, say

STEPS = 12
NAMES = [f"step_{one:02d}_of_the_path" for one in range(STEPS)]
PIECE = 1_000_000
CSV_BYTES = 2_000_000_000


def made(cases: int, first: int = 0, seed: int = 1) -> pl.DataFrame:
    """The log of so many cases, sorted by case and time; case numbers begin with ``first``."""
    rng = np.random.default_rng([seed, first])
    office, day = rng.integers(0, 100, cases), np.sort(rng.integers(0, max(1, cases // 20_000), cases))
    clock = rng.integers(1 * 3600, 4 * 3600, cases) * 1_000_000 + rng.integers(0, 1_000_000, cases)
    arrival = (20_454 + first // 20_000 + day) * 86_400_000_000 + clock
    by = np.argsort(arrival, kind="stable")
    office, day, at = office[by], day[by], arrival[by]
    priority = rng.random(cases) < 0.1
    enqueue, call, done = (np.empty((cases, STEPS), np.int64) for _ in range(3))
    for step in range(STEPS):
        enqueue[:, step] = at
        wait = (600 + (office * 7 + day * 3 + step * 11 + priority * 50) % 300) * 1_000_000
        jumps = rng.random(cases) < 0.005
        call[:, step] = at + np.where(jumps, rng.integers(1, 60, cases) * 1_000_000, wait)
        done[:, step] = call[:, step] + rng.integers(30, 400, cases) * 1_000_000
        at = done[:, step]
    kept = np.ones((cases, STEPS), bool)
    skips = np.flatnonzero(rng.random(cases) < 0.014)
    kept[skips, rng.integers(1, STEPS - 1, len(skips))] = False
    rows = np.flatnonzero(kept.ravel())
    of = rows // STEPS

    def moments(values: np.ndarray[Any, Any]) -> pl.Series:
        return pl.Series(values.ravel()[rows]).cast(pl.Datetime("us", "UTC"))

    officers = pl.Series([f"officer-{one:04d}" for one in range(1000)])
    return pl.DataFrame(
        {
            "case": pl.Series([f"JKT-2026-{first + one:09d}" for one in range(cases)]).gather(of),
            "activity": pl.Series(NAMES).gather(rows % STEPS),
            "time": moments(done),
            "call": moments(call),
            "enqueue": moments(enqueue),
            "resource": officers.gather(office[of] * 10 + rng.integers(0, 10, len(rows))),
            "lane": pl.Series(["regular", "priority"]).gather(priority[of].astype(np.uint32)),
            "office": pl.Series([f"office-{one:03d}" for one in range(100)]).gather(office[of]),
        }
    )


MODEL = "".join(f'[[step]]\nactivity = "{name}"\n' for name in NAMES)

WORK = """
import json, resource, sys, time
from pathlib import Path
from setara.science import events
from setara.science.fairness import fast, model, pace, path
def work(file, only_path):
    begin, used = time.perf_counter(), time.process_time()
    log = events.read(Path(file), only=("time",) if only_path else None)
    the = model.read(Path(sys.argv[2]))
    code = path.coded(log, the)
    found, _ = path.leaves(log, code)
    if only_path:
        cases = log.frame["case"].gather(path._row(log, found)).unique().sort().to_list()
        return time.perf_counter() - begin, time.process_time() - used, cases
    waits = pace.waits(log)
    calls = fast.depths(log)
    evidence = calls.evidence(log)
    answer = [waits.height, evidence.height, len(found)]
    return time.perf_counter() - begin, time.process_time() - used, answer
only = sys.argv[3] == "path"
work(sys.argv[4], only)  # the warm-up of the compile cache, on a small file
# The path alone takes a tenth of a second, so the median of five tells more than one; PM4Py's replay: of three.
seconds, used, answer = sorted((work(sys.argv[1], only) for _ in range(5 if only else 1)))[2 if only else 0]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": seconds, "used": used, "peak": peak, "answer": answer}))
"""

AUDIT = """
import json, resource, sys, time
from pathlib import Path
from setara.science import events
from setara.science.fairness import engine
engine.audit(events.read(Path(sys.argv[2])))  # the warm-up of the compile cache
begin, used = time.perf_counter(), time.process_time()
report = engine.audit(events.read(Path(sys.argv[1])))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": time.perf_counter() - begin, "used": time.process_time() - used, "peak": peak,
                  "answer": report["D1"].evidence_total}))
"""

REPLAY = """
import contextlib, json, sys, time
import pandas, polars, pm4py
from pm4py.objects.petri_net.obj import Marking, PetriNet
from pm4py.objects.petri_net.utils.petri_utils import add_arc_from_to
names = json.loads(sys.argv[2])
net = PetriNet("path")
places = [PetriNet.Place(str(one)) for one in range(len(names) + 1)]
net.places.update(places)
for one, name in enumerate(names):
    step = PetriNet.Transition(name, name)
    net.transitions.add(step)
    add_arc_from_to(places[one], step, net)
    add_arc_from_to(step, places[one + 1], net)
table = polars.read_parquet(sys.argv[1], columns=["case", "activity", "time"])
frame = pandas.DataFrame({name: table[name].to_list() for name in table.columns})
taken = []
for _ in range(3):
    begin = time.perf_counter()
    with contextlib.redirect_stdout(sys.stderr):
        log = pm4py.format_dataframe(frame, case_id="case", activity_key="activity", timestamp_key="time")
        told = pm4py.conformance_diagnostics_token_based_replay(
            log, net, Marking({places[0]: 1}), Marking({places[-1]: 1}))
    taken.append(time.perf_counter() - begin)
seconds = sorted(taken)[1]
cases = list(dict.fromkeys(log["case:concept:name"]))
off = sorted(case for case, one in zip(cases, told) if not one["trace_is_fit"])
print(json.dumps({"seconds": seconds, "answer": off}))
"""


def run(code: str, *arguments: str) -> dict[str, Any]:
    """What a program of its own prints, as JSON in its last line."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *arguments],
        capture_output=True, text=True, cwd=CHECKOUT, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def lines(report: Report, quick: bool, whole: bool = False) -> None:
    """The lines of speed; ``whole`` adds 60 million events and the 2 GB CSV, which take minutes to make."""
    with tempfile.TemporaryDirectory(prefix="setara-audit-speed-") as name:
        folder = Path(name)
        (folder / "model.toml").write_text(MODEL)
        made(2_000).write_parquet(folder / "small.parquet")
        _million(report, folder, 2_000 if quick else PIECE, quick)
        if not quick:
            _whole_audit(report, folder, 100_000)
            _against_replay(report, folder, 100_000)
            _xes(report, folder, 100_000)
        _help(report, 1 if quick else 5)
        if whole and not quick:
            _country(report, folder)
            _big_csv(report, folder)


def judged(folder: Path, file: str, only: str = "all") -> dict[str, Any]:
    """Read and judge a file of the folder in a process of its own."""
    return run(
        WORK, *(str(folder / one) for one in (file, "model.toml")), only, str(folder / "small.parquet")
    )


def _million(report: Report, folder: Path, cases: int, once: bool) -> None:
    say(f"a log of {cases:,} cases is made")
    log = made(cases)
    kinds = (("sorted by case and time", False, 4.0), ("shuffled", True, 8.0))
    for words, shuffled, limit in kinds[: 1 if once else 2]:
        (log.sample(fraction=1, shuffle=True, seed=1) if shuffled else log).write_parquet(
            folder / "log.parquet"
        )
        # A file that was written a moment ago is not what people read: the middle one of three counts.
        runs = [judged(folder, "log.parquet") for _ in range(1 if once else 3)]
        told = sorted(runs, key=lambda one: float(one["seconds"]))[len(runs) // 2]
        note = f"{log.height:,} events; {told['used']:.1f} s of the processors"
        report.add(Result(f"conformance, waits and D1, {words}", told["seconds"], "s", limit, note=note))
        report.add(Result(f"peak memory, {words}", told["peak"] / 1e9, "GB", 3.0))


def _whole_audit(report: Report, folder: Path, cases: int) -> None:
    say(f"all detectors on a log of {cases:,} cases")
    made(cases).write_parquet(folder / "log.parquet")
    told = run(AUDIT, *(str(folder / one) for one in ("log.parquet", "small.parquet")))
    note = f"{told['used']:.1f} s of the processors, {told['peak'] / 1e9:.1f} GB at most; told, not judged"
    report.add(Result("setara audit, whole, 1.2 million rows", told["seconds"], "s", note=note))


def _against_replay(report: Report, folder: Path, cases: int) -> None:
    made(cases).write_parquet(folder / "log.parquet")
    ours = judged(folder, "log.parquet", "path")
    say("PM4Py's token replay of the same log")
    theirs = run(REPLAY, str(folder / "log.parquet"), json.dumps(NAMES))
    same = ours["answer"] == theirs["answer"]
    ratio = theirs["seconds"] / ours["seconds"]
    report.add(Result("conformance, reading included", ours["seconds"], "s", note=f"{cases:,} cases"))
    report.add(
        Result("PM4Py token replay, formatting included", theirs["seconds"], "s", note="reading excluded")
    )
    report.add(Result("conformance against PM4Py", ratio, "times", 50.0, at_least=True))
    note = f"{len(ours['answer']):,} cases" if same else "the lists differ"
    report.add(Result("equal list of non-conforming cases", float(same), "", 1.0, at_least=True, note=note))


def xes(rows: pl.DataFrame) -> str:
    """The rows as XES."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0">\n']
    key = '<{} key="{}" value="{}"/>\n'
    before = None
    for row in rows.iter_rows(named=True):
        if row["case"] != before:
            parts.append("</trace>\n<trace>\n" if before else "<trace>\n")
            parts.append(key.format("string", "concept:name", before := row["case"]))
        told = {"concept:name": row["activity"], "org:resource": row["resource"], "lane": row["lane"]}
        events = "".join(key.format("string", *one) for one in told.items())
        moments = {"time:timestamp": row["time"], "call": row["call"], "enqueue": row["enqueue"]}
        events += "".join(key.format("date", name, moment.isoformat()) for name, moment in moments.items())
        parts.append(f"<event>\n{events}</event>\n")
    return "".join((*parts, "</trace>\n</log>\n"))


def _xes(report: Report, folder: Path, events: int) -> None:
    rows = made(events // STEPS + 200).head(events)
    for name, size in (("log.xes.gz", events), ("small.xes.gz", 200)):
        (folder / name).write_bytes(gzip.compress(xes(rows.head(size)).encode(), 5))
    code = (
        "import json, sys, time; from pathlib import Path; from setara.science import events\n"
        "events.read(Path(sys.argv[2])); begin = time.perf_counter(); log = events.read(Path(sys.argv[1]))\n"
        "print(json.dumps({'seconds': time.perf_counter() - begin, 'answer': log.frame.height}))"
    )
    told = run(code, str(folder / "log.xes.gz"), str(folder / "small.xes.gz"))
    note = f"{told['answer']:,} events, 6 attributes each"
    report.add(Result("reading XES.gz", told["seconds"], "s", 3.0, note=note))


def _help(report: Report, times: int) -> None:
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        subprocess.run([*program(), "--help"], check=True, capture_output=True, cwd=CHECKOUT)
        seconds.append(time.perf_counter() - begin)
    report.add(Result("setara --help", sorted(seconds)[times // 2], "s", 0.4, note=f"median of {times}"))


def _country(report: Report, folder: Path) -> None:
    say("a log of 60 million events is made")
    size = PIECE + 10_000
    pieces = []
    for piece in range(5):
        pieces.append(folder / f"piece{piece}.parquet")
        made(size, piece * size).write_parquet(pieces[-1])
    pl.scan_parquet(pieces).sink_parquet(folder / "log.parquet", maintain_order=True)
    for piece_ in pieces:
        piece_.unlink()
    told = judged(folder, "log.parquet")
    note = f"5.05 million cases; {told['used']:.1f} s of the processors"
    report.add(Result("conformance, waits and D1, 60 million events", told["seconds"], "s", 60.0, note=note))
    report.add(Result("peak memory, 60 million events", told["peak"] / 1e9, "GB", 14.0))


def _big_csv(report: Report, folder: Path) -> None:
    say("a CSV of 2 GB is made")
    (folder / "log.parquet").unlink(missing_ok=True)
    path = folder / "log.csv"
    piece = 0
    with path.open("wb") as file:
        while file.tell() < CSV_BYTES:
            made(200_000, piece * 200_000).write_csv(file, include_header=not piece)
            piece += 1
    code = (
        "import json, resource, sys, time; from pathlib import Path; from setara.science import events\n"
        "begin = time.perf_counter(); log = events.read(Path(sys.argv[1]))\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024\n"
        "print(json.dumps({'seconds': time.perf_counter() - begin, 'peak': peak, 'answer': log.frame.height}))"
    )
    told = run(code, str(path))
    report.add(Result("reading a CSV of 2 GB", told["seconds"], "s", note=f"{told['answer']:,} events"))
    report.add(Result("peak memory, CSV of 2 GB", told["peak"] / 1e9, "GB", 6.0))
