"""What the operator sees of the messages on their way."""

from prometheus_client import Counter, Histogram

from app.kit.metrics import REGISTRY

OUTCOMES = Counter(
    "weiban_notification_moves",
    "Notifications by channel and the state a try took them to.",
    ("channel", "status"),
    registry=REGISTRY,
)
ALARMS = Counter(
    "weiban_notification_alarms", "Failures only the operator can mend.", ("message",), registry=REGISTRY
)
HANDOVER = Histogram(
    "weiban_commit_to_handover_seconds",
    "From the event's transaction to WeChat taking the message.",
    ("message",),
    registry=REGISTRY,
    buckets=(0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600),
)
