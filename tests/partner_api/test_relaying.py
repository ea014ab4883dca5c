"""A node below asks a base library through us: by the same documents, signed both ways, never in circles."""

import asyncio
from collections.abc import AsyncIterator
from contextvars import ContextVar

import orjson
import pytest

from app.gateways import exchange
from app.gateways.exchange import ExchangeDown, Library, Purpose, calls
from app.gateways.exchange.hops import HOPS, MOST, REQUEST_ID
from app.gateways.exchange.http_libraries import HttpLibraries
from app.gateways.exchange.signing import HmacSigner
from app.kit import db as raw
from config import settings
from tests.client import Answer, Client
from tests.factories import accounts as make
from tests.factories.partners import SECRET, Partner, make_partner
from tests.gateways.exchange.registry import SIGNER, Registry, running

PATH = "/partner/v1/library-records"
REVIEW = Purpose.CASE_REVIEW.value
USCC = "91440101MA5DEMQ01M"


@pytest.fixture
async def province(db: None) -> AsyncIterator[Registry]:
    """The node above us, which our base libraries are connected to."""
    async with running() as registry:
        registry.headers = {HOPS: "gd-gateway;12, national;30"}
        connector = HttpLibraries(registry.url, SIGNER, pause_s=0)
        exchange.use_libraries(connector)
        yield registry
        await connector.close()
        exchange.use_libraries(None)


@pytest.fixture
async def county(client: Client) -> Partner:
    """The node below us."""
    return await make_partner(relays=[REVIEW])


async def ask(client: Client, node: Partner, way: str | None = None, **said: object) -> Answer:
    asked = {"library": "legal_persons", "subject": USCC, "fields": ["name"], "purpose": REVIEW, **said}
    body = orjson.dumps(asked)
    headers = node.headers("POST", PATH, body) | ({} if way is None else {HOPS: way})
    return await client.post(PATH, data=body, headers=headers)


async def logged() -> list[tuple[str, str, str]]:
    await calls.flush()
    rows = await raw.fetch("SELECT outcome, hops, cause FROM exchange_call ORDER BY id")
    return [(row["outcome"], row["hops"], row["cause"]) for row in rows]


@pytest.fixture
def _as_county(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this test asks, it asks as another node; what is served to it, is served as ours."""
    ours, node = settings.current(), ContextVar("node", default=settings.current().exchange_node)
    node.set("county")
    monkeypatch.setattr(settings, "current", lambda: ours.model_copy(update={"exchange_node": node.get()}))


@pytest.mark.usefixtures("_as_county", "province")
@pytest.mark.parametrize(("secret", "is_right"), [(SECRET, True), ("another secret", False)])
async def test_a_node_below_connects_to_us_as_we_connect_to_the_node_above(
    partner_address: str, county: Partner, secret: str, is_right: bool
) -> None:
    below = HttpLibraries(f"{partner_address}/partner", HmacSigner(county.key, secret), pause_s=0)
    asking = below.look_up(Library.LEGAL_PERSONS, USCC, ["name"], purpose=REVIEW)
    if is_right:
        assert len(await asking) == 1, "it believes the answer, which we signed"
        assert [way for _, way, _ in await logged()] == ["county,weiban,gd-gateway;12,national;30"]
    else:
        with pytest.raises(ExchangeDown):
            await asking
    await below.close()


async def test_the_whole_way_is_handed_on_logged_and_told_back(
    province: Registry, client: Client, county: Partner
) -> None:
    answer = await ask(client, county, "town;3, county")
    assert (answer.status, answer.body["subject"], len(answer.body["records"])) == (200, USCC, 1)
    asked, _ = province.asked[0]
    assert asked[HOPS] == "town,county,weiban"
    back = answer.headers[HOPS.lower()].split(",")
    assert [station.partition(";")[0] for station in back] == ["weiban", "gd-gateway", "national"]
    assert await logged() == [
        ("answered", "town,county,weiban,gd-gateway;12,national;30", f"POST {PATH} {county.code}")
    ]


async def test_the_number_of_the_request_is_the_same_at_every_node(
    province: Registry, client: Client, county: Partner
) -> None:
    body = orjson.dumps({"library": "credit", "subject": USCC, "fields": ["status"], "purpose": REVIEW})
    headers = county.headers("POST", PATH, body) | {REQUEST_ID: "0192aa"}
    assert (await client.post(PATH, data=body, headers=headers)).status == 200
    assert province.asked[0][0][REQUEST_ID] == "0192aa"
    await calls.flush()
    assert await raw.fetch_value("SELECT request_id FROM exchange_call") == "0192aa"


@pytest.mark.parametrize(
    ("way", "status", "code"),
    [
        ("town, WEIBAN;5, county", 409, "exchange_way_in_circles"),
        (",".join(f"n{place}" for place in range(MOST)), 409, "exchange_way_too_long"),
        ("town, <county>", 422, "invalid_input"),
    ],
)
async def test_a_question_goes_neither_in_circles_nor_for_ever(
    province: Registry, client: Client, county: Partner, way: str, status: int, code: str
) -> None:
    refused = await ask(client, county, way)
    assert (refused.status, refused.code) == (status, code)
    assert province.asked == []


async def test_seven_stations_below_are_the_most(province: Registry, client: Client, county: Partner) -> None:
    below = ",".join(f"n{place}" for place in range(MOST - 1))
    assert (await ask(client, county, below)).status == 200
    assert province.asked[0][0][HOPS] == f"{below},weiban"


async def test_a_circle_of_nodes_ends_at_once(partner_address: str, client: Client, county: Partner) -> None:
    ourselves = HttpLibraries(f"{partner_address}/partner", HmacSigner(county.key, SECRET), pause_s=0)
    exchange.use_libraries(ourselves)
    async with asyncio.timeout(3):
        refused = await ask(client, county)
    assert (refused.status, refused.code) == (503, "exchange_rejected")
    assert [outcome for outcome, _, _ in await logged()] == ["rejected"]
    await ourselves.close()
    exchange.use_libraries(None)


async def test_only_what_is_registered_and_has_a_ground_is_relayed(
    province: Registry, client: Client, county: Partner
) -> None:
    stranger = await make_partner()
    for refused, status, code in (
        (await ask(client, stranger), 403, "partner_relay_not_allowed"),
        (await ask(client, county, purpose=Purpose.PREFILL.value), 403, "partner_relay_not_allowed"),
        (await ask(client, county, fields=["birth_date"]), 409, "share_refused"),
        (await ask(client, county, purpose=Purpose.RATING.value), 422, "invalid_input"),
    ):
        assert (refused.status, refused.code) == (status, code)
    assert province.asked == []


async def test_so_many_a_minute_and_no_more(
    province: Registry, client: Client, county: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = settings.current().model_copy(update={"partner_relays_per_minute": 1})
    monkeypatch.setattr(settings, "current", lambda: strict)
    assert (await ask(client, county)).status == 200
    again = await ask(client, county)
    assert (again.status, again.code) == (429, "too_often")


async def test_a_province_that_is_down_is_told_below(
    province: Registry, client: Client, county: Partner
) -> None:
    province.always = 503
    down = await ask(client, county, subject=make.uscc_number())
    assert (down.status, down.code) == (503, "exchange_down")
    assert int(down.headers["retry-after"]) > 0
    ((outcome, way, _),) = await logged()
    assert (outcome, way) == ("down", "weiban,gd-gateway;12,national;30")
