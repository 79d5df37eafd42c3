"""An outside system that is killed while it answers has not answered."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from setara.kernel.errors import Unavailable
from setara.kernel.remote import Remote

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n" + b'{"paid": 12}'


@contextmanager
def system(answer: bytes) -> Iterator[Remote]:
    """Something that sends these bytes to whoever asks, and is gone."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def once() -> None:
            line, _ = server.accept()
            with line:
                line.recv(65536)
                line.sendall(answer)

        thread = threading.Thread(target=once)
        thread.start()
        to = Remote(
            f"http://127.0.0.1:{server.getsockname()[1]}",
            code="gone",
            message="Tidak menjawab.",
            remedy="Coba lagi.",
        )
        yield to
        to.close()
        thread.join()


@pytest.mark.parametrize("left", [0, 5, 11])
def test_a_body_that_breaks_off_is_no_answer(left: int) -> None:
    head = len(WHOLE) - 12
    with system(WHOLE) as to:
        assert to.call("GET", "/").json() == {"paid": 12}
    with system(WHOLE[: head + left]) as to, pytest.raises(Unavailable) as refused:
        to.call("GET", "/")
    assert refused.value.code == "gone"
