"""The upstream data exchange: who people are and whom they may act for."""

from app.gateways.exchange.choice import close, identity, use
from app.gateways.exchange.contract import AgentCheck, ExchangeDown, IdentityConnector, Outcome, PersonCheck

__all__ = [
    "AgentCheck",
    "ExchangeDown",
    "IdentityConnector",
    "Outcome",
    "PersonCheck",
    "close",
    "identity",
    "use",
]
