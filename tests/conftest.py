"""The cross-cutting tests forget like those of the rooms."""

from setara.conftest import forgetful

__all__ = ["forgetful"]
