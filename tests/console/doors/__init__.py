"""Which roles each door of the desks stands open to; a page that is not here fails."""

from tests.console.doors import cases, counter, exchange, figures, halls, publishing, staff
from tests.console.doors.roles import EVERYONE

DOORS = {
    ("GET", "/console/"): EVERYONE,
    **counter.DOORS,
    **publishing.DOORS,
    **halls.DOORS,
    **cases.DOORS,
    **exchange.DOORS,
    **figures.DOORS,
    **staff.DOORS,
}
OWN_SESSION = {
    ("POST", "/console/sign-out"),
    ("GET", "/console/password"),
    ("POST", "/console/password"),
}
"""Open to whoever is signed in, even before the first password of their own."""
