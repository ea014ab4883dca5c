"""What would become of a campaign: which channel reaches whom, and for whom it cannot be written."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import orjson

from app.domain.accounts import consents
from app.domain.accounts.consents import ELECTRONIC_SERVICE
from app.domain.accounts.phones import TAKES_MESSAGES
from config import settings
from config.messages import MessageKind
from notifications import routing, rules
from notifications.campaigns import long_statements
from notifications.campaigns.models import Campaign
from notifications.messages import Messages
from notifications.models import Channel
from notifications.rules import Reader
from notifications.template_fields import DoesNotFit

MOST_TRIED: Final = 50_000
"""Different sets of facts that are filled in one by one; of more only missing facts are counted."""
_MOST_NAMED: Final = 100
_SAMPLES: Final = 5


@dataclass(frozen=True, slots=True)
class Reached:
    """Recipients by the first channel that leads to them, and by why none does."""

    by_channel: Mapping[Channel, int]
    unreachable: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Faults:
    """Recipients for whom the message cannot be written; the first of them with the reason."""

    count: int
    named: list[dict[str, str]]
    is_complete: bool


async def reach(campaign: Campaign, kind: MessageKind) -> Reached:
    """How everybody would be told now, in one statement however many they are.

    The database counts people by the facts the routing rule asks for; the rule itself then speaks once
    for each combination. The window of customer service counts as closed: nobody knows it ahead.
    """
    agreed = await _agreed(campaign) if kind.is_statutory else []
    chosen = settings.current()
    rows = await long_statements.fetch(
        _FACTS, campaign.id, chosen.oa_appid, chosen.mp_appid, kind.mp_template_id, kind.name, agreed
    )
    by_channel: Counter[Channel] = Counter()
    unreachable: Counter[str] = Counter()
    for row in rows:
        how = _how(kind, row, sends_sms=chosen.sms_connector != "off")
        if isinstance(how, Channel):
            by_channel[how] += row["people"]
        else:
            unreachable[how] += row["people"]
    return Reached(by_channel, unreachable)


_FACTS = f"""
SELECT p.id IS NOT NULL AS is_there, coalesce(w.is_follower, false) AS is_follower,
       coalesce(w.is_in_mini_program, false) AS is_in_mini_program,
       coalesce(c.has_credit, false) AS has_credit, coalesce(c.has_grant, false) AS has_grant,
       coalesce({TAKES_MESSAGES}, false) AS has_phone,
       coalesce(m.is_muted, false) AS is_muted, coalesce(m.switched_off, '') AS switched_off,
       r.person_id = ANY ($6::uuid[]) AS has_agreed, count(*) AS people
FROM campaign_recipient r
LEFT JOIN person p ON p.id = r.person_id AND p.status <> 'deleted'
LEFT JOIN (SELECT person_id, bool_or(appid = $2 AND is_follower) AS is_follower,
                  bool_or(appid = $3) AS is_in_mini_program
           FROM wechat_identity GROUP BY person_id) w ON w.person_id = r.person_id
LEFT JOIN (SELECT person_id, bool_or(NOT is_long_term) AS has_credit, bool_or(is_long_term) AS has_grant
           FROM subscription_credit WHERE template_id = $4 AND spent_at IS NULL
           GROUP BY person_id) c ON c.person_id = r.person_id
LEFT JOIN message_preference m ON m.person_id = r.person_id AND m.message = $5
WHERE r.campaign_id = $1
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""  # noqa: S608  Words of ours.


def _how(kind: MessageKind, facts: Any, *, sends_sms: bool) -> Channel | str:
    """The first channel, or why there is none; as ``routing.tell`` decides it."""
    if not facts["is_there"]:
        return routing.GONE
    if kind.is_statutory and not facts["has_agreed"]:
        return routing.NOT_AGREED
    reader = Reader(
        is_follower=facts["is_follower"],
        is_in_mini_program=facts["is_in_mini_program"],
        credits=int(facts["has_credit"]),
        has_grant=facts["has_grant"],
        has_phone=sends_sms and facts["has_phone"],
        is_muted=facts["is_muted"],
        switched_off=frozenset(Channel(name) for name in facts["switched_off"].split()),
    )
    ways = rules.route(kind, reader)
    if ways:
        return ways[0]
    unwilling = replace(reader, is_muted=False, switched_off=frozenset())
    return routing.MUTED if rules.route(kind, unwilling) else routing.NO_CHANNEL


