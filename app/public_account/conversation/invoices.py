"""发票: what the tax authority says of the invoice whose QR text was pasted."""

import re
from typing import Final

from app.domain.invoices import checking, texts, verification
from app.domain.invoices.errors import NotAnInvoice, QueueFull
from app.domain.invoices.owners import Owner
from app.domain.invoices.texts import InvoiceText
from app.gateways.wechat.replies import Reply, Text
from app.public_account.conversation.talk import Talk
from config.logging import told_about

_COMMAND: Final = re.compile(r"\s*(?:查验|查询|验证|查)?\s*[发發]\s*票\s*(?:查验|查驗|真伪|验证)?[\s:：,，]*")
# Cheap to ask of every message: a QR text is a long run of digits with commas, or an address with some.
_LIKELY: Final = re.compile(r"\d{8}")
_SHORTEST = 20
_HOW = (
    "查验发票：用手机扫发票左上角的二维码，把扫出的文字复制后发给我，"
    "一般以“01,”开头。\n也可以直接发送“发票”加上那段文字。照片我看不懂，请发文字。"
)


async def verify(talk: Talk, about: str) -> Reply | None:
    """The verdict on a pasted text; without one, how to get it."""
    if not about:
        return Text(_HOW)
    found = _COMMAND.match(talk.text)
    try:
        invoice = texts.read(talk.text[found.end() :] if found else talk.text)
    except NotAnInvoice as not_one:
        return Text(f"{not_one.message}\n{_HOW}") if _LIKELY.search(talk.text) else None
    return Text(await _verdict(talk, invoice))


async def pasted(talk: Talk, about: str) -> Reply | None:
    """The verdict on a text that has the shape of an invoice's QR code, pasted without a word."""
    del about
    text = talk.text or _scanned(talk)
    if len(text) < _SHORTEST or not _LIKELY.search(text):
        return None
    try:
        invoice = texts.read(text)
    except NotAnInvoice:
        return None
    return Text(await _verdict(talk, invoice))


async def photo(talk: Talk, about: str) -> Reply | None:
    """A picture: most often of an invoice."""
    del talk, about
    return Text(f"图片收到了，但我看不懂图片里的字。\n{_HOW}\n其他事情请用文字告诉我，回复“帮助”看能办什么。")


async def _verdict(talk: Talk, invoice: InvoiceText) -> str:
    """What is said of an invoice; one issued today waits for the morning if we know whom to tell then."""
    person_id = await talk.person()
    if person_id is None:
        return (await verification.verify(invoice, asked_by=talk.asker)).text
    try:
        owner = Owner(person_id)
        with told_about(caller=owner.asker):
            return (await checking.check(owner, invoice)).text
    except QueueFull as full:
        return full.message


def _scanned(talk: Talk) -> str:
    """What a menu button that scans has read."""
    scanned = talk.said.raw.get("ScanCodeInfo")
    result = scanned.get("ScanResult") if isinstance(scanned, dict) else None
    return result if isinstance(result, str) else ""
