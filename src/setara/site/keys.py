"""Keys of this office, one file each in the data folder, made at first use and readable by the owner only.

They stand apart from the database on purpose: a stolen dump opens no personal data, and erasing the
vault's key erases the vault.
"""

import os
import secrets
from pathlib import Path

from setara.site.places import home


def key_file(name: str) -> Path:
    """The path of the key `name`; the file is made with 32 random bytes when it is not there yet."""
    folder = home() / "keys"
    path = folder / f"{name}.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Written whole or not at all: two processes may start at once, the first link wins.
        draft = folder / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path


def secret_text(name: str) -> str:
    """The key `name` as hexadecimal text, for libraries that want a string."""
    return key_file(name).read_bytes().hex()
