"""Identity: sortable ids for rows, and references and codes that people read aloud and type.

Codes for people use an alphabet without look-alikes and sound-alikes: no ``0 O Q``, ``1 I``, ``5 S``,
``2 Z``, ``8 B``, no ``U`` and no ``V`` (spelled aloud in Indonesian, *V* is heard as *P* or *F*).
"""

from __future__ import annotations

import hmac
import os
import secrets
import threading
import time
import uuid
from datetime import datetime
from hashlib import sha256

from setara.kernel.errors import Invalid
from setara.kernel.words import Words

#: 23 symbols. 23 is prime, which is what lets one check character find every swap.
ALPHABET = "34679ACDEFGHJKLMNPRTWXY"
REFERENCE_LENGTH = 8
CODE_LENGTH = 8

_BASE = len(ALPHABET)
_VALUE = {symbol: number for number, symbol in enumerate(ALPHABET)}
_RANDOM_BITS = 74

_WRONG_LENGTH = Words(
    id="Nomor permohonan terdiri dari 8 huruf dan angka, misalnya K7HF-3MTX.",
    en="A reference has 8 letters and digits, for example K7HF-3MTX.",
)
_WRONG_SYMBOL = Words(
    id="Ada huruf atau angka yang tidak pernah dipakai dalam nomor permohonan.",
    en="There is a letter or digit that references never contain.",
)
_WRONG_CHECK = Words(
    id="Nomor permohonan salah ketik. Periksa lagi huruf demi huruf.",
    en="The reference is mistyped. Please check it letter by letter.",
)


class _Sequence:
    """The last id given out by this process, so that the next one is larger."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.milliseconds = -1
        self.random = 0

    def next(self) -> tuple[int, int]:
        """The next pair of milliseconds and 74 bits, larger than every pair before."""
        with self.lock:
            milliseconds = time.time_ns() // 1_000_000
            if milliseconds > self.milliseconds:
                # The top bit stays free, so that counting within one millisecond cannot overflow.
                self.milliseconds = milliseconds
                self.random = secrets.randbits(_RANDOM_BITS - 1)
            else:
                # The same millisecond, or a clock set back: count on by a step nobody can guess.
                self.random += secrets.randbits(32) + 1
                if self.random >> _RANDOM_BITS:
                    self.milliseconds += 1
                    self.random = secrets.randbits(_RANDOM_BITS - 1)
            return self.milliseconds, self.random


_sequence = _Sequence()


def _forget() -> None:
    """A forked child starts its own sequence; it must not count on from its parent's state."""
    global _sequence  # noqa: PLW0603 - per-process state, replaced whole
    _sequence = _Sequence()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def uuid7(at: datetime | None = None) -> uuid.UUID:
    """A UUID of version 7 (RFC 9562 5.7, with the monotonic random of 6.2 method 2).

    Sorts by creation and is strictly increasing within a process. The time in it is the machine's,
    not the kernel clock's: an id says when the row was made, not when the event happened. With ``at``
    (aware) the id carries that moment instead and is not monotonic; for loading old data in order.
    """
    if at is None:
        milliseconds, tail = _sequence.next()
    else:
        if at.utcoffset() is None:
            raise ValueError("uuid7 needs an aware datetime")
        milliseconds, tail = int(at.timestamp() * 1000), secrets.randbits(_RANDOM_BITS)
    high, low = tail >> 62, tail & ((1 << 62) - 1)
    return uuid.UUID(int=(milliseconds << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low)


def reference() -> str:
    """A new reference such as ``K7HF-3MTX``: seven random symbols and a check symbol.

    23^7 = 3.4 thousand million values: a unique column, not luck, keeps them apart.
    """
    body = [secrets.randbelow(_BASE) for _ in range(REFERENCE_LENGTH - 1)]
    symbols = "".join(ALPHABET[number] for number in [*body, _check(body)])
    return f"{symbols[:4]}-{symbols[4:]}"


def _check(body: list[int]) -> int:
    """Weighted sum modulo a prime: finds each single wrong symbol and each swap of two symbols."""
    total = sum(weight * number for weight, number in enumerate(body, start=1))
    # The check symbol has weight 8, and 3 is the inverse of 8 modulo 23 (8 x 3 = 24).
    return (-total * 3) % _BASE


def parse_reference(text: str, *, field: str = "reference") -> str:
    """Read a reference as people type it (any case, spaces, dashes, dots); return ``XXXX-XXXX``.

    Raises :class:`~setara.kernel.errors.Invalid` on a wrong length, a symbol that references never
    contain, or a check symbol that does not fit (a slip of the finger).
    """
    symbols = _squeeze(text)
    numbers = [_VALUE.get(symbol) for symbol in symbols]
    if len(numbers) != REFERENCE_LENGTH:
        raise Invalid({field: _WRONG_LENGTH})
    known = [number for number in numbers if number is not None]
    if len(known) != REFERENCE_LENGTH:
        raise Invalid({field: _WRONG_SYMBOL})
    if _check(known[:-1]) != known[-1]:
        raise Invalid({field: _WRONG_CHECK})
    return f"{symbols[:4]}-{symbols[4:]}"


def access_code(key: bytes, subject: str, generation: int) -> str:
    """The code that opens ``subject`` (an application): 8 symbols, derived and therefore never stored.

    HMAC-SHA256 over the subject and the generation; a new generation makes all earlier codes void.
    36 bits are enough only together with a limit on guesses. Raises ValueError for a short key.
    """
    if len(key) < 32:
        raise ValueError("the key of access codes needs at least 32 bytes")
    message = f"setara/access-code/1\x00{subject}\x00{generation}".encode()
    number = int.from_bytes(hmac.new(key, message, sha256).digest(), "big")
    symbols = []
    for _ in range(CODE_LENGTH):
        number, rest = divmod(number, _BASE)
        symbols.append(ALPHABET[rest])
    return "".join(symbols)


def same_code(typed: str, expected: str) -> bool:
    """Compare two codes in constant time, forgiving case, spaces and dashes in what was typed."""
    return hmac.compare_digest(_squeeze(typed).encode(), _squeeze(expected).encode())


def _squeeze(text: str) -> str:
    return "".join(symbol for symbol in text.upper() if symbol not in " -.\t\r\n\u00a0\u2010\u2011\u2013")


def token() -> str:
    """An unguessable token for a link or a QR code: 128 bits, 22 characters safe in an address."""
    return secrets.token_urlsafe(16)
