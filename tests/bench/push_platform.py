"""The other end of the push benchmark: accepts every template, checks nothing, and gives one token."""

import sys

import orjson
import uvloop
from aiohttp import web

_TOKEN = orjson.dumps({"access_token": "a" * 136, "expires_in": 7200})
_SENT = orjson.dumps({"errcode": 0, "errmsg": "ok", "msgid": 2_000_000_000_000_000_000})


async def token(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(body=_TOKEN, content_type="application/json")


async def send(request: web.Request) -> web.Response:
    await request.read()
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
