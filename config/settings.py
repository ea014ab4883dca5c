"""One typed, frozen object with everything one may set, read once from the environment.

Every variable starts with ``WEIBAN_``. With ``WEIBAN_ENV=local`` the WeChat accounts default to those of
the sandbox; with ``WEIBAN_ENV=production`` nothing secret has a default, and whatever only suits a
developer's machine is refused. All faults are named in one message; no secret value is ever printed.
"""

import ipaddress
import os
from collections.abc import Mapping
from datetime import time
from functools import lru_cache
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import NoDecode, SettingsConfigDict

from config import api_security, connectors, production, wechat_accounts
from config.api_security import ApiSuite
from config.connectors import Connectors
from config.day_hours import Span, spans
from config.files import Files
from config.partners import Partners
from config.sending import Sending
from config.wechat_accounts import Mode, is_aes_key

PREFIX = "WEIBAN_"

# What the sandbox knows of itself; harmless to publish, and refused in production.
LOCAL_DEFAULTS: dict[str, str] = {
    "wechat_api_base": "http://127.0.0.1:8001",
    "wechat_open_base": "http://127.0.0.1:8001",
    "oa_appid": "wx0sandboxoa000001",
    "oa_secret": "sandbox-oa-secret-0000000000000",
    "oa_token": "sandboxOaToken",
    "oa_aes_key": "sandboxOaAesKey000000000000000000000000000A",
    "mp_appid": "wx0sandboxmp000001",
    "mp_secret": "sandbox-mp-secret-0000000000000",
    "mp_token": "sandboxMpToken",
    "mp_aes_key": "sandboxMpAesKey000000000000000000000000000A",
    "idv_connector": "demo",
    "invoice_connector": "demo",
    "credit_connector": "demo",
    "library_connector": "demo",
    "sms_connector": "demo",
    "public_url": "http://127.0.0.1:8000",
    # On one machine all people share one address, and trying things out is the point.
    "booking_per_minute": "120",
    "writing_per_minute": "600",
    "login_per_minute": "6000",
    "reading_per_minute": "60000",
    "desk_per_minute": "6000",
    "conversation_per_minute": "600",
}


