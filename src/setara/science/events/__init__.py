"""Reading event logs of any system: CSV, Parquet, XES and OCEL, into one kind of table."""

from setara.science.events.log import MOMENT, MOMENTS, ROLES, Log

__all__ = ["MOMENT", "MOMENTS", "ROLES", "Log"]
