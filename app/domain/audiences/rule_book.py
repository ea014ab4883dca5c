"""The rule book: which rules decide about the groups, who wrote each version and who activated it (A02)."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.audiences import conditions
from app.domain.audiences.conditions import Condition
from app.domain.audiences.errors import InvalidRule, NotYourAudience, OwnRule, RuleNotDraft, RuleNotFound
from app.domain.audiences.models import GroupRule, RuleState
from app.kit import audit, clock, db, jobs

RENEW_JOB: Final = "renew_memberships"

_CODE = re.compile(r"[a-z][a-z0-9_]{1,31}")
_LONGEST = {"title": 40, "because": 80}


@dataclass(frozen=True, slots=True)
class Rule:
    """A version of a rule, read; ``because`` is why somebody is in the group, in words."""

    group_code: str
    version: int
    title: str
    because: str
    condition: Condition


async def draft(
    member: StaffMember, group_code: str, title: str, condition: Mapping[str, Any], because: str
) -> int:
    """Write a new version of a group's rule, or the first of a new group; answers the version.

    Raises NotYourAudience or InvalidRule.
    """
    if not staff.may(member, StaffRole.PUBLISHER, None):
        raise NotYourAudience
    _check_words(group_code, title=title, because=because)
    conditions.read(condition)
    async with db.transaction():
        await _hold(group_code)
        last = await db.fetch_value("SELECT max(version) FROM group_rule WHERE group_code = $1", group_code)
        version = int(last or 0) + 1
        await GroupRule.create(
            group_code=group_code,
            version=version,
            title=title,
            condition=dict(condition),
            because=because,
            state=RuleState.DRAFT,
            author=member.caller_id,
            created_at=clock.now(),
        )
        await audit.record(member.caller_id, "group_rule.drafted", f"group_rule:{group_code}@{version}")
    return version


async def activate(member: StaffMember, group_code: str, version: int) -> None:
    """Put a draft in force instead of the version before it; memberships follow in the background.

    Raises NotYourAudience, OwnRule, RuleNotFound or RuleNotDraft.
    """
    if not staff.may(member, StaffRole.REVIEWER, None):
        raise NotYourAudience
    async with db.transaction():
        await _hold(group_code)
        found = await GroupRule.get_or_none(group_code=group_code, version=version)
        if found is None:
            raise RuleNotFound
        if found.state is not RuleState.DRAFT:
            raise RuleNotDraft
        if found.author == member.caller_id:
            raise OwnRule
        now = clock.now()
        in_force = GroupRule.filter(group_code=group_code, state=RuleState.ACTIVE)
        await in_force.update(state=RuleState.RETIRED, retired_at=now)
        await GroupRule.filter(id=found.id).update(
            state=RuleState.ACTIVE, reviewer=member.caller_id, activated_at=now
        )
        await jobs.enqueue(RENEW_JOB, {"group": group_code})
        await audit.record(member.caller_id, "group_rule.activated", f"group_rule:{group_code}@{version}")


async def retire(member: StaffMember, group_code: str) -> None:
    """Take a group's rule out of force: nobody is in the group any more. Raises as ``activate``."""
    if not staff.may(member, StaffRole.REVIEWER, None):
        raise NotYourAudience
    async with db.transaction():
        await _hold(group_code)
        in_force = GroupRule.filter(group_code=group_code, state=RuleState.ACTIVE)
        if not await in_force.update(state=RuleState.RETIRED, retired_at=clock.now()):
            raise RuleNotFound
        await jobs.enqueue(RENEW_JOB, {"group": group_code})
        await audit.record(member.caller_id, "group_rule.retired", f"group_rule:{group_code}")


async def in_force() -> list[Rule]:
    """The rules that decide now, those shipped with us included; in the order of their codes."""
    await _adopt_shipped()
    return [
        Rule(one.group_code, one.version, one.title, one.because, conditions.read(one.condition))
        for one in await GroupRule.filter(state=RuleState.ACTIVE).order_by("group_code")
    ]


@cache
def shipped() -> Mapping[str, Mapping[str, Any]]:
    """The first version of each group's rule, as it comes with us."""
    text = resources.files(__package__).joinpath("groups.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


async def _adopt_shipped() -> None:
    """Enter the shipped rules of groups that have none yet; a group once known is left as it is."""
    known = {row["group_code"] for row in await db.fetch("SELECT DISTINCT group_code FROM group_rule")}
    missing = {code: one for code, one in shipped().items() if code not in known}
    if not missing:
        return
    now = clock.now()
    await GroupRule.bulk_create(
        [
            GroupRule(
                group_code=code, version=1, title=one["title"], condition=one["condition"],
                because=one["because"], state=RuleState.ACTIVE, author=audit.SYSTEM, reviewer=audit.SYSTEM,
                created_at=now, activated_at=now,
            )
            for code, one in missing.items()
        ],
        ignore_conflicts=True,
    )  # fmt: skip


async def _hold(group_code: str) -> None:
    """Have the deeds of one group follow each other."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"group_rule {group_code}")


def _check_words(group_code: str, **words: str) -> None:
    faults: dict[str, list[str]] = {}
    if not _CODE.fullmatch(group_code):
        faults["group"] = ["分组编码以小写字母开头，2 到 32 位小写字母、数字或下划线"]
    for name, word in words.items():
        if not 0 < len(word.strip()) <= _LONGEST[name]:
            faults[name] = [f"应为 1 到 {_LONGEST[name]} 个字"]
    if faults:
        raise InvalidRule(fields=faults)
