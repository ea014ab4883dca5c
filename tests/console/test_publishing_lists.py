"""The lists of notices, campaigns and messages: each comes out of an index, however long it is."""

from collections.abc import Sequence
from typing import Any

import pytest

from app.domain.notices.listings import NOTICES
from app.kit import db
from app.kit.listings import Asked, Listing
from notifications.campaigns.listings import CAMPAIGNS
from notifications.wording.listings import VERSIONS

LISTS: Sequence[tuple[Listing, dict[str, Any], str]] = (
    (NOTICES, {}, "notice_pkey"),
    (NOTICES, {"kind": "policy"}, "notice_of_kind"),
    (CAMPAIGNS, {}, "campaign_pkey"),
    (CAMPAIGNS, {"state": "pending"}, "campaign_of_state"),
    (CAMPAIGNS, {"message": "tax_reminder"}, "campaign_of_message"),
    (VERSIONS, {}, "message_version_pkey"),
    (VERSIONS, {"state": "pending"}, "message_version_of_state"),
)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(("listing", "filters", "index"), LISTS)
async def test_a_list_comes_out_of_its_index_in_order(
    listing: Listing, filters: dict[str, Any], index: str
) -> None:
    statement, values = listing.statement(Asked(filters, "id", is_descending=True))
    async with db.transaction():
        # So few rows as a test has are read faster without any index.
        await db.execute("SET LOCAL enable_seqscan = off")
        await db.execute("SET LOCAL enable_bitmapscan = off")
        plan = await db.fetch(f"EXPLAIN {statement}", *values)
    told = "\n".join(line["QUERY PLAN"] for line in plan)
    assert index in told, told
    assert "Sort" not in told, "no page waits until all rows are put in order"
