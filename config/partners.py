"""Settings of the interface through which department systems push and are answered."""

from pydantic import Field
from pydantic_settings import BaseSettings


class Partners(BaseSettings):
    """Limits of the partner interface."""

    partner_window_s: int = Field(300, ge=10, le=3600, description="部门推送签名的时间窗口秒数")
    partner_rows_at_once: int = Field(500, ge=1, le=5000, description="一次推送的最多条数")
    partner_rows_per_second: int = Field(2000, ge=1, description="每个系统每秒最多接收条数")
    partner_relays_per_minute: int = Field(600, ge=1, description="每个系统每分钟最多经我方转查的次数")
    partner_bad_signatures_per_minute: int = Field(
        60, ge=1, description="同一地址每分钟最多几次错误的推送签名，超过后稍后再试"
    )
    partner_backlog: int = Field(100_000, ge=1, description="待处理积压达到这个条数时请对方稍后再推")
    partner_parked_hours: int = Field(72, ge=1, le=2160, description="等待前序的消息超过这些小时转人工处理")
