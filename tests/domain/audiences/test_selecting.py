"""Who is meant by a definition, one row a person, and why."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain import audiences
from app.domain.accounts import merging
from app.domain.accounts.models import ConsentEntry, Person, PersonStatus, StaffRole
from app.domain.appointments.models import Slot
from app.domain.audiences import Definition, InvalidAudience, memberships, parts, tags
from app.domain.audiences.errors import InvalidTag, NotYourAudience
from app.domain.audiences.models import AudienceList, AudienceListRow, EnterpriseFact, ListIdentity
from app.domain.halls.models import Hall
from app.kit import clock
from app.kit import db as raw
from app.kit.ids import uuid7
from tests.factories import accounts
from tests.factories import appointments as halls
from tests.factories import audiences as make

pytestmark = pytest.mark.usefixtures("db")


async def chosen(said: dict[str, Any], *, is_statutory: bool = False) -> dict[UUID, Any]:
    """The rows of a selection by person; each person has one."""
    definition = Definition.read(said)
    await audiences.check(definition)
    found = audiences.selection(definition, is_statutory=is_statutory)
    rows = await raw.fetch(found.sql, *found.args)
    assert len({row["person_id"] for row in rows}) == len(rows)
    assert await audiences.count(definition, is_statutory=is_statutory) == len(rows)
    for row in rows:
        told = await audiences.explain(definition, row["person_id"], is_statutory=is_statutory)
        assert told.is_in
        assert " ".join(told.because) == row["because"]
    return {row["person_id"]: row for row in rows}


async def listed(*people: UUID, name: str = "a", **params: str) -> int:
    made = await AudienceList.create(
        name=name,
        identity=ListIdentity.USCC,
        facts=[],
        counts={},
        created_by="system",
        created_at=clock.now(),
    )
    for number, one in enumerate(people, start=2):
        await AudienceListRow.create(list_id=made.id, person_id=one, row_number=number, params=params or None)
    return int(made.id)


async def visited(hall: Hall, person_id: UUID, days_ago: int = 1) -> None:
    at = clock.now().replace(microsecond=0) - timedelta(days=days_ago)
    slot = await halls.make_slot(hall, starts_at=at, bookable_from=at - timedelta(days=7))
    await raw.execute(
        "INSERT INTO appointment (id, number, slot_id, hall_id, business_id, person_id, subject_id,"
        " starts_at, ends_at, half_day, status, items, channel, created_at, updated_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $7, $8, 'done', '[]', 'MP', $7, $7)",
        uuid7(), f"{slot.id:08}", slot.id, hall.id, slot.business_id, person_id, at, slot.half_day,
    )  # fmt: skip


async def test_everyone_is_who_is_there() -> None:
    one, frozen, gone = [await make.person() for _ in range(3)]
    await Person.filter(id=frozen).update(status=PersonStatus.FROZEN)
    await Person.filter(id=gone).update(status=PersonStatus.DELETED)
    found = await chosen({"everyone": True})
    assert set(found) == {one}
    assert (found[one]["because"], found[one]["region_code"], found[one]["params"]) == (
        "everyone",
        None,
        None,
    )


async def test_within_a_key_any_counts_and_across_keys_all() -> None:
    both = await make.agent(taxpayer_type="general", is_exporter=True)
    general = await make.agent(uscc=accounts.uscc_number(2), taxpayer_type="general")
    small = await make.agent(uscc=accounts.uscc_number(3), taxpayer_type="small_scale")
    await memberships.renew_all()
    await make.tag(both, "重点")
    await make.tag(small, "重点")
    assert set(await chosen({"groups": ["general", "small_scale"]})) == {both, general, small}
    found = await chosen({"groups": ["general", "exporter"], "tags": ["重点"]})
    assert set(found) == {both}
    assert found[both]["because"] == "group:exporter@1 tag:重点"


async def test_regions_are_of_enterprises_and_of_halls_visited() -> None:
    hall = await halls.make_hall()  # In 440106.
    agent = await make.agent(region_code="440106")
    elsewhere = await make.agent(uscc=accounts.uscc_number(2), region_code="440305")
    guest = await make.person()
    await visited(hall, guest)
    assert set(await chosen({"regions": ["4401"]})) == {agent, guest}
    found = await chosen({"regions": ["44"]})
    assert {one: row["region_code"] for one, row in found.items()} == {
        agent: "440106", elsewhere: "440305", guest: "440106",
    }  # fmt: skip
    assert found[elsewhere]["because"] == "region:440305"


async def test_everybody_has_the_region_that_is_known_of_them() -> None:
    hall = await halls.make_hall()
    agent = await make.agent(region_code="440305")
    guest, stranger = await make.person(), await make.person()
    await visited(hall, guest)
    await visited(hall, agent, days_ago=3)
    await memberships.renew_all()
    found = await chosen({"everyone": True})
    assert {one: row["region_code"] for one, row in found.items()} == {
        agent: "440305", guest: "440106", stranger: None,
    }  # fmt: skip


async def test_a_region_is_looked_at_anew_every_night() -> None:
    agent = await make.agent(region_code="440305")
    former = await make.agent(uscc=accounts.uscc_number(2), region_code="440106")
    await memberships.renew_all()
    await EnterpriseFact.filter(region_code="440305").update(region_code="440402")
    await EnterpriseFact.filter(region_code="440106").update(region_code=None)
    await memberships.renew_all()
    found = await chosen({"everyone": True})
    assert {one: row["region_code"] for one, row in found.items()} == {agent: "440402", former: None}


async def test_whoever_came_two_years_ago_comes_no_more() -> None:
    hall = await halls.make_hall()
    lately, long_ago = await make.person(), await make.person()
    await visited(hall, lately, days_ago=700)
    await visited(hall, long_ago, days_ago=740)
    found = await chosen({"halls": [hall.id]})
    assert set(found) == {lately}
    assert found[lately]["because"] == f"hall:{hall.id}"
    assert await Slot.all().count() == 2


async def test_a_list_brings_its_facts_and_the_first_list_speaks() -> None:
    one, other = await make.person(), await make.person()
    first = await listed(one, tax="增值税")
    second = await listed(one, other, tax="所得税")
    assert set(await chosen({"lists": [first]})) == {one}
    found = await chosen({"lists": [second, first]})
    assert found[one]["params"] == '{"tax": "增值税"}'
    assert found[one]["because"] == f"list:{first}"
    assert found[other]["params"] == '{"tax": "所得税"}'


async def test_any_exclusion_excludes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_introduced", {})
    one, tagged, on_list, told = [await make.person() for _ in range(4)]
    await make.tag(tagged, "已上门")
    list_id = await listed(on_list)
    parts.introduce("told_by_campaign", "SELECT person_id FROM person_tag WHERE id = ANY ({})")
    await make.tag(told, "其他")
    campaign = await raw.fetch_value("SELECT id FROM person_tag WHERE person_id = $1", told)
    without = {"tags": ["已上门"], "lists": [list_id], "told_by_campaign": [campaign]}
    assert set(await chosen({"everyone": True, "exclude": without})) == {one}
    told_why = await audiences.explain(Definition.read({"everyone": True, "exclude": without}), told)
    assert (told_why.is_in, told_why.excluded_by) == (False, ["told_by_campaign"])


async def test_an_exclusion_nobody_knows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_introduced", {})
    with pytest.raises(InvalidAudience):
        audiences.selection(Definition.read({"everyone": True, "exclude": {"told_by_campaign": [1]}}))


async def refuse(person_id: UUID, *, version: str = "1", is_granted: bool = False) -> None:
    await ConsentEntry.create(
        person_id=person_id, purpose="personalised_push", is_granted=is_granted, text_version=version,
        text_hash=b"", channel="MP",
    )  # fmt: skip


async def test_whoever_refused_is_told_only_what_the_law_or_everyone_hears() -> None:
    willing, refusing, other = [await make.person() for _ in range(3)]
    for one in (willing, refusing, other):
        await make.tag(one, "重点")
    await refuse(refusing, is_granted=True)
    await refuse(refusing, version="0")  # Even to older words, the last answer counts.
    await refuse(other)
    await refuse(other, is_granted=True)
    aimed = {"tags": ["重点"]}
    assert set(await chosen(aimed)) == {willing, other}
    assert set(await chosen(aimed, is_statutory=True)) == {willing, refusing, other}
    assert set(await chosen({"everyone": True})) == {willing, refusing, other}
    told = await audiences.explain(Definition.read(aimed), refusing)
    assert (told.is_in, told.has_refused, told.because) == (False, True, ["tag:重点"])


async def test_a_refusal_stays_with_whom_one_is_merged_into() -> None:
    one, other = await make.person(), await make.person()
    for person_id in (one, other):
        await make.tag(person_id, "重点")
        await refuse(person_id, is_granted=True)
    await refuse(other)
    await merging.merge(one, other, actor="system", reason="test")
    assert set(await chosen({"tags": ["重点"]})) == set()


async def test_why_somebody_is_not_meant() -> None:
    one = await make.agent(taxpayer_type="general")
    await memberships.renew_all()
    told = await audiences.explain(Definition.read({"groups": ["general"], "tags": ["重点"]}), one)
    assert (told.is_in, list(told.because), list(told.missing)) == (False, ["group:general@1"], ["tags"])
    await Person.filter(id=one).update(status=PersonStatus.FROZEN)
    told = await audiences.explain(Definition.read({"groups": ["general"]}), one)
    assert (told.is_in, told.is_active) == (False, False)


async def test_samples_are_the_same_each_time() -> None:
    for _ in range(20):
        await make.person()
    definition = Definition.read({"everyone": True})
    first = await audiences.sample(definition, 5)
    assert len(first) == 5
    assert await audiences.sample(definition, 5) == first


async def test_what_does_not_exist_is_named() -> None:
    await memberships.renew_all()
    said = {"groups": ["general", "rich"], "lists": [99], "exclude": {"halls": [98]}}
    with pytest.raises(InvalidAudience) as refused:
        await audiences.check(Definition.read(said))
    assert set(refused.value.fields) == {"groups", "lists", "exclude.halls"}


async def test_staff_give_tags_and_take_them_off() -> None:
    member, clerk = make.publisher(), make.at_work("clerk", StaffRole.CLERK)
    one, gone = await make.person(), await make.person()
    await Person.filter(id=gone).update(status=PersonStatus.DELETED)
    assert await tags.give(member, "重点", [one, gone]) == 1
    assert await tags.give(member, "重点", [one]) == 0
    assert set(await chosen({"tags": ["重点"]})) == {one}
    assert await tags.take_off(member, "重点", [one]) == 1
    assert set(await chosen({"tags": ["重点"]})) == set()
    with pytest.raises(NotYourAudience):
        await tags.give(clerk, "重点", [one])
    with pytest.raises(InvalidTag):
        await tags.give(member, "a:b", [one])
