"""An operator over HTTP for tests: the demo behind the wire, with signatures checked and faults on demand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from app.gateways.sms.contract import SmsReceipt, SmsRefused, SmsUnreachable, TextMessage
from app.gateways.sms.demo import DemoSms
from app.gateways.sms.http import ACKNOWLEDGEMENTS, MESSAGES, RECEIPTS
from app.kit import signing

TestServer.__test__ = False

KEY, SECRET = "weiban", "a secret shared with the operator"
SIGNATURE = "微办"


@dataclass
class Operator:
    """What it was asked, and what it shall do instead of answering: a status, or a delay in seconds."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    faults: list[int | float | bytes] = field(default_factory=list)
    always: int | None = None
    demo: DemoSms = field(default_factory=lambda: DemoSms(SIGNATURE))

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        asked = await request.json()
        self.asked.append(asked)
        if self.always is not None:
            return web.Response(status=self.always)
        match self.faults.pop(0) if self.faults else None:
            case int(status):
                return web.Response(status=status)
            case float(seconds):
                await asyncio.sleep(seconds)
            case bytes(raw):
                return web.Response(body=raw, content_type="application/json")
        if not signing.is_genuine(SECRET, request.method, request.path, request.headers, body):
            return web.Response(status=401)
        try:
            return web.json_response(await self._answer(request.path, asked))
        except SmsRefused as refused:
            return web.json_response({"refusal": refused.errcode, "text": refused.text})
        except SmsUnreachable:
            return web.Response(status=504)

    async def _answer(self, path: str, asked: dict[str, Any]) -> dict[str, Any]:
        if path.endswith(MESSAGES):
            assert asked.pop("signature") == SIGNATURE
            return {"serial": await self.demo.send(TextMessage(**asked))}
        if path.endswith(RECEIPTS):
            return {"receipts": [asdict(one) for one in await self.demo.receipts()]}
        known = {one.serial: one for one in await self.demo.receipts()}
        await self.demo.acknowledge([known[serial] for serial in asked["serials"] if serial in known])
        return {}


@asynccontextmanager
async def running() -> AsyncIterator[Operator]:
    """Serve until the block ends, under a path prefix as a real gateway would."""
    operator = Operator()
    application = web.Application()
    for path in (MESSAGES, RECEIPTS, ACKNOWLEDGEMENTS):
        application.router.add_post(f"/gateway{path}", operator.take)
    async with TestServer(application) as server:
        operator.url = str(server.make_url("/gateway"))
        yield operator


def message(phone: str = "13800138000", out_id: str = "1f-18a0") -> TextMessage:
    """One text message."""
    return TextMessage(
        phone,
        "SMS_HALL_CANCELLED",
        {"hall": "天河区办税服务厅", "number": "48210957"},
        "天河区办税服务厅取消了您的预约（48210957）。",
        out_id,
    )


def told(receipts: list[SmsReceipt]) -> list[tuple[str, bool]]:
    """Our own ids and whether they arrived."""
    return [(one.out_id, one.is_delivered) for one in receipts]
