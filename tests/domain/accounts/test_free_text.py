"""Texts of any length are asked about whole; who has no mini-program identity is read by a person."""

import pytest

from app.domain.accounts import free_text
from app.domain.accounts.errors import TextNotAllowed
from app.domain.accounts.free_text import Finding
from app.sandbox.running import Running
from tests.factories.accounts import log_in
from tests.factories.appointments import make_person


async def test_whoever_has_no_mini_program_identity_is_unreviewed(wechat_sandbox: Running) -> None:
    opinion = await free_text.check(await make_person(), "您好")
    assert opinion.finding is Finding.UNREVIEWED
    assert wechat_sandbox.sandbox.calls["/wxa/msg_sec_check"] == 0


async def test_the_worst_piece_of_a_long_text_decides(wechat_sandbox: Running) -> None:
    person = (await log_in("zhang")).person_id
    assert (await free_text.check(person, "好" * 5000)).finding is Finding.CLEAN
    assert (await free_text.check(person, "好" * 2600 + "可疑")).finding is Finding.FOR_REVIEW
    with pytest.raises(TextNotAllowed):
        await free_text.check(person, "可疑" + "好" * 2600 + "违禁")
