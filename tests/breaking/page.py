"""The results as a JSON document and as the page docs/reference/broken-on-purpose.md."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tests.breaking.listing import ROOT, Break, load
from tests.breaking.trying import Tried, short

FILE: Final = ROOT / "docs" / "reference" / "broken-on-purpose.md"
ROW: Final = re.compile(r"\| `([^`]+)` \| .* \|")
HEAD: Final = """# Broken on purpose

Each protection has been taken away once, and its tests were seen to fail. `make broken` does it again: in a copy
of the tree, one break at a time, after the named tests were seen to pass while nothing is broken. The list is in
`tests/breaking/breaks`; how to add to it stands in [CONTRIBUTING](../../CONTRIBUTING.md). This page is written by
`make broken ARGS=--page`; `make test` checks that it names every break, that each can still be made, and that each
named test exists.

"""


def document(
    chosen: Sequence[Break], tried: Sequence[Tried], seconds: float, faults: Sequence[str]
) -> dict[str, Any]:
    """Plain data: the machine, the totals, and one entry a break that was tried."""
    by_name = {one.name: one for one in chosen}
    return {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "seconds": seconds,
        "breaks": len(chosen),
        "noticed": sum(one.noticed for one in tried),
        "fails_unbroken": list(faults),
        "tried": [
            {
                "name": one.name,
                "protects": by_name[one.name].protects,
                "fails": list(by_name[one.name].fails),
                "noticed": one.noticed,
                "seconds": one.seconds,
                "why": one.why,
                "said": one.said,
            }
            for one in tried
        ],
    }


def machine() -> str:
    """What the seconds were measured on."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def rows(path: Path = FILE) -> dict[str, str]:
    """The rows of the page that is there, by the break's name."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return {match[1]: match[0] for line in text.splitlines() if (match := ROW.fullmatch(line))}


def write(chosen: Sequence[Break], tried: Sequence[Tried]) -> None:
    """Put what was tried on the page; rows of breaks that were not tried now stay, of those gone go."""
    kept, by_name = rows(), {one.name: one for one in chosen}
    for one in tried:
        kept[one.name] = _row(by_name[one.name], one)
    lines = [kept[name] for name in (one.name for one in load()) if name in kept]
    seconds = sum(float(line.rsplit("|", 2)[1]) for line in lines)
    unseen = sum("**not noticed**" in line for line in lines)
    text = HEAD + (
        f"{len(lines)} breaks, {unseen} of them not noticed, {seconds / 60:.0f} minutes of tests in all; last run "
        f"{datetime.now(UTC).date()} on {machine()}.\n\n"
    )
    text += (
        "| Break | What holds while nothing is broken | Seen by | Result | Seconds |\n|---|---|---|---|---|\n"
    )
    FILE.write_text(text + "".join(f"{line}\n" for line in lines), encoding="utf-8")


def _row(one: Break, done: Tried) -> str:
    tests = "<br>".join(f"`{short(test)}`" for test in one.fails).replace("|", "\\|")
    result = "seen to fail" if done.noticed else "**not noticed**"
    return f"| `{one.name}` | {one.protects} | {tests} | {result} | {done.seconds:.1f} |"
