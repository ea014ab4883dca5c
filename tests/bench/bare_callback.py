"""A bare Sanic handler of sealed messages: AES and XML with our libraries, and nothing that makes it safe.

It opens the envelope, reads the message, and seals one and the same answer: no signature, no replay window,
no claim, no rate limit, no conversation.
"""

import base64
import os
import struct
import sys
import time
from typing import Any

import xmltodict
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from sanic import HTTPResponse, Request, Sanic

app: Sanic[Any, Any] = Sanic("bare_callback", configure_logging=False)

_KEY = base64.b64decode(os.environ.get("BARE_AES_KEY", "A" * 43) + "=")
_APPID = os.environ.get("BARE_APPID", "").encode()
_CONTENT = os.environ.get("BARE_CONTENT", "")


@app.post("/wechat/oa")
async def answer(request: Request) -> HTTPResponse:
    """The whole application."""
    raw = base64.b64decode(xmltodict.parse(request.body)["xml"]["Encrypt"])
    opener = Cipher(AES(_KEY), CBC(_KEY[:16])).decryptor()
    plain = opener.update(raw) + opener.finalize()
    (length,) = struct.unpack(">I", plain[16:20])
    said = xmltodict.parse(plain[20 : 20 + length])["xml"]
    written = (
        f"<xml><ToUserName><![CDATA[{said['FromUserName']}]]></ToUserName><FromUserName><![CDATA["
        f"{said['ToUserName']}]]></FromUserName><CreateTime>{int(time.time())}</CreateTime>"
        f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{_CONTENT}]]></Content></xml>"
    ).encode()
    padded = os.urandom(16) + struct.pack(">I", len(written)) + written + _APPID
    pad = 32 - len(padded) % 32
    sealer = Cipher(AES(_KEY), CBC(_KEY[:16])).encryptor()
    sealed = base64.b64encode(sealer.update(padded + bytes([pad]) * pad) + sealer.finalize()).decode()
    return HTTPResponse(f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>", content_type="application/xml")


if __name__ == "__main__":
    app.run("127.0.0.1", int(sys.argv[1]), workers=2, access_log=False, motd=False)
