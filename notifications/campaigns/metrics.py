"""What the operator sees of campaigns."""

from prometheus_client import Counter

from app.kit.metrics import REGISTRY

PAUSED = Counter(
    "weiban_campaigns_paused",
    "Campaigns that stopped by themselves, for failures or because a template was refused.",
    registry=REGISTRY,
)
