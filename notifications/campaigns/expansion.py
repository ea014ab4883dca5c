"""From the definition of an audience to one row a person, and whether it is still the same audience."""

from app.domain.audiences.definition import Definition
from app.domain.audiences.selecting import Selection, selection
from notifications.campaigns import long_statements
from notifications.campaigns.models import Campaign


async def expand(campaign: Campaign, *, is_statutory: bool) -> int:
    """Write down everybody the campaign is for, in the caller's transaction; answers how many.

    What an earlier run wrote goes. Whoever refused personalised messages is left out, except of a
    statutory notice. ``ord`` spreads people by a hash, so that the canary and every later part of the
    campaign are a fair sample, and not the oldest accounts or one region.
    """
    await drop(campaign.id)
    chosen = _chosen(campaign, is_statutory=is_statutory)
    return await long_statements.execute(
        "INSERT INTO campaign_recipient (campaign_id, person_id, ord, region_code, because, params, state)"  # noqa: S608  Numbers of ours.
        f" SELECT ${len(chosen.args) + 1}::bigint, s.person_id,"
        f" (uuid_hash_extended(s.person_id, ${len(chosen.args) + 1}::bigint) >> 33)::int,"
        f" s.region_code, left(s.because, 120), s.params, 'pending' FROM ({chosen.sql}) AS s",
        *chosen.args,
        campaign.id,
    )


async def drop(campaign_id: int) -> int:
    """Forget the recipients of a run; only before the campaign is approved."""
    return await long_statements.execute("DELETE FROM campaign_recipient WHERE campaign_id = $1", campaign_id)


async def changed(campaign: Campaign, *, is_statutory: bool) -> tuple[int, int]:
    """How many people have come into the audience since it was tried out, and how many have left it."""
    chosen = _chosen(campaign, is_statutory=is_statutory)
    (row,) = await long_statements.fetch(
        "SELECT count(*) FILTER (WHERE r.person_id IS NULL) AS added,"  # noqa: S608  Numbers of ours.
        f" count(*) FILTER (WHERE s.person_id IS NULL) AS gone FROM ({chosen.sql}) AS s FULL JOIN"
        f" (SELECT person_id FROM campaign_recipient WHERE campaign_id = ${len(chosen.args) + 1}) AS r"
        " USING (person_id)",
        *chosen.args,
        campaign.id,
    )
    return row["added"], row["gone"]


def _chosen(campaign: Campaign, *, is_statutory: bool) -> Selection:
    return selection(Definition.read(campaign.audience), is_statutory=is_statutory)
