"""The other end of the push benchmarks: accepts every template, checks nothing, and gives one token.

``python -m tests.bench.push_platform PORT [DELAY_S]``; the delay is that of a platform some way off.
"""

import asyncio
import sys

import orjson
import uvloop
from aiohttp import web

_TOKEN = orjson.dumps({"access_token": "a" * 136, "expires_in": 7200})
DELAY_S = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
_SENT = orjson.dumps({"errcode": 0, "errmsg": "ok", "msgid": 2_000_000_000_000_000_000})


async def token(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(body=_TOKEN, content_type="application/json")


async def send(request: web.Request) -> web.Response:
    await request.read()
    if DELAY_S:
        await asyncio.sleep(DELAY_S)
    return web.Response(body=_SENT, content_type="application/json")


def main() -> None:
    app = web.Application()
    app.router.add_post("/cgi-bin/stable_token", token)
    app.router.add_post("/cgi-bin/message/template/send", send)
    web.run_app(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        access_log=None,
        print=None,
        loop=uvloop.new_event_loop(),
    )


if __name__ == "__main__":
    main()
