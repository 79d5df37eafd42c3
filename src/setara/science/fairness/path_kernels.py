"""The state machine run over millions of events: one pass, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True)
def off_path(
    starts: Any, symbols: Any, steps: Any, allowed: Any, first: Any
) -> Any:  # pragma: no cover - compiled
    """Where cases leave the path: positions, and the position of the step before (-1: none).

    ``symbols``: for each event in the order of the cases the number of its activity and outcome, -1 where it is
    no part of the path; ``steps[symbol]`` is its activity, ``allowed[symbol, step]`` whether the step may follow,
    ``first[step]`` whether a case may begin with it. After a step out of the path the machine goes on from there.
    O(events); the answer holds only what was found.
    """
    found = np.empty(1024, dtype=np.int64)
    before_found = np.empty(1024, dtype=np.int64)
    count = 0
    for case in range(len(starts) - 1):
        state, place = -1, -1
        for at in range(starts[case], starts[case + 1]):
            symbol = symbols[at]
            if symbol < 0:
                continue
            step = steps[symbol]
            good = first[step] if state < 0 else allowed[state, step]
            if not good:
                if count == len(found):
                    wider = np.empty(2 * count, dtype=np.int64)
                    wider[:count] = found
                    found = wider
                    wider = np.empty(2 * count, dtype=np.int64)
                    wider[:count] = before_found
                    before_found = wider
                found[count], before_found[count] = at, place
                count += 1
            state, place = symbol, at
    return found[:count], before_found[:count]
