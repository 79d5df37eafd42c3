"""Setara: a public-service office in which everyone is treated alike and anyone can check it."""
