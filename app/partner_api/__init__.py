"""The interface through which department systems push, /partner/v1: signed, row by row, in any order."""

from app.partner_api.pages import routes as pages
from app.partner_api.relay_routes import routes as relays
from app.partner_api.routes import routes as messages

ROUTES = (messages, relays, pages)
"""Every route of this face."""
