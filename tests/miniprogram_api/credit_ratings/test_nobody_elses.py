"""A former agent learns nothing of ratings, nor is the authority asked for them; a collector only reads."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.accounts import agency, sessions
from app.domain.accounts.models import AgentRole, EnterpriseBinding
from app.domain.credit_appeals.models import CreditAppeal
from app.kit import clock
from tests.client import Answer, Client
from tests.factories import accounts
from tests.factories.credit import Authority
from tests.miniprogram_api.credit_ratings.conftest import Bound, bind

RATINGS = "/api/v1/credit-ratings"
ROUTES = ["GET /credit-ratings", "POST /what-if", "POST /appeals", "GET /appeals"]


async def ask(client: Client, route: str, token: str | None, enterprise_id: object) -> Answer:
    """Call one of the routes about an enterprise."""
    method, _, path = route.partition(" ")
    where = RATINGS if path == "/credit-ratings" else RATINGS + path
    if method == "GET":
        return await client.get(f"{where}?enterprise_id={enterprise_id}", token=token)
    body: dict[str, Any] = {"enterprise_id": str(enterprise_id)}
    if path == "/appeals":
        body |= {"kind": "review", "reason": "请复核"}
    return await client.post(where, token=token, json=body)


async def let_in(client: Client, who: Bound, route: str) -> bool:
    """Whether somebody gets an answer about their enterprise; a refusal must not tell that it exists."""
    answer = await ask(client, route, who.token, who.enterprise_id)
    if answer.status < 300:
        return True
    unknown = await ask(client, route, who.token, who.person_id)
    assert (answer.status, answer.code) == (unknown.status, unknown.code) == (404, "enterprise_not_bound")
    assert "88.00" not in str(answer.body)
    return False


@pytest.mark.parametrize("route", ROUTES)
async def test_an_expired_and_a_fired_agent_reach_nothing(
    client: Client, authority: Authority, route: str
) -> None:
    expired = await bind(client, "zhang", accounts.uscc_number(1))
    fired = await bind(client, "li", accounts.uscc_number(1), AgentRole.FINANCE_OFFICER)
    for one in (expired, fired):
        await client.put(
            "/api/v1/session/identity", token=one.token, json={"enterprise_id": str(one.enterprise_id)}
        )
    await EnterpriseBinding.filter(id=expired.binding_id).update(expires_on=clock.today() - timedelta(days=1))
    await agency.unbind(await sessions.citizen_of(fired.token), fired.binding_id)
    for one in (expired, fired):
        assert not await let_in(client, one, route)
    assert await CreditAppeal.all().count() == 0
    assert authority.asked == []


async def test_an_invoice_collector_reads_and_does_not_apply(client: Client) -> None:
    one = await bind(client, "zhang", accounts.uscc_number(1), AgentRole.INVOICE_COLLECTOR)
    assert await let_in(client, one, "GET /credit-ratings")
    refused = await ask(client, "POST /appeals", one.token, one.enterprise_id)
    assert (refused.status, refused.code) == (403, "credit_appeal_wrong_role")
