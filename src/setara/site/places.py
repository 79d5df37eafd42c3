"""Where this office keeps its files: one data folder, set by SETARA_HOME."""

import os
from pathlib import Path


def home() -> Path:
    """The data folder: SETARA_HOME, else `var` beside the checkout's pyproject.toml, else the user's own."""
    if given := os.environ.get("SETARA_HOME"):
        return Path(given).expanduser().resolve()
    checkout = Path(__file__).resolve().parents[3]
    if (checkout / "pyproject.toml").is_file() and (checkout / "src" / "setara").is_dir():
        return checkout / "var"
    return Path.home() / ".local" / "share" / "setara"
