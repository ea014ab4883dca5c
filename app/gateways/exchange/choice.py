"""Which connectors this process uses; settings say."""

from typing import Generic, TypeVar

from app.gateways.exchange.contract import CreditConnector, IdentityConnector, InvoiceConnector
from app.gateways.exchange.demo import DemoConnector
from app.gateways.exchange.demo_queries import DemoCredit, DemoInvoices
from app.gateways.exchange.http import HttpConnector
from app.gateways.exchange.http_credit import HttpCredit
from app.gateways.exchange.http_invoices import HttpInvoices
from app.gateways.exchange.upstream import Upstream
from app.kit.errors import Refused
from config import settings

Connector = TypeVar("Connector", IdentityConnector, InvoiceConnector, CreditConnector)
Real = TypeVar("Real", bound=Upstream)


class NotConnected(Refused):
    """This installation has no such service behind it."""

    code = "not_connected"
    message = "这项查询尚未接通，请到办事大厅窗口或电子税务局办理"


class _Chosen(Generic[Connector]):
    """The one connector of a kind, made at the first question."""

    def __init__(self) -> None:
        self.connector: Connector | None = None

    async def close(self) -> None:
        if self.connector is not None:
            await self.connector.close()
        self.connector = None


_identity: _Chosen[IdentityConnector] = _Chosen()
_invoices: _Chosen[InvoiceConnector] = _Chosen()
_credit: _Chosen[CreditConnector] = _Chosen()


def identity() -> IdentityConnector:
    """The registry of people and enterprises."""
    if _identity.connector is None:
        is_demo = settings.current().idv_connector == "demo"
        _identity.connector = DemoConnector() if is_demo else _over_http(HttpConnector, "idv", "实名核验")
    return _identity.connector


def invoices() -> InvoiceConnector:
    """The invoice checking platform. Raises NotConnected."""
    if _invoices.connector is None:
        match settings.current().invoice_connector:
            case "off":
                raise NotConnected
            case "demo":
                _invoices.connector = DemoInvoices()
            case "http":
                _invoices.connector = _over_http(HttpInvoices, "invoice", "发票查验")
    return _invoices.connector


def credit() -> CreditConnector:
    """The credit rating service. Raises NotConnected."""
    if _credit.connector is None:
        match settings.current().credit_connector:
            case "off":
                raise NotConnected
            case "demo":
                _credit.connector = DemoCredit()
            case "http":
                _credit.connector = _over_http(HttpCredit, "credit", "纳税信用查询")
    return _credit.connector


def use(connector: IdentityConnector | None) -> None:
    """Ask this registry from now on; ``None`` goes back to what the settings say."""
    _identity.connector = connector


def use_invoices(connector: InvoiceConnector | None) -> None:
    """The same for invoice checking."""
    _invoices.connector = connector


def use_credit(connector: CreditConnector | None) -> None:
    """The same for credit ratings."""
    _credit.connector = connector


async def close() -> None:
    """Give the connections of this process back."""
    for chosen in (_identity, _invoices, _credit):
        await chosen.close()


def _over_http(kind: type[Real], prefix: str, what: str) -> Real:
    given = settings.current()
    url, key, secret = (getattr(given, f"{prefix}_{name}") for name in ("url", "key", "secret"))
    if not (url and key and secret):
        names = "、".join(settings.variable(f"{prefix}_{name}") for name in ("url", "key", "secret"))
        raise settings.BadSettings([f"{names}: {what}对接需要设置"])
    return kind(url, key, secret.get_secret_value(), timeout_s=getattr(given, f"{prefix}_timeout_s"))
