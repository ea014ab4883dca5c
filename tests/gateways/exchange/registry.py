"""A province's service over HTTP for tests: the demo behind the wire, signed, and wrong on demand.

It signs by the words of ``docs/exchange.md`` on its own, so that a mistake of ours cannot cancel itself out.
"""

import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.gateways.exchange.contract import ExchangeDown
from app.gateways.exchange.demo import DemoConnector
from app.gateways.exchange.demo_libraries import DemoLibraries
from app.gateways.exchange.demo_queries import DemoCredit, DemoInvoices
from app.gateways.exchange.http import AGENT_CHECKS, PERSON_CHECKS
from app.gateways.exchange.http_credit import A_LIST, CREDIT_RATINGS
from app.gateways.exchange.http_invoices import INVOICE_CHECKS
from app.gateways.exchange.http_libraries import LIBRARY_RECORDS
from app.gateways.exchange.invoice_contract import InvoiceQuestion
from app.gateways.exchange.library_contract import Library
from app.gateways.exchange.signing import HmacSigner, Sm2Signer
from app.kit import signing, sm2

TestServer.__test__ = False

KEY, SECRET = "weiban", "a secret shared with the registry"
SIGNER = HmacSigner(KEY, SECRET)
OUR_SM2, THEIR_SM2 = sm2.PrivateKey.of(0xA11CE), sm2.PrivateKey.of(0xB0B)
SM2_SIGNER = Sm2Signer(KEY, OUR_SM2, THEIR_SM2.public)

Facts = dict[str, Any]


@dataclass(frozen=True)
class Wrong:
    """An answer that differs from the right one in one respect."""

    facts: Callable[[Facts], Facts] | None = None
    signature: str | None = None
    nonce: str | None = None
    clock_s: int = 0


@dataclass
class Registry:
    """What it was asked, and what it shall do instead of answering: a status, a delay in seconds, bytes …"""

    url: str = ""
    asked: list[tuple[dict[str, str], Facts]] = field(default_factory=list)
    faults: list[int | float | bytes | Wrong] = field(default_factory=list)
    always: int | Wrong | None = None
    headers: dict[str, str] = field(default_factory=dict)
    is_sm2: bool = False

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.asked.append((dict(request.headers), orjson.loads(body)))
        fault = self.always if self.always is not None else self.faults.pop(0) if self.faults else None
        match fault:
            case int(status):
                return web.Response(status=status, headers=self.headers)
            case float(seconds):
                await asyncio.sleep(seconds)
            case bytes(raw):
                return self._signed(request, raw, Wrong())
        if request.headers.get(signing.KEY) != KEY or not self._is_genuine(request, body):
            return web.Response(status=401)
        wrong = fault if isinstance(fault, Wrong) else Wrong()
        try:
            facts = await _ANSWERS[request.path.removeprefix("/gateway")](orjson.loads(body))
        except ExchangeDown:
            return web.Response(status=503)
        facts = wrong.facts(facts) if wrong.facts else facts
        return self._signed(request, orjson.dumps(facts, default=str), wrong)

    def _is_genuine(self, request: web.Request, body: bytes) -> bool:
        if not self.is_sm2:
            return signing.is_genuine(SECRET, request.method, request.path, request.headers, body)
        told = request.headers
        text = signing.sm2_text(
            request.method, request.path, told[signing.TIMESTAMP], told[signing.NONCE], body
        )
        return OUR_SM2.public.verify(text, bytes.fromhex(told[signing.SIGNATURE]), b"1234567812345678")

    def _signed(self, request: web.Request, raw: bytes, wrong: Wrong) -> web.Response:
        at = str(int(time.time()) + wrong.clock_s)
        nonce = wrong.nonce or request.headers[signing.NONCE]
        made = answer_signature(at, nonce, raw, is_sm2=self.is_sm2)
        headers = {
            "X-Exchange-Timestamp": at,
            "X-Exchange-Signature": made if wrong.signature is None else wrong.signature,
            **self.headers,
        }
        return web.Response(body=raw, content_type="application/json", headers=headers)


def answer_signature(at: str, nonce: str, raw: bytes, *, is_sm2: bool = False) -> str:
    """The signature of an answer with status 200."""
    digest = signing.sm3(raw).hex() if is_sm2 else hashlib.sha256(raw).hexdigest()
    lines = f"ANSWER\n200\n{at}\n{nonce}\n{digest}".encode()
    if is_sm2:
        return THEIR_SM2.sign(lines, b"1234567812345678").hex()
    return hmac.new(SECRET.encode(), lines, "sha256").hexdigest()


async def _person(asked: Facts) -> Facts:
    found = await DemoConnector().check_person(asked["name"], asked["id_number"])
    return {"outcome": found.outcome}


async def _agent(asked: Facts) -> Facts:
    found = await DemoConnector().check_agent(asked["uscc"], asked["id_number"], asked["role"])
    return {"outcome": found.outcome, "uscc": asked["uscc"], "enterprise_name": found.enterprise_name}


async def _invoice(asked: Facts) -> Facts:
    question = InvoiceQuestion(
        asked["kind"], asked["code"], asked["number"], date.fromisoformat(asked["issued_on"]), asked["proof"]
    )
    return {**asdict(await DemoInvoices().verify(question)), "code": asked["code"], "number": asked["number"]}


async def _ratings(asked: Facts) -> Facts:
    found = await DemoCredit().ratings(asked["uscc"])
    return {"uscc": asked["uscc"], "ratings": [asdict(one) for one in found][::-1]}


async def _a_list(asked: Facts) -> Facts:
    page = await DemoCredit().a_list(asked["year"], asked["query"], asked["page"])
    return {
        "year": asked["year"], "page": asked["page"], "has_more": page.has_more,
        "enterprises": [{"uscc": one.uscc, "name": one.name} for one in page.entries],
    }  # fmt: skip


async def _records(asked: Facts) -> Facts:
    found = await DemoLibraries().look_up(
        Library(asked["library"]), asked["subject"], asked["fields"], purpose=asked["purpose"]
    )
    return {
        "library": asked["library"], "subject": asked["subject"],
        "records": [dict(one.facts) for one in found],
    }  # fmt: skip


_ANSWERS: Mapping[str, Any] = {
    PERSON_CHECKS: _person,
    AGENT_CHECKS: _agent,
    INVOICE_CHECKS: _invoice,
    CREDIT_RATINGS: _ratings,
    A_LIST: _a_list,
    LIBRARY_RECORDS: _records,
}


@asynccontextmanager
async def running() -> AsyncIterator[Registry]:
    """Serve until the block ends, under a path prefix as a real gateway would."""
    registry = Registry()
    application = web.Application()
    for path in _ANSWERS:
        application.router.add_post(f"/gateway{path}", registry.take)
    async with TestServer(application) as server:
        registry.url = str(server.make_url("/gateway"))
        yield registry
