"""A pretend S3 service on a free port: one bucket in memory, and a door that looks at signatures."""

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

BUCKET, KEY, SECRET = "papers", "our-key", "our-secret"
_SIGNED = re.compile(
    rf"AWS4-HMAC-SHA256 Credential={KEY}/\d{{8}}/us-east-1/s3/aws4_request, "
    r"SignedHeaders=[a-z0-9;-]*x-amz-content-sha256[a-z0-9;-]*, Signature=[0-9a-f]{64}"
)


@dataclass
class PretendS3:
    """What is in the bucket, what was asked, and whether the service answers at all."""

    objects: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    is_broken: bool = False
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.asked.append(request.method)
        if self.is_broken:
            return web.Response(status=500)
        signed = _SIGNED.fullmatch(request.headers.get("authorization", ""))
        if not signed or request.headers["x-amz-content-sha256"] != hashlib.sha256(body).hexdigest():
            return web.Response(status=403)
        key = request.match_info["key"]
        match request.method:
            case "PUT":
                self.objects[key] = body
                return web.Response(headers={"etag": _etag(body)})
            case "DELETE":
                self.objects.pop(key, None)
                return web.Response(status=204)
            case _ if key not in self.objects:
                words = "<Error><Code>NoSuchKey</Code></Error>" if request.method == "GET" else ""
                return web.Response(status=404, text=words, content_type="application/xml")
            case _:
                content = self.objects[key]
                return web.Response(
                    body=content, content_type="application/octet-stream", headers={"etag": _etag(content)}
                )


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


@asynccontextmanager
async def pretend_s3() -> AsyncIterator[PretendS3]:
    service = PretendS3()
    app = web.Application(client_max_size=32 * 1024 * 1024)
    app.router.add_route("*", f"/{BUCKET}/{{key:.+}}", service.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield service
    finally:
        await runner.cleanup()
