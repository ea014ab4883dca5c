"""Figures of the halls: how many appointments came to what, day by day, and which seats are still free."""
