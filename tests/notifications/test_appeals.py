"""Whoever appealed against a ban hears what came of it, and reads the answer on a page of their own."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.domain.appointments import appeals, penalties
from app.domain.appointments.models import Ban, StrikeKind
from app.kit import clock
from app.kit.ids import uuid7
from config import settings
from tests.factories.appointments import make_hall
from tests.notifications.conftest import Story


@pytest.fixture(autouse=True)
def _at_any_hour(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """These messages keep quiet at night; the tests run at any hour."""
    monkeypatch.setenv("WEIBAN_QUIET_HOURS", "off")
    settings.current.cache_clear()
    yield
    monkeypatch.undo()
    settings.current.cache_clear()


@pytest.mark.parametrize(
    ("is_upheld", "state", "hint"),
    [(True, "已支持", "限制已解除，可以重新预约"), (False, "未支持", "限制照旧，点击查看答复")],
    ids=["upheld", "refused"],
)
@pytest.mark.parametrize("knows_hall", [True, False], ids=["of a hall", "from before bans knew halls"])
async def test_an_answer_reaches_the_phone_without_its_words(
    story: Story, is_upheld: bool, state: str, hint: str, knows_hall: bool
) -> None:
    person_id, hall, now = await story.person(), await make_hall(), clock.now()
    await Ban.create(
        subject_id=person_id, hall_id=hall.id if knows_hall else None, reason=StrikeKind.NO_SHOW,
        starts_at=now, ends_at=now + timedelta(days=30),
    )  # fmt: skip
    appeal = await penalties.appeal(person_id, person_id, "那天我住院了，有病历")
    await penalties.decide_appeal(appeal.id, uuid7(), is_upheld=is_upheld, answer="王五的病历已核对")
    await story.deliver()
    (message,) = story.phone()
    told = {line["label"]: line["value"] for line in message["lines"]}
    assert (message["title"], told["申诉结果"], told["温馨提示"]) == ("预约申诉结果通知", state, hint)
    assert told["答复单位"] == (hall.name if knows_hall else "办税服务厅")
    assert "王五" not in str(message)
    [own] = await appeals.own(person_id)
    assert own["answer"] == "王五的病历已核对"
