"""The state of a certificate on a day, and which telling stands."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.domain.certificates import rules
from app.domain.certificates.models import State, Status, Trust
from app.domain.certificates.rules import Standing, Verdict
from app.kit.clock import SHANGHAI

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("since", "until", "state"),
    [
        (-10, None, State.VALID),
        (0, None, State.VALID),
        (1, None, State.VERIFIED),
        (1, 20, State.VERIFIED),
        (-10, 31, State.VALID),
        (-10, 30, State.EXPIRING),
        (-10, 0, State.EXPIRING),
        (-10, -1, State.EXPIRED),
    ],
)
def test_days_make_the_state_of_what_is_vouched_for(since: int, until: int | None, state: State) -> None:
    days: dict[str, Any] = {
        "valid_from": TODAY + timedelta(days=since),
        "valid_until": None if until is None else TODAY + timedelta(days=until),
    }
    for trust in (Trust.A, Trust.B):
        assert rules.state_on(TODAY, status=Status.VALID, trust=trust, **days) is state
    for trust in (Trust.C, Trust.D):
        assert rules.state_on(TODAY, status=Status.VALID, trust=trust, **days) is State.INGESTED
    for status, ended in (
        (Status.REVOKED, State.REVOKED),
        (Status.CANCELLED, State.REVOKED),
        (Status.LOCKED, State.LOCKED),
    ):
        for trust in Trust:
            assert rules.state_on(TODAY, status=status, trust=trust, **days) is ended


@pytest.mark.parametrize(
    ("known", "told", "verdict"),
    [
        (None, (0, Status.REVOKED), Verdict.TAKEN),
        ((0, Status.VALID), (1, Status.LOCKED), Verdict.TAKEN),
        ((0, Status.LOCKED), (1, Status.VALID), Verdict.TAKEN),
        ((0, Status.VALID), (0, Status.VALID), Verdict.TAKEN),
        ((1, Status.VALID), (0, Status.REVOKED), Verdict.OUTDATED),
        ((0, Status.REVOKED), (1, Status.VALID), Verdict.FINAL),
        ((0, Status.CANCELLED), (1, Status.LOCKED), Verdict.FINAL),
        ((0, Status.REVOKED), (1, Status.CANCELLED), Verdict.TAKEN),
    ],
)
def test_the_later_telling_stands_and_an_end_is_an_end(
    known: tuple[int, Status] | None, told: tuple[int, Status], verdict: Verdict
) -> None:
    def standing(said: tuple[int, Status]) -> Standing:
        return Standing(NOON + timedelta(hours=said[0]), said[1])

    assert rules.judge(standing(known) if known else None, standing(told)) is verdict


def test_a_copy_bears_the_words_of_the_state_council() -> None:
    words = rules.watermark("天河区市场监督管理局", date(2031, 11, 15))
    assert words == "此件由天河区市场监督管理局提供，仅供办理政务服务事项时使用，有效期至2031年11月15日"
    assert rules.watermark("公安局", None).endswith("有效期至长期")
