"""Credit ratings: one's own, what if, applications, the A list."""

from app.public_account.h5.credit import applications, ratings

ROUTES = (
    ratings.routes,
    applications.routes,
)
