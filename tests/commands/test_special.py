"""``weiban special``: a special procedure goes its way at a terminal."""

import argparse
from datetime import timedelta

import pytest

from app.commands import special
from app.domain.accounts.models import StaffRole
from app.domain.cases import due_dates
from app.domain.cases.errors import SpecialRefused
from app.domain.cases.models import Case, SpecialProcedure, SpecialState
from app.domain.cases.models import CaseState as S
from app.kit import clock
from tests.factories.cases import HANDED_IN, make_case
from tests.factories.notices import member

CLERK, HEAD = member(StaffRole.CLERK), member(StaffRole.HALL_MANAGER)


@pytest.mark.usefixtures("db")
async def test_a_special_procedure_goes_its_way(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    special.add_arguments(parser)

    async def told(who: object, *arguments: str) -> str:
        return await special._change(who, parser.parse_args(arguments))  # type: ignore[arg-type]

    case = await make_case(S.ACCEPTED, S.REVIEW)
    asked = ("apply", case.number, "--kind", "hearing", "--approver", "分管负责人", "--limit", "5")
    with clock.frozen(HANDED_IN):
        assert await told(CLERK, *asked) == "已申请，编号 1"
        assert await told(HEAD, "refuse", "1", "不需要听证") == "未批准，办件继续审核"
        assert await told(CLERK, *asked) == "已申请，编号 2"
        assert "weiban special begin 2" in await told(HEAD, "approve", "2", "将举行听证")
        assert await told(CLERK, "begin", "2") == "已开始，将告知申请人"
    with clock.frozen(HANDED_IN + timedelta(days=30)):
        await due_dates.end_overdue_specials()
        await special._late(member(StaffRole.SUPERVISOR))
        assert case.number in capsys.readouterr().out
        assert await told(CLERK, "finish", "2", "听证结束") == "已结束，办件恢复计时"
        with pytest.raises(SpecialRefused):
            await told(HEAD, "cancel", "2", "不需要")
    assert (await Case.get()).state is S.REVIEW
    assert [one.state for one in await SpecialProcedure.all().order_by("id")] == [
        SpecialState.REFUSED, SpecialState.OVERDUE,
    ]  # fmt: skip
    await special._late(member(StaffRole.SUPERVISOR))
    assert "没有超时的特别程序" in capsys.readouterr().out
