"""Asking for pages and taking the time: inside Django, and over HTTP from the office's own web processes."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks import common

_ASSETS = re.compile(r'<(?:link[^>]+rel="stylesheet"[^>]+href|script[^>]+src|img[^>]+src)="(/[^"]+)"')


@dataclass(frozen=True, slots=True)
class Page:
    """A page to measure: its address, and whose session it needs (an application's id)."""

    name: str
    path: str
    application: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one page cost: milliseconds, queries (median, most), bytes (alone, and with its styles and scripts)."""

    page: Page
    status: int
    median: float
    p95: float
    queries: float
    most_queries: int
    page_bytes: int
    all_bytes: int
    slowest: tuple[float, str]


def inside(page: Page, requests: int) -> Measured:
    """Through Django's test client: middleware, view, database and template, without the network."""
    from django.db import connection

    client = client_for(page)
    times: list[float] = []
    queries: list[int] = []
    slowest = (0.0, "")

    def watch(execute: Callable[..., Any], statement: Any, *rest: Any) -> Any:
        nonlocal slowest
        queries[-1] += 1
        began = time.perf_counter()
        try:
            return execute(statement, *rest)
        finally:
            slowest = max(slowest, ((time.perf_counter() - began) * 1000, str(statement)))

    for _warm in range(3):
        response = client.get(page.path)
    with connection.execute_wrapper(watch):
        for _ in range(requests):
            queries.append(0)
            began = time.perf_counter()
            response = client.get(page.path)
            times.append((time.perf_counter() - began) * 1000)
    body = response.content
    assets = sum(len(_bytes(client, path)) for path in set(_ASSETS.findall(body.decode(errors="replace"))))
    return Measured(
        page,
        response.status_code,
        common.median(times),
        common.p95(times),
        common.median(queries),
        max(queries),
        len(body),
        len(body) + assets,
        slowest,
    )


def client_for(page: Page) -> Any:
    """A test client; with the session of an applicant where the page needs one."""
    from django.test import Client

    from setara.offices.access import SESSION_APPLICATION

    client = Client()
    if page.application:
        session = client.session
        session[SESSION_APPLICATION] = page.application
        session.save()
    return client


def _bytes(client: Any, path: str) -> bytes:
    response = client.get(path)
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


@contextlib.contextmanager
def web() -> Iterator[int]:
    """The office's web processes, as `setara serve` starts them; yields the port."""
    from setara.site import supervisor
    from setara.site.places import home
    from setara.site.ports import Ports, answers

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    ports = Ports("127.0.0.1", port, port + 1, None)
    command = supervisor.programs(ports, home())[0].command
    environment = os.environ | {"PORT": str(port), "SETARA_DB_POOL": "1"}
    process = subprocess.Popen(list(command), env=environment, stdout=sys.stderr)
    try:
        until = time.monotonic() + 60
        while not answers(ports):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the web processes did not start")
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def over_http(port: int, page: Page, requests: int) -> float:
    """The median milliseconds of one page over HTTP, one request after the other on one connection."""
    headers = {"Host": f"127.0.0.1:{port}"}
    cookies = client_for(page).cookies
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={cookie.value}" for name, cookie in cookies.items())
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    times = []
    for number in range(requests + 4):
        began = time.perf_counter()
        connection.request("GET", page.path, headers=headers)
        response = connection.getresponse()
        response.read()
        if number >= 4:  # both workers have met the page
            times.append((time.perf_counter() - began) * 1000)
        if response.status >= 400:
            raise RuntimeError(f"{page.path} answered {response.status}")
    connection.close()
    return common.median(times)
