"""Regions, halls, counters, opening hours and the work calendar."""
