"""What the operator sees of the callbacks and of the conversation."""

from prometheus_client import Counter

from app.kit.metrics import REGISTRY

ANSWERS = Counter(
    "weiban_conversation_answers",
    "Answers of the conversation by the row of its table that gave them.",
    ("row",),
    registry=REGISTRY,
)
LATE = Counter(
    "weiban_conversation_late_answers",
    "Answers given after the callback, by what became of them.",
    ("outcome",),
    registry=REGISTRY,
)
EVENTS = Counter("weiban_callback_events", "Events WeChat told us of.", ("event",), registry=REGISTRY)
REPEATS = Counter(
    "weiban_callback_repeats", "Deliveries answered again without doing anything.", registry=REGISTRY
)
