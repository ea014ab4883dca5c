"""Desks of cases: look-ups, papers, special procedures, findings."""

from app.console.cases import findings, lookups, papers, specials

ROUTES = (
    lookups.routes,
    papers.routes,
    specials.routes,
    findings.routes,
)
DESKS = (
    lookups.routes,
    papers.routes,
    specials.routes,
    findings.routes,
)
