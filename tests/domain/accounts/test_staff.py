"""Staff: two factors, lock-out, idle sessions, posts, and three administrators who are three people."""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta

import pytest

from app.domain.accounts import staff, staffing
from app.domain.accounts.errors import (
    AdminRolesSplit,
    AlreadyAppointed,
    PasswordWeak,
    SessionEnded,
    SignInFailed,
    UsernameTaken,
)
from app.domain.accounts.models import Staff, StaffRole
from app.domain.accounts.staff import Post, SignedIn
from app.domain.accounts.staffing import Credentials
from app.kit import audit, clock
from app.kit import db as raw
from tests.factories import accounts as make

pytestmark = pytest.mark.usefixtures("db")


@dataclass(frozen=True)
class Hall:
    id: int
    region_id: str


@pytest.fixture
async def credentials(db: None) -> Credentials:
    return await staffing.hire("li.na", "李娜", Post(StaffRole.CLERK, hall_id=7))


async def _sign_in(given: Credentials, password: str | None = None, code: str | None = None) -> SignedIn:
    return await staff.sign_in(
        given.username, password or given.password, code or make.code_of(given.totp_uri), address="127.0.0.1"
    )


async def _fail(given: Credentials, times: int) -> None:
    for _ in range(times):
        with pytest.raises(SignInFailed):
            await _sign_in(given, password="wrong")


async def test_password_and_code_open_a_session(credentials: Credentials) -> None:
    signed = await _sign_in(credentials)
    member = await staff.staff_of(signed.token)
    assert (member.username, member.display_name) == ("li.na", "李娜")
    assert member.posts == (Post(StaffRole.CLERK, hall_id=7),)
    assert await audit.verify() == 2


async def test_secrets_are_hashed_or_sealed(credentials: Credentials) -> None:
    row = await raw.fetch_value("SELECT s::text FROM staff s")
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in row
    assert credentials.password not in row
    assert credentials.totp_uri.partition("secret=")[2].partition("&")[0] not in row
    assert credentials.password not in repr(credentials)


async def test_each_factor_alone_is_not_enough(credentials: Credentials) -> None:
    with pytest.raises(SignInFailed):
        await _sign_in(credentials, password="wrong")
    with pytest.raises(SignInFailed):
        await _sign_in(
            credentials, code="000000" if make.code_of(credentials.totp_uri) != "000000" else "111111"
        )
    await _sign_in(credentials)


async def test_a_code_works_once(credentials: Credentials) -> None:
    code = make.code_of(credentials.totp_uri)
    await _sign_in(credentials, code=code)
    with pytest.raises(SignInFailed):
        await _sign_in(credentials, code=code)


