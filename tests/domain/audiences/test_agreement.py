"""The database and the explanation judge alike: drawn rules over drawn people, all verdicts compared."""

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.domain.accounts.models import AgentRole, BindingStatus, IdentityLevel, Session
from app.domain.audiences import compiling, conditions, judging, memberships
from app.domain.audiences.compiling import Args
from app.kit import clock, ids
from app.kit import db as raw
from config import settings
from tests.factories import accounts
from tests.factories import audiences as make

PEOPLE = 40
RULES = 60


def drawn_facts(draw: random.Random) -> dict[str, Any]:
    """Facts of an enterprise, each of them unknown now and then."""
    facts: dict[str, Any] = {
        "taxpayer_type": draw.choice(["general", "small_scale"]),
        "is_exporter": draw.random() < 0.5,
        "is_individual": draw.random() < 0.5,
        "pays_social_insurance": draw.random() < 0.5,
        "industry": draw.choice(["4710", "70", "7010", "651"]),
        "registered_on": clock.today() - timedelta(days=draw.randrange(0, 800)),
        "region_code": draw.choice(["440106", "440305", "11"]),
    }
    return {name: value for name, value in facts.items() if draw.random() < 0.7}


async def drawn_person(draw: random.Random, serial: int) -> UUID:
    person_id = await make.person(draw.choice(list(IdentityLevel)))
    if draw.random() < 0.5:
        await raw.execute(
            "INSERT INTO wechat_identity (person_id, appid, openid, is_follower, session_key_sealed)"
            " VALUES ($1, $2, $3, $4, $5)",
            person_id, settings.current().oa_appid, f"openid{serial}", draw.random() < 0.7,
            "sealed" if draw.random() < 0.3 else None,
        )  # fmt: skip
    if draw.random() < 0.3:
        await Session.create(
            id=ids.uuid7(), token_hash=ids.token_hash(f"t{serial}"), person_id=person_id,
            expires_at=clock.now() + timedelta(days=1),
        )  # fmt: skip
    for one in range(draw.choice([0, 0, 1, 1, 2, 4])):
        facts = drawn_facts(draw)
        await make.bind(
            person_id,
            await make.enterprise(accounts.uscc_number(serial * 10 + one), **facts),
            draw.choice(list(AgentRole)),
            expires_on=clock.today() + timedelta(days=draw.choice([-1, 0, 30])),
            status=draw.choice([BindingStatus.ACTIVE, BindingStatus.ACTIVE, BindingStatus.UNBOUND]),
        )
    return person_id


def drawn_rule(draw: random.Random, depth: int, *, of_enterprise: bool = False) -> dict[str, Any]:
    words = ["leaf", "leaf", "not", "all", "any"] + ([] if of_enterprise else ["enterprise"] * 2)
    match "leaf" if depth == 0 else draw.choice(words):
        case "not":
            return {"not": drawn_rule(draw, depth - 1, of_enterprise=of_enterprise)}
        case "all" | "any" as word:
            return {word: [drawn_rule(draw, depth - 1, of_enterprise=of_enterprise) for _ in range(2)]}
        case "enterprise":
            return {"enterprise": drawn_rule(draw, depth - 1, of_enterprise=True)}
    tests: dict[str, dict[str, Any]] = {
        "level": {"at_least": draw.choice(list(IdentityLevel)).value},
        "is_follower": {"is": draw.random() < 0.5},
        "has_logged_in": {"is": draw.random() < 0.5},
        "enterprise_count": {"at_least": draw.randrange(4)},
    }
    if of_enterprise:
        tests = {
            "role": {"in": [draw.choice(list(AgentRole)).value]},
            "taxpayer_type": {"is": "general"},
            "is_exporter": {"is": draw.random() < 0.5},
            "industry": {"begins_with": ["47", "70"]},
            "registered_on": {"within_months": draw.choice([0, 6, 12])},
            "region_code": {"begins_with": ["4401"]},
        }
    fact = draw.choice(list(tests))
    return {"fact": fact, **tests[fact]}


async def test_both_judge_alike(db: None) -> None:
    draw = random.Random(20261122)
    people = [await drawn_person(draw, serial) for serial in range(1, PEOPLE + 1)]
    facts = {one: await memberships._facts(one) for one in people}
    verdicts = set()
    for _ in range(RULES):
        condition = conditions.read(drawn_rule(draw, 3))
        args = Args()
        statement = compiling.people(
            condition, args, today=clock.today(), oa_appid=settings.current().oa_appid, span=lambda _: "true"
        )
        found = {row["id"] for row in await raw.fetch(statement, *args.values)}
        for one in people:
            known = facts[one]
            assert known is not None
            verdict = judging.holds(condition, known, clock.today())
            assert (one in found) is (verdict is True), condition
            verdicts.add(verdict)
    assert verdicts == {True, False, None}
