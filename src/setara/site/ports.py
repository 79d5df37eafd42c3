"""Where an office listens, and whether it can."""

from __future__ import annotations

import errno
import http.client
import os
import socket
from dataclasses import dataclass


class CannotRun(Exception):  # noqa: N818 - an answer to the person at the terminal
    """The office cannot be started here and now; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where this office listens."""

    host: str
    web: int
    live: int
    outside: int | None

    @classmethod
    def from_environment(cls, demo: bool) -> Ports:
        """SETARA_HOST, PORT, LIVE_PORT, OUTSIDE_PORT. Raises CannotRun when one is no port number."""

        def number(name: str, default: int) -> int:
            text = os.environ.get(name) or str(default)
            if not (text.isdecimal() and 0 < int(text) < 65536):
                raise CannotRun(f"{name}={text} is not a port. Give a number between 1024 and 65535.")
            return int(text)

        web = number("PORT", 8000)
        outside = number("OUTSIDE_PORT", web + 2000) if demo else None
        host = os.environ.get("SETARA_HOST", "127.0.0.1")
        return cls(host, web, number("LIVE_PORT", web + 1000), outside)

    def check(self) -> None:
        """Raise CannotRun when somebody else listens on one of the ports."""
        named = (("PORT", self.web), ("LIVE_PORT", self.live), ("OUTSIDE_PORT", self.outside))
        for variable, port in named:
            if port is None:
                continue
            reason = _bind_error(self.host, port)
            if reason == errno.EADDRINUSE:
                raise CannotRun(
                    f"Port {port} is taken. Choose another, such as: {variable}={port + 10} make run"
                )
            if reason:
                raise CannotRun(f"{variable}={port} on {self.host} cannot be used: {os.strerror(reason)}.")


def _bind_error(host: str, port: int) -> int:
    """The error number of trying to listen there, 0 when it works."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno or errno.EINVAL
    return 0


def listening(port: int) -> bool:
    """Whether somebody accepts connections on this machine's port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def shown(host: str) -> str:
    """The host as a person types it into a browser on this machine."""
    return "localhost" if host in {"127.0.0.1", "0.0.0.0", "::", "::1"} else host  # noqa: S104


def answers(ports: Ports) -> bool:
    """Whether web answers anything at all over HTTP."""
    host = "127.0.0.1" if ports.host == "0.0.0.0" else ports.host  # noqa: S104
    connection = http.client.HTTPConnection(host, ports.web, timeout=1)
    try:
        connection.request("HEAD", "/", headers={"Host": f"127.0.0.1:{ports.web}"})
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