class BadSettings(Exception):
    """The environment cannot be used; ``faults`` names every variable and what is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__(
            "配置有误，请改正以下环境变量后重新启动：\n" + "\n".join(f"  - {fault}" for fault in faults)
        )


def _secret(description: str) -> Any:
    return Field(description=description, min_length=1)


class Settings(Connectors, Files, Partners, Sending):
    """Everything one may set; the attribute is the lower-case name without the prefix."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    env: Literal["local", "production"] = Field("local", description="运行环境")
    engines: Literal["external", "embedded"] = Field("external", description="数据库与缓存由谁启动")
    host: str = Field("127.0.0.1", description="监听地址")
    port: int = Field(8000, ge=1, le=65535, description="监听端口")
    workers: int = Field(1, ge=1, le=64, description="服务进程数")
    public_url: str = Field(description="对外访问的网址，用于消息和二维码里的链接")
    data_dir: str = Field(".weiban", description="本机数据目录")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="日志级别")
    log_format: Literal["json", "text"] = Field("json", description="日志格式")
    worker_metrics_port: int = Field(0, ge=0, le=65535, description="后台进程的指标端口；0 为不开放")
    shutdown_grace_s: float = Field(10, ge=0, le=300, description="停止时等待进行中请求的秒数")
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="可信反向代理的地址或网段，逗号分隔；仅采信它们的 X-Forwarded-For"
    )

    database_url: str = Field(
        "postgresql://postgres@127.0.0.1:5432/weiban", description="PostgreSQL 地址", repr=False
    )
    database_pool_min: int = Field(2, ge=1, le=200, description="每个进程的最少数据库连接数")
    database_pool_max: int = Field(16, ge=1, le=200, description="每个进程的最多数据库连接数")
    redis_url: str = Field("redis://127.0.0.1:6379/0", description="Valkey 或 Redis 地址", repr=False)
    redis_connections: int = Field(32, ge=1, le=1000, description="每个进程的最多缓存连接数")

    secret_key: SecretStr = Field(description="签名主密钥（签到码、会话等由它派生）", min_length=32)
    pii_key: SecretStr = Field(description="个人信息加密主密钥", min_length=32)
    pii_key_previous: SecretStr | None = Field(None, description="上一个个人信息加密主密钥，轮换时只用于解密")
    staff_token: SecretStr | None = Field(
        None, description="以谁的身份执行命令：weiban staff sign-in 给出的登录凭证，仅在终端使用"
    )

    wechat_api_base: str = Field("https://api.weixin.qq.com", description="微信接口地址")
    wechat_open_base: str = Field("https://open.weixin.qq.com", description="微信网页授权地址")
    wechat_api_backup: str | None = Field(None, description="微信接口的备用地址，主地址连不上时使用")
    wechat_proxy: SecretStr | None = Field(
        None, description="调用微信接口的代理，http:// 或 https:// 开头，可含用户名和密码"
    )
    wechat_accounts_file: str | None = Field(None, description="更多公众号、小程序的 TOML 文件")
    wechat_timeout_s: float = Field(5, gt=0, le=60, description="调用微信接口的超时秒数")
    wechat_connections: int = Field(64, ge=1, le=1000, description="到微信接口的最多连接数")
    oa_appid: str = Field(description="公众号 AppID", pattern=r"^wx[0-9a-z]{16}$")
    oa_secret: SecretStr = _secret("公众号 AppSecret")
    oa_token: SecretStr = _secret("公众号回调 Token")
    oa_aes_key: SecretStr = _secret("公众号 EncodingAESKey")
    oa_aes_key_previous: SecretStr | None = Field(None, description="公众号上一个 EncodingAESKey")
    oa_mode: Mode = Field("safe", description="公众号消息加解密方式")
    mp_appid: str = Field(description="小程序 AppID", pattern=r"^wx[0-9a-z]{16}$")
    mp_secret: SecretStr = _secret("小程序 AppSecret")
    mp_token: SecretStr = _secret("小程序回调 Token")
    mp_aes_key: SecretStr = _secret("小程序 EncodingAESKey")
    mp_aes_key_previous: SecretStr | None = Field(None, description="小程序上一个 EncodingAESKey")
    mp_mode: Mode = Field("safe", description="小程序消息加解密方式")
    mp_api_security: ApiSuite = Field("off", description="小程序 API 签名加密：不用、AES+RSA、国密")
    mp_api_sym_key: SecretStr | None = Field(None, description="API 对称密钥（base64）")
    mp_api_sym_sn: str | None = Field(None, description="API 对称密钥编号")
    mp_api_private_key: SecretStr | None = Field(None, description="API 应用私钥（PEM，换行可写作 \\n）")
    mp_api_key_sn: str | None = Field(None, description="API 非对称密钥编号")
    mp_api_platform_key: str | None = Field(None, description="微信平台证书或公钥（PEM）")
    mp_api_platform_sn: str | None = Field(None, description="微信平台证书编号")
    mp_api_platform_key_previous: str | None = Field(None, description="更换期内的另一张平台证书")
    mp_api_platform_sn_previous: str | None = Field(None, description="更换期内的另一张平台证书编号")
    callback_window_s: int = Field(300, ge=30, le=3600, description="微信回调时间戳允许的偏差秒数")

    session_days: int = Field(30, ge=1, le=90, description="登录有效天数")
    booking_per_minute: int = Field(10, ge=1, description="每人每分钟最多预约操作次数")
    login_per_minute: int = Field(60, ge=1, description="每个客户端地址每分钟最多登录次数")
    writing_per_minute: int = Field(60, ge=1, description="每人每分钟最多其他写入次数")
    reading_per_minute: int = Field(600, ge=1, description="每个客户端地址每分钟最多读取次数")

    desk_per_minute: int = Field(600, ge=1, description="每名工作人员每分钟最多打开页面次数")
    conversation_per_minute: int = Field(20, ge=1, description="公众号对话每人每分钟最多答复的消息数")
    service_hours: Annotated[tuple[Span, ...], NoDecode] = Field(
        ((time(9), time(12)), (time(13, 30), time(17))),
        description="人工客服在工作日的服务时间，形如 09:00-12:00,13:30-17:00",
    )

    sandbox_callback: str | None = Field(None, description="微信沙箱回调我方服务的地址")
    sandbox_state: str | None = Field(None, description="微信沙箱保存状态的文件")
    sandbox_api_private_key: SecretStr | None = Field(
        None, description="微信沙箱的平台私钥（PEM），与平台证书配对，用于试用 API 签名加密"
    )
    sandbox_auto_follow: bool = Field(default=True, description="微信沙箱里首次登录的人自动关注公众号")

    @model_validator(mode="before")
    @classmethod
    def _local_defaults(cls, given: dict[str, Any]) -> dict[str, Any]:
        # An empty variable means "not set": compose files and shells write it so.
        named = {name: value for name, value in given.items() if value != ""}
        return with_defaults(named) if named.get("env", "local") == "local" else named

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        parts = tuple(part.strip() for part in value.split(",") if part.strip())
        for part in parts:
            try:
                ipaddress.ip_network(part, strict=False)
            except ValueError:
                raise ValueError(f"{part} 不是 IP 地址或网段") from None
        return parts

    @field_validator("service_hours", mode="before")
    @classmethod
    def _hours(cls, value: object) -> object:
        return spans(value) if isinstance(value, str) else value

    @field_validator("oa_aes_key", "oa_aes_key_previous", "mp_aes_key", "mp_aes_key_previous")
    @classmethod
    def _aes_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not is_aes_key(value.get_secret_value()):
            raise ValueError("应为 43 位字母或数字")
        return value

    @field_validator("pii_key_previous")
    @classmethod
    def _long_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value) < 32:
            raise ValueError("至少需要 32 个字符")
        return value

    @field_validator("wechat_proxy")
    @classmethod
    def _proxy(cls, value: SecretStr | None) -> SecretStr | None:
        parts = value and urlsplit(value.get_secret_value())
        if parts and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise ValueError("应为 http:// 或 https:// 开头的网址")
        return value

    @field_validator(
        "public_url",
        "wechat_api_base",
        "wechat_api_backup",
        "wechat_open_base",
        "sandbox_callback",
        *connectors.URLS,
    )
    @classmethod
    def _http_url(cls, value: str | None, _: ValidationInfo) -> str | None:
        if value is None:
            return value
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("应为 http:// 或 https:// 开头的网址")
        return value.rstrip("/")

    @field_validator("database_url", "redis_url")
    @classmethod
    def _engine_url(cls, value: str, info: ValidationInfo) -> str:
        schemes = (
            ("postgresql", "postgres") if info.field_name == "database_url" else ("redis", "rediss", "unix")
        )
        if urlsplit(value).scheme not in schemes:
            raise ValueError(f"应以 {' 或 '.join(scheme + '://' for scheme in schemes)} 开头")
        return value

    @field_validator(*api_security.PEMS, *connectors.PEMS, mode="before")
    @classmethod
    def _pem(cls, value: object) -> object:
        return api_security.with_line_ends(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _pool_bounds(self) -> Self:
        if self.database_pool_min > self.database_pool_max:
            raise ValueError(f"{variable('database_pool_min')}: 不能大于 {variable('database_pool_max')}")
        return self

    @property
    def mp_api_platform_keys(self) -> dict[str, str]:
        """The platform's certificates or public keys (PEM) by number, both while one replaces the other."""
        pairs = (
            (self.mp_api_platform_sn, self.mp_api_platform_key),
            (self.mp_api_platform_sn_previous, self.mp_api_platform_key_previous),
        )
        return {number: key for number, key in pairs if number and key}


def variable(name: str) -> str:
    """The environment variable of an attribute."""
    return PREFIX + name.upper()


def with_defaults(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given over the sandbox's defaults."""
    return {**LOCAL_DEFAULTS, **given}


def is_secret(field: FieldInfo) -> bool:
    """Whether the value may never be shown."""
    return "SecretStr" in str(field.annotation)


def without_password(url: str) -> str:
    """A URL that may be shown: the password, if any, is replaced by stars."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    user, _, address = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:***@{address}"))


def given_in(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings an environment names, by attribute; empty values count as not set."""
    known = Settings.model_fields
    named = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX)
    }
    return {name: value for name, value in named.items() if name in known and value != ""}


