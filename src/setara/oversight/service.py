"""What other rooms may use of oversight."""

from setara.oversight.operations import export, look, search

__all__ = ["export", "look", "search"]
