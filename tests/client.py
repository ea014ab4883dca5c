"""A caller of our API as the mini-program is one: JSON in, JSON out, a token to name oneself."""

from dataclasses import dataclass, field
from typing import Any

import aiohttp


@dataclass(slots=True)
class Answer:
    """What came back; ``body`` is parsed if it is JSON."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The problem's stable code."""
        code: str = self.body["code"]
        return code


class Client:
    """Speaks to one server."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def __call__(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> Answer:
        sent = {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
        async with self.session.request(method, path, headers=sent, **options) as answer:
            received = {name.lower(): value for name, value in answer.headers.items()}
            is_json = "json" in received.get("content-type", "")
            body = await answer.json(content_type=None) if is_json else await answer.read()
            return Answer(answer.status, body, received)

    async def get(self, path: str, **options: Any) -> Answer:
        return await self("GET", path, **options)

    async def post(self, path: str, **options: Any) -> Answer:
        return await self("POST", path, **options)

    async def put(self, path: str, **options: Any) -> Answer:
        return await self("PUT", path, **options)

    async def delete(self, path: str, **options: Any) -> Answer:
        return await self("DELETE", path, **options)

    async def log_in(self, name: str) -> str:
        """The token of the person the sandbox knows by this name."""
        answer = await self.post("/api/v1/session", json={"code": f"sandbox-{name}"})
        assert answer.status in (200, 201), answer.body
        token: str = answer.body["token"]
        return token
