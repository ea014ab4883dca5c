"""Submitted matters (办件) and their progress."""
