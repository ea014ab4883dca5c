"""The upstream data exchange: who people are, whom they act for, invoices and tax credit."""

from app.gateways.exchange.choice import (
    NotConnected,
    close,
    credit,
    identity,
    invoices,
    use,
    use_credit,
    use_invoices,
)
from app.gateways.exchange.contract import (
    AgentCheck,
    CreditConnector,
    ExchangeDown,
    IdentityConnector,
    InvoiceAnswer,
    InvoiceConnector,
    InvoiceOutcome,
    InvoiceQuestion,
    InvoiceState,
    Outcome,
    PersonCheck,
    RatingFacts,
)

__all__ = [
    "AgentCheck",
    "CreditConnector",
    "ExchangeDown",
    "IdentityConnector",
    "InvoiceAnswer",
    "InvoiceConnector",
    "InvoiceOutcome",
    "InvoiceQuestion",
    "InvoiceState",
    "NotConnected",
    "Outcome",
    "PersonCheck",
    "RatingFacts",
    "close",
    "credit",
    "identity",
    "invoices",
    "use",
    "use_credit",
    "use_invoices",
]
