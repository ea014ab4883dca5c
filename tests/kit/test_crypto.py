"""Sealed fields: unreadable, unforgeable, findable, and readable after a rotation."""

import pytest
from pydantic import SecretStr

from app.kit import crypto
from config import settings

ID_NUMBER = "440106199001011234"


def test_a_sealed_value_hides_its_text_and_differs_each_time() -> None:
    first, second = crypto.seal(ID_NUMBER), crypto.seal(ID_NUMBER)
    assert first != second
    assert ID_NUMBER not in first
    assert crypto.unseal(first) == crypto.unseal(second) == ID_NUMBER


def test_a_changed_value_is_refused() -> None:
    sealed = crypto.seal(ID_NUMBER)
    changed = sealed[:-6] + ("AAAA" if sealed[-6:-2] != "AAAA" else "BBBB") + sealed[-2:]
    with pytest.raises(crypto.CannotUnseal):
        crypto.unseal(changed)


def test_after_a_rotation_old_values_are_read_and_new_ones_carry_the_new_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = settings.current()
    sealed, found_by = crypto.seal(ID_NUMBER), crypto.lookup_hash(ID_NUMBER, "id")
    rotated = old.model_copy(
        update={
            "pii_key": SecretStr("another personal data key, 40 characters."),
            "pii_key_previous": old.pii_key,
        }
    )
    monkeypatch.setattr(settings, "current", lambda: rotated)
    assert crypto.unseal(sealed) == ID_NUMBER
    assert not crypto.sealed_with_current_key(sealed)
    assert crypto.sealed_with_current_key(crypto.seal(ID_NUMBER))
    assert crypto.lookup_hash(ID_NUMBER, "id") == found_by
    assert crypto.lookup_hashes([ID_NUMBER, "名"], "id") == [found_by, crypto.lookup_hash("名", "id")]
    forgotten = rotated.model_copy(update={"pii_key_previous": None})
    monkeypatch.setattr(settings, "current", lambda: forgotten)
    with pytest.raises(crypto.CannotUnseal):
        crypto.unseal(sealed)


def test_look_up_hashes_differ_by_purpose() -> None:
    assert crypto.lookup_hash("13800000000", "phone") != crypto.lookup_hash("13800000000", "id")
