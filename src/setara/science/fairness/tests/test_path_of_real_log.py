"""D5 on the published permit log: the cases off a path, counted again without any of our code."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from datetime import datetime
from itertools import permutations
from pathlib import Path

import pytest

from setara.science import events
from setara.science.fairness import path

PERMITS = Path(__file__).parents[6] / "shared" / "data" / "receipt.csv.gz"
RECEIPT, CHECK = "Confirmation of receipt", "T02 Check confirmation of receipt"
MODEL = f'[[step]]\nactivity = "{RECEIPT}"\n[[step]]\nactivity = "{CHECK}"\nnext = []\n'


@pytest.mark.skipif(not PERMITS.is_file(), reason="the published logs (../shared/data) are not here")
def test_the_cases_off_a_path_are_those_counted_by_hand(tmp_path: Path) -> None:
    told = defaultdict(list)
    with gzip.open(PERMITS, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["concept:name"] in {RECEIPT, CHECK}:
                moment = datetime.fromisoformat(row["time:timestamp"])
                told[row["case:concept:name"]].append((moment, row["concept:name"]))

    def keeps(case: list[tuple[datetime, str]]) -> bool:
        orders = (
            order for order in permutations(case) if [m for m, _ in order] == sorted(m for m, _ in case)
        )
        return any([name for _, name in order] in ([RECEIPT], [RECEIPT, CHECK]) for order in orders)

    off = sorted(name for name, case in told.items() if len(case) > 2 or not keeps(case))
    (tmp_path / "model.toml").write_text(MODEL)
    finding, found = path.find(events.read(PERMITS), tmp_path / "model.toml")
    assert found is not None
    assert found.to_list() == off
    assert 0 < len(off) < len(told) == finding.details["cases"]