async def test_a_code_used_ten_times_at_once_opens_one_session(credentials: Credentials) -> None:
    ends = await asyncio.gather(*(_sign_in(credentials) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(end, SignedIn) for end in ends) == 1


async def test_a_phone_half_a_minute_off_will_do_and_two_will_not(credentials: Credentials) -> None:
    with pytest.raises(SignInFailed):
        await _sign_in(credentials, code=make.code_of(credentials.totp_uri, steps_ahead=3))
    await _sign_in(credentials, code=make.code_of(credentials.totp_uri, steps_ahead=1))


async def test_five_failures_lock_for_half_an_hour(credentials: Credentials) -> None:
    began = clock.now()
    await _fail(credentials, 5)
    with clock.frozen(began + timedelta(minutes=29)), pytest.raises(SignInFailed):
        await _sign_in(credentials)
    with clock.frozen(began + timedelta(minutes=31)):
        await _sign_in(credentials)


async def test_failures_while_locked_do_not_prolong_the_lock(credentials: Credentials) -> None:
    began = clock.now()
    await _fail(credentials, 5)
    with clock.frozen(began + timedelta(minutes=20)):
        await _fail(credentials, 6)
    with clock.frozen(began + timedelta(minutes=31)):
        await _sign_in(credentials)


async def test_after_a_lock_the_count_starts_anew(credentials: Credentials) -> None:
    began = clock.now()
    await _fail(credentials, 5)
    with clock.frozen(began + timedelta(minutes=31)):
        await _fail(credentials, 4)
        await _sign_in(credentials)


async def test_a_success_clears_the_failures(credentials: Credentials) -> None:
    await _fail(credentials, 4)
    await _sign_in(credentials)
    await _fail(credentials, 4)
    assert (await Staff.get()).locked_until is None


async def test_an_unknown_name_gets_the_same_answer_in_the_same_time(credentials: Credentials) -> None:
    async def refusal(username: str) -> tuple[str, float]:
        began = time.perf_counter()
        with pytest.raises(SignInFailed) as failed:
            await staff.sign_in(username, "wrong", "000000", address="127.0.0.1")
        return failed.value.message, time.perf_counter() - began

    known, unknown = [await refusal("li.na") for _ in range(4)], [await refusal("nobody") for _ in range(4)]
    assert {words for words, _ in known} == {words for words, _ in unknown}
    # Both wait for Argon2; without it an unknown name would be answered many times faster.
    assert min(spent for _, spent in unknown) > min(spent for _, spent in known) / 4


async def test_a_given_out_password_opens_no_door_until_it_is_changed(credentials: Credentials) -> None:
    signed = await _sign_in(credentials)
    hall = Hall(7, "440106")
    assert not staff.may(signed.member, StaffRole.CLERK, hall)
    assert not staff.holds(signed.member, StaffRole.CLERK)
    await staff.change_password(signed.member, credentials.password, make.CHOSEN_PASSWORD)
    member = await staff.staff_of(signed.token)
    assert staff.may(member, StaffRole.CLERK, hall)
    assert not staff.may(member, StaffRole.CLERK, Hall(8, "440106"))
    assert not staff.may(member, StaffRole.HALL_MANAGER, hall)


async def test_a_new_password_ends_other_sessions(credentials: Credentials) -> None:
    first = await _sign_in(credentials)
    second = await _sign_in(credentials, code=make.code_of(credentials.totp_uri, steps_ahead=1))
    await staff.change_password(second.member, credentials.password, make.CHOSEN_PASSWORD)
    with pytest.raises(SessionEnded):
        await staff.staff_of(first.token)
    await staff.staff_of(second.token)


async def test_a_password_changes_only_to_a_strong_new_one_by_who_knows_the_old(
    credentials: Credentials,
) -> None:
    member = (await _sign_in(credentials)).member
    with pytest.raises(PasswordWeak):
        await staff.change_password(member, credentials.password, "short")
    with pytest.raises(SignInFailed):
        await staff.change_password(member, "wrong", make.CHOSEN_PASSWORD)


async def test_a_session_ends_after_half_an_hour_of_silence(credentials: Credentials) -> None:
    signed, began = await _sign_in(credentials), clock.now()
    with clock.frozen(began + timedelta(minutes=29)):
        await staff.staff_of(signed.token)
    with clock.frozen(began + timedelta(minutes=58)):
        await staff.staff_of(signed.token)
    with clock.frozen(began + timedelta(minutes=89)), pytest.raises(SessionEnded):
        await staff.staff_of(signed.token)


async def test_a_session_ends_after_a_day_of_work_however_busy(credentials: Credentials) -> None:
    signed, began = await _sign_in(credentials), clock.now()
    for minutes in range(20, 12 * 60, 20):
        with clock.frozen(began + timedelta(minutes=minutes)):
            await staff.staff_of(signed.token)
    with clock.frozen(began + timedelta(hours=12, seconds=1)), pytest.raises(SessionEnded):
        await staff.staff_of(signed.token)


async def test_signing_out_and_dismissal_end_sessions(credentials: Credentials) -> None:
    signed = await _sign_in(credentials)
    await staff.sign_out(signed.member)
    with pytest.raises(SessionEnded):
        await staff.staff_of(signed.token)
    again = await _sign_in(credentials, code=make.code_of(credentials.totp_uri, steps_ahead=1))
    await staffing.dismiss(credentials.staff_id, actor="system")
    with pytest.raises(SessionEnded):
        await staff.staff_of(again.token)
    with clock.frozen(clock.now() + timedelta(minutes=5)), pytest.raises(SignInFailed):
        await _sign_in(credentials)


async def test_a_user_name_is_taken_once(credentials: Credentials) -> None:
    with pytest.raises(UsernameTaken):
        await staffing.hire(" LI.NA ", "另一位", Post(StaffRole.CLERK))


@pytest.mark.parametrize("role", [StaffRole.SECURITY_ADMIN, StaffRole.AUDITOR])
async def test_the_three_administrators_are_three_people(role: StaffRole) -> None:
    given = await staffing.hire("root", "系统管理员", Post(StaffRole.SYSTEM_ADMIN))
    with pytest.raises(AdminRolesSplit):
        await staffing.appoint(given.staff_id, Post(role), actor="system")


async def test_two_administrator_posts_at_once_and_one_is_given(credentials: Credentials) -> None:
    ends = await asyncio.gather(
        *(
            staffing.appoint(credentials.staff_id, Post(role), actor="system")
            for role in (StaffRole.SYSTEM_ADMIN, StaffRole.SECURITY_ADMIN, StaffRole.AUDITOR)
        ),
        return_exceptions=True,
    )
    assert sum(end is None for end in ends) == 1
    assert sum(isinstance(end, AdminRolesSplit) for end in ends) == 2


async def test_a_post_is_given_once_for_each_place(credentials: Credentials) -> None:
    await staffing.appoint(credentials.staff_id, Post(StaffRole.CLERK, hall_id=8), actor="system")
    with pytest.raises(AlreadyAppointed):
        await staffing.appoint(credentials.staff_id, Post(StaffRole.CLERK, hall_id=8), actor="system")
