"""Which connectors this process uses; settings say. Each stands behind its own gate."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, Protocol, TypeVar

from app.gateways.exchange import alarms, calls
from app.gateways.exchange.bulkhead import Bulkhead
from app.gateways.exchange.contract import IdentityConnector
from app.gateways.exchange.credit_contract import CreditConnector
from app.gateways.exchange.demo import DemoConnector
from app.gateways.exchange.demo_libraries import DemoLibraries
from app.gateways.exchange.demo_queries import DemoCredit, DemoInvoices
from app.gateways.exchange.doors import CreditDoor, IdentityDoor, InvoiceDoor, LibraryDoor
from app.gateways.exchange.gate import Gate
from app.gateways.exchange.http import HttpConnector
from app.gateways.exchange.http_credit import HttpCredit
from app.gateways.exchange.http_invoices import HttpInvoices
from app.gateways.exchange.http_libraries import HttpLibraries
from app.gateways.exchange.invoice_contract import InvoiceConnector
from app.gateways.exchange.library_contract import LibraryConnector
from app.gateways.exchange.purposes import Source
from app.gateways.exchange.quota import Quota
from app.gateways.exchange.signing import HmacSigner, Signer, Sm2Signer
from app.kit import sm2
from app.kit.errors import Refused
from config import settings

_WAIT_S: Final = 1.0
"""How long a question waits for a seat in the bulkhead."""


class _Closable(Protocol):
    async def close(self) -> None: ...


C = TypeVar("C", bound=_Closable)
Door = TypeVar("Door", IdentityDoor, InvoiceDoor, CreditDoor, LibraryDoor)


class NotConnected(Refused):
    """This installation has no such service behind it."""

    code = "not_connected"
    message = "这项查询尚未接通，请到办事大厅窗口或电子税务局办理"


class _Chosen(Generic[C, Door]):
    """The one connector to a system and the door before it, made at the first question."""

    def __init__(
        self, source: Source, door: Callable[[Gate, C], Door], demo: Callable[[], C], http: Callable[..., C]
    ) -> None:
        self._source = source
        self._make_door: Callable[[Gate, C], Door] = door
        self._make_demo, self._make_http = demo, http
        self._door: Door | None = None

    def door(self) -> Door:
        """Raises NotConnected, or BadSettings."""
        if self._door is None:
            self.use(self._connector())
        if self._door is None:
            raise NotConnected
        return self._door

    @property
    def connector(self) -> C | None:
        """The one in use, if anything was asked yet."""
        return None if self._door is None else self._door.connector  # type: ignore[return-value]

    def use(self, connector: C | None) -> None:
        self._door = None if connector is None else self._make_door(_gate(self._source), connector)

    async def close(self) -> None:
        if self._door is not None:
            await self._door.connector.close()
        self._door = None

    def _connector(self) -> C | None:
        match setting(self._source, "connector"):
            case "demo":
                return self._make_demo()
            case "http":
                return _over_http(self._source, self._make_http)
            case _:
                return None


_identity: _Chosen[IdentityConnector, IdentityDoor] = _Chosen(
    Source.IDENTITY, IdentityDoor, DemoConnector, HttpConnector
)
_invoices: _Chosen[InvoiceConnector, InvoiceDoor] = _Chosen(
    Source.INVOICES, InvoiceDoor, DemoInvoices, HttpInvoices
)
_credit: _Chosen[CreditConnector, CreditDoor] = _Chosen(Source.CREDIT, CreditDoor, DemoCredit, HttpCredit)
_libraries: _Chosen[LibraryConnector, LibraryDoor] = _Chosen(
    Source.LIBRARIES, LibraryDoor, DemoLibraries, HttpLibraries
)


def identity() -> IdentityDoor:
    """The registry of people and enterprises."""
    return _identity.door()


def invoices() -> InvoiceDoor:
    """The invoice checking platform. Raises NotConnected."""
    return _invoices.door()


def credit() -> CreditDoor:
    """The credit rating service. Raises NotConnected."""
    return _credit.door()


def libraries() -> LibraryDoor:
    """The base libraries. Raises NotConnected."""
    return _libraries.door()


def use(connector: IdentityConnector | None) -> None:
    """Ask this registry from now on; ``None`` goes back to what the settings say."""
    _identity.use(connector)


def use_invoices(connector: InvoiceConnector | None) -> None:
    """The same for invoice checking."""
    _invoices.use(connector)


def use_credit(connector: CreditConnector | None) -> None:
    """The same for credit ratings."""
    _credit.use(connector)


def use_libraries(connector: LibraryConnector | None) -> None:
    """The same for the base libraries."""
    _libraries.use(connector)


def in_use(source: Source) -> object | None:
    """The connector to a system in this process, if anything was asked of it yet."""
    chosen: Mapping[Source, Any] = {
        Source.IDENTITY: _identity, Source.INVOICES: _invoices, Source.CREDIT: _credit,
        Source.LIBRARIES: _libraries,
    }  # fmt: skip
    found: object | None = chosen[source].connector
    return found


async def close() -> None:
    """Give the connections of this process back, and write down what was asked through them."""
    await _identity.close()
    await _invoices.close()
    await _credit.close()
    await _libraries.close()
    await alarms.flush()
    await calls.flush()


def own_key() -> sm2.PrivateKey:
    """What we sign with between systems that agreed on SM2. Raises BadSettings without a usable one."""
    own = settings.current().exchange_sm2_key
    if own is None:
        raise _lacking("exchange_sm2_key")
    try:
        return sm2.PrivateKey.from_pem(own.get_secret_value())
    except sm2.UnusableKey:
        raise _lacking("exchange_sm2_key") from None


def setting(source: Source, name: str) -> Any:
    """What the settings say of a system: ``connector``, ``per_day`` and the rest."""
    return getattr(settings.current(), f"{source.value}_{name}")


def _gate(source: Source) -> Gate:
    quota = Quota(source.value, setting(source, "per_minute"), setting(source, "per_day"))
    return Gate(source, quota, Bulkhead(setting(source, "at_once"), wait_s=_WAIT_S))


def _over_http(source: Source, make: Callable[..., C]) -> C:
    url = _needed(source, "url")
    return make(url, _signer(source), timeout_s=setting(source, "timeout_s"))


def _signer(source: Source) -> Signer:
    key = _needed(source, "key")
    if setting(source, "signing") == "hmac":
        return HmacSigner(key, _needed(source, "secret"))
    own = own_key()
    try:
        return Sm2Signer(key, own, sm2.PublicKey.from_pem(_needed(source, "sm2_public")))
    except sm2.UnusableKey:
        raise _lacking(f"{source.value}_sm2_public") from None


def _needed(source: Source, name: str) -> str:
    value = setting(source, name)
    if not value:
        raise _lacking(f"{source.value}_{name}")
    return str(getattr(value, "get_secret_value", lambda: value)())


def _lacking(*names: str) -> settings.BadSettings:
    return settings.BadSettings([f"{'、'.join(map(settings.variable, names))}: 数据交换对接需要设置可用的值"])
