"""Slots and bookings: real free seats, taken once."""
