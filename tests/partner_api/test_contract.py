"""An independent client drives the interface from its OpenAPI document, in sense and nonsense."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import orjson
import pytest
import schemathesis
from requests import PreparedRequest
from requests.auth import AuthBase

import app
from app.domain.partners.kinds import Message
from app.kit import signing
from app.partner_api import reading
from tests.client import Client
from tests.factories.cases import case_number
from tests.factories.partners import FACTS, Partner, make_partner, message
from tests.openapi_client import ask, operation_of

OPERATIONS = [
    ("post", "/partner/v1/messages"),
    ("get", "/partner/v1/messages/{sequence}"),
    ("get", "/partner/v1/status"),
    ("post", "/partner/v1/library-records"),
]


async def document(client: Client) -> dict[str, Any]:
    answer = await client.get("/partner/openapi.json")
    found: dict[str, Any] = answer.body
    return found


class Signature(AuthBase):
    """Signs what is really sent."""

    def __init__(self, partner: Partner) -> None:
        self.partner = partner

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        body: Any = request.body or b""
        sent = body.encode() if isinstance(body, str) else body
        headers = self.partner.headers(request.method or "", request.path_url, sent)
        # What the client made up for the one header that the document names is replaced.
        request.headers.update(headers)
        return request


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
async def test_whatever_is_asked_the_answer_is_in_the_document(
    client: Client, method: str, path: str
) -> None:
    partner = await make_partner(authorities=(), regions=())
    told, url = await document(client), str(client.session._base_url)
    await asyncio.to_thread(ask, operation_of(told, method, path), url, 4, auth=Signature(partner))


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
async def test_however_long_one_asks_the_answer_is_in_the_document(
    client: Client, method: str, path: str
) -> None:
    partner = await make_partner(authorities=(), regions=())
    told, url = await document(client), str(client.session._base_url)
    await asyncio.to_thread(ask, operation_of(told, method, path), url, 1000, auth=Signature(partner))


async def test_the_document_is_openapi_3_1_and_holds_every_kind(client: Client) -> None:
    told = await document(client)
    schemathesis.openapi.from_dict(told).validate()
    listed = told["components"]["schemas"]["PushMessages"]["properties"]["messages"]["items"]["anyOf"]
    names = {one["$ref"].rpartition("/")[2] for one in listed}
    assert names <= set(told["components"]["schemas"])
    assert len(names) == len(FACTS) + 2  # Ratings and certificates are no messages of a case.
    nameless = [
        f"{shape}.{name}"
        for shape, schema in told["components"]["schemas"].items()
        for name, field in schema.get("properties", {}).items()
        if not field.get("description") and "$ref" not in field
    ]
    assert nameless == []


async def test_a_message_made_from_the_document_alone_is_taken(client: Client) -> None:
    """Every kind: what its shape requires is what our own examples give."""
    told = await document(client)
    for kind, facts in FACTS.items():
        shape = told["components"]["schemas"][kind.title().replace("_", "")]
        row = message(kind, case_number(), 1, sequence=1)
        assert set(shape["required"]) <= set(row), kind
        assert set(facts) <= set(shape["properties"]), kind


def test_the_worked_example_of_the_documentation_is_right() -> None:
    told = Path(app.__file__).parents[1].joinpath("docs/partners.md").read_text(encoding="utf-8")
    body = next(line for line in told.splitlines() if line.startswith('{"messages"')).encode()
    given = ("POST", "/partner/v1/messages", "1795485600", "b3f0c1d2e4a59687", body)
    assert hashlib.sha256(body).hexdigest() in told
    assert f"`{signing.signature('example-secret-of-both-sides', *given)}`" in told
    (row,) = orjson.loads(body)["messages"]
    assert isinstance(reading.read(row, None), Message)
