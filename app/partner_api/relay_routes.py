"""Routes of questions that a node below asks through us."""

import time

import orjson
from sanic import HTTPResponse

from app.domain.partners import relaying
from app.domain.partners.errors import NonceUsed, RelayNotAllowed, SignatureRefused, TimestampRefused
from app.gateways.exchange import ExchangeDown, Library, NotConnected, Purpose, ShareRefused
from app.gateways.exchange.hops import HOPS, WayInCircles, WayTooLong, relayed
from app.kit.errors import TooOften
from app.kit.web import PARTNER, Call, Routes
from app.kit.web.routes import JSON
from app.partner_api.relay_schemas import AskRecords, RecordsAnswer
from config.logging import cause_var

routes = Routes("/partner/v1", tag="逐级查询")


@routes.post(
    "/library-records",
    caller=PARTNER,
    body=AskRecords,
    answer=RecordsAnswer,
    errors=(
        SignatureRefused, TimestampRefused, NonceUsed, RelayNotAllowed, ShareRefused, WayInCircles,
        WayTooLong, NotConnected, ExchangeDown, TooOften,
    ),
)  # fmt: skip
async def relay_records(call: Call) -> HTTPResponse:
    """向上级节点转查基础库，答复有签名并带回所经节点"""
    said, began = call.body, time.monotonic()
    library, purpose = Library(said["library"]), Purpose(said["purpose"])
    with relayed(call.request.headers) as way:
        # The call log names the node that asked as it is registered here, not only as it calls itself.
        cause_var.set(f"{cause_var.get()} {call.caller.code}")
        found = await relaying.records(call.caller, library, said["subject"], said["fields"], purpose)
    answer = {
        "library": said["library"],
        "subject": said["subject"],
        "records": [dict(one.facts) for one in found],
    }
    body = orjson.dumps(answer)
    proof = await relaying.signed(call.request.headers, body)
    back = way.back(round((time.monotonic() - began) * 1000))
    return HTTPResponse(body, content_type=JSON, headers={**proof, HOPS: back})
