"""``python -m setara.site.outside``: the systems outside the office, on 127.0.0.1 only."""

from __future__ import annotations

import argparse
import os
import socket
import sys
import threading
from pathlib import Path

import uvicorn

from setara.site.outside.app import Outside, Settings


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C (or, with --until-stdin-closes, until the parent is gone)."""
    parser = argparse.ArgumentParser(prog="setara.site.outside", description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--fd", type=int, help="an inherited listening socket, instead of --port")
    parser.add_argument("--state", type=Path, help="folder of what must survive a restart")
    parser.add_argument("--notify-url", default="", help="where the office takes payment notices")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--retake-rate", type=float, default=0.0, help="share of captures that are too poor")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with the parent process")
    options = parser.parse_args(arguments)
    secret = os.environ.get("SETARA_TREASURY_SECRET", "")
    if not secret:
        parser.error("SETARA_TREASURY_SECRET is not set: the treasury could not sign its notices")
    if not 0 <= options.retake_rate < 1:
        parser.error("--retake-rate is at least 0 and below 1")
    try:
        listening = (
            socket.socket(fileno=options.fd)
            if options.fd is not None
            else socket.create_server(("127.0.0.1", options.port), backlog=512)
        )
    except OSError as error:
        sys.stderr.write(f"Port {options.port} tidak dapat dipakai (cannot be used): {error.strerror}\n")
        return 1
    app = Outside(Settings(secret, options.notify_url, options.seed, options.state, options.retake_rate))
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=3,
        server_header=False,
    )
    server = uvicorn.Server(config)
    if options.until_stdin_closes:
        threading.Thread(target=_watch_parent, args=(server,), daemon=True).start()
    server.run(sockets=[listening])
    return 0


def _watch_parent(server: uvicorn.Server) -> None:
    """The parent holds the other end of stdin; when it is gone, however it went, so are we."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    server.should_exit = True


if __name__ == "__main__":
    sys.exit(main())
