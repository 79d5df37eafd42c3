"""The living page in Chromium: both themes, three widths, two languages, and the scripts at work."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.test import RequestFactory, override_settings
from django.urls import include, path

from setara.site.style import LAYOUTS, style

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CSS = Path(__file__).parents[1] / "static" / "setara" / "css"
posted: list[str] = []


def sink(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":  # the idle screen also says by HEAD that somebody is there
        posted.append(request.POST.get("idempotency_key", "") + request.path)
    time.sleep(0.3)
    return HttpResponse("<!doctype html><html lang=id><title>ok</title><h1>Diterima</h1>")


def live_page(request: HttpRequest) -> HttpResponse:
    from django.template import engines

    source = (
        '{% extends "setara/hall.html" %}{% load setara %}{% block main %}<h1>x</h1>'
        '{% live "/fragment" live_url="/stream" sound=True %}<p data-announce="1">A-001</p>{% endlive %}'
        "{% endblock %}"
    )
    return HttpResponse(engines["django"].from_string(source).render({}, request))


def staff_page(request: HttpRequest) -> HttpResponse:
    return render(request, "setara/staff.html", {"lock_url": "/kunci", "idle_seconds": 2})


def form_page(request: HttpRequest) -> HttpResponse:
    from django.template import engines

    source = (
        '{% extends "setara/public.html" %}{% load setara %}{% block main %}<h1>x</h1>'
        '<form method="post" action="/kirim">'
        '{% csrf_token %}{% once %}{% button "Kirim" %}</form>{% endblock %}'
    )
    return HttpResponse(engines["django"].from_string(source).render({}, request))


stream_works = threading.Event()


def stream(request: HttpRequest) -> HttpResponse:
    if not stream_works.is_set():
        return HttpResponse(status=503)

    def frames() -> Iterator[bytes]:
        yield b"retry: 3000\n\nevent: call\n"
        yield b'data: <p data-announce="2" data-say="Nomor A nol nol dua">A-002</p>\n\n'
        time.sleep(2)

    return StreamingHttpResponse(frames(), content_type="text/event-stream")


urlpatterns = [
    path("style", style, name="style"),
    path("", style, name="home"),
    path("about", style, name="about"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("kirim", sink),
    path("kunci", sink),
    path("live", live_page),
    path("staff", staff_page),
    path("form", form_page),
    path("stream", stream),
    path("fragment", lambda request: HttpResponse('<p data-announce="3">A-003</p>')),
]


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Our pages without database, sessions or the office behind them."""
    keep = ("csp.", "LocaleMiddleware", "CommonMiddleware", "CsrfViewMiddleware")
    from django.conf import settings

    with override_settings(
        ROOT_URLCONF=__name__,
        DEBUG=True,
        ALLOWED_HOSTS=["*"],
        MIDDLEWARE=[m for m in settings.MIDDLEWARE if any(word in m for word in keep)],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
    ):
        server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
        server.daemon_threads = True
        server.set_app(StaticFilesHandler(WSGIHandler()))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where photographs go: SETARA_SHOTS keeps them, otherwise they go with the test."""
    kept = os.environ.get("SETARA_SHOTS")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("shots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_css_is_small_and_the_markup_has_no_inline_style() -> None:
    sizes = {file.stem: file.stat().st_size for file in CSS.glob("*.css")}
    common = sum(sizes.pop(name) for name in ("tokens", "base", "components", "print"))
    del sizes["style"]
    assert common <= 18_500
    assert all(common + extra <= 20_000 for extra in sizes.values()), sizes
    for layout in sorted(LAYOUTS):
        with override_settings(ROOT_URLCONF=__name__):
            html = style(RequestFactory().get("/style", {"layout": layout})).content.decode()
        assert " style=" not in html, layout
        assert "<style" not in html, layout


SCREENS = ["public", "question", "staff", "hall"]
CASES = [(layout, width, lang) for layout in SCREENS for width in (320, 390, 1280) for lang in ("id", "en")]
CASES += [(layout, 1280, "id") for layout in sorted(LAYOUTS - set(SCREENS))]


@pytest.mark.browser
@pytest.mark.parametrize(("layout", "width", "lang"), CASES)
def test_each_layout_fits_and_passes_axe(
    layout: str, width: int, lang: str, site: str, chromium: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(
        viewport={"width": width, "height": 720}, extra_http_headers={"Accept-Language": lang}
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{site}/style?layout={layout}&wrong=1")
    assert page.locator("html").get_attribute("lang") == lang
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []  # among them any breach of the CSP
    if width != 390:  # the same page as at 320 px, to axe
        found = Axe().run(page).response["violations"]
        assert found == [], [(v["id"], [n["html"] for n in v["nodes"]]) for v in found]
    photo = shots(tmp_path_factory) / f"style-{layout}-{width}-{lang}.png"
    page.screenshot(path=photo, full_page=True)
    assert photo.stat().st_size > 5_000
    context.close()


@pytest.mark.browser
def test_language_switch_works_without_script(site: str, chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False, extra_http_headers={"Accept-Language": "id"})
    page = context.new_page()
    page.goto(f"{site}/style?layout=staff")
    assert page.locator("html").get_attribute("lang") == "id"
    page.get_by_role("button", name="English").click()
    assert page.url == f"{site}/style?layout=staff"
    assert page.locator("html").get_attribute("lang") == "en"
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("layout", "millimetres"),
    [("a4", (210, 297)), ("slip", (148, 210)), ("ticket58", (58, 165)), ("ticket80", (80, 160))],
)
def test_each_paper_is_one_sheet_of_its_size(
    layout: str, millimetres: tuple[int, int], site: str, chromium: Any
) -> None:
    import pypdfium2

    page = chromium.new_page()
    page.goto(f"{site}/style?layout={layout}")
    with pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True)) as sheets:
        assert len(sheets) == 1
        assert tuple(round(points / 72 * 25.4) for points in sheets[0].get_size()) == millimetres
    page.close()


@pytest.mark.browser
def test_a_form_pressed_twice_is_sent_once(site: str, chromium: Any) -> None:
    page = chromium.new_page()
    page.goto(f"{site}/form")
    posted.clear()
    # Again at once, and again while the first is under way: the browser by itself drops only the former.
    page.evaluate(
        "() => { const b = document.querySelector('main button'); b.click(); b.click();"
        " setTimeout(() => b.click(), 120) }"
    )
    page.get_by_role("heading", name="Diterima").wait_for()
    assert len(posted) == 1
    assert len(posted[0]) == 36 + len("/kirim")
    page.close()


@pytest.mark.browser
def test_an_idle_screen_warns_then_locks_and_a_touch_keeps_it_open(site: str, chromium: Any) -> None:
    page = chromium.new_page()
    page.goto(f"{site}/staff")
    posted.clear()
    page.get_by_role("alert").wait_for(timeout=4_000)
    page.keyboard.press("Shift")
    page.get_by_role("alert").wait_for(state="hidden", timeout=1_500)
    assert posted == []
    page.get_by_role("heading", name="Diterima").wait_for(timeout=6_000)
    assert posted == ["/kunci"]
    page.close()


@pytest.mark.browser
def test_live_part_streams_and_falls_back_to_polling(site: str, chromium: Any) -> None:
    stream_works.set()
    page = chromium.new_page(extra_http_headers={"Accept-Language": "id"})
    page.goto(f"{site}/live")
    page.locator("[data-live-target]").get_by_text("A-002", exact=True).wait_for()
    assert page.locator("[data-live-say]").text_content() == "Nomor A nol nol dua"
    assert page.locator("[data-live-state]").text_content() == "Diperbarui otomatis"
    page.get_by_role("button", name="Nyalakan suara panggilan").click()
    assert page.locator("[data-live-sound]").get_attribute("aria-pressed") == "true"

    stream_works.clear()
    page.goto(f"{site}/live")
    page.locator("[data-live-target]").get_by_text("A-003", exact=True).wait_for()
    page.get_by_text("Diperbarui setiap beberapa detik").wait_for()
    page.close()
