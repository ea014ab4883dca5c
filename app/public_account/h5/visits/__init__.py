"""Visits to a hall: finding one, booking, one's own appointments, moving them."""

from app.public_account.h5.visits import booking, guides, halls, moving, own

ROUTES = (
    booking.routes,
    own.routes,
    moving.routes,
    halls.routes,
    guides.routes,
)
