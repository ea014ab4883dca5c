"""``weiban objection``: the list of a department, one objection in full, and its answer."""

import argparse
from collections.abc import Iterator

import pytest

from app.__main__ import COMMANDS
from app.commands import objection
from app.domain.accounts.models import StaffRole
from app.domain.sharing import asking, prefills, settling
from app.domain.sharing.models import Occasion
from app.gateways import exchange
from app.gateways.exchange import Library
from tests.factories.accounts import id_number
from tests.factories.audiences import at_work
from tests.factories.sharing import Libraries, make_citizen


@pytest.fixture(autouse=True)
def _libraries() -> Iterator[None]:
    exchange.use_libraries(Libraries())
    yield
    exchange.use_libraries(None)


@pytest.mark.usefixtures("db")
async def test_an_objection_is_read_and_answered(capsys: pytest.CaptureFixture[str]) -> None:
    number, parser = id_number(), argparse.ArgumentParser()
    objection.add_arguments(parser)
    member = at_work("operator", StaffRole.EXCHANGE_OPERATOR)

    async def told(*arguments: str) -> str:
        await objection.act(member, parser.parse_args(arguments))
        return capsys.readouterr().out

    assert "没有数据异议" in await told("list")
    citizen = await make_citizen(number=number)
    asked = await asking.ask(citizen, Library.POPULATION, Occasion.APPLICATION)
    await prefills.one(citizen, asked)
    await settling.correct(citizen, asked, [(1, "residence", "新街 2 号")], "已搬家")
    listed = await told("list", "--department", "公安机关")
    assert ("住址" in listed, "待核实" in listed, number in listed) == (True, True, False)
    shown = await told("show", "1", "--reason", "转公安机关核实")
    assert f"主体：{number}" in shown
    assert "第 1 条 住址：天河区某街 1 号 → 新街 2 号" in shown
    assert "已答复" in await told("answer", "1", "mended", "--words", "已更正住址")
    assert "没有数据异议" in await told("list")
    assert "已更正" in await told("list", "--all")
    assert COMMANDS["objection"] == "objection"
