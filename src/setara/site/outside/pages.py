"""The pages of the simulator, Indonesian with English below. Every value is escaped where it enters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from html import escape
from typing import TYPE_CHECKING

from setara.kernel.money import format_rupiah

if TYPE_CHECKING:
    from setara.site.outside.messages import Message
    from setara.site.outside.treasury import Bill

_WIB = timezone(timedelta(hours=7), "WIB")
_MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
SYSTEMS = {"treasury": "Kas negara · treasury", "devices": "Kamera · camera", "messages": "Pesan · messages"}


def page(title: str, english: str, body: str) -> str:
    """A whole page; ``body`` is HTML, the titles are text."""
    return (
        '<!doctype html><html lang="id"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} – SIMULASI</title>"
        '<link rel="stylesheet" href="/outside.css"></head><body>'
        '<p class="mark"><strong>SIMULASI</strong> Bukan layanan sungguhan. '
        '<span lang="en">A simulation, not a real service.</span></p>'
        f'<main><h1>{escape(title)}<br><span lang="en">{escape(english)}</span></h1>{body}</main>'
        '<nav aria-label="Simulasi"><a href="/bank">Bank</a> <a href="/messages">Pesan</a> '
        '<a href="/">Gangguan</a></nav></body></html>'
    )


def both(text: str, english: str) -> str:
    """A paragraph in both languages."""
    return f'<p>{escape(text)}<br><span lang="en">{escape(english)}</span></p>'


def when(moment: datetime) -> str:
    """``3 Maret 2026, pukul 09.40 WIB``."""
    local = moment.astimezone(_WIB)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}, pukul {local:%H.%M} WIB"


def failure(message: str, english: str) -> str:
    """A page that says what went wrong."""
    return page("Tidak dapat dilakukan", "This cannot be done", _error(message, english))


def ask_code(code: str = "", error: tuple[str, str] | None = None) -> str:
    """Ask for a billing code; ``error`` says what was wrong with the one typed."""
    described = ' aria-describedby="code-error" aria-invalid="true"' if error else ""
    body = _error(*error) if error else ""
    body += (
        '<form action="/bank" method="get"><label for="code">Kode billing (15 angka)'
        '<br><span lang="en">Billing code (15 digits)</span></label>'
        f'<input id="code" name="code" inputmode="numeric" autocomplete="off" maxlength="24" required '
        f'value="{escape(code)}"{described}><button>Lihat tagihan<br><span lang="en">Show the bill</span>'
        "</button></form>"
    )
    return page("Bank simulasi", "Simulated bank", body)


def bill_page(bill: Bill, at: datetime, channels: Mapping[str, str]) -> str:
    """The bill as it is at the moment ``at``: to be paid, expired, or with its receipt."""
    state = bill.shape(at)["state"]
    rows = [
        ("Kode billing · code", bill.code),
        ("Jumlah · amount", format_rupiah(bill.amount)),
        ("Untuk · for", bill.payer_label),
        ("Bayar sebelum · pay before", when(bill.expires_at)),
    ]
    if bill.payment:
        rows += [("NTPN", bill.payment.ntpn), ("Dibayar · paid", when(bill.payment.paid_at))]
        word = both(
            "Kantor diberi tahu secara otomatis. Simpan NTPN ini sebagai bukti.",
            "The office is told automatically. Keep the NTPN as your receipt.",
        )
        return page("Sudah dibayar", "Paid", _summary(rows) + word)
    if state == "expired":
        word = both(
            "Tidak ada uang yang ditarik. Mintalah kode baru kepada kantor.",
            "No money was taken. Ask the office for a new code.",
        )
        return page("Kode sudah kedaluwarsa", "The code has expired", _summary(rows) + word)
    options = _options(channels)
    form = (
        f'<form action="/bank" method="post"><input type="hidden" name="code" value="{escape(bill.code)}">'
        '<label for="channel">Bayar lewat<br><span lang="en">Pay through</span></label>'
        f'<select id="channel" name="channel">{options}</select>'
        f'<button>Bayar {format_rupiah(bill.amount)}<br><span lang="en">Pay</span></button></form>'
    )
    return page("Tagihan", "Bill", _summary(rows) + form)


def inbox(messages: Iterable[Message], to: str) -> str:
    """The simulated telephone: newest message first, for one address or for all."""
    rows = "".join(
        f'<li><p class="from">{escape(m.channel)} → {escape(m.to)} · {escape(when(m.at))}</p>'
        f'<p class="text">{escape(m.text)}</p></li>'
        for m in messages
    )
    body = (
        '<form action="/messages" method="get"><label for="to">Hanya untuk alamat ini'
        '<br><span lang="en">Only for this address</span></label>'
        f'<input id="to" name="to" value="{escape(to)}"><button>Saring · filter</button></form>'
    )
    body += f"<ul>{rows}</ul>" if rows else both("Belum ada pesan.", "No messages yet.")
    return page("Telepon simulasi", "Simulated telephone", body)


def switchboard(outages: Mapping[str, float]) -> str:
    """Which system is up, and a form to switch one off for a while; ``outages`` in seconds left."""
    rows = [
        (label, f"terganggu {outages[name]:.0f} detik lagi · out" if name in outages else "berjalan · up")
        for name, label in SYSTEMS.items()
    ]
    form = (
        '<form action="/outage" method="post">'
        '<label for="system">Sistem<br><span lang="en">System</span></label>'
        f'<select id="system" name="system">{_options(SYSTEMS | {"all": "Semua · all"})}</select>'
        '<label for="seconds">Lama gangguan (detik)<br><span lang="en">Length of the outage (seconds)</span>'
        '</label><input id="seconds" name="seconds" type="number" min="0" max="86400" value="60" required>'
        '<button>Ganggu<br><span lang="en">Switch off</span></button></form>'
    )
    return page("Sistem di luar kantor", "Systems outside the office", _summary(rows) + form)


def _options(choices: Mapping[str, str]) -> str:
    return "".join(
        f'<option value="{escape(value)}">{escape(label)}</option>' for value, label in choices.items()
    )


def _summary(rows: Iterable[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in rows) + "</dl>"


def _error(message: str, english: str) -> str:
    return (
        f'<div class="error" role="alert" id="code-error"><p>⚠ {escape(message)}<br>'
        f'<span lang="en">{escape(english)}</span></p></div>'
    )
