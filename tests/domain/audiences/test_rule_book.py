"""Rules are versions that two people put in force, and that nobody rewrites."""

from typing import Any

import asyncpg
import pytest

from app.domain.accounts.models import StaffRole
from app.domain.audiences import memberships, rule_book
from app.domain.audiences.errors import InvalidRule, NotYourAudience, OwnRule, RuleNotDraft, RuleNotFound
from app.domain.audiences.models import GroupRule
from app.kit import db as raw
from tests.factories import audiences as make

pytestmark = pytest.mark.usefixtures("db")

ANYBODY: dict[str, Any] = {"fact": "level", "at_least": "wx_bound"}


async def jobs_waiting() -> int:
    return int(
        await raw.fetch_value("SELECT count(*) FROM pgqueuer WHERE entrypoint = $1", rule_book.RENEW_JOB)
    )


async def test_a_new_version_replaces_the_old_one_and_members_keep_their_since() -> None:
    person_id = await make.agent(is_exporter=True)
    await memberships.renew_all()
    before = {one.group_code: one for one in await memberships.explain(person_id)}["exporter"]
    author, reviewer = make.publisher(), make.reviewer()
    version = await rule_book.draft(author, "exporter", "出口企业", ANYBODY, "人人都是")
    assert version == 2
    assert {one.version for one in await rule_book.in_force() if one.group_code == "exporter"} == {1}
    await rule_book.activate(reviewer, "exporter", 2)
    assert await jobs_waiting() == 1
    other = await make.person()
    await memberships.run({"group": "exporter"})
    after = {one.group_code: one for one in await memberships.explain(person_id)}["exporter"]
    assert (after.rule_version, after.because, after.since) == (2, "人人都是", before.since)
    assert await memberships.groups_of(other) == ["exporter"]
    versions = await GroupRule.filter(group_code="exporter").order_by("version")
    assert [one.state for one in versions] == ["retired", "active"]


async def test_the_author_does_not_put_a_rule_in_force() -> None:
    author = make.reviewer()
    version = await rule_book.draft(author, "everybody", "所有人", ANYBODY, "人人都是")
    with pytest.raises(OwnRule):
        await rule_book.activate(author, "everybody", version)
    with pytest.raises(asyncpg.CheckViolationError):
        await raw.execute(
            "UPDATE group_rule SET state = 'active', reviewer = author, activated_at = now()"
            " WHERE group_code = 'everybody'"
        )


async def test_who_may_not_is_refused() -> None:
    clerk, author, reviewer = (
        make.at_work("clerk", StaffRole.CLERK),
        make.publisher(),
        make.reviewer(),
    )
    with pytest.raises(NotYourAudience):
        await rule_book.draft(clerk, "everybody", "所有人", ANYBODY, "人人都是")
    version = await rule_book.draft(author, "everybody", "所有人", ANYBODY, "人人都是")
    with pytest.raises(NotYourAudience):
        await rule_book.activate(author, "everybody", version)
    with pytest.raises(RuleNotFound):
        await rule_book.activate(reviewer, "everybody", 9)
    await rule_book.activate(reviewer, "everybody", version)
    with pytest.raises(RuleNotDraft):
        await rule_book.activate(reviewer, "everybody", version)
    with pytest.raises(NotYourAudience):
        await rule_book.retire(author, "everybody")


async def test_a_wrong_rule_is_refused_when_it_is_written() -> None:
    author = make.publisher()
    with pytest.raises(InvalidRule):
        await rule_book.draft(author, "everybody", "所有人", {"fact": "wealth", "is": True}, "人人都是")
    with pytest.raises(InvalidRule) as refused:
        await rule_book.draft(author, "Everybody!", " ", ANYBODY, "长" * 81)
    assert set(refused.value.fields) == {"group", "title", "because"}
    assert await GroupRule.all().count() == 0


async def test_a_retired_group_has_nobody_and_does_not_come_back_by_itself() -> None:
    person_id = await make.agent(is_exporter=True)
    await memberships.renew_all()
    reviewer = make.reviewer()
    await rule_book.retire(reviewer, "exporter")
    await memberships.run({"group": "exporter"})
    assert "exporter" not in await memberships.groups_of(person_id)
    await memberships.renew_all()
    assert "exporter" not in await memberships.groups_of(person_id)
    with pytest.raises(RuleNotFound):
        await rule_book.retire(reviewer, "exporter")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE group_rule SET condition = '{}' WHERE group_code = 'exporter'",
        "UPDATE group_rule SET because = '别的' WHERE group_code = 'exporter'",
        "UPDATE group_rule SET state = 'draft', reviewer = NULL, activated_at = NULL",
    ],
)
async def test_the_database_keeps_rules_as_they_were(statement: str) -> None:
    await rule_book.in_force()
    with pytest.raises(asyncpg.RestrictViolationError):
        await raw.execute(statement)


async def test_one_version_of_a_group_is_in_force() -> None:
    await rule_book.in_force()
    with pytest.raises(asyncpg.UniqueViolationError):
        await raw.execute(
            "INSERT INTO group_rule (group_code, version, title, condition, because, state, author,"
            " reviewer, created_at, activated_at)"
            " SELECT group_code, 2, title, condition, because, state, author, reviewer, created_at,"
            " activated_at FROM group_rule WHERE group_code = 'exporter'"
        )
