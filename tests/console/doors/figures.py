"""The doors of the boards of figures."""

from tests.console.doors.roles import (
    CALL_COUNTERS,
    FIGURE_READERS,
    FUNNEL_READERS,
    HALL_FIGURE_READERS,
    SYSTEM,
    table,
)

DOORS = {
    ("GET", "/console/figures/"): FIGURE_READERS,
    **table("/console/figures/bookings", HALL_FIGURE_READERS),
    **table("/console/figures/seats", HALL_FIGURE_READERS),
    **table("/console/figures/messages", FUNNEL_READERS),
    **table("/console/figures/upstreams", CALL_COUNTERS),
    **table("/console/figures/speed", SYSTEM),
}
