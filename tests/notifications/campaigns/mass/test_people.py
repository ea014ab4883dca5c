"""A person who leaves, exports or turns out to be two takes along what mass sends keep of them."""

from app.domain.accounts import merging, portability
from app.kit import db
from notifications.campaigns.mass import ledger
from tests.notifications.campaigns.mass.conftest import MassStory


async def test_a_list_and_a_month_go_along_in_a_merge(mass: MassStory) -> None:
    kept, absorbed, *_ = await mass.people(25)
    await mass.campaign()
    await mass.office.turn()
    await ledger.spend([kept, absorbed], ledger.this_month())
    await db.execute("DELETE FROM mass_month WHERE person_id = $1", kept)
    await db.execute("DELETE FROM mass_recipient WHERE person_id = $1", kept)
    await merging.merge(kept, absorbed, actor="system", reason="同一人")
    left = (
        "SELECT (SELECT count(*) FROM mass_month WHERE person_id = $1)"
        " + (SELECT count(*) FROM mass_recipient WHERE person_id = $1)"
    )
    assert await db.fetch_value(left, absorbed) == 0


async def test_who_leaves_is_on_no_list_any_more(mass: MassStory) -> None:
    people = await mass.people(25)
    await mass.campaign()
    await mass.office.turn()
    (person,) = [row["person_id"] for row in await db.fetch("SELECT person_id FROM mass_recipient LIMIT 1")]
    assert person in people
    for step in portability._steps.values():
        await step(person)
    await mass.sends.step()
    assert await db.fetch_value("SELECT count(*) FROM mass_recipient WHERE person_id = $1", person) == 0
    assert await db.fetch_value("SELECT count(*) FROM mass_month WHERE person_id = $1", person) == 0
    assert sum(await mass.phones(25)) == 19
