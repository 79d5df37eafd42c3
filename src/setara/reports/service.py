"""What other rooms may use of the reports."""

from setara.reports.figures import Promise, Wait, Waits, by_step, percentile, waits
from setara.reports.queries import (
    figures_of,
    promise,
    promise_lately,
    served_calls,
    span_of,
    typical_waits,
    waits_of_day,
)
from setara.reports.sheet import DaySheet, day_sheet

__all__ = [
    "DaySheet",
    "Promise",
    "Wait",
    "Waits",
    "by_step",
    "day_sheet",
    "figures_of",
    "percentile",
    "promise",
    "promise_lately",
    "served_calls",
    "span_of",
    "typical_waits",
    "waits",
    "waits_of_day",
]
