"""An audience of those who act for enterprises whose credit rating of a year was released."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain import audiences
from app.domain.accounts.models import AgentRole, BindingStatus
from app.domain.audiences import Definition, InvalidAudience
from app.kit import clock
from app.kit import db as raw
from tests.factories import accounts, credit
from tests.factories import audiences as make


@pytest.fixture(autouse=True)
async def _no_tables_left(db: None) -> AsyncIterator[None]:
    yield
    await credit.forget_releases()


async def test_agents_of_rated_enterprises_are_meant_once_each(tmp_path: Path) -> None:
    rated, other, unrated = [await make.enterprise(accounts.uscc_number(serial)) for serial in (1, 2, 3)]
    agent, collector, former, expired, elsewhere = [await make.person() for _ in range(5)]
    await make.bind(agent, rated, AgentRole.LEGAL_REPRESENTATIVE)
    await make.bind(agent, other, AgentRole.FINANCE_OFFICER)
    await make.bind(collector, other, AgentRole.INVOICE_COLLECTOR)
    await make.bind(former, other, status=BindingStatus.UNBOUND)
    await make.bind(expired, other, expires_on=clock.today() - timedelta(days=1))
    await make.bind(elsewhere, unrated)
    await credit.published(tmp_path, [credit.row(1), credit.row(2, "D", "12")])
    found = audiences.selection(Definition.read({"rated_years": [2024, 2025]}))
    rows = await raw.fetch(found.sql, *found.args)
    assert [(row["person_id"], row["because"]) for row in rows] == [(agent, "rated:2025")]
    assert await audiences.count(Definition.read({"rated_years": [2024]})) == 0
    told = await audiences.explain(Definition.read({"rated_years": [2025]}), agent)
    assert told.because == ["rated:2025"]


@pytest.mark.parametrize("years", [[], ["2025"], [25], [True]])
def test_what_is_no_year_is_named(years: list[object]) -> None:
    with pytest.raises(InvalidAudience) as refused:
        Definition.read({"rated_years": years})
    assert "rated_years" in refused.value.fields
