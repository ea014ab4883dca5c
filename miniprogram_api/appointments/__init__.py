"""Booking from the mini-program: free seats, appointments, check-in."""
