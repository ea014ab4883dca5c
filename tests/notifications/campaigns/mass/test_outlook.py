"""Before a mass send: whom it will reach, whom WeChat would filter, and the calls it takes."""

from notifications.campaigns.mass import gathering, ledger
from notifications.campaigns.models import Product
from tests.notifications.campaigns.mass.conftest import TEXT, MassStory


async def test_a_dry_run_tells_who_is_out_of_reach_and_how_long_it_takes(mass: MassStory) -> None:
    people = await mass.people(10)
    await mass.office.people(3, follow=False)
    for _ in range(ledger.MONTHLY):
        await ledger.spend(people[:2], ledger.this_month())
    tried = await mass.office.tried(product=Product.MASS, message=None, params={}, content=TEXT)
    found = tried.dry_run or {}
    assert found["recipients"] == 13
    assert found["reachable"] == 8
    assert found["unreachable"] == {gathering.UNREACHABLE: 3, gathering.MONTH_USED: 2}
    assert (found["calls"], found["days"]) == (2, 1)