def unknown_in(environment: Mapping[str, str]) -> list[str]:
    """Variables with our prefix that set nothing: most often a slip of the pen."""
    return sorted(
        name
        for name in environment
        if name.startswith(PREFIX) and name.removeprefix(PREFIX).lower() not in Settings.model_fields
    )


def read() -> Settings:
    """The settings of this environment.

    Raises:
        BadSettings: with every fault of the environment.
    """
    given = given_in(os.environ)
    faults = api_security.faults_of(given, variable)
    if given.get("env") == "production":
        faults += production.faults_of(given, LOCAL_DEFAULTS, variable)
    try:
        found = Settings()
    except ValidationError as error:
        faults = [*(_fault(one) for one in error.errors(include_input=False, include_url=False)), *faults]
    else:
        faults += _account_faults(found)
    if faults:
        raise BadSettings(faults)
    return found


def _account_faults(found: Settings) -> list[str]:
    name = "wechat_accounts_file"
    faults = wechat_accounts.faults_of(
        found.wechat_accounts_file,
        (found.oa_appid, found.mp_appid),
        in_production=found.env == "production",
        sandbox=LOCAL_DEFAULTS.values(),
    )
    return [f"{variable(name)}: {fault}" for fault in faults]


@lru_cache(maxsize=1)
def current() -> Settings:
    """The settings of this process, read at the first call."""
    return read()


_WORDS = {
    "missing": "必须设置",
    "literal_error": "只能是 {expected}",
    "int_parsing": "应为整数",
    "float_parsing": "应为数字",
    "bool_parsing": "应为 true 或 false",
    "greater_than_equal": "不能小于 {ge}",
    "greater_than": "应大于 {gt}",
    "less_than_equal": "不能大于 {le}",
    "too_short": "至少需要 {min_length} 个字符",
    "string_too_short": "至少需要 {min_length} 个字符",
    "string_pattern_mismatch": "格式不对，应符合 {pattern}",
}


def _fault(error: Any) -> str:
    words = _WORDS.get(error["type"])
    text = words.format(**error.get("ctx", {})) if words else error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return str(text)
    return f"{variable(str(error['loc'][0]))}: {text}"
