"""`weiban quota` and `weiban sms demo`: what the operator sees of a day."""

from datetime import timedelta

import pytest

from app.__main__ import main
from app.commands import quota, sms
from app.gateways.sms import TextMessage
from app.gateways.sms.demo import DemoSms
from app.kit import clock
from config import settings
from notifications.models import Channel
from notifications.quota.standing import standings
from notifications.ration import Ration


@pytest.mark.usefixtures("db")
async def test_the_table_tells_used_left_reserved_and_why_it_is_stopped() -> None:
    await Ration().grant({(Channel.TEMPLATE, 0): 5})
    await Ration().stop(Channel.SMS, clock.now() + timedelta(minutes=5), "账号欠费")
    lines = [line for one in await standings() for line in quota.lines_of(one)]
    assert lines[:5] == [
        "公众号模板消息  今日限额 100,000，每秒 200",
        "  紧急  已用 5  可用 99,995",
        "  普通  已用 0  可用 80,000",
        "  批量  已用 0  可用 60,000",
        "  预留  紧急 19,995  普通 20,000",
    ]
    assert next(line for line in lines if "已停发" in line).endswith("：账号欠费")


@pytest.mark.usefixtures("db")
async def test_the_last_text_messages_are_listed() -> None:
    assert await sms.listing() == ["还没有演示短信"]
    await DemoSms("微办").send(TextMessage("13800138000", "SMS_X", {}, "您好", "1"))
    (line,) = await sms.listing()
    assert line.endswith("138****8000  SMS_X  【微办】您好")


def test_a_real_operator_s_messages_are_not_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = settings.current().model_copy(update={"sms_connector": "off"})
    monkeypatch.setattr(settings, "current", lambda: chosen)
    assert main(["sms", "demo"]) == 1
    assert "WEIBAN_SMS_CONNECTOR" in capsys.readouterr().err
