"""Rules of identities, agencies and staff accounts, without a database."""

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.accounts import rules
from app.domain.accounts.errors import (
    NameInvalid,
    PasswordWeak,
    PostScopeInvalid,
    RealNameFixed,
    RealNameRequired,
    UsernameInvalid,
)
from app.domain.accounts.models import IdentityLevel, StaffRole


@dataclass(frozen=True)
class Hall:
    id: int
    region_id: str


LEVELS = st.sampled_from(list(IdentityLevel))


@given(LEVELS, LEVELS)
def test_a_proof_never_lowers_the_level(level: IdentityLevel, proved: IdentityLevel) -> None:
    after = rules.raised(level, proved)
    assert after.rank == max(level.rank, proved.rank)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (" 张三 ", "张三"),
        ("古丽•买买提", "古丽·买买提"),
        ("古丽．买买提", "古丽·买买提"),
        ("𠮷野家", "𠮷野家"),
        ("John Smith", "John Smith"),
        ("Ｊｏｈｎ", "John"),
        ("O'Neill", "O'Neill"),
    ],
)
def test_a_name_is_written_one_way(typed: str, name: str) -> None:
    assert rules.full_name(typed) == name


@pytest.mark.parametrize(
    "typed", ["", " ", "张", "张3", "张三!", "·张三", "张三·", "张··三", "张" * 31, "张\x00三", "张\u200b三"]
)
def test_what_no_card_bears_is_no_name(typed: str) -> None:
    with pytest.raises(NameInvalid):
        rules.full_name(typed)


def test_a_proved_number_stays() -> None:
    rules.check_same_person(None, b"a")
    rules.check_same_person(b"a", b"a")
    with pytest.raises(RealNameFixed):
        rules.check_same_person(b"a", b"b")


@pytest.mark.parametrize("level", [IdentityLevel.WX_BOUND, IdentityLevel.PHONE_VERIFIED])
def test_nobody_binds_an_enterprise_before_their_name_is_known(level: IdentityLevel) -> None:
    with pytest.raises(RealNameRequired):
        rules.check_may_bind(level)


@pytest.mark.parametrize("level", [IdentityLevel.REALNAME_L1, IdentityLevel.REALNAME_L2])
def test_a_known_person_may_bind(level: IdentityLevel) -> None:
    rules.check_may_bind(level)


def test_a_binding_lasts_a_year() -> None:
    assert rules.last_day_of_binding(date(2026, 11, 22)) == date(2027, 11, 22)
    assert rules.last_day_of_binding(date(2028, 2, 29)) == date(2029, 2, 28)


TIANHE = Hall(7, "440106")


@pytest.mark.parametrize(
    ("hall_id", "region_code", "is_covered"),
    [
        (None, None, True),
        (7, None, True),
        (8, None, False),
        (None, "44", True),
        (None, "4401", True),
        (None, "440106", True),
        (None, "440105", False),
        (None, "440106001", False),
    ],
)
def test_a_post_reaches_its_hall_or_all_below_its_region(
    hall_id: int | None, region_code: str | None, is_covered: bool
) -> None:
    assert rules.covers(hall_id, region_code, TIANHE) is is_covered


def test_a_scoped_post_reaches_no_deed_outside_halls() -> None:
    assert rules.covers(None, None, None)
    assert not rules.covers(7, None, None)
    assert not rules.covers(None, "44", None)


def test_a_post_has_one_scope_and_an_administrator_none() -> None:
    rules.check_scope(StaffRole.CLERK, 7, None)
    rules.check_scope(StaffRole.AUDITOR, None, None)
    with pytest.raises(PostScopeInvalid):
        rules.check_scope(StaffRole.CLERK, 7, "44")
    for role in rules.ADMIN_ROLES:
        with pytest.raises(PostScopeInvalid):
            rules.check_scope(role, 7, None)


@pytest.mark.parametrize(
    "password", ["Long-enough-1", "abcdefgh1234!", "ABCDEFgh1234", "密码密码密码密码密码aB"]
)
def test_a_varied_long_password_will_do(password: str) -> None:
    rules.check_password(password, "li.na")


@pytest.mark.parametrize(
    "password", ["", "Short-1", "abcdefghijkl", "abcdefgh1234", "A1-" * 43, "Li.Na-has-1-secret"]
)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(PasswordWeak):
        rules.check_password(password, "li.na")


@pytest.mark.parametrize("username", ["", "ab", "1abc", "Li", "李娜", "a b c", "a" * 41, "abc\n"])
def test_a_user_name_is_plain(username: str) -> None:
    with pytest.raises(UsernameInvalid):
        rules.check_username(username)
    rules.check_username("li.na-2")


def test_a_level_proved_since_a_merge_outlasts_a_phone_that_goes_back() -> None:
    own = {**rules.NOTHING_PROVED, "level": "realname_l1", "id_number_hash": "0a"}
    theirs = {**rules.NOTHING_PROVED, "level": "phone_verified", "phone_hash": "0b"}
    now = {**own, "level": "realname_l2", "phone_hash": "0b"}
    assert rules.proofs_after_parting(now, own, theirs) == {**own, "level": "realname_l2"}
