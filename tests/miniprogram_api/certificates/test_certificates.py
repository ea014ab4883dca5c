"""One's own certificates over HTTP, and nobody else's: two people, two enterprises, two former agents."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from app.domain.accounts import proofing, sessions
from app.domain.accounts.models import (
    AgentRole,
    BindingStatus,
    EnterpriseBinding,
    IdentityLevel,
    Person,
    Session,
)
from app.kit import clock, crypto
from app.kit.ids import uuid7
from tests.client import Client
from tests.factories.accounts import id_number, uscc_number
from tests.factories.certificates import certificate
from tests.factories.partners import make_partner
from tests.factories.sharing import make_enterprise

LIST = "/api/v1/me/certificates"

# Who asks, for whom, and the serials they may see then; everything else is not found.
MATRIX = {
    ("ann", None): {"ANN"},
    ("ann", "A"): {"FIRMA"},
    ("ben", None): {"BEN"},
    ("ben", "B"): {"FIRMB"},
    ("expired", None): set(),
    ("expired", "A"): set(),
    ("fired", None): set(),
    ("fired", "A"): set(),
    ("unproved", None): set(),
}


@dataclass
class Town:
    """Everybody's token, and the number each certificate is shown under."""

    tokens: dict[str, str]
    firms: dict[str, object]

    async def acts(self, name: str, firm: str | None) -> str:
        """The token of somebody; what they once were allowed to choose stays chosen."""
        citizen = await sessions.citizen_of(self.tokens[name])
        await Session.filter(id=citizen.session_id).update(enterprise_id=self.firms[firm] if firm else None)
        return self.tokens[name]


@pytest.fixture
async def town(client: Client) -> Town:
    names = ["ann", "ben", "expired", "fired", "unproved"]
    tokens = {name: await client.log_in(name) for name in names}
    numbers = {name: id_number() for name in names}
    firms = {name: await make_enterprise(uscc_number(serial)) for serial, name in ((1, "A"), (2, "B"))}
    for name, firm, days, status in (
        ("ann", "A", 30, BindingStatus.ACTIVE),
        ("ben", "B", 30, BindingStatus.ACTIVE),
        ("expired", "A", -1, BindingStatus.ACTIVE),
        ("fired", "A", 30, BindingStatus.UNBOUND),
    ):
        citizen = await sessions.citizen_of(tokens[name])
        await Person.filter(id=citizen.person_id).update(
            level=IdentityLevel.REALNAME_L1,
            id_number_hash=crypto.lookup_hash(numbers[name], proofing.ID_NUMBER),
        )
        await EnterpriseBinding.create(
            id=uuid7(), person_id=citizen.person_id, enterprise_id=firms[firm], role=AgentRole.TAX_AGENT,
            status=status, expires_on=clock.today() + timedelta(days=days),
            ended_at=clock.now() if status is BindingStatus.UNBOUND else None,
        )  # fmt: skip
    people: dict[str, Any] = {"holder_kind": "person", "holder_name": "欧阳明明"}
    await (await make_partner()).take_in(
        certificate(1, "ANN", number=numbers["ann"], holder_number=numbers["ann"], **people),
        certificate(2, "BEN", holder_number=numbers["ben"], **people),
        certificate(3, "FIRMA", number="JY14401060012345", holder_number=uscc_number(1)),
        certificate(4, "FIRMB", holder_number=uscc_number(2)),
        # The old one of ann's firm: nobody is shown it any more.
        certificate(5, "FIRMA", version=2, hours=1, number="JY14401060012345"),
    )
    return Town(tokens, dict(firms))


async def test_each_sees_their_own_and_nothing_else(client: Client, town: Town) -> None:
    ids: dict[str, str] = {}
    for (name, firm), allowed in MATRIX.items():
        token = await town.acts(name, firm)
        listed = (await client.get(LIST, token=token)).body["items"]
        assert len(listed) == len(allowed), (name, firm)
        ids |= {serial: one["id"] for serial, one in zip(allowed, listed, strict=True)}
    assert len(set(ids.values())) == 4
    for (name, firm), allowed in MATRIX.items():
        token = await town.acts(name, firm)
        for serial, id_ in ids.items():
            answer = await client.get(f"{LIST}/{id_}", token=token)
            assert answer.status == (200 if serial in allowed else 404), (name, firm, serial)


async def test_numbers_are_masked_in_the_list_and_an_id_number_everywhere(client: Client, town: Town) -> None:
    token = await town.acts("ann", "A")
    (listed,) = (await client.get(LIST, token=token)).body["items"]
    assert (listed["number"], listed["state"]) == ("JY1*********2345", "valid")
    shown = (await client.get(f"{LIST}/{listed['id']}", token=token)).body
    assert (shown["number"], shown["holder_number"]) == ("JY14401060012345", uscc_number(1))
    assert (shown["version"], shown["trust"]) == (2, "A")
    assert shown["watermark"].startswith("此件由天河区市场监督管理局提供")
    token = await town.acts("ann", None)
    (listed,) = (await client.get(LIST, token=token)).body["items"]
    shown = (await client.get(f"{LIST}/{listed['id']}", token=token)).body
    assert (shown["holder_name"], shown["number"][3:14], shown["holder_number"][3:14]) == (
        "欧**明", "*" * 11, "*" * 11,
    )  # fmt: skip


async def test_a_long_list_comes_in_pages(client: Client, town: Town) -> None:
    await (await make_partner()).take_in(*(certificate(place, f"S{place}") for place in range(1, 5)))
    token, seen, cursor = await town.acts("ann", "A"), [], ""
    for _ in range(5):
        page = (await client.get(f"{LIST}?limit=2{cursor}", token=token)).body
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(seen) == len(set(seen)) == 5


async def test_ones_export_holds_ones_own_in_clear(client: Client, town: Town) -> None:
    token = await town.acts("ann", None)
    (own,) = (await client.get("/api/v1/me/export", token=token)).body["sections"]["certificates"]
    assert (own["holder_name"], own["identifier"].split(".")[7]) == ("欧阳明明", "ANN")
    token = await town.acts("unproved", None)
    assert (await client.get("/api/v1/me/export", token=token)).body["sections"]["certificates"] == []
