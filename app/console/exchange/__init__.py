"""Desks of the exchange: calls, partners and dead letters, objections, connections."""

from app.console.exchange import calls, connections, duties, objections, partners, steps

ROUTES = (
    calls.routes,
    partners.routes,
    objections.routes,
    connections.routes,
    steps.routes,
    duties.routes,
)
DESKS = (
    calls.routes,
    partners.routes,
    objections.routes,
    connections.routes,
)
