"""What an answer to a correction keeps of the request it answers."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.domain.cases import history, rows, supplements
from app.domain.cases.models import DUE_MOVED
from app.domain.cases.paper_models import CaseSupplement
from app.domain.cases.supplements import Answer, Promise
from app.kit import clock
from app.kit.errors import InvalidInput
from tests.factories.appointments import make_person
from tests.factories.papers import asked_case, citizen

pytestmark = pytest.mark.usefixtures("db")


async def test_an_answer_names_the_request_even_if_a_due_date_moved_since() -> None:
    me = await make_person()
    case = await asked_case(me)
    asked_seq = case.last_seq
    moved = history.seal(case, DUE_MOVED, clock.now(), "期限调整")
    await rows.insert_events([moved])
    await rows.update_cases([case])
    promise = Promise("消防证明", clock.today() + timedelta(days=10))
    made = await supplements.answer(case.number, citizen(me), Answer([], [promise]))
    assert (made.asked_seq, made.answered_seq) == (asked_seq, asked_seq + 2)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Answer([], [Promise("证明", clock.today())], text="字" * 501), "text"),
        (Answer([], [Promise("证明", clock.today())], text="字\0"), "text"),
        (Answer([], [Promise("字" * 101, clock.today())]), "promises"),
        (Answer([], [Promise(" ", clock.today())]), "promises"),
        (Answer([], [Promise("证明", clock.today())] * 21), "promises"),
        (Answer([uuid4() for _ in range(21)]), "materials"),
    ],
)
async def test_an_answer_has_its_bounds_whoever_brings_it(given: Answer, field: str) -> None:
    me = await make_person()
    case = await asked_case(me)
    with pytest.raises(InvalidInput) as refused:
        await supplements.answer(case.number, citizen(me), given)
    assert list(refused.value.fields) == [field]
    assert not await CaseSupplement.exists()
