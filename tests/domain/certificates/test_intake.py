"""Certificates pushed by their issuers: each version once, the newest counts, whatever order they come in."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest

from app.domain.accounts.models import StaffRole
from app.domain.certificates import intake
from app.domain.certificates.models import Certificate
from app.domain.partners import dead_letters, queries
from app.domain.partners.kinds import Outcome
from app.kit import clock, db
from tests.factories.accounts import id_number, uscc_number
from tests.factories.audiences import at_work
from tests.factories.certificates import certificate
from tests.factories.partners import Partner, make_partner

pytestmark = pytest.mark.usefixtures("db")


async def told(partner: Partner, *rows: dict[str, Any]) -> list[tuple[Outcome, str | None]]:
    return [(one.outcome, one.code) for one in await partner.take_in(*rows)]


async def standing() -> dict[int, tuple[str, str]]:
    """State and status of each version."""
    rows = await Certificate.all().order_by("version")
    return {one.version: (one.state, one.status) for one in rows}


APPLIED = (Outcome.APPLIED, None)


async def test_a_newer_version_replaces_the_older() -> None:
    partner = await make_partner()
    assert await told(partner, certificate(1), certificate(2, version=2, hours=1)) == [APPLIED] * 2
    assert await standing() == {1: ("replaced", "valid"), 2: ("valid", "valid")}
    assert await told(partner, certificate(3, version=3, hours=2)) == [APPLIED]
    assert await standing() == {1: ("replaced", "valid"), 2: ("replaced", "valid"), 3: ("valid", "valid")}


async def test_an_older_version_arriving_late_overwrites_nothing() -> None:
    partner = await make_partner()
    await told(partner, certificate(2, version=2, hours=1))
    assert await told(partner, certificate(1, name="旧证")) == [APPLIED]
    assert await standing() == {1: ("replaced", "valid"), 2: ("valid", "valid")}
    assert (await Certificate.get(version=2)).name == "食品经营许可证"


async def test_an_older_word_about_a_version_arriving_late_overwrites_nothing() -> None:
    partner = await make_partner()
    await told(partner, certificate(1, hours=5, status="locked"))
    assert await told(partner, certificate(2, hours=2)) == [APPLIED]
    assert await standing() == {1: ("locked", "locked")}
    await told(partner, certificate(3, hours=6))
    assert await standing() == {1: ("valid", "valid")}


@pytest.mark.parametrize("status", ["revoked", "cancelled"])
async def test_what_was_revoked_comes_back_only_as_a_new_version(status: str) -> None:
    partner = await make_partner()
    await told(partner, certificate(1), certificate(2, hours=1, status=status))
    assert await standing() == {1: ("revoked", status)}
    (refused,) = await partner.take_in(certificate(3, hours=2))
    assert (refused.outcome, refused.code) == (Outcome.REFUSED, "partner_certificate_refused")
    assert "新的版本" in (refused.detail or "")
    assert await told(partner, certificate(4, version=2, hours=3)) == [APPLIED]
    assert await standing() == {1: ("replaced", status), 2: ("valid", "valid")}


async def test_an_old_version_may_still_be_revoked() -> None:
    partner = await make_partner()
    await told(partner, certificate(1), certificate(2, version=2, hours=1))
    await told(partner, certificate(3, hours=2, status="revoked"))
    assert await standing() == {1: ("replaced", "revoked"), 2: ("valid", "valid")}


async def test_any_order_ends_in_the_same_state() -> None:
    rows = [
        certificate(1, hours=0), certificate(2, hours=1, status="locked"), certificate(3, hours=2),
        certificate(4, version=2, hours=3), certificate(5, hours=4, status="cancelled"),
        certificate(6, version=2, hours=5, status="locked"),
    ]  # fmt: skip
    partner = await make_partner()
    for row in rows:
        await partner.take_in(row)
    expected, draw = await standing(), random.Random(7)
    assert expected == {1: ("replaced", "cancelled"), 2: ("locked", "locked")}
    for _ in range(8):
        await Certificate.all().delete()
        partner = await make_partner()
        draw.shuffle(rows)
        split = draw.randrange(len(rows))
        await partner.take_in(*rows[:split])
        await partner.take_in(*rows[split:])
        assert await standing() == expected, [row["sequence"] for row in rows]


async def test_two_systems_may_tell_of_one_certificate_at_once() -> None:
    partners = [await make_partner() for _ in range(4)]
    pushes = [
        partner.take_in(*(certificate(version, version=version, hours=version) for version in order))
        for partner, order in zip(partners, ((1, 2, 3), (3, 2, 1), (2, 3, 4), (4, 1, 2)), strict=True)
    ]
    answers = await asyncio.gather(*pushes)
    assert {one.outcome for answer in answers for one in answer} == {Outcome.APPLIED}
    assert {version: state for version, (state, _) in (await standing()).items()} == {
        1: "replaced", 2: "replaced", 3: "replaced", 4: "valid",
    }  # fmt: skip


async def test_only_whom_it_is_may_be_found_and_nothing_personal_is_in_clear() -> None:
    partner, number = await make_partner(), id_number()
    person: dict[str, Any] = {"holder_kind": "person", "holder_number": number, "holder_name": "欧阳明明"}
    assert await told(partner, certificate(1, **person), certificate(2, serial="JY2")) == [APPLIED] * 2
    rows = await db.fetch("SELECT to_jsonb(c)::text AS row FROM certificate c")
    for secret in (number, "欧阳明明", "JY14401060000001", uscc_number(1), "广州第一有限公司"):
        assert not any(secret in row["row"] for row in rows)
    assert len({bytes(one.holder_hash) for one in await Certificate.all()}) == 2


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"identifier": "1.2.156.3005.2.x"}, "identifier"),
        ({"holder_number": "91440101MA5T00000X"}, "holder_number"),
        ({"holder_kind": "person"}, "holder_number"),
        ({"holder_kind": "dog"}, "holder_kind"),
        ({"valid_until": "2020-01-01"}, "valid_until"),
        ({"trust": "E"}, "trust"),
        ({"status": "gone"}, "status"),
        ({"at": "2199-01-01T09:00:00+08:00"}, "at"),
    ],
)
async def test_a_broken_row_is_refused_and_leaves_no_trace(facts: dict[str, Any], field: str) -> None:
    partner = await make_partner()
    (answer,) = await partner.take_in(certificate(1, **facts))
    assert (answer.outcome, answer.code, answer.state) == (Outcome.REFUSED, "partner_message_invalid", None)
    assert not await Certificate.exists()
    assert await told(partner, certificate(1)) == [APPLIED], f"{field} mended under the same sequence"


@pytest.mark.parametrize(
    "scope",
    [
        {"kinds": ["application", "credit_rating"]},
        {"authorities": ["11440300"]},
        {"regions": ["4403"]},
    ],
)
async def test_nobody_tells_of_another_issuers_certificates(scope: dict[str, Any]) -> None:
    partner = await make_partner(**scope)
    assert await told(partner, certificate(1)) == [(Outcome.REFUSED, "partner_out_of_scope")]
    assert not await Certificate.exists()


async def test_the_same_row_again_is_a_duplicate() -> None:
    partner = await make_partner()
    assert await told(partner, certificate(1), certificate(1)) == [APPLIED, (Outcome.DUPLICATE, None)]
    assert await Certificate.all().count() == 1


async def test_one_that_broke_comes_back_from_the_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    partner, operator = await make_partner(), at_work("operator", StaffRole.EXCHANGE_OPERATOR)

    async def broken(*_: Any, **__: Any) -> Any:
        raise ArithmeticError

    monkeypatch.setattr(intake, "take_in", broken)
    assert await told(partner, certificate(1)) == [(Outcome.DEAD, "partner_message_failed")]
    monkeypatch.undo()
    assert await dead_letters.replay(operator, partner.code, None) == 1
    assert (await queries.message(partner.id, 1)).state == "applied"
    assert await standing() == {1: ("valid", "valid")}


async def test_what_has_expired_before_it_is_told_is_expired() -> None:
    partner, today = await make_partner(), clock.today()
    await partner.take_in(
        certificate(1, "A1", valid_until=str(today - timedelta(days=1))),
        certificate(2, "A2", valid_from=str(today + timedelta(days=1))),
        certificate(3, "A3", trust="C"),
    )
    assert {one.state for one in await Certificate.all()} == {"expired", "verified", "ingested"}
    assert await db.fetch_value("SELECT count(*) FROM outbox_event") == 0, "and nobody is woken by history"
