"""Those who keep working at HTTP while the office is being killed: applicants, and an officer at a counter."""

from __future__ import annotations

import http.client
import io
import json
import random
import re
import threading
import time
from collections.abc import Callable
from typing import Any

from PIL import Image
from tests.running import Office
from tests.surfing import Form, Page, Unavailable, Visitor


class Client(threading.Thread):
    """Somebody in front of a browser; notes what was acknowledged, and tries again what was not."""

    def __init__(self, office: Office, stop: threading.Event, seed: int) -> None:
        super().__init__(name=type(self).__name__, daemon=True)
        self.office, self.stop_wish = office, stop
        self.random = random.Random(seed)
        self.visitor = Visitor(office.web)
        self.acknowledged: list[dict[str, str]] = []
        self.retried = 0
        self.repeated = 0
        self.refused: list[str] = []
        self.troubles: list[str] = []
        self.fault: BaseException | None = None

    def run(self) -> None:
        """Work until told to stop, always to the end of what was begun."""
        try:
            while not self.stop_wish.is_set():
                self.work()
        except BaseException as error:  # noqa: BLE001 - the test shows it
            self.fault = error

    def work(self) -> None:
        """One round of work."""
        raise NotImplementedError

    def insist(self, act: Callable[[], Any]) -> Any:
        """Do it until somebody answers."""
        while True:
            try:
                return act()
            except Unavailable as unknown:
                self.retried += 1
                self.troubles.append(f"{time.strftime('%H:%M:%S')} {unknown}")
                time.sleep(0.1 + self.random.random() / 5)

    def see(self, path: str) -> Page:
        """Open a page."""
        page: Page = self.insist(lambda: self.visitor.get(path))
        return page

    def post(
        self,
        form: Form,
        operation: str,
        who: tuple[str, str],
        files: Any = None,
        key: str = "",
        **values: str,
    ) -> Page:
        """Send a form until it is acknowledged, sometimes once more; the page it leads to, or the refusal."""
        sent = self.visitor.fill(form, files, **values)
        answer: Page = self.insist(lambda: self.visitor.send(sent))
        if answer.status != 302:
            self.refused.append(f"{sent.path} {answer.status} {answer.words[:800]}")
            return answer
        if operation:
            kind, name = who
            key = form.fields["idempotency_key"]
            self.acknowledged.append({"operation": operation, "kind": kind, "id": name, "key": key})
            if self.random.random() < 0.25:
                self.repeated += 1
                again = self.insist(lambda: self.visitor.send(sent))
                assert again.status in {302, 409, 422}, again.words[:500]
        return self.see(answer.headers["location"])


class Applicant(Client):
    """Applies from the first page to a booked seat; then the next person does."""

    count = 0
    booked = 0

    def work(self) -> None:
        """One whole application."""
        self.count += 1
        self.visitor = Visitor(self.office.web)
        page = self.see("/permohonan/baru/?kantor=depok&kabar=sms")
        page = self.post(
            page.form("nik"), "applications.start", ("visitor", "visitor"),
            name=f"Pemohon Rekaan {self.count}", nik=f"990101170890{self.count:04d}", birth_place="Depok",
            birth_date="17-08-1990", sex="male", phone="+6280000000001",
        )  # fmt: skip
        reference = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", page.words)
        assert reference, page.words[:500]
        who = ("applicant", reference[0])
        page = self.post(page.form("idempotency_key"), "", who, noted="1")
        while "/isian/" in page.url:
            form = page.form("answer")
            choices = form.choices.get("answer")
            wanted = next(
                (c for c in ("new", "adult", "none", "tourism", "electronic") if c in (choices or [])), None
            )
            given = wanted or (choices[-1] if choices else "17-08-2015")
            page = self.post(form, "applications.answer", who, answer=given)
        for path in dict.fromkeys(re.findall(r'href="(/permohonan/berkas/[\w-]+/)"', page.text)):
            page = self.see(path)
            papers = {"file": ("kk.jpg", picture(), "image/jpeg")}
            page = self.post(page.form("file"), "applications.attach", who, papers)
        page = self.see("/permohonan/periksa/")
        page = self.post(page.form("idempotency_key"), "applications.submit", who)
        self._pay(page, who)
        self._book(who)

    def _pay(self, page: Page, who: tuple[str, str]) -> None:
        form = page.form("idempotency_key")
        page = self.post(form, "", who)
        while not (code := re.search(r"(\d{3} ){4}\d{3}", page.words)):
            assert "tidak" in page.words, page.words[
                :500
            ]  # the treasury was just killed, and the page says so
            time.sleep(0.2)
            form = page.form("idempotency_key")
            page = self.post(form, "", who)
        number = code[0].replace(" ", "")
        self.acknowledged.append(
            {"operation": "payments.record_bill", "kind": who[0], "id": who[1],
             "key": f"{form.fields['idempotency_key']} {number}"}
        )  # fmt: skip
        self.insist(lambda: self._bank(number))
        while "NTPN" not in page.words:  # the notice comes by itself, however often somebody dies on the way
            time.sleep(0.2)
            page = self.see("/permohonan/bayar/")

    def _bank(self, code: str) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self.office.outside, timeout=10)
        body = json.dumps({"channel": "teller"})
        try:
            line.request("POST", f"/treasury/bills/{code}/pay", body, {"Content-Type": "application/json"})
            answer = line.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(str(error)) from error
        finally:
            line.close()
        if answer.status >= 500:
            raise Unavailable(text)
        assert answer.status == 200, text

    def _book(self, who: tuple[str, str]) -> None:
        page = self.see("/permohonan/jadwal/")
        page = self.see(self.random.choice(re.findall(r"\?hari=[\d-]+", page.text)))
        form = page.form("window")
        page = self.post(form, "booking.book", who, window=self.random.choice(form.choices["window"]))
        assert page.status == 200, page.words[:500]
        self.booked += 1


