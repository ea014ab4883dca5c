"""A registry over HTTP for tests: the demo behind the wire, with signatures checked and faults on demand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from app.gateways.exchange import signing
from app.gateways.exchange.contract import ExchangeDown
from app.gateways.exchange.demo import DemoConnector
from app.gateways.exchange.http import AGENT_CHECKS, PERSON_CHECKS

TestServer.__test__ = False

KEY, SECRET = "weiban", "a secret shared with the registry"


@dataclass
class Registry:
    """What it was asked, and what it shall do instead of answering: a status, or a delay in seconds."""

    url: str = ""
    asked: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    faults: list[int | float | bytes] = field(default_factory=list)
    always: int | None = None

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.asked.append((dict(request.headers), await request.json()))
        if self.always is not None:
            return web.Response(status=self.always)
        match self.faults.pop(0) if self.faults else None:
            case int(status):
                return web.Response(status=status)
            case float(seconds):
                await asyncio.sleep(seconds)
            case bytes(raw):
                return web.Response(body=raw, content_type="application/json")
        if request.headers.get(signing.KEY) != KEY or not self._is_genuine(request, body):
            return web.Response(status=401)
        return await self._answer(request.path, await request.json())

    @staticmethod
    def _is_genuine(request: web.Request, body: bytes) -> bool:
        return signing.is_genuine(SECRET, request.method, request.path, request.headers, body)

    async def _answer(self, path: str, asked: dict[str, Any]) -> web.Response:
        demo = DemoConnector()
        try:
            if path.endswith(PERSON_CHECKS):
                person = await demo.check_person(asked["name"], asked["id_number"])
                return web.json_response({"outcome": person.outcome})
            agent = await demo.check_agent(asked["uscc"], asked["id_number"], asked["role"])
            return web.json_response({"outcome": agent.outcome, "enterprise_name": agent.enterprise_name})
        except ExchangeDown:
            return web.Response(status=503)


@asynccontextmanager
async def running() -> AsyncIterator[Registry]:
    """Serve until the block ends, under a path prefix as a real gateway would."""
    registry = Registry()
    application = web.Application()
    for path in (PERSON_CHECKS, AGENT_CHECKS):
        application.router.add_post(f"/gateway{path}", registry.take)
    async with TestServer(application) as server:
        registry.url = str(server.make_url("/gateway"))
        yield registry
