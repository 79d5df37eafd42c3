"""Public pages with 100,000 applications and all their events in the database.

Must reach (issue 3): at most 10 queries and 50 ms server time at the median for each public page. DESIGN 11:
less than 100 kB with styles and scripts. The data: one real played day copied to sixteen months of working
days (see many.py), and a living day in the middle of its morning, made by the real operations.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks import common
from benchmarks.common import Report, Result
from benchmarks.pages import measuring, office
from benchmarks.pages.measuring import Measured, Page

MEDIAN_MS, QUERIES, BYTES = 50, 10, 100_000
REQUESTS, QUICK_REQUESTS = 60, 2


def pages() -> Iterator[Page]:
    """Every public page, with an address that leads to something: a waiting ticket, an open survey."""
    from django.urls import NoReverseMatch, reverse

    from setara.applications.models import Application
    from setara.booking.models import Appointment
    from setara.feedback.models import Invitation
    from setara.offices.models import Office
    from setara.queueing.models import Ticket

    code = Office.objects.values_list("pk", flat=True)[0]
    waiting = Ticket.objects.filter(status=Ticket.Status.WAITING, closed_at__isnull=True).order_by(
        "-joined_at"
    )[0]
    booked = Appointment.objects.filter(status=Appointment.Status.BOOKED).order_by("-date", "pk").first()
    paid = Application.objects.filter(status=Application.Status.PAID).order_by("-pk").first()
    # Of the first day: the sealed answers of copies do not open.
    ready = Application.objects.filter(status=Application.Status.DONE).order_by("pk")[0]
    survey = Invitation.objects.filter(answered_at__isnull=True).order_by("-sent_at")[0]
    chooses = paid.pk if paid else booked.application_id if booked else waiting.application_id
    wanted = [
        ("home", [], ""),
        ("office", [code], ""),
        ("home_fragment", [code], ""),
        ("hall", [code], ""),
        ("hall_fragment", [code], ""),
        ("queue_state", [code], ""),
        ("calls", [code], ""),
        ("look_up", [code], ""),
        ("ticket", [waiting.token], ""),
        ("ticket_fragment", [waiting.token], ""),
        ("apply", [], ""),
        ("resume", [], ""),
        ("application", [], waiting.application_id),
        ("application, finished", [], ready.pk),
        ("schedule", [], chooses),
        ("survey", [survey.token], ""),
        ("about", [], ""),
        ("privacy", [], ""),
    ]
    for name, arguments, application in wanted:
        try:
            path = reverse(name.partition(",")[0], args=arguments)
        except NoReverseMatch:
            common.say(f"{name}: no such page yet")
            continue
        yield Page(name, path, str(application))


def main(arguments: list[str] | None = None) -> int:
    """Measure; the exit code is 1 when a limit is missed."""
    wanted = common.options(
        "pages", __doc__, arguments, fresh="make the data anew", slow="show the slowest queries"
    )
    report = Report("pages", wanted.quick)
    common.heading(report)
    requests = QUICK_REQUESTS if wanted.quick else REQUESTS
    with office.connected(office.QUICK if wanted.quick else office.FULL, fresh=wanted.fresh) as known:
        report.add(Result("applications in the database", known["applications"], "applications"))
        report.add(Result("events in the database", known["all_events"], "events"))
        asked = list(pages())
        with measuring.web() as port:
            found = [measure(report, page, port, requests, wanted.slow) for page in asked]
    summary(report, found)
    return report.finish(wanted.json)


def measure(report: Report, page: Page, port: int, requests: int, slow: bool) -> Measured:
    """One page, both ways."""
    over_http = measuring.over_http(port, page, requests)
    one = measuring.inside(page, requests)
    if one.status >= 400:
        raise RuntimeError(f"{page.path} answered {one.status}")
    note = (
        f"p95 {common.number(one.p95)}, over HTTP {common.number(over_http)} ms, {one.queries:.0f} queries, "
        f"{one.page_bytes / 1000:.0f} kB ({one.all_bytes / 1000:.0f} with styles and scripts)"
    )
    report.add(Result(f"{page.name} page, median", one.median, "ms", MEDIAN_MS, note=note))
    if slow:
        common.say(f"    slowest query {one.slowest[0]:.1f} ms: {one.slowest[1][:600]}")
    return one


def summary(report: Report, found: list[Measured]) -> None:
    """The worst page in each respect."""
    most = max(found, key=lambda one: one.queries)
    largest = max(found, key=lambda one: one.all_bytes)
    note = f"{most.page.name}; at most {max(one.most_queries for one in found)} when something remembered runs out"
    report.add(Result("queries at the median, page with most", most.queries, "queries", QUERIES, note=note))
    report.add(
        Result(
            "bytes with styles and scripts, largest page",
            largest.all_bytes,
            "bytes",
            BYTES,
            note=largest.page.name,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
