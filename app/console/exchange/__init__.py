"""Desks of the exchange: calls, partners and dead letters, objections, connections."""

from app.console.exchange import (
    calls,
    census,
    connections,
    duties,
    objections,
    partners,
    registration,
    steps,
)

ROUTES = (
    calls.routes,
    partners.routes,
    registration.routes,
    objections.routes,
    connections.routes,
    census.routes,
    steps.routes,
    duties.routes,
)
DESKS = (
    calls.routes,
    partners.routes,
    objections.routes,
    connections.routes,
)
