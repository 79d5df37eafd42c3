"""A town for the end-to-end tests: one whole office in its processes, a browser, and people in it.

Every page that a test looks at is photographed at 390 and at 1280 pixels (``artefacts/e2e``, or the folder in
SETARA_SHOTS) and must not scroll sideways at 320.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests import running
from tests.running import Office, wait_for

from setara.site.places import home
from setara.site.testing_database import vacate

FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
NARROW = {"width": 320, "height": 640}
#: Set on a test that failed, for its fixture.
FAILED = pytest.StashKey[bool]()
ROOT = Path(__file__).resolve().parents[2]


class Inside:
    """The other end of :mod:`tests.e2e.inside`: ``inside("move", "2026-03-02", "08:00")``."""

    def __init__(self, office: Office) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.inside"], env=office.environment, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def __call__(self, task: str, *args: Any, **more: Any) -> Any:
        """Do a task there; what came of it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"task": task, "args": args, "more": more}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or '{"error": "the process inside has ended"}')
        assert "error" not in answer, f"{task}: {answer['error']}"
        return answer["ok"]

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(10)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


@dataclass
class Town:
    """The office, the browser and where the photographs go."""

    office: Office
    browser: Any
    inside: Inside
    shots: Path
    complaints: list[str] = field(default_factory=list)
    contexts: list[Any] = field(default_factory=list)

    def somebody(self, *, phone: bool = True, scripts: bool = True, lang: str = "id") -> Any:
        """A new person with a browser of their own: its page."""
        context = self.browser.new_context(
            viewport=PHONE if phone else DESK,
            java_script_enabled=scripts,
            extra_http_headers={"Accept-Language": lang},
            base_url=self.office.url,
        )
        context.set_default_timeout(20_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._heard(page, said))
        return page

    def officer(self, role: str, **more: Any) -> Any:
        """Somebody at a desk who signed in with the demo account of ``role``."""
        page = self.somebody(phone=False, **more)
        self.sign_in(page, role)
        return page

    def sign_in(self, page: Any, role: str) -> None:
        """Press the button of a demo account; ``role`` as it is written there."""
        page.goto("/masuk/")
        page.get_by_role("row", name=re.compile(f"^{role} ")).get_by_role("button").click()
        page.wait_for_url(lambda url: "/masuk/" not in url)

    def look(self, page: Any, name: str) -> None:
        """Photograph the page in both widths; it must fit into 320 pixels too."""
        before = page.viewport_size
        for size in (PHONE, DESK):
            page.set_viewport_size(size)
            page.screenshot(path=self.shots / f"{name}-{size['width']}.png", full_page=True)
        assert fits(page), f"{name} scrolls sideways at 320 pixels"
        page.set_viewport_size(before)

    def photograph_all(self, name: str) -> None:
        """What everybody sees at this moment; for a test that failed."""
        for number, context in enumerate(self.contexts):
            for page in context.pages:
                with suppress(Exception):
                    page.screenshot(path=self.shots / f"gagal-{name}-{number}.png", full_page=True)

    def _heard(self, page: Any, said: Any) -> None:
        # A refused form and a call for a page that is not there are told by the browser as errors.
        if said.type == "error" and "Failed to load resource" not in said.text:
            self.complaints.append(f"{page.url}: {said.text}")

    def close(self) -> None:
        """Everybody goes home."""
        for context in self.contexts:
            with suppress(Exception):
                context.close()
        self.contexts.clear()


@contextmanager
def housed(name: str, **more: str) -> Iterator[Office]:
    """An office that serves, in a data folder of its own; at the end it stops cleanly and the folder goes."""
    folder = home() / "own" / f"{name}_{os.getpid()}"
    try:
        with running.office(folder, **more) as office:
            yield office.ready()
            assert office.stop() == 0
    finally:
        vacate(folder)


@contextmanager
def browsing(office: Office, inside: Inside, chromium: Path, test: pytest.Item) -> Iterator[Town]:
    """A browser for one test in that office; whoever is in it when the test fails is photographed."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=FLAGS)
        town = Town(office, browser, inside, shots_folder())
        yield town
        if test.stash.get(FAILED, False):
            town.photograph_all(test.name)
        town.close()
        browser.close()


def fits(page: Any) -> bool:
    """Whether nothing of the page lies outside 320 pixels."""
    page.set_viewport_size(NARROW)
    width = page.evaluate("document.documentElement.scrollWidth")
    return bool(width <= NARROW["width"])


def shots_folder() -> Path:
    """Where the photographs go."""
    folder = Path(os.environ.get("SETARA_SHOTS") or ROOT / "artefacts" / "e2e")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def heading(page: Any) -> str:
    """The page's main heading."""
    return str(page.locator("h1").first.inner_text())


def press(page: Any, name: str) -> None:
    """Press a button or follow a link by its words, exactly as they are written; the next page is there then."""
    wanted = re.compile(rf"^\s*{re.escape(name)}\s*$")
    found = page.get_by_role("button", name=wanted).or_(page.get_by_role("link", name=wanted))
    with page.expect_navigation():
        found.first.click()


def wait_text(page: Any, words: str, seconds: float = 30) -> None:
    """Load the page again until it says so."""
    page.wait_for_load_state()

    def there() -> bool:
        page.reload()
        return words in page.locator("body").inner_text()

    wait_for(there, f"{page.url} says {words!r}", seconds, 0.5)
