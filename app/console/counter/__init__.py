"""The counter 窗口: today's appointments of a hall, calling, walk-ins, live."""

from app.console.counter import cards

ROUTES = (cards.routes,)
DESKS = (cards.routes,)
