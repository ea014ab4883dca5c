"""Settings of the outside systems we call besides WeChat."""

from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import Field, SecretStr, create_model
from pydantic_settings import BaseSettings

_SYSTEMS: Final = {
    "idv": "实名核验",
    "invoice": "发票查验",
    "credit": "纳税信用查询",
    "library": "基础库查询",
}
_NEEDED: Final = frozenset({"idv"})
"""Nobody gets a real name without it, so it cannot be off."""

URLS: Final = (*(f"{system}_url" for system in _SYSTEMS), "sms_url")
PEMS: Final = ("exchange_sm2_key", *(f"{system}_sm2_public" for system in _SYSTEMS))

Signing = Literal["hmac", "sm"]


def _settings_of(system: str, called: str) -> dict[str, Any]:
    """The ten settings of one system, by name: type and field."""
    connector: Any = (
        (Literal["demo", "http"], Field("http", description=f"{called}的对接方式"))
        if system in _NEEDED
        else (Literal["off", "demo", "http"], Field("off", description=f"{called}的对接方式"))
    )
    ten: dict[str, Any] = {
        "connector": connector,
        "url": (str | None, Field(None, description=f"{called}接口地址")),
        "key": (str | None, Field(None, description=f"{called}接口账号")),
        "secret": (SecretStr | None, Field(None, description=f"{called}接口密钥")),
        "timeout_s": (float, Field(5, gt=0, le=60, description=f"{called}超时秒数")),
        "signing": (Signing, Field("hmac", description=f"{called}的签名算法：hmac 或国密 sm")),
        "sm2_public": (str | None, Field(None, description=f"{called}对方的 SM2 公钥或证书（PEM）")),
        "at_once": (int, Field(16, ge=1, le=1000, description=f"{called}每个进程同时进行的最多次数")),
        "per_minute": (int, Field(6_000, ge=1, description=f"{called}全部进程每分钟的最多次数")),
        "per_day": (int, Field(1_000_000, ge=1, description=f"{called}全部进程每天的最多次数")),
    }
    return {f"{system}_{name}": setting for name, setting in ten.items()}


if TYPE_CHECKING:
    # They are read by the name of their system, in one place: see ``app/gateways/exchange/choice.py``.
    _Exchange = BaseSettings
else:
    _Exchange = create_model(
        "Exchange",
        __base__=BaseSettings,
        **{
            name: setting
            for system, called in _SYSTEMS.items()
            for name, setting in _settings_of(system, called).items()
        },
    )


class Connectors(_Exchange):
    """How each outside system is connected; ``off`` says so plainly to whoever asks for it.

    Of each system of the data exchange there are ``<system>_connector``, ``_url`` and the rest.
    """

    exchange_node: str = Field(
        "weiban",
        description="我方在多级对接中的节点名称，上下级各不相同",
        pattern=r"^[A-Za-z0-9._-]{1,40}$",
    )
    exchange_sm2_key: SecretStr | None = Field(
        None, description="我方在数据交换中签名用的 SM2 私钥（PEM，换行可写作 \\n）"
    )
    sms_connector: Literal["off", "demo", "http"] = Field("off", description="短信的对接方式")
    sms_url: str | None = Field(None, description="短信接口地址")
    sms_key: str | None = Field(None, description="短信接口账号")
    sms_secret: SecretStr | None = Field(None, description="短信接口密钥")
    sms_signature: str = Field("微办", description="短信签名，须经运营商审核", min_length=2, max_length=20)
    sms_timeout_s: float = Field(5, gt=0, le=60, description="短信接口超时秒数")
