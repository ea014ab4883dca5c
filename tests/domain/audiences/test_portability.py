"""Groups, tags and list rows go where their person goes: into an export, away, or into another person."""

from uuid import UUID

import pytest

from app.domain.accounts import merging, portability
from app.domain.accounts.models import PersonMerge
from app.domain.audiences import memberships
from app.domain.audiences.models import AudienceList, AudienceListRow, ListIdentity, Membership, PersonTag
from app.kit import clock
from app.sandbox.running import Running
from tests.factories import accounts
from tests.factories import audiences as make


async def listed(list_id: int, person_id: UUID, row: int, tax: str) -> None:
    await AudienceListRow.create(list_id=list_id, person_id=person_id, row_number=row, params={"tax": tax})


async def new_list(name: str) -> int:
    made = await AudienceList.create(
        name=name, identity=ListIdentity.PHONE, facts=["tax"], counts={}, created_by="system",
        created_at=clock.now(),
    )  # fmt: skip
    return int(made.id)


async def test_an_export_tells_all_of_it_and_leaving_forgets_it(wechat_sandbox: Running) -> None:
    citizen = await accounts.known_citizen()
    await make.tag(citizen.person_id, "重点")
    await listed(await new_list("催报"), citizen.person_id, 2, "增值税")
    await memberships.renew_all()
    told = (await portability.export(citizen))["audiences"]
    assert isinstance(told, dict)
    assert [one["group"] for one in told["groups"]] == ["自然人"]
    assert told["groups"][0]["because"] == "已实名"
    assert [one["tag"] for one in told["tags"]] == ["重点"]
    assert [(one["list__name"], one["params"]) for one in told["lists"]] == [("催报", {"tax": "增值税"})]
    await portability.delete(citizen)
    for model in (Membership, PersonTag, AudienceListRow):
        assert await model.all().count() == 0


@pytest.mark.usefixtures("db")
async def test_a_merge_moves_what_the_other_lacks_and_undoing_moves_it_back() -> None:
    one, other = await make.person(), await make.person()
    first, second = await new_list("甲"), await new_list("乙")
    for person_id in (one, other):
        await make.tag(person_id, "都有")
        await listed(first, person_id, 2 + (person_id == other), "增值税")
    kept = await merging.merge(one, other, actor="system", reason="before")
    absorbed = other if kept == one else one
    merge = await PersonMerge.all().get()
    await merging.undo(merge.id, actor="system", reason="test")
    await make.tag(absorbed, "独有")
    await listed(second, absorbed, 2, "所得税")
    assert await merging.merge(one, other, actor="system", reason="test") == kept
    assert {one.tag for one in await PersonTag.filter(person_id=kept)} == {"都有", "独有"}
    assert {one.list_id for one in await AudienceListRow.filter(person_id=kept)} == {first, second}
    again = await PersonMerge.filter(undone_at=None).get()
    await merging.undo(again.id, actor="system", reason="test")
    assert {one.tag for one in await PersonTag.filter(person_id=absorbed)} == {"都有", "独有"}
    assert await AudienceListRow.filter(person_id=kept).count() == 1
