"""What every template knows. A view's own values of the same name win."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, ResolverMatch, resolve, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from setara.ledger.service import Actor
from setara.offices.service import (
    Access,
    Role,
    Staff,
    access_of,
    actor_of,
    duty_today,
    only_office,
    staff_or_none,
)

#: The rooms of the staff, in the order of the menu: name of the address, and what it is called.
NAV: Final[tuple[tuple[str, str], ...]] = (
    ("staff", gettext_noop("Beranda")),
    ("desk", gettext_noop("Meja depan")),
    ("assist", gettext_noop("Bantu pemohon")),
    ("counter", gettext_noop("Loket")),
    ("backoffice", gettext_noop("Berkas")),
    ("stock", gettext_noop("Stok buku")),
    ("floor", gettext_noop("Lantai layanan")),
    ("approvals", gettext_noop("Persetujuan")),
    ("conflicts", gettext_noop("Benturan kepentingan")),
    ("day", gettext_noop("Hari layanan")),
    ("daysheet_today", gettext_noop("Lembar harian")),
    ("audit", gettext_noop("Audit")),
    ("admin:index", gettext_noop("Pengaturan")),
)
#: Pages that the landing page lists and the menu does not: they are linked from where they are needed.
MORE: Final[tuple[tuple[str, str], ...]] = (
    ("door", gettext_noop("Hitungan pintu")),
    ("favours", gettext_noop("Titipan")),
    ("relations", gettext_noop("Hubungan saya")),
    ("counters", gettext_noop("Loket dan petugas")),
    ("kiosks", gettext_noop("Anjungan")),
)
#: The configuration pages are Django's own and carry no mark.
ADMINISTRATION: Final = "admin"


def house(request: HttpRequest) -> dict[str, Any]:
    """`demo` and `demo_note`, `office`, and for officers `staff`, `viewer`, `nav`, `lock_url`, `idle_seconds`."""
    staff = staff_or_none(request) if hasattr(request, "session") else None
    known: dict[str, Any] = {
        "demo": settings.SETARA_DEMO,
        "demo_note": SimpleLazyObject(demo_note),
        "office": staff.office if staff else SimpleLazyObject(only_office),
        "staff": staff,
    }
    if staff is not None:
        known |= {
            "viewer": SimpleLazyObject(lambda: viewer(staff)),
            "nav": SimpleLazyObject(lambda: nav(request)),
            "staff_pages": SimpleLazyObject(lambda: staff_pages(request)),
            "lock_url": reverse("lock"),
            "idle_seconds": settings.SETARA_IDLE_SECONDS,
        }
    return known


def demo_note() -> str:
    """What the demo office is doing just now, as the one who fills it wrote beside the clock."""
    from setara.ledger import office_clock

    return office_clock.state()[2] if settings.SETARA_DEMO else ""


def viewer(staff: Staff) -> dict[str, str]:
    """Who is signed in here, as the head of the page says it."""
    duty = duty_today(staff)
    counter = str(duty.counter) if duty is not None and duty.counter is not None else ""
    return {
        "name": f"{staff.label} {staff.name}",
        "role": ", ".join(str(Role(role).label) for role in staff.roles),
        "counter": counter,
        "switch_url": reverse("lock"),
        "sign_out_url": reverse("signout"),
    }


def nav(request: HttpRequest) -> list[tuple[str, str, bool]]:
    """(address, name, current) of the pages that this officer may open, by the marks of their views."""
    actor, found = actor_of(request), []
    for name, label in NAV:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        if may_open(actor, resolve(url)):
            found.append((url, _(label), name != "staff"))
    # The one page of the menu in which this address lies: the longest that it begins with.
    within = [
        url for url, _label, deep in found if request.path == url or (deep and request.path.startswith(url))
    ]
    current = max(within, key=len, default="")
    return [(url, label, url == current) for url, label, _deep in found]


def may_open(actor: Actor, page: ResolverMatch) -> bool:
    """Whether an officer's roles open a page."""
    if page.app_name == ADMINISTRATION:
        return Role.ADMINISTRATOR.value in actor.roles
    access: Access | None = access_of(page.func)
    return access is not None and any(p.roles & actor.roles for p in access.permissions)


#: What each page is for, on the landing page.
PURPOSE: Final = {
    "desk": gettext_lazy("Menerima kedatangan, memberi nomor antrean, dan membantu pengambilan."),
    "assist": gettext_lazy("Mengisi dan mengirim permohonan untuk orang yang memerlukan bantuan."),
    "counter": gettext_lazy("Memanggil nomor berikutnya dan mengerjakan langkah Anda."),
    "backoffice": gettext_lazy("Adjudikasi, pencetakan, dan pemeriksaan mutu."),
    "stock": gettext_lazy("Mencatat buku kosong yang diterima dan melihat sisanya."),
    "floor": gettext_lazy("Melihat keadaan seluruh antrean dan loket saat ini."),
    "counters": gettext_lazy("Memindah loket dan petugas setelah hari dibuka."),
    "kiosks": gettext_lazy("Memasang anjungan tempat orang mengambil nomor sendiri."),
    "door": gettext_lazy("Mencatat berapa orang yang masuk tiap jam."),
    "relations": gettext_lazy("Menyatakan hubungan dengan pemohon, agar petugas lain yang melayani."),
    "conflicts": gettext_lazy("Memutuskan pernyataan benturan kepentingan dalam tujuh hari kerja."),
    "favours": gettext_lazy("Menolak titipan dengan satu tekan, tanpa menyebut nama."),
    "approvals": gettext_lazy("Memutuskan, sebagai orang kedua, panggilan di luar giliran yang diminta."),
    "day": gettext_lazy("Membuka dan menutup hari layanan dengan daftar petugasnya."),
    "daysheet_today": gettext_lazy(
        "Satu halaman tentang satu hari: datang, dilayani, belum dilayani dan sebabnya."
    ),
    "audit": gettext_lazy("Membaca setiap peristiwa kantor ini; pembacaan Anda juga dicatat."),
    "admin:index": gettext_lazy("Jam layanan, hari libur, loket, kuota, petugas, dan kompetensi."),
}


def staff_pages(request: HttpRequest) -> list[dict[str, Any]]:
    """The pages of :func:`nav`, and some more, with what each is for; for the landing page."""
    actor, found = actor_of(request), []
    for name, label in (*NAV[1:], *MORE):
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        if may_open(actor, resolve(url)):
            found.append({"url": url, "label": _(label), "purpose": PURPOSE[name]})
    return found
