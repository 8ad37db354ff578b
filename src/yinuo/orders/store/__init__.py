"""Every SQL statement and lock of orders; each function returns dataclasses."""
