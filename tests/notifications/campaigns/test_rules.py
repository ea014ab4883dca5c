"""Rules of campaigns without a database: legal moves, two people, the right product, when to stop."""

from datetime import timedelta
from uuid import uuid4

import pytest

from notifications.campaigns import rules
from notifications.campaigns.counts import Counts, Key
from notifications.campaigns.errors import (
    IllegalDeed,
    MomentPassed,
    NotYourCampaign,
    OwnCampaign,
    WrongProduct,
)
from notifications.campaigns.models import FINAL, CampaignState, RecipientState
from notifications.models import Channel
from tests.notifications.campaigns.conftest import NOON

S = CampaignState

# Every move there is, written a second time: a new one in the code has to be meant.
MOVES = {
    (S.DRAFT, S.DRY_RUN), (S.DRAFT, S.CANCELLED),
    (S.DRY_RUN, S.DRY_RUN), (S.DRY_RUN, S.DRAFT), (S.DRY_RUN, S.PENDING), (S.DRY_RUN, S.CANCELLED),
    (S.PENDING, S.DRAFT), (S.PENDING, S.APPROVED), (S.PENDING, S.CANCELLED),
    (S.APPROVED, S.SCHEDULED), (S.APPROVED, S.CANARY),
    (S.SCHEDULED, S.CANARY), (S.SCHEDULED, S.CANCELLED), (S.SCHEDULED, S.EXPIRED),
    (S.CANARY, S.RUNNING), (S.CANARY, S.PAUSED), (S.CANARY, S.CANCELLED), (S.CANARY, S.EXPIRED),
    (S.RUNNING, S.PAUSED), (S.RUNNING, S.FINISHED), (S.RUNNING, S.CANCELLED), (S.RUNNING, S.EXPIRED),
    (S.PAUSED, S.CANARY), (S.PAUSED, S.RUNNING), (S.PAUSED, S.CANCELLED), (S.PAUSED, S.EXPIRED),
}  # fmt: skip


@pytest.mark.parametrize("now", S)
@pytest.mark.parametrize("to", S)
def test_a_campaign_moves_only_where_the_table_says(now: CampaignState, to: CampaignState) -> None:
    if (now, to) in MOVES:
        rules.check_move(now, to)
    else:
        with pytest.raises(IllegalDeed):
            rules.check_move(now, to)


def test_nothing_follows_the_end() -> None:
    assert {state for state in S if not rules.LEGAL[state]} == set(FINAL)


def test_its_author_approves_a_small_campaign_and_no_larger_one() -> None:
    author = uuid4()
    rules.check_approver(author, author, size=100, above=100, may_review=False)
    with pytest.raises(OwnCampaign):
        rules.check_approver(author, author, size=101, above=100, may_review=True)


def test_another_person_needs_the_role_for_it_whatever_the_size() -> None:
    rules.check_approver(uuid4(), uuid4(), size=1_000_000, above=100, may_review=True)
    with pytest.raises(NotYourCampaign):
        rules.check_approver(uuid4(), uuid4(), size=1, above=100, may_review=False)


@pytest.mark.parametrize(
    ("total", "size"), [(5, 5), (20, 20), (21, 20), (2000, 20), (2001, 21), (50_000, 500), (1_000_000, 1000)]
)
def test_the_canary_is_one_percent_within_bounds(total: int, size: int) -> None:
    assert rules.canary_size(total, 1) == size


@pytest.mark.parametrize("minutes", [0, -1, 60, 61])
def test_a_date_lies_between_now_and_the_end_of_its_worth(minutes: int) -> None:
    with pytest.raises(MomentPassed):
        rules.check_moment(NOON + timedelta(minutes=minutes), NOON, NOON + timedelta(hours=1))
    rules.check_moment(NOON + timedelta(minutes=59), NOON, NOON + timedelta(hours=1))


@pytest.mark.parametrize(
    "audience",
    [
        {"everyone": True},
        {"regions": ["4401"]},
        {"groups": ["visitor"]},
        {"groups": ["exporter", "natural_person"], "regions": ["44"]},
    ],
)
def test_what_tells_the_public_the_same_goes_by_mass_send(audience: dict[str, object]) -> None:
    with pytest.raises(WrongProduct) as refused:
        rules.check_is_personal(audience, without_facts=1, texts="停电公告")
    assert "群发" in refused.value.message
    rules.check_is_personal(audience, without_facts=0, texts="停电公告")


@pytest.mark.parametrize(
    "audience",
    [{"groups": ["exporter"]}, {"lists": [1]}, {"tags": ["重点"]}, {"halls": [1], "regions": ["44"]}],
)
def test_what_is_somebodys_own_duty_goes_by_template(audience: dict[str, object]) -> None:
    rules.check_is_personal(audience, without_facts=10, texts="申报期限提醒，税收优惠政策")


def test_marketing_by_template_is_refused_with_the_word() -> None:
    with pytest.raises(WrongProduct) as refused:
        rules.check_is_personal({"lists": [1]}, without_facts=0, texts="发票抽奖活动")
    assert "抽奖" in refused.value.message


def counts(**people: int) -> Counts:
    """Recipients by state; ``refused`` failed with 43101, ``gone`` were unreachable, ``blocked`` 43116."""
    rows: dict[Key, int] = {}
    reasons = {"refused": "43101", "gone": "unreachable", "blocked": "43116"}
    for word, count in people.items():
        state = RecipientState.FAILED if word in reasons else RecipientState(word)
        rows[state, reasons.get(word), Channel.TEMPLATE] = count
    return Counts(rows)


def stops(found: Counts, baseline: dict[str, int] | None = None, *, sample: int = 50) -> bool:
    return rules.trouble(found, baseline or {}, above_percent=5, sample=sample) is not None


def test_failures_above_the_share_stop_a_campaign() -> None:
    assert not stops(counts(sent=95, refused=5))
    assert stops(counts(sent=94, refused=6))
    assert stops(counts(delivered=90, unknown=4, refused=6))


def test_few_answers_prove_nothing() -> None:
    assert not stops(counts(refused=49))
    assert stops(counts(refused=50))
    assert stops(counts(refused=20), sample=20)


def test_people_without_a_way_to_them_say_nothing_about_the_message() -> None:
    assert not stops(counts(sent=50, gone=500))
    assert stops(counts(sent=50, refused=5, gone=500))


def test_one_refused_template_stops_it_at_once() -> None:
    assert stops(counts(sent=1000, blocked=1))
    why = rules.trouble(counts(sent=1000, refused=9, blocked=1), {}, above_percent=5, sample=50)
    assert "43116" in str(why)
    assert "43101" not in str(why)


def test_what_was_accepted_by_resuming_is_not_held_against_it_again() -> None:
    before = counts(sent=50, refused=50, blocked=1)
    accepted = rules.baseline(before)
    assert stops(before)
    assert not stops(before, accepted)
    assert not stops(counts(sent=99, refused=51, blocked=1), accepted)
    assert stops(counts(sent=90, refused=60, blocked=1), accepted)
    assert stops(counts(sent=99, refused=50, blocked=2), accepted)


@pytest.mark.parametrize(("added", "gone", "is_changed"), [(0, 10, False), (5, 5, False), (6, 5, True)])
def test_an_audience_has_changed_when_a_tenth_of_it_has(added: int, gone: int, is_changed: bool) -> None:
    assert rules.is_changed(100, added, gone) is is_changed
