"""Tools with no domain: every part of the house may use them, and they know none of it."""
