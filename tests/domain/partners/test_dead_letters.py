"""What waits too long or breaks is set aside, and comes back when somebody says so."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post, StaffMember
from app.domain.cases import batches
from app.domain.cases.models import Case, CaseEvent
from app.domain.credit_ratings import corrections
from app.domain.partners import dead_letters, keeping, queries
from app.domain.partners.errors import NothingToReplay, SystemSuspended
from app.domain.partners.kinds import Outcome
from app.domain.partners.models import PartnerChain, PartnerMessage, PartnerMessageBody, PartnerSystem
from app.kit import clock, db
from app.kit.errors import NotAllowed
from tests.factories.accounts import staff_at_work
from tests.factories.cases import case_number
from tests.factories.partners import make_partner

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def operator(db: None) -> StaffMember:
    return await staff_at_work("operator", Post(StaffRole.EXCHANGE_OPERATOR))


async def test_who_waits_too_long_is_dead_and_is_brought_back(operator: StaffMember) -> None:
    partner, number = await make_partner(), case_number()
    early = partner.tell("acceptance", number, 2)
    await partner.take_in(early)
    assert await dead_letters.bury() == 0
    with clock.frozen(clock.now() + timedelta(hours=73)):
        assert await dead_letters.bury() == 1
    again = (await partner.take_in(early))[0]
    assert (again.outcome, again.state) == (Outcome.DUPLICATE, "dead")
    (letter,) = await dead_letters.listed(operator, partner.code)
    assert (letter.sequence, letter.error_code) == (1, "partner_parked_too_long")
    await partner.take_in(partner.tell("application", number, 1))
    assert await dead_letters.replay(operator, partner.code, [1]) == 1
    assert (await Case.get(number=number)).accepted_at is not None
    status = await queries.status(partner.id)
    assert (status.parked, status.dead) == (0, 0)
    with pytest.raises(NothingToReplay):
        await dead_letters.replay(operator, partner.code, None)


async def test_only_the_exchange_operator_looks_and_replays() -> None:
    partner, clerk = await make_partner(), await staff_at_work("clerk", Post(StaffRole.CLERK))
    with pytest.raises(NotAllowed):
        await dead_letters.listed(clerk, partner.code)
    with pytest.raises(NotAllowed):
        await dead_letters.replay(clerk, partner.code, None)


async def test_a_message_that_breaks_is_set_aside_alone(
    monkeypatch: pytest.MonkeyPatch, operator: StaffMember
) -> None:
    partner, good, bad = await make_partner(), case_number(), case_number()
    real = batches.submit_many

    async def broken(told: Any, **options: Any) -> Any:
        if any(one.new.number == bad for one in told):
            raise ArithmeticError
        return await real(told, **options)

    monkeypatch.setattr(batches, "submit_many", broken)
    answers = await partner.take_in(partner.tell("application", good, 1), partner.tell("application", bad, 1))
    assert [one.outcome for one in answers] == [Outcome.APPLIED, Outcome.DEAD]
    monkeypatch.undo()
    await dead_letters.replay(operator, partner.code, None)
    assert await Case.exists(number=bad)


async def test_who_only_stands_before_a_message_that_breaks_is_applied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hall, office, number, other = await make_partner(), await make_partner(), case_number(), case_number()
    real = batches.record_many

    async def broken(told: Any, **options: Any) -> Any:
        if any(one.step.text == "break" for one in told):
            raise ArithmeticError
        return await real(told, **options)

    monkeypatch.setattr(batches, "record_many", broken)
    steps = [hall.tell("acceptance", number, 2), hall.tell("review", number, 3, stage="break")]
    await hall.take_in(*steps)
    assert (await hall.take_in(hall.tell("application", number, 1)))[0].outcome is Outcome.APPLIED
    # The same where another system's application lets them go on.
    await office.take_in(office.tell("acceptance", other, 1), office.tell("review", other, 2, stage="break"))
    await hall.take_in(hall.tell("application", other, 1))
    await keeping.release()
    found = await PartnerMessage.all().order_by("case_number", "system_id", "step")
    assert [one.state for one in found if one.case_number == number] == ["applied", "applied", "dead"]
    assert [one.state for one in found if one.case_number == other] == ["applied", "applied", "dead"]
    assert [(await queries.status(one.id)).parked for one in (hall, office)] == [0, 0]


async def test_a_crash_in_the_middle_leaves_nothing_and_the_push_is_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    partner, number = await make_partner(), case_number()
    rows = [partner.tell("application", number, 1), partner.tell("acceptance", number, 2)]

    async def lost(*_: Any, **__: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr("app.domain.partners.ledger.move_on", lost)
    with pytest.raises(ConnectionError):
        await partner.take_in(*rows)
    assert not await Case.exists()
    assert not await CaseEvent.exists()
    assert not await PartnerMessage.exists()
    monkeypatch.undo()
    answers = await partner.take_in(*rows)
    assert [one.outcome for one in answers] == [Outcome.APPLIED] * 2


async def test_after_ninety_days_only_the_place_in_the_case_is_remembered() -> None:
    partner, number = await make_partner(), case_number()
    row = partner.tell("application", number, 1)
    await keeping.prepare()
    await partner.take_in(row)
    waiting = partner.tell("acceptance", case_number(), 2)
    await partner.take_in(waiting)
    with clock.frozen(clock.now() + timedelta(days=92)):
        await keeping.keep_house()
        assert not await PartnerMessageBody.exists()
        assert [one.sequence for one in await PartnerMessage.all()] == [2]
        again = (await partner.take_in(row))[0]
        assert (again.outcome, again.state) == (Outcome.DUPLICATE, "applied")
    assert (await PartnerChain.get(case_number=number)).last_step == 1
    assert await CaseEvent.filter(case_number=number).count() == 1


async def test_a_system_switched_off_waits_and_hinders_no_other(operator: StaffMember) -> None:
    hall, off, on = await make_partner(), await make_partner(), await make_partner()
    first, second = case_number(), case_number()
    await off.take_in(off.tell("acceptance", first, 1), off.tell("review", case_number(), 2))
    await on.take_in(on.tell("acceptance", second, 1))
    await PartnerSystem.filter(id=off.id).update(is_active=False)
    await hall.take_in(hall.tell("application", first, 1), hall.tell("application", second, 1))
    assert await keeping.release() == 1
    assert (await Case.get(number=second)).accepted_at is not None
    with clock.frozen(clock.now() + timedelta(hours=73)):
        await dead_letters.bury()
    with pytest.raises(SystemSuspended):
        await dead_letters.replay(operator, off.code, None)
    assert (await queries.status(off.id)).dead == 2


async def test_who_came_back_is_applied_even_if_the_replay_was_cut_short(
    monkeypatch: pytest.MonkeyPatch, operator: StaffMember
) -> None:
    partner, number = await make_partner(), case_number()

    async def broken(*_: Any, **__: Any) -> Any:
        raise ArithmeticError

    monkeypatch.setattr(batches, "submit_many", broken)
    await partner.take_in(partner.tell("application", number, 1))
    monkeypatch.undo()
    monkeypatch.setattr("app.domain.partners.advancing.revive", broken)
    with pytest.raises(ArithmeticError):
        await dead_letters.replay(operator, partner.code, None)
    monkeypatch.undo()
    assert await keeping.release() == 1
    assert await Case.exists(number=number)


def rating(sequence: int, level: str) -> dict[str, Any]:
    return {
        "kind": "credit_rating", "sequence": sequence, "taxpayer_id": "91440101MA5DEMQ01M",
        "name": "广州示范有限公司", "year": 2025, "level": level, "score": "95.00",
    }  # fmt: skip


async def test_a_rating_that_broke_comes_back_and_breaks_alone_again(
    monkeypatch: pytest.MonkeyPatch, operator: StaffMember
) -> None:
    partner = await make_partner()

    async def broken(*_: Any, **__: Any) -> Any:
        raise ArithmeticError

    monkeypatch.setattr(corrections, "apply", broken)
    answers = await partner.take_in(rating(1, "A"), rating(2, "A"))
    assert [one.outcome for one in answers] == [Outcome.DEAD] * 2
    await dead_letters.replay(operator, partner.code, None)
    status = await queries.status(partner.id)
    assert (status.parked, status.dead) == (0, 2)
    monkeypatch.undo()
    assert await dead_letters.replay(operator, partner.code, [1, -1, 2**64]) == 1
    # No year is published here: the rating was judged, and refused.
    assert (await queries.message(partner.id, 1)).code == "partner_rating_refused"
    status = await queries.status(partner.id)
    assert (status.parked, status.dead) == (0, 1)


async def test_an_old_rating_told_again_does_not_take_the_place_of_a_newer_one() -> None:
    partner = await make_partner()
    await keeping.prepare()
    await partner.take_in(rating(1, "B"), rating(2, "A"))
    with clock.frozen(clock.now() + timedelta(days=92)):
        await keeping.keep_house()
        (again,) = await partner.take_in(rating(1, "B"))
        assert (again.code, again.state) == ("partner_sequence_forgotten", None)
        (newer,) = await partner.take_in(rating(3, "B"))
        assert newer.code == "partner_rating_refused"


async def test_what_is_said_lies_sealed() -> None:
    partner, number = await make_partner(), case_number()
    await partner.take_in(partner.tell("application", number, 1, text="给申请人的话"))
    body = await PartnerMessageBody.get()
    assert "给申请人的话" not in body.body_sealed
    rows = await db.fetch("SELECT to_jsonb(m)::text AS row FROM partner_message m")
    assert "给申请人的话" not in rows[0]["row"]


async def test_gaps_are_seen_and_what_is_whole_is_noted() -> None:
    partner, number = await make_partner(), case_number()
    for sequence in (1, 2, 5, 6, 9):
        await partner.take_in({**partner.tell("other", number, sequence), "sequence": sequence})
    status = await queries.status(partner.id)
    assert [(gap.first, gap.last) for gap in status.gaps] == [(3, 4), (7, 8)]
    assert (status.whole_to, status.last_sequence) == (2, 9)
    await queries.note_whole()
    assert (await PartnerSystem.get(id=partner.id)).whole_to == 2
    assert await queries.status(partner.id) == status
