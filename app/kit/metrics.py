"""Prometheus metrics of every process, and the page that shows them."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

REQUEST_BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

REQUESTS = Histogram(
    "weiban_request_seconds",
    "Time from the request's arrival to its answer.",
    ("route", "method", "status"),
    registry=REGISTRY,
    buckets=REQUEST_BOUNDS_S,
)
BOOKINGS = Counter("weiban_bookings", "Booking attempts by outcome.", ("outcome",), registry=REGISTRY)
BATCH = Histogram(
    "weiban_seat_batch_size",
    "Bookings taken by one statement.",
    registry=REGISTRY,
    buckets=(1, 2, 5, 10, 20, 50, 100, 200),
)


def page() -> bytes:
    """The text format Prometheus scrapes."""
    return generate_latest(REGISTRY)
