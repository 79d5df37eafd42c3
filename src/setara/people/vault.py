"""The vault: personal data lie in the database only as sealed bytes.

AES-256-GCM under keys derived from one file of this office (``settings.SETARA_VAULT_KEY_FILE``). The table
and the row's id are the associated data, so that a sealed value moved to another row does not open. What is
found again without being stored (a NIK, a guessed subject) is indexed by HMAC-SHA256 under keys of their own.

Sealed form: one byte of version (1), 12 bytes of nonce, then ciphertext and tag.
"""

from __future__ import annotations

import hmac
import os
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

VERSION: Final = b"\x01"
NONCE_BYTES: Final = 12
KEY_BYTES: Final = 32
TAG_BYTES: Final = 16

#: What a sealed value belongs to; part of the associated data.
Kind = Literal["person", "blob"]
Purpose = Literal["seal", "nik", "guess", "print"]


class VaultError(RuntimeError):
    """A sealed value that does not open: wrong row, wrong key, or altered bytes. Never says which."""


def seal(plain: bytes, kind: Kind, row: UUID) -> bytes:
    """Seal ``plain`` for the row ``row`` of ``kind``."""
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + AESGCM(_key("seal")).encrypt(nonce, plain, _associated(kind, row))


def unseal(sealed: bytes, kind: Kind, row: UUID) -> bytes:
    """The bytes that were sealed for this row; :class:`VaultError` for anything else."""
    if sealed[:1] != VERSION or len(sealed) < 1 + NONCE_BYTES + TAG_BYTES:
        raise VaultError("not a sealed value of a known version")
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return AESGCM(_key("seal")).decrypt(nonce, body, _associated(kind, row))
    except InvalidTag:
        raise VaultError("the sealed value does not open") from None


def nik_index(digits: str) -> bytes:
    """The keyed hash under which a NIK (16 digits) is found again."""
    return _mac("nik", digits)


def guess_index(kind: str, subject: str) -> bytes:
    """The keyed hash of what somebody tries to guess (a sign-in name, a reference)."""
    return _mac("guess", f"{kind}\0{subject}")


def fingerprint(text: str) -> str:
    """A keyed hash of a text that must not be stored, as 32 hexadecimal digits: shows that it changed, not
    what it says. For events."""
    return _mac("print", text).hex()[:32]


def _associated(kind: Kind, row: UUID) -> bytes:
    return b"setara/vault/1\0" + kind.encode() + b"\0" + row.bytes


def _mac(purpose: Purpose, text: str) -> bytes:
    return hmac.new(_key(purpose), text.encode(), sha256).digest()


def _key(purpose: Purpose) -> bytes:
    path = Path(settings.SETARA_VAULT_KEY_FILE)
    # The file's time is part of the cache's key: a restored key counts without a restart.
    return _derive(str(path), path.stat().st_mtime_ns, purpose)


@lru_cache(maxsize=16)
def _derive(path: str, _changed: int, purpose: Purpose) -> bytes:
    master = Path(path).read_bytes()
    if len(master) != KEY_BYTES:
        raise VaultError(f"the vault's key must be {KEY_BYTES} bytes long")
    info = f"setara/vault/{purpose}/1".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(master)
