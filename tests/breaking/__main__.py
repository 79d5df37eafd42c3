"""``make broken``: take each protection away in a copy of the tree, and see its tests fail.

One line a break on standard output, progress on standard error. Exit code 0: every break was seen to fail;
1: some was not noticed, or a named test does not pass while nothing is broken; 2: wrong use; 130: interrupted.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.breaking import page
from tests.breaking.listing import Break, load, rotten
from tests.breaking.trying import PATIENCE, Tried, attempt, copied, unsound


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the breaks that were asked for; returns the exit code."""
    options = _options().parse_args(arguments)
    chosen = [one for one in load() if one.matches(options.words)]
    if not chosen:
        _tell(f"No break has all of: {' '.join(options.words)}")
        return 2
    if options.list:
        for one in chosen:
            _line(f"{one.name}: {one.protects}")
        return 0
    if faults := [fault for one in chosen for fault in rotten(one)]:
        _tell("\n".join(faults))
        return 1
    tried: list[Tried] = []
    faults, began, code = [], time.monotonic(), 0
    try:
        faults = _try(chosen, tried, options.patience, options.quick)
    except KeyboardInterrupt:
        _tell("Interrupted; what was tried so far stands above.")
        code = 130
    seconds = round(time.monotonic() - began, 1)
    missed = [one.name for one in tried if not one.noticed]
    _tell(f"{len(tried)} of {len(chosen)} breaks tried in {seconds} s, {len(missed)} not noticed")
    if options.json:
        document = page.document(chosen, tried, seconds, faults)
        Path(options.json).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    if options.page:
        page.write(chosen, tried)
    return code or (1 if missed or faults or len(tried) < len(chosen) else 0)


def _try(chosen: Sequence[Break], tried: list[Tried], patience: float, quick: bool) -> list[str]:
    """Try the breaks one after the other, adding to ``tried``; returns the tests that fail anyway."""
    _tell("Copying the tree and starting its database ...")
    with copied() as copy:
        faults: list[str] = []
        copy.starter.prepare([test for one in chosen for test in (*one.fails, *one.passes)])
        if not quick:
            _tell("Running the named tests while nothing is broken ...")
            faults = unsound(copy, chosen)
            for fault in faults:
                _tell(f"FAILS UNBROKEN: {fault}")
        for number, one in enumerate(chosen, 1):
            _tell(f"[{number}/{len(chosen)}] {one.name}")
            done = attempt(copy, one, patience)
            tried.append(done)
            said = "seen to fail" if done.noticed else "NOT NOTICED"
            _line(f"{one.name:<44} {said:<13}{done.seconds:>6.1f} s{'  ' + done.why if done.why else ''}")
    return faults


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.breaking", description=__doc__)
    parser.add_argument("words", nargs="*", help="only breaks in which all of these words occur")
    parser.add_argument("--json", metavar="FILE", help="write the results there")
    parser.add_argument("--page", action="store_true", help=f"bring {page.FILE.name} up to date")
    parser.add_argument("--list", action="store_true", help="say what there is, and break nothing")
    parser.add_argument("--quick", action="store_true", help="leave out the run of the unbroken tree")
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds for one break")
    return parser


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
