"""How long `make test` takes. Must reach (issue 3): under 10 minutes on two cores.

With --last nothing is run: the figure that was last taken on this machine is told again.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks import common
from benchmarks.common import Report, Result

SECONDS = 600


def main(arguments: list[str] | None = None) -> int:
    """Measure or remember; the exit code is 1 when the limit is missed or a test fails."""
    wanted = common.options("suite", __doc__, arguments, last="tell the last figure, run nothing")
    kept = common.kept_at("suite")
    report = Report("suite", wanted.quick)
    common.heading(report)
    if wanted.last or wanted.quick:
        if not kept.exists():
            common.say("make test has not been timed here yet: python benchmarks/suite")
            return 0
        last = json.loads(kept.read_text())
        one = last["results"][0]
        report.add(Result(one["name"], one["measured"], one["unit"], SECONDS, note=f"taken {last['at']}"))
        return int(report.results[0].verdict == "short")
    began = time.monotonic()
    done = subprocess.run(["make", "test"], cwd=common.CHECKOUT, check=False)
    seconds = time.monotonic() - began
    report.add(
        Result("make test", seconds, "s", SECONDS, note="" if done.returncode == 0 else "WITH FAILURES")
    )
    return report.finish(wanted.json) or done.returncode


if __name__ == "__main__":
    sys.exit(main())
