"""Favouritism found in event logs: one module a detector, D1 to D10, and the comparison of groups."""