class Officer(Client):
    """At the second counter for documents: calls, begins, ends, and calls again."""

    ACCOUNT = "document_checker"
    who = ("officer", ACCOUNT)
    served = 0

    def work(self) -> None:
        """Whatever the screen offers next."""
        page = self.see("/petugas/loket/")
        if page.has("/masuk/") and not page.has("loket"):
            self._come_in(page)
        elif page.has("/loket/buka/"):
            self._open(page)
        elif page.has("/loket/mulai/"):
            self.post(page.form(action="/mulai/"), "queueing.start_service", self.who)
        elif page.has("/loket/selesai/"):
            done = self.post(
                page.form(action="/selesai/"), "casework.check_documents", self.who, outcome="complete"
            )
            assert done.status == 200, done.words[:500]
            self.served += 1
        else:
            form = page.form(action="/panggil/")
            if self.post(form, "queueing.call_next", self.who).status != 200:
                time.sleep(0.3)  # nobody waits

    def _come_in(self, page: Page) -> None:
        label = re.search(r"D-\d\d Contoh Pemeriksa.*?value=\"([0-9a-f-]{36}|\d+)\"", page.text, re.S)
        assert label, page.words[:1500]
        self.post(page.form(action="/masuk/"), "", self.who, demo=label[1])

    def _open(self, page: Page) -> None:
        free = [form for form in page.forms if "/buka/" in form.action and form.fields["counter"] != "1"]
        self.post(free[0], "queueing.open_counter", self.who)


class Follower(threading.Thread):
    """A hall display: follows the live process, comes back whenever the line is cut, keeps the last frame."""

    def __init__(self, office: Office, path: str) -> None:
        super().__init__(name="Follower", daemon=True)
        self.office, self.path = office, path
        self.frame = ""
        self.frames = 0
        self.connections = 0

    def run(self) -> None:
        """Follow for ever."""
        while True:
            try:
                self._follow()
            except (OSError, http.client.HTTPException):
                time.sleep(0.3)

    def _follow(self) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self.office.live, timeout=60)
        line.request("GET", self.path, headers={"Accept": "text/event-stream"})
        answer = line.getresponse()
        if answer.status != 200:
            time.sleep(0.3)
            return
        self.connections += 1
        block = b""
        while piece := answer.read1(65536):
            block += piece
            *whole, block = block.split(b"\n\n")
            for frame in whole:
                if b"event: call" in frame:
                    self.frame = frame.decode()
                    self.frames += 1


def picture() -> bytes:
    """A photograph of a paper, as a telephone makes it."""
    out = io.BytesIO()
    Image.effect_noise((400, 300), 60).convert("RGB").save(out, "JPEG", quality=70)
    return out.getvalue()
