"""Lists that grow long: each comes out of an index in its order, whatever it is filtered by."""

from collections.abc import Sequence
from typing import Any

import pytest

from app.domain.appointments.manager_lists import APPOINTMENTS, NO_SHOWS
from app.domain.cases.listings import FINDINGS, MATERIALS, SPECIALS
from app.domain.notices.listings import NOTICES
from app.domain.partners.listings import DEAD_LETTERS
from app.domain.sharing.listings import OBJECTIONS
from app.gateways.exchange.listings import CALLS
from app.kit import db
from app.kit.listings import Asked, Listing
from notifications.campaigns.listings import AUDIENCE_LISTS, CAMPAIGNS
from notifications.wording.listings import VERSIONS

LISTS: Sequence[tuple[Listing, str, dict[str, Any], str]] = (
    (NOTICES, "id", {}, "notice_pkey"),
    (NOTICES, "id", {"kind": "policy"}, "notice_of_kind"),
    (CAMPAIGNS, "id", {}, "campaign_pkey"),
    (CAMPAIGNS, "id", {"state": "pending"}, "campaign_of_state"),
    (CAMPAIGNS, "id", {"message": "tax_reminder"}, "campaign_of_message"),
    (CAMPAIGNS, "id", {"list": 7}, "campaign_pkey"),
    (AUDIENCE_LISTS, "id", {}, "audience_list_pkey"),
    (VERSIONS, "id", {}, "message_version_pkey"),
    (VERSIONS, "id", {"state": "pending"}, "message_version_of_state"),
    (APPOINTMENTS, "starts_at", {"hall": 1}, "appointment_by_hall"),
    (APPOINTMENTS, "starts_at", {"hall": 1, "business": "INVOICE"}, "appointment_by_business"),
    (APPOINTMENTS, "starts_at", {"hall": 1, "status": "cancelled_by_hall"}, "appointment_called_off"),
    (NO_SHOWS, "starts_at", {"hall": 1}, "no_show_by_hall"),
    (CALLS, "at", {"source": "invoice"}, "source_at_id"),
    (CALLS, "at", {"purpose": "invoice.check"}, "purpose_at_id"),
    (CALLS, "at", {"outcome": "down"}, "outcome_at_id"),
    (DEAD_LETTERS, "settled", {}, "partner_message_buried"),
    (OBJECTIONS, "due", {}, "share_objection_by_day"),
    (FINDINGS, "recorded", {}, "case_finding_recorded"),
    (FINDINGS, "recorded", {"kind": "ILLEGAL_MOVE"}, "case_finding_of_kind"),
    (MATERIALS, "uploaded", {}, "case_material_to_judge"),
    (SPECIALS, "applied", {}, "special_procedure_open"),
)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(("listing", "order", "filters", "index"), LISTS)
async def test_a_list_comes_out_of_its_index_in_order(
    listing: Listing, order: str, filters: dict[str, Any], index: str
) -> None:
    statement, values = listing.statement(Asked(filters, order, is_descending=True))
    async with db.transaction():
        # So few rows as a test has are read faster without any index, and put in order in no time.
        await db.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        await db.execute("SET LOCAL enable_bitmapscan = off")
        plan = await db.fetch(f"EXPLAIN {statement}", *values)
    told = "\n".join(line["QUERY PLAN"] for line in plan)
    assert index in told, told
    assert "Sort" not in told, "no page waits until all rows are put in order"


@pytest.mark.usefixtures("db")
async def test_the_campaigns_of_a_list_are_found_without_reading_all() -> None:
    statement, values = AUDIENCE_LISTS.statement(Asked({}, "id", is_descending=True))
    async with db.transaction():
        await db.execute("SET LOCAL enable_seqscan = off")
        # In order of their numbers they would all be read.
        await db.execute("SET LOCAL enable_indexscan = off")
        plan = await db.fetch(f"EXPLAIN {statement}", *values)
    assert "campaign_of_audience" in "\n".join(line["QUERY PLAN"] for line in plan)