async def _agreed(campaign: Campaign) -> list[UUID]:
    rows = await long_statements.fetch(
        "SELECT person_id FROM campaign_recipient WHERE campaign_id = $1", campaign.id
    )
    return list(await consents.agreed_among([row["person_id"] for row in rows], ELECTRONIC_SERVICE))


async def count_without_facts(campaign: Campaign) -> int:
    """Recipients who bring nothing of their own."""
    (row,) = await long_statements.fetch(
        "SELECT count(*) AS people FROM campaign_recipient WHERE campaign_id = $1 AND params IS NULL",
        campaign.id,
    )
    return int(row["people"])


async def faults(campaign: Campaign, messages: Messages) -> Faults:
    """For whom the message cannot be filled in: each different set of facts is tried once."""
    rows = await long_statements.fetch(
        "SELECT params, count(*) AS people, (array_agg(person_id ORDER BY ord))[1:$2] AS first"
        " FROM campaign_recipient WHERE campaign_id = $1 GROUP BY params ORDER BY min(ord) LIMIT $3",
        campaign.id, _MOST_NAMED, MOST_TRIED + 1,
    )  # fmt: skip
    count = 0
    named: list[dict[str, str]] = []
    for row in rows[:MOST_TRIED]:
        reason = _fault(campaign, messages, _facts(campaign, row["params"]))
        if reason is not None:
            count += row["people"]
            named += [{"person_id": str(person), "reason": reason} for person in row["first"]]
    is_complete = len(rows) <= MOST_TRIED
    return Faults(
        count if is_complete else await _missing(campaign, messages), named[:_MOST_NAMED], is_complete
    )


async def _missing(campaign: Campaign, messages: Messages) -> int:
    """How many lack a fact, or have an empty one, that the wording needs."""
    kind = messages.kind(str(campaign.message), campaign.message_version)
    needed = sorted(kind.placeholders - campaign.params.keys())
    (row,) = await long_statements.fetch(
        "SELECT count(*) AS people FROM campaign_recipient r WHERE campaign_id = $1 AND EXISTS ("
        " SELECT 1 FROM unnest($2::text[]) AS needed (name)"
        " WHERE coalesce(btrim(r.params ->> needed.name), '') = '')",
        campaign.id,
        needed,
    )
    return int(row["people"])


async def samples(campaign: Campaign, messages: Messages) -> list[dict[str, Any]]:
    """A few messages as their recipients would read them, the one with the longest facts first."""
    rows = await long_statements.fetch(_SAMPLE, campaign.id, _SAMPLES - 1)
    return list(_written(campaign, messages, (row["params"] for row in rows)))


_SAMPLE = """
WITH longest AS (
    SELECT person_id, params FROM campaign_recipient WHERE campaign_id = $1
    ORDER BY length(params::text) DESC NULLS LAST, ord LIMIT 1
), others AS (
    SELECT params FROM campaign_recipient
    WHERE campaign_id = $1 AND is_pending AND person_id <> (SELECT person_id FROM longest)
    ORDER BY ord LIMIT $2
)
SELECT params FROM longest UNION ALL SELECT params FROM others
"""


def _written(
    campaign: Campaign, messages: Messages, own_facts: Iterable[str | None]
) -> Iterable[dict[str, Any]]:
    name, version = str(campaign.message), campaign.message_version
    kind = messages.kind(name, version)
    for own in own_facts:
        facts = _facts(campaign, own)
        try:
            values = messages.render(name, Channel.TEMPLATE, facts, version)
            lines = [{"label": line.label, "value": values[line.key]} for line in kind.lines]
            yield {"title": kind.title, "lines": lines, "summary": messages.summary(name, facts, version)}
        except DoesNotFit as wrong:
            yield {"title": kind.title, "fault": str(wrong)}


def _fault(campaign: Campaign, messages: Messages, facts: Mapping[str, str]) -> str | None:
    name, version = str(campaign.message), campaign.message_version
    if messages.kind(name, version).is_statutory and not rules.may_be_served(facts.get("document", "")):
        return "这类文书不能电子送达，请改用其他送达方式"
    try:
        for channel in (Channel.TEMPLATE, Channel.SUBSCRIBE):
            messages.render(name, channel, facts, version)
        messages.summary(name, facts, version)
        messages.page(name, facts, version)
    except DoesNotFit as wrong:
        return str(wrong)
    return None


def _facts(campaign: Campaign, own: str | None) -> dict[str, str]:
    return campaign.params | (orjson.loads(own) if own else {})
