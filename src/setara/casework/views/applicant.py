"""The applicant's own page: where my file stands, by when, why it stands still, and what I can do now."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from setara.applications.service import (
    Application,
    Way,
    alone,
    application_context,
    helped,
    pack_of_application,
    papers_came_at,
)
from setara.booking.service import appointment_context
from setara.casework import deadlines, policies, queries
from setara.casework.models import Case, Hold, Lapse
from setara.casework.operations.cancelling import BEFORE
from setara.casework.panels import names_of
from setara.casework.queries import waits_for_papers
from setara.kernel import clock
from setara.kernel.errors import NotFound
from setara.offices.service import applicant, local_date, needs
from setara.payments.service import payment_context
from setara.people.service import VaultError, open_person
from setara.queueing.service import Ticket, open_ticket

S = Application.Status

#: What happens next, said to the person, by where the application stands.
NEXT = {
    S.DRAFT: gettext_lazy("Lengkapi isian dan berkasnya, lalu kirim."),
    S.SUBMITTED: gettext_lazy("Bayar dengan kode pembayaran. Setelah itu Anda memilih jadwal."),
    S.PAID: gettext_lazy("Pilih hari dan jam untuk datang ke kantor."),
    S.BOOKED: gettext_lazy(
        "Datanglah pada jadwal Anda dengan dokumen asli, dan tunjukkan kode QR di meja depan."
    ),
    S.IN_SERVICE: gettext_lazy("Tunggu nomor Anda dipanggil. Ikuti giliran Anda pada halaman nomor antrean."),
    S.RETURNED: gettext_lazy("Lengkapi yang kurang, lalu datang lagi ke meja depan sebelum batas waktunya."),
    S.IN_PROCESS: gettext_lazy("Kantor sedang mengerjakan berkas Anda. Anda tidak perlu melakukan apa pun."),
    S.READY: gettext_lazy("Datanglah mengambil pada jam layanan. Sebut nomor permohonan Anda di meja depan."),
    S.DONE: gettext_lazy("Selesai. Tidak ada lagi yang perlu dilakukan."),
    S.REFUSED: gettext_lazy(
        "Permohonan ini ditolak. Alasannya dijelaskan petugas; Anda dapat bertanya di meja depan."
    ),
    S.CANCELLED: gettext_lazy("Permohonan ini dibatalkan. Anda dapat mengajukan yang baru."),
}
BRING_PAPERS = gettext_lazy(
    "Unggah yang kurang dari halaman ini, atau bawa ke meja depan: petugas mengunggahkannya untuk Anda. Anda tidak "
    "perlu mengambil nomor antrean."
)
PAPERS_CAME = gettext_lazy(
    "Dokumen yang diminta sudah masuk, dan sejak itu waktu janji berjalan lagi. Petugas melihatnya, lalu berkas "
    "Anda diteruskan. Anda tidak perlu melakukan apa pun."
)
#: The button of each status: name of the page, and what it says.
BUTTONS = {
    S.DRAFT: ("", gettext_lazy("Lanjutkan mengisi")),
    S.SUBMITTED: ("bill", gettext_lazy("Bayar")),
    S.PAID: ("schedule", gettext_lazy("Pilih jadwal")),
    S.BOOKED: ("schedule", gettext_lazy("Lihat jadwal")),
    S.RETURNED: ("documents", gettext_lazy("Unggah yang kurang")),
}
#: Whose standing still a hold was, in words.
WHOSE = {
    "office": gettext_lazy("kantor"),
    "applicant": gettext_lazy("pemohon"),
    "outage": gettext_lazy("gangguan sistem"),
    "centre": gettext_lazy("pusat"),
}


@applicant
@never_cache
@require_safe
def application(request: HttpRequest) -> HttpResponse:
    """My application."""
    return _page(request, alone(request))


@needs(policies.ACCOMPANY)
@never_cache
@require_safe
def at_desk(request: HttpRequest, reference: str) -> HttpResponse:
    """The same page for somebody who stands at the desk and asks."""
    return _page(request, helped(request, reference, "progress"))


def _page(request: HttpRequest, way: Way) -> HttpResponse:
    found = way.application
    file = queries.case_of(found, history=True)
    held = queries.open_hold_of(file) if file is not None else None
    pack = pack_of_application(found)
    paid, booked = payment_context(found), appointment_context(found)
    context = way.context(
        name=_name(found),
        product=str(pack.product.name),
        next_text=_next_text(found, file, held),
        button=_button(way),
        ticket_url=_ticket_url(found),
        file=file,
        due=queries.due_date(file) if file is not None else None,
        working_days=pack.clock.working_days,
        kept=queries.kept(file) if file is not None else None,
        held=held,
        hold_reason=pack.hold(held.reason) if held is not None else None,
        hold_whose=WHOSE.get(held.attributed_to, "") if held is not None else "",
        hold_missing=names_of(found, held.missing) if held is not None else [],
        papers_in=papers_came_at(found) is not None,
        **_days(file),
        cancel_url=way.url("cancel") if found.status in BEFORE and file is None else "",
        cancelled_fee=_cancelled_fee(found, paid),
        why=_why_not_ready(file) if file is not None and found.status == S.IN_PROCESS else [],
        rows=[*_before(found, paid, booked), *_rows(found, file, held)],
        qr_title=_("Kode QR jadwal Anda"),
        back=reverse("desk_person", args=[found.reference]) if way.assisted else "",
        leave_url=reverse("leave") if not way.assisted else "",
        slip_url=way.url("slip"),
        **application_context(found),
        **paid,
        **booked,
    )
    return render(request, "casework/application.html", context)


def _cancelled_fee(found: Application, paid: dict[str, Any]) -> Any:
    """What the rules say about the fee of an application that is cancelled and was paid."""
    rule = pack_of_application(found).cancellation
    cancelled = found.status == S.CANCELLED and paid["payments"]["payment"] is not None
    return rule.paid if cancelled and rule is not None else ""


def _days(file: Case | None) -> dict[str, Any]:
    """The last day to come back or to collect, where there is one, and whether it has passed."""
    if file is None or file.application.status not in {S.RETURNED, S.READY}:
        return {}
    today, pack = local_date(file.office, clock.now()), pack_of_application(file.application)
    return {
        "return_lapsed": deadlines.ran_out(file, Lapse.Kind.RETURN, today),
        "forfeits": pack.incomplete.forfeits_fee and bool(file.application.fee),
        "collect_until": deadlines.collect_until(file),
        "uncollected": deadlines.ran_out(file, Lapse.Kind.COLLECT, today),
        "uncollected_explain": pack.uncollected_explain,
    }


def _name(found: Application) -> str:
    try:
        return open_person(found.person).name
    except (NotFound, VaultError):
        return ""


def _button(way: Way) -> tuple[str, str] | None:
    """(address, words) of what it is the applicant's turn to do; None when it is the office's turn."""
    if way.application.status not in BUTTONS or papers_came_at(way.application) is not None:
        return None
    page, words = BUTTONS[S(way.application.status)]
    try:
        return (way.url(page) if page else way.next_page()), str(words)
    except NoReverseMatch:
        return None


def _ticket_url(found: Application) -> str:
    if found.status in {S.DRAFT, S.DONE}:  # the one never came yet, the other's visits are closed
        return ""
    ticket: Ticket | None = open_ticket(found.pk)
    return reverse("ticket", args=[ticket.token]) if ticket is not None else ""


def _before(found: Application, paid: dict[str, Any], booked: dict[str, Any]) -> list[dict[str, Any]]:
    """The way to the office, which the file itself does not know: handed in, paid, booked."""
    order = [S.DRAFT, S.SUBMITTED, S.PAID, S.BOOKED]
    at = order.index(S(found.status)) if found.status in order else len(order)
    payment, appointment = paid["payments"]["payment"], booked["booking"]["appointment"]
    titles = [
        (S.DRAFT, _("Permohonan diisi"), found.submitted_at),
        (S.SUBMITTED, _("Pembayaran"), payment.paid_at if payment else None),
        (S.PAID, _("Jadwal dipilih"), appointment.booked_at if appointment else None),
        (S.BOOKED, _("Datang ke kantor"), None),
    ]
    if not found.fee and found.fee is not None:
        titles = [row for row in titles if row[0] != S.SUBMITTED]
    return [
        {
            "name": title,
            "state": "done" if order.index(status) < at else "now" if order.index(status) == at else "ahead",
            "outcome": _("Selesai"),
            "at": moment if order.index(status) < at else None,
        }
        for status, title, moment in titles
    ]


def _next_text(found: Application, file: Case | None, held: Hold | None) -> Any:
    """What happens next; a file that waits for the person says so, wherever it lies."""
    if held is not None and file is not None and waits_for_papers(file, held):
        return PAPERS_CAME if papers_came_at(found) is not None else BRING_PAPERS
    if held is not None and held.attributed_to == "applicant":
        return NEXT[S.RETURNED]
    if held is not None:
        return _("Anda tidak perlu melakukan apa pun. Begitu penahanan berakhir, berkas berjalan lagi.")
    return NEXT[S(found.status)]


def _rows(found: Application, file: Case | None, held: Hold | None) -> list[dict[str, Any]]:
    """The timeline of the file; before the person came, or on hold, none of its steps is the present one."""
    early = found.status in {S.DRAFT, S.SUBMITTED, S.PAID, S.BOOKED}
    rows = []
    for row in queries.timeline(found, file):
        if held is not None and row.state == "now":
            continue
        shown = {**asdict(row), "missing_names": names_of(found, row.missing)}
        # Words lose their language as plain data: keep the objects themselves.
        shown |= {
            "name": row.name,
            "explain": row.explain,
            "outcome": row.outcome,
            "hold": row.hold,
            "why": row.why,
        }
        if early and row.state == "now":
            shown["state"] = "ahead"
        rows.append(shown)
    if found.status == S.IN_SERVICE and file is None and rows:
        rows[0]["state"] = "now"  # came, and waits for the first step: nothing of the file is there yet
    return rows


def _why_not_ready(file: Case) -> list[str]:
    """An answer to "why is it not ready": within the promise or not, and whose days the delays were."""
    today = local_date(file.office, clock.now())
    days: dict[str, int] = defaultdict(int)
    for hold in file.holds.all():
        end = hold.ended_at or clock.now()
        days[hold.attributed_to] += (end - hold.started_at).days
    said = []
    due = queries.due_date(file)
    if due is not None and today <= due:
        said.append(_("Masih dalam waktu janji; berkas Anda belum terlambat."))
    elif due is not None:
        said.append(
            _(
                "Sudah melewati tanggal janji. Ini kelambatan kantor, bukan kesalahan Anda; tanyakan di meja depan."
            )
        )
    said += [
        _("Tertahan %(n)d hari karena %(whose)s.") % {"n": n, "whose": WHOSE.get(who, who)}
        for who, n in sorted(days.items())
        if n
    ]
    return said
