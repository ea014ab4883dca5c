"""The desk of halls: hours, offers, calendar, bookings, and what a change would touch."""

from app.console.halls import bookings, calendar, conflicts, desk, hours, offers

ROUTES = (
    desk.routes,
    bookings.routes,
    calendar.routes,
    conflicts.routes,
    hours.routes,
    offers.routes,
)
DESKS = (desk.routes,)
