"""Reading event logs of any system: CSV, Parquet, XES and OCEL, into one kind of table."""

from setara.science.events.errors import LogError, LogUseError
from setara.science.events.log import MOMENT, MOMENTS, ROLES, Log
from setara.science.events.reading import read

__all__ = ["MOMENT", "MOMENTS", "ROLES", "Log", "LogError", "LogUseError", "read"]
