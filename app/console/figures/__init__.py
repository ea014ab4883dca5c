"""Boards of figures: bookings, free seats, messages, outside systems, and the routes of the server."""

from app.console.figures import bookings, desk, messages, seats, speed, upstreams

ROUTES = (
    desk.routes,
    bookings.routes,
    seats.routes,
    messages.routes,
    upstreams.routes,
    speed.routes,
)
DESKS = (desk.routes,)
