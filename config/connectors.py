"""Settings of the outside systems we call besides WeChat."""

from typing import Final, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

URLS: Final = ("idv_url", "invoice_url", "credit_url", "library_url", "sms_url")

Signing = Literal["hmac", "sm"]

PEMS: Final = (
    "exchange_sm2_key",
    "idv_sm2_public",
    "invoice_sm2_public",
    "credit_sm2_public",
    "library_sm2_public",
)


class Connectors(BaseSettings):
    """How each outside system is connected; ``off`` says so plainly to whoever asks for it."""

    exchange_sm2_key: SecretStr | None = Field(
        None, description="我方在数据交换中签名用的 SM2 私钥（PEM，换行可写作 \\n）"
    )
    idv_connector: Literal["demo", "http"] = Field("http", description="实名核验的对接方式")
    idv_url: str | None = Field(None, description="实名核验接口地址")
    idv_key: str | None = Field(None, description="实名核验接口账号")
    idv_secret: SecretStr | None = Field(None, description="实名核验接口密钥")
    idv_timeout_s: float = Field(5, gt=0, le=60, description="实名核验超时秒数")
    idv_signing: Signing = Field("hmac", description="实名核验的签名算法：hmac 或国密 sm")
    idv_sm2_public: str | None = Field(None, description="实名核验对方的 SM2 公钥或证书（PEM）")
    idv_at_once: int = Field(16, ge=1, le=1000, description="实名核验每个进程同时进行的最多次数")
    idv_per_minute: int = Field(6_000, ge=1, description="实名核验全部进程每分钟的最多次数")
    idv_per_day: int = Field(1_000_000, ge=1, description="实名核验全部进程每天的最多次数")
    invoice_connector: Literal["off", "demo", "http"] = Field("off", description="发票查验的对接方式")
    invoice_url: str | None = Field(None, description="发票查验接口地址")
    invoice_key: str | None = Field(None, description="发票查验接口账号")
    invoice_secret: SecretStr | None = Field(None, description="发票查验接口密钥")
    invoice_timeout_s: float = Field(5, gt=0, le=60, description="发票查验超时秒数")
    invoice_signing: Signing = Field("hmac", description="发票查验的签名算法：hmac 或国密 sm")
    invoice_sm2_public: str | None = Field(None, description="发票查验对方的 SM2 公钥或证书（PEM）")
    invoice_at_once: int = Field(16, ge=1, le=1000, description="发票查验每个进程同时进行的最多次数")
    invoice_per_minute: int = Field(6_000, ge=1, description="发票查验全部进程每分钟的最多次数")
    invoice_per_day: int = Field(1_000_000, ge=1, description="发票查验全部进程每天的最多次数")
    credit_connector: Literal["off", "demo", "http"] = Field("off", description="纳税信用查询的对接方式")
    credit_url: str | None = Field(None, description="纳税信用接口地址")
    credit_key: str | None = Field(None, description="纳税信用接口账号")
    credit_secret: SecretStr | None = Field(None, description="纳税信用接口密钥")
    credit_timeout_s: float = Field(5, gt=0, le=60, description="纳税信用查询超时秒数")
    credit_signing: Signing = Field("hmac", description="纳税信用查询的签名算法：hmac 或国密 sm")
    credit_sm2_public: str | None = Field(None, description="纳税信用查询对方的 SM2 公钥或证书（PEM）")
    credit_at_once: int = Field(16, ge=1, le=1000, description="纳税信用查询每个进程同时进行的最多次数")
    credit_per_minute: int = Field(6_000, ge=1, description="纳税信用查询全部进程每分钟的最多次数")
    credit_per_day: int = Field(1_000_000, ge=1, description="纳税信用查询全部进程每天的最多次数")
    library_connector: Literal["off", "demo", "http"] = Field("off", description="基础库查询的对接方式")
    library_url: str | None = Field(None, description="基础库接口地址")
    library_key: str | None = Field(None, description="基础库接口账号")
    library_secret: SecretStr | None = Field(None, description="基础库接口密钥")
    library_timeout_s: float = Field(5, gt=0, le=60, description="基础库查询超时秒数")
    library_signing: Signing = Field("hmac", description="基础库查询的签名算法：hmac 或国密 sm")
    library_sm2_public: str | None = Field(None, description="基础库查询对方的 SM2 公钥或证书（PEM）")
    library_at_once: int = Field(16, ge=1, le=1000, description="基础库查询每个进程同时进行的最多次数")
    library_per_minute: int = Field(6_000, ge=1, description="基础库查询全部进程每分钟的最多次数")
    library_per_day: int = Field(1_000_000, ge=1, description="基础库查询全部进程每天的最多次数")
    sms_connector: Literal["off", "demo", "http"] = Field("off", description="短信的对接方式")
    sms_url: str | None = Field(None, description="短信接口地址")
    sms_key: str | None = Field(None, description="短信接口账号")
    sms_secret: SecretStr | None = Field(None, description="短信接口密钥")
    sms_signature: str = Field("微办", description="短信签名，须经运营商审核", min_length=2, max_length=20)
    sms_timeout_s: float = Field(5, gt=0, le=60, description="短信接口超时秒数")
