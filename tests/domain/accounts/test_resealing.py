"""Rotating the key of personal data: everything stored is sealed anew, and nothing is forgotten."""

import pytest
from pydantic import SecretStr
from tortoise import Tortoise

from app.domain.accounts import merging, resealing
from app.domain.accounts.models import IdentityLevel, Person, PersonMerge
from app.kit import crypto
from app.kit.ids import uuid7
from config import settings


@pytest.mark.usefixtures("db")
async def test_after_resealing_the_previous_key_is_needed_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        await Person.create(
            id=uuid7(), level=IdentityLevel.REALNAME_L1, name_sealed=crypto.seal(f"张{number}"),
            phone_sealed=crypto.seal(f"1380000000{number}"),
        )  # fmt: skip
    old = settings.current()
    new = SecretStr("another personal data key, 40 characters.")
    rotating = old.model_copy(update={"pii_key": new, "pii_key_previous": old.pii_key})
    monkeypatch.setattr(settings, "current", lambda: rotating)
    told: list[tuple[str, int]] = []
    assert await resealing.reseal(lambda column, count: told.append((column, count))) == 6
    assert told == [("person.name_sealed", 3), ("person.phone_sealed", 3)]
    assert await resealing.reseal(lambda *_: None) == 0
    alone = rotating.model_copy(update={"pii_key_previous": None})
    monkeypatch.setattr(settings, "current", lambda: alone)
    names = {crypto.unseal(person.name_sealed or "") for person in await Person.all()}
    assert names == {"张0", "张1", "张2"}


@pytest.mark.usefixtures("db")
async def test_what_a_merge_remembers_is_resealed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = [
        await Person.create(id=uuid7(), phone_sealed=crypto.seal(phone), phone_hash=phone.encode())
        for phone in "12"
    ]
    kept_id = await merging.merge(one.id, other.id, actor="system", reason="test")
    old = settings.current()
    new = SecretStr("another personal data key, 40 characters.")
    rotating = old.model_copy(update={"pii_key": new, "pii_key_previous": old.pii_key})
    monkeypatch.setattr(settings, "current", lambda: rotating)
    assert await resealing.reseal(lambda *_: None) == 3
    assert await resealing.reseal(lambda *_: None) == 0
    monkeypatch.setattr(settings, "current", lambda: rotating.model_copy(update={"pii_key_previous": None}))
    await merging.undo((await PersonMerge.get()).id, actor="staff:x", reason="误并")
    phones = {person.id: crypto.unseal(person.phone_sealed or "") for person in await Person.all()}
    assert phones == {kept_id: "1", other.id: "2"}


@pytest.mark.usefixtures("db")
def test_every_sealed_column_is_resealed() -> None:
    found = {
        model._meta.db_table: {name for name in model._meta.fields_map if name.endswith("_sealed")}
        for model in Tortoise.apps["weiban"].values()
    }
    assert {table: set(columns) for table, (_, _, columns) in resealing.SEALED.items()} == {
        table: columns for table, columns in found.items() if columns
    }
