"""发票 and 信用: a pasted QR text is checked, and ratings are told to those who act for an enterprise."""

from collections.abc import Iterator

import pytest

from app.domain.accounts import agency
from app.domain.accounts.models import AgentRole
from app.domain.invoices import folder, queued
from app.domain.invoices.folder import Wanted
from app.domain.invoices.owners import Owner
from app.gateways import exchange
from app.kit import clock, db
from config import settings
from tests.factories import accounts as make
from tests.public_account.conftest import Platform

QR = "01,32,,26427000000316294884,100.76,20260330,,5F98"
USCC = "91440101MA5DEMQ01M"


@pytest.fixture(autouse=True)
def _fresh_connectors() -> Iterator[None]:
    for use in (exchange.use_invoices, exchange.use_credit):
        use(None)
    yield
    for use in (exchange.use_invoices, exchange.use_credit):
        use(None)


async def test_pasted_text_is_checked_with_and_without_the_word(platform: Platform) -> None:
    for words in (QR, f"发票 {QR}", f"查發票：{QR}", f"发票查验{QR.replace(',', '，')}"):
        heard = await platform.say(words)
        assert "26427000000316294884" in heard.text, words
        assert "正常" in heard.text


async def test_wrong_amount_and_unknown_number_are_told_apart(platform: Platform) -> None:
    assert "不一致" in (await platform.say(QR.replace("100.76", "100.77"))).text
    assert "查无此票" in (await platform.say(QR.replace("294884", "294885"))).text


async def test_without_a_text_it_is_said_how_to_get_one(platform: Platform) -> None:
    for words in ("发票", "發票查驗", "查验发票", "发票 12345678"):
        assert "二维码" in (await platform.say(words)).text


async def test_photo_is_told_how(platform: Platform) -> None:
    photo = platform.message("image", "<PicUrl>http://x/</PicUrl><MediaId>m</MediaId>")
    assert "二维码" in (await platform.hear(photo)).text


async def test_scanning_button_is_as_good_as_pasting(platform: Platform) -> None:
    scanned = f"<ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>{QR}</ScanResult></ScanCodeInfo>"
    heard = await platform.hear(platform.event("scancode_waitmsg", scanned, key="scan"))
    assert "正常" in heard.text


async def test_question_about_invoices_is_no_invoice(platform: Platform) -> None:
    assert "没有找到" in (await platform.say("发票丢了怎么办")).text


async def test_query_that_is_not_connected_says_so(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = settings.current().model_copy(update={"invoice_connector": "off"})
    monkeypatch.setattr(settings, "current", lambda: off)
    heard = await platform.say(QR)
    assert "未" in heard.text
    assert "正常" not in heard.text


async def test_ratings_are_told_to_the_agent(platform: Platform) -> None:
    citizen = await make.known_citizen("zhang")
    await agency.bind(citizen, USCC, AgentRole.TAX_AGENT)
    await platform.hear(platform.event("subscribe"))
    heard = await platform.say("查询纳税信用")
    assert "广州珠江晨光贸易有限公司" in heard.text
    assert "级" in heard.text


async def test_nobody_elses_ratings_are_told(platform: Platform) -> None:
    heard = await platform.say("信用")
    assert "绑定企业" in heard.text
    assert "data-miniprogram-path" in heard.text


async def test_receipts_never_reach_the_conversation(platform: Platform) -> None:
    more = "<MsgID>7</MsgID><Status>success</Status>"
    assert (await platform.hear(platform.event("TEMPLATESENDJOBFINISH", more))).kind == "none"
    assert len(await db.fetch("SELECT 1 FROM notification_receipt")) == 1


async def test_an_invoice_of_today_waits_for_who_can_be_told_tomorrow(platform: Platform) -> None:
    today = QR.replace("20260330", f"{clock.today():%Y%m%d}")
    assert "明天再查" in (await platform.say(today)).text
    person = Owner((await make.log_in("zhang")).person_id)
    await platform.hear(platform.event("subscribe"))
    assert "排队" in (await platform.say(today)).text
    assert len(await queued.own(person)) == 1


async def test_an_invoice_saved_before_is_warned_of(platform: Platform) -> None:
    person = Owner((await make.log_in("zhang")).person_id)
    await platform.hear(platform.event("subscribe"))
    await platform.say(QR)
    (kept,), _ = await folder.find(person, Wanted(), before=None, limit=5)
    await folder.save(person, kept.id, [], "")
    assert "重复报销" in (await platform.say(QR)).text
