"""The components, icons and formats of the design system, as template tags.

Load with ``{% load setara %}``. Every component is a tag, so a wrong argument fails loudly instead of
leaving a hole in the page. The living page ``/style`` shows each of them with its states and its line.
Texts come in already translated: ``{% page_header title=_("Antrean hari ini") %}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from setara.kernel.errors import SetaraError
from setara.kernel.ids import uuid7
from setara.site import drawing, formats
from setara.site.fields import field_context, form_errors

register = template.Library()

Context = dict[str, Any]

#: Kind of state -> icon. The word always stands beside it; the kind only gives colour and icon.
STATUS_ICONS: Final[Mapping[str, str]] = {
    "done": "check",
    "now": "arrow",
    "wait": "clock",
    "held": "hold",
    "stop": "stop",
    "warn": "warning",
    "info": "info",
}
NOTICE_ICONS: Final[Mapping[str, str]] = {
    "info": "info",
    "success": "check",
    "warning": "warning",
    "error": "stop",
}
#: Django's message levels that have no notice of their own.
NOTICE_ALIASES: Final[Mapping[str, str]] = {"debug": "info", "": "info"}


def _part(name: str, context: Context) -> SafeString:
    """Render one component template with exactly this context."""
    return render_to_string(f"setara/components/{name}.html", context)


for _name, _filter in formats.FILTERS.items():
    register.filter(_name, _filter)


# ---------------------------------------------------------------- small parts


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """One icon of ``icons.svg``, inline. Without ``label`` it is decoration, hidden from screen readers."""
    return drawing.icon(name, label)


@register.simple_tag
def qr(data: str, title: str = "", desc: str = "") -> SafeString:
    """``data`` as an inline QR code with a title (and description) for those who cannot see it."""
    return drawing.qr(data, title or _("Kode QR"), desc)


@register.simple_tag
def once() -> SafeString:
    """A hidden ``idempotency_key``: the same form sent twice does its work once."""
    return format_html('<input type="hidden" name="idempotency_key" value="{}">', uuid7())


@register.inclusion_tag("setara/components/htmx.html")
def use_htmx() -> Context:
    """htmx, configured for our CSP and for shared PCs (no page kept in the browser's storage)."""
    return {}


@register.simple_tag
def status(kind: str, word: str) -> SafeString:
    """A state: word and icon. Kinds: done, now, wait, held, stop, warn, info."""
    return _part("status", {"kind": kind, "word": word, "icon_name": STATUS_ICONS[kind]})


@register.simple_tag
def button(label: str, kind: str = "", name: str = "", value: str = "", icon: str = "") -> SafeString:
    """A submit button. Kinds: "" (primary), second, danger, big (the counter's one), small, link."""
    return _button("button", label, kind, icon, {"type": "submit", "name": name, "value": value})


@register.simple_tag
def link_button(url: str, label: str, kind: str = "", icon: str = "") -> SafeString:
    """A link that looks like a button, for going to the next page."""
    return _button("a", label, kind, icon, {"href": url})


def _button(tag: str, label: str, kind: str, icon_name: str, attrs: Mapping[str, str]) -> SafeString:
    classes = "link" if kind == "link" else " ".join(["button", *(f"button-{k}" for k in kind.split())])
    sign = drawing.icon(icon_name) if icon_name else mark_safe("")
    pairs = mark_safe("".join(format_html(' {}="{}"', k, v) for k, v in attrs.items() if v))  # noqa: S308
    return format_html('<{} class="{}"{}>{}{}</{}>', tag, classes, pairs, sign, label, tag)


@register.inclusion_tag("setara/components/language_switch.html", takes_context=True)
def language_switch(context: Context) -> Context:
    """Indonesian / English as a plain form that posts to Django's ``set_language``."""
    try:
        action = reverse("set_language")
    except NoReverseMatch:
        action = ""
    request = context.get("request")
    path = request.get_full_path() if request else "/"
    return {"action": action, "next": path, "languages": settings.LANGUAGES}


@register.simple_tag
def progress(step: int, total: int, label: str = "") -> SafeString:
    """``Langkah 2 dari 5``."""
    return _part("progress", {"step": step, "total": total, "label": label})


# ---------------------------------------------------------------- page furniture


@register.simple_tag
def page_header(
    title: str, lead: str = "", eyebrow: str = "", back_url: str = "", back_label: str = ""
) -> SafeString:
    """The h1 of a page: where am I (eyebrow, title), what is this for (lead), the way back."""
    return _part(
        "page_header",
        {
            "title": title,
            "lead": lead,
            "eyebrow": eyebrow,
            "back_url": back_url,
            "back_label": back_label or _("Kembali"),
        },
    )


@register.simple_block_tag
def notice(content: str, kind: str, title: str = "") -> SafeString:
    """A message with a body. Kinds: info, success, warning, error."""
    kind = NOTICE_ALIASES.get(kind, kind)
    words = {
        "info": _("Keterangan:"),
        "success": _("Berhasil:"),
        "warning": _("Perhatian:"),
        "error": _("Tidak berhasil:"),
    }
    return _part(
        "notice",
        {
            "kind": kind,
            "title": title,
            "content": content,
            "word": words[kind],
            "icon_name": NOTICE_ICONS[kind],
            "role": {"error": "alert", "success": "status"}.get(kind, ""),
        },
    )


@register.simple_tag
def refusal(
    title: SetaraError | str, rule: str = "", now: Sequence[object] = (), detail: str = ""
) -> SafeString:
    """A refusal that explains itself: what, by which rule, and what can be done now.

    ``title``: a text, or the error itself, which brings its message, rule and remedy along.
    ``now``: a text, or a sequence of texts and ``(url, label)`` pairs.
    """
    if isinstance(title, SetaraError):
        rule = rule or str(title.rule)
        now = now or ([title.remedy] if title.remedy else [])
        title = str(title.message)
    items = [
        {"url": item[0], "label": item[1]} if isinstance(item, (tuple, list)) else {"label": item}
        for item in ([now] if isinstance(now, str) else now)
    ]
    return _part("refusal", {"title": title, "rule": rule, "now": items, "detail": detail})


@register.simple_tag
def outage_banner(outage: object) -> SafeString:
    """The banner of an outage: an object or dict with title, and since, text, url as known."""
    return _part("outage_banner", {"outage": outage})


@register.simple_tag
def empty(title: str, text: str = "", url: str = "", label: str = "") -> SafeString:
    """Nothing here yet: says why and what to do."""
    return _part("empty", {"title": title, "text": text, "url": url, "label": label})


@register.simple_block_tag(takes_context=True)
def confirm(
    context: Context,
    content: str,
    action: str,
    title: str,
    button: str,
    kind: str = "",
    cancel_url: str = "",
    cancel: str = "",
) -> SafeString:
    """A form that asks before it acts: title, body (consequences, reason field), one button, a way out."""
    return _part(
        "confirm",
        {
            "action": action,
            "title": title,
            "button": button,
            "kind": kind,
            "cancel_url": cancel_url,
            "cancel": cancel or _("Batal, kembali"),
            "content": content,
            "csrf_token": context.get("csrf_token"),
        },
    )


@register.simple_block_tag(takes_context=True)
def live(
    context: Context,
    content: str,
    poll_url: str,
    live_url: str = "",
    sound: bool = False,
    quiet: bool = False,
    state: bool = False,
    voice: str = "",
) -> SafeString:
    """A part of the page that stays current: by EventSource, else by polling, else by a reload link.

    ``poll_url`` answers the bare HTML fragment; ``live_url`` may lie on another origin and sends the same, or with
    ``state`` the state of a queue, in which a script of the page finds its part. ``voice``: where the office's own
    recordings are, with ``KLIP`` in the place of a name.
    """
    request = context.get("request")
    return _part(
        "live",
        {
            "content": content,
            "poll_url": poll_url,
            "live_url": live_url,
            "sound": sound,
            "quiet": quiet,
            "state": state,
            "voice": voice,
            "lang": formats.lang(),
            "reload_url": request.get_full_path() if request else "",
        },
    )


# ---------------------------------------------------------------- forms


@register.simple_tag
def field(bound: BoundField, hint: str = "") -> SafeString:
    """Label, hint, error and input of one bound field, tied together for screen readers."""
    return _part("field", field_context(bound, hint, as_question=False))


@register.simple_tag
def question(bound: BoundField, hint: str = "") -> SafeString:
    """The one question of a page: the same as ``field``, its label being the page's h1."""
    return _part("field", field_context(bound, hint, as_question=True))


@register.simple_tag
def error_summary(form: BaseForm | Iterable[tuple[str, str]], title: str = "") -> SafeString:
    """What must be put right, on top of the page, each linked to its field. Nothing when all is well.

    ``form``: a form, or pairs (id of the field or "", text).
    """
    items = form_errors(form) if isinstance(form, BaseForm) else list(form or ())
    return _part("error_summary", {"items": items, "title": title or _("Ada yang perlu diperbaiki")})


# ---------------------------------------------------------------- data


@register.simple_tag
def summary_list(rows: Iterable[Mapping[str, Any]]) -> SafeString:
    """Answers to check: rows of ``key``, ``value`` and, where it may be changed, ``change_url``."""
    return _part("summary_list", {"rows": rows})


@register.simple_tag
def task_list(tasks: Iterable[Mapping[str, Any]]) -> SafeString:
    """Things to do: ``label``, ``state`` (a status kind), ``word``, and ``url``, ``hint`` as needed."""
    return _part("task_list", {"tasks": tasks})


@register.simple_tag
def timeline(steps: Iterable[Mapping[str, Any]]) -> SafeString:
    """Steps of a file: ``title``, ``state`` (done, current, held, next), ``word``; ``when``, ``text``."""
    kinds = {"done": "done", "current": "now", "held": "held", "next": "wait"}
    return _part("timeline", {"steps": [{**step, "kind": kinds[step["state"]]} for step in steps]})


@register.simple_tag
def ticket(
    label: str,
    lane: str,
    office: str = "",
    when: str = "",
    note: str = "",
    qr_data: str = "",
    qr_title: str = "",
    qr_text: str = "",
) -> SafeString:
    """A ticket: its label large, its lane, and a QR code when ``qr_data`` is given."""
    return _part(
        "ticket",
        {
            "label": label,
            "lane": lane,
            "office": office,
            "when": when,
            "note": note,
            "qr_data": qr_data,
            "qr_title": qr_title or _("Kode QR nomor antrean"),
            "qr_text": qr_text,
        },
    )


@register.simple_tag
def board_row(
    label: str, place: str, state: str = "called", kind: str = "now", word: str = "", reason: str = ""
) -> SafeString:
    """One line of a board (inside ``<ul class="board">``): label, counter; ``state``: new, called, waiting.

    ``reason`` tells everybody why this ticket went out of turn.
    """
    return _part(
        "board_row",
        {"label": label, "place": place, "state": state, "kind": kind, "word": word, "reason": reason},
    )


@register.simple_tag
def tile(
    label: str, value: object, unit: str = "", note: str = "", kind: str = "", word: str = ""
) -> SafeString:
    """One number that matters (inside ``<div class="tiles">``), with a state when it has one."""
    return _part(
        "tile",
        {"label": label, "value": value, "unit": unit, "note": note, "kind": kind, "word": word},
    )


@register.simple_block_tag
def table(content: str, caption: str, dense: bool = False) -> SafeString:
    """A table written by hand (``<thead>…<tbody>…``) with its caption, scrolling by itself when narrow."""
    return _part("table", {"caption": caption, "content": content, "dense": dense})


@register.simple_tag
def data_table(
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    numeric: str = "",
    dense: bool = False,
) -> SafeString:
    """A table from data. The first cell heads its row; ``numeric``: column numbers (from 1), ``"2,3"``."""
    numbers = {int(n) for n in numeric.split(",") if n}
    heads = [{"label": label, "num": n in numbers} for n, label in enumerate(columns, 1)]
    body = [[{"value": cell, "num": n in numbers} for n, cell in enumerate(row, 1)] for row in rows]
    return _part("table", {"caption": caption, "columns": heads, "rows": body, "dense": dense})
