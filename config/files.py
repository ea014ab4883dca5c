"""Settings of where files that people hand in are kept, and who looks at them first."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


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
