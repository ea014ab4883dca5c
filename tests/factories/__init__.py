"""Believable rows for tests, one file per area."""
