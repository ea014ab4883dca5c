"""A platform that answers by script: any path, any answer, every request kept."""

import json
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOKEN = "/cgi-bin/stable_token"


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What is sent back; with ``drop`` the line breaks instead."""

    body: bytes = b'{"errcode":0}'
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    drop: bool = False


def said(**fields: Any) -> Answer:
    """A JSON answer."""
    return Answer(json.dumps(fields, ensure_ascii=False).encode())


@dataclass
class Scripted:
    """The platform; answers of a path are used one by one, the last one for ever."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    otherwise: Answer = Answer()
    _answers: dict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))
    _tokens: Counter[str] = field(default_factory=Counter)

    def answer(self, path: str, *answers: Answer) -> None:
        self._answers[path].extend(answers)

    def forget(self, path: str) -> None:
        self._answers.pop(path, None)

    def calls(self, path: str) -> list[Asked]:
        return [one for one in self.asked if one.path == path]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.asked.append(Asked(request.method, request.path, dict(request.query), body, request.headers))
        answer = self._next(request.path, body)
        if answer.drop:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(body=answer.body, status=answer.status, headers=answer.headers)

    def _next(self, path: str, body: bytes) -> Answer:
        waiting = self._answers[path]
        if waiting:
            return waiting.popleft() if len(waiting) > 1 else waiting[0]
        if path == TOKEN:
            appid = json.loads(body)["appid"]
            self._tokens[appid] += 1
            return said(access_token=f"token-{self._tokens[appid]}-of-{appid}", expires_in=7200)
        return self.otherwise


@asynccontextmanager
async def scripted() -> AsyncIterator[Scripted]:
    """The platform on a free port."""
    platform = Scripted()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", platform.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        platform.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield platform
    finally:
        await runner.cleanup()
