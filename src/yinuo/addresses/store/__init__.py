"""The SQL of addresses."""
