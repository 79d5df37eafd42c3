"""Rules as dated data, and the one queue rule. Pure functions; knows no Django and no database."""
