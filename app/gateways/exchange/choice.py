"""Which connector this process uses; a setting says."""

from app.gateways.exchange.contract import IdentityConnector
from app.gateways.exchange.demo import DemoConnector
from app.gateways.exchange.http import HttpConnector
from config import settings

_identity: IdentityConnector | None = None


def identity() -> IdentityConnector:
    """The registry of people and enterprises, connected at the first question."""
    global _identity
    if _identity is None:
        _identity = _chosen(settings.current())
    return _identity


def use(connector: IdentityConnector | None) -> None:
    """Ask this connector from now on; ``None`` goes back to what the settings say."""
    global _identity
    _identity = connector


async def close() -> None:
    """Give the connections of this process back."""
    if _identity is not None:
        await _identity.close()
    use(None)


def _chosen(given: settings.Settings) -> IdentityConnector:
    if given.idv_connector == "demo":
        return DemoConnector()
    if not (given.idv_url and given.idv_key and given.idv_secret):
        raise settings.BadSettings(
            ["WEIBAN_IDV_URL、WEIBAN_IDV_KEY、WEIBAN_IDV_SECRET: 实名核验对接需要设置"]
        )
    return HttpConnector(
        given.idv_url, given.idv_key, given.idv_secret.get_secret_value(), timeout_s=given.idv_timeout_s
    )
