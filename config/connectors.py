"""Settings of the outside systems we call besides WeChat."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

URLS = ("idv_url", "invoice_url", "credit_url", "sms_url")


class Connectors(BaseSettings):
    """How each outside system is connected; ``off`` says so plainly to whoever asks for it."""

    idv_connector: Literal["demo", "http"] = Field("http", description="实名核验的对接方式")
    idv_url: str | None = Field(None, description="实名核验接口地址")
    idv_key: str | None = Field(None, description="实名核验接口账号")
    idv_secret: SecretStr | None = Field(None, description="实名核验接口密钥")
    idv_timeout_s: float = Field(5, gt=0, le=60, description="实名核验超时秒数")
    invoice_connector: Literal["off", "demo", "http"] = Field("off", description="发票查验的对接方式")
    invoice_url: str | None = Field(None, description="发票查验接口地址")
    invoice_key: str | None = Field(None, description="发票查验接口账号")
    invoice_secret: SecretStr | None = Field(None, description="发票查验接口密钥")
    invoice_timeout_s: float = Field(5, gt=0, le=60, description="发票查验超时秒数")
    credit_connector: Literal["off", "demo", "http"] = Field("off", description="纳税信用查询的对接方式")
    credit_url: str | None = Field(None, description="纳税信用接口地址")
    credit_key: str | None = Field(None, description="纳税信用接口账号")
    credit_secret: SecretStr | None = Field(None, description="纳税信用接口密钥")
    credit_timeout_s: float = Field(5, gt=0, le=60, description="纳税信用查询超时秒数")
    sms_connector: Literal["off", "demo", "http"] = Field("off", description="短信的对接方式")
    sms_url: str | None = Field(None, description="短信接口地址")
    sms_key: str | None = Field(None, description="短信接口账号")
    sms_secret: SecretStr | None = Field(None, description="短信接口密钥")
    sms_signature: str = Field("微办", description="短信签名，须经运营商审核", min_length=2, max_length=20)
    sms_timeout_s: float = Field(5, gt=0, le=60, description="短信接口超时秒数")
