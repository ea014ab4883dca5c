"""Settings of what we send: how fast, how much a day, and when people are left in peace."""

from datetime import time
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode

from config.day_hours import Span, is_within, moment, span

_MOST_RESERVED = 90  # Percent; the rest is bulk's.


class Sending(BaseSettings):
    """Limits of sending; those of WeChat are its published ones for a verified account."""

    quiet_hours: Annotated[Span | None, NoDecode] = Field(
        (time(21), time(8)), description="免打扰时段，紧急消息除外，形如 21:00-08:00；off 为不设"
    )
    digest_at: Annotated[time, NoDecode] = Field(
        time(17, 30), description="每天汇总群发通知的时刻，须在免打扰时段之外"
    )
    template_per_day: int = Field(100_000, ge=1, description="公众号模板消息每天的限额")
    template_per_second: int = Field(200, ge=1, le=100_000, description="公众号模板消息每秒最多发送数")
    subscribe_per_day: int = Field(10_000_000, ge=1, description="小程序订阅消息每天的限额")
    subscribe_per_second: int = Field(400, ge=1, le=100_000, description="小程序订阅消息每秒最多发送数")
    custom_per_day: int = Field(500_000, ge=1, description="客服消息每天的限额")
    custom_per_second: int = Field(100, ge=1, le=100_000, description="客服消息每秒最多发送数")
    sms_per_day: int = Field(50_000, ge=1, description="短信每天的限额")
    sms_per_second: int = Field(50, ge=1, le=100_000, description="短信每秒最多发送数")
    urgent_reserve_percent: int = Field(20, ge=0, le=90, description="留给紧急消息的限额比例")
    normal_reserve_percent: int = Field(20, ge=0, le=90, description="留给普通消息的限额比例")
    approval_above: int = Field(100, ge=0, description="群发超过多少人须由另一人审批")
    pause_above_percent: int = Field(5, ge=1, le=100, description="永久失败超过多大比例时群发自动暂停")
    files_dir: str = Field(".weiban/files", description="附件与上传名单的存放目录")

    @field_validator("normal_reserve_percent")
    @classmethod
    def _something_left_for_bulk(cls, value: int, info: ValidationInfo) -> int:
        if value + info.data.get("urgent_reserve_percent", 0) > _MOST_RESERVED:
            raise ValueError(f"与紧急消息的预留之和不能超过 {_MOST_RESERVED}%，否则批量消息永远发不出")
        return value

    @field_validator("quiet_hours", mode="before")
    @classmethod
    def _quiet_hours(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if value.strip() == "off":
            return None
        try:
            return span(value)
        except ValueError:
            raise ValueError("应形如 21:00-08:00，或 off") from None

    @field_validator("digest_at", mode="before")
    @classmethod
    def _time_of_day(cls, value: object) -> object:
        try:
            return moment(value) if isinstance(value, str) else value
        except ValueError:
            raise ValueError("应形如 17:30") from None

    @field_validator("digest_at")
    @classmethod
    def _digest_reaches_people(cls, value: time, info: ValidationInfo) -> time:
        quiet = info.data.get("quiet_hours")
        if quiet is not None and is_within(value, quiet):
            raise ValueError("不能在免打扰时段内，否则汇总当天发不出去")
        return value
