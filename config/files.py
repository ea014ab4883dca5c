"""Settings of where files that people hand in are kept, and who looks at them first."""

import re
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

_ADDRESS = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s:\[\]]+):([0-9]{1,5})")


class Files(BaseSettings):
    """The store of files and the malware scanner."""

    files_store: Literal["disk", "s3"] = Field("disk", description="附件的存储方式")
    s3_endpoint: str | None = Field(None, description="S3 兼容存储的地址")
    s3_bucket: str | None = Field(None, description="S3 存储桶")
    s3_key: str | None = Field(None, description="S3 访问账号")
    s3_secret: SecretStr | None = Field(None, description="S3 访问密钥")
    s3_region: str = Field("us-east-1", description="S3 区域")
    scanner: Literal["off", "clamd"] = Field("off", description="附件的病毒扫描方式")
    scanner_address: str = Field("127.0.0.1:3310", description="clamd 的地址")

    @field_validator("scanner_address")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        found = _ADDRESS.fullmatch(value)
        if found is None or not 0 < int(found[2]) <= 65535:
            raise ValueError("应为 主机:端口，如 127.0.0.1:3310")
        return value

    @field_validator("s3_endpoint")
    @classmethod
    def _service(cls, value: str | None) -> str | None:
        if value is None:
            return value
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("应为 http:// 或 https:// 开头的网址")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _whole_store(self) -> Self:
        missing = [
            f"WEIBAN_{name.upper()}"
            for name in ("s3_endpoint", "s3_bucket", "s3_key", "s3_secret")
            if getattr(self, name) is None
        ]
        if self.files_store == "s3" and missing:
            raise ValueError(f"WEIBAN_FILES_STORE: 使用 s3 时还需要设置 {'、'.join(missing)}")
        return self
