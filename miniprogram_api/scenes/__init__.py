"""Scenes behind scanned codes, and the codes of halls."""
