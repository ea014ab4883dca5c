"""When a notice may take its next step: pure, in the order in which a person would ask."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from app.domain.notices.errors import (
    NoticeExpires,
    NoticeNotAt,
    OtherVersion,
    OwnNotice,
    PublishInPast,
    ReviewedAlready,
)
from app.domain.notices.models import NoticeState

ROUNDS: Final = (NoticeState.FIRST_REVIEW, NoticeState.SECOND_REVIEW, NoticeState.THIRD_REVIEW)
"""三审: each by somebody else, in this order."""

MOST_ATTACHMENTS: Final = 10

_CHANGEABLE: Final = frozenset({NoticeState.DRAFT, *ROUNDS, NoticeState.SCHEDULED})


def check_at(state: NoticeState, *wanted: NoticeState) -> None:
    """Raises NoticeNotAt, saying where the notice stands."""
    if state not in wanted:
        raise NoticeNotAt(f"稿件目前是“{state.words}”，不能这样处理，请先查看它的进度")


def check_may_change(state: NoticeState) -> None:
    """Whatever was published stays as it was. Raises NoticeNotAt."""
    check_at(state, *_CHANGEABLE)


def round_of(state: NoticeState) -> int:
    """Which review is due, counted from 1. Raises NoticeNotAt if none is."""
    check_at(state, *ROUNDS)
    return ROUNDS.index(state) + 1


def after_approval(state: NoticeState) -> NoticeState:
    """Where an approved notice goes on."""
    return (*ROUNDS[1:], NoticeState.SCHEDULED)[ROUNDS.index(state)]


def check_may_review(
    reviewer: UUID, *, seen: int, version: int, authors: Collection[UUID], reviewers: Collection[UUID]
) -> None:
    """Three reviewers of what they have seen, none of whom wrote any of it.

    ``reviewers`` are those of this version. Raises OtherVersion, OwnNotice or ReviewedAlready.
    """
    if seen != version:
        raise OtherVersion
    if reviewer in authors:
        raise OwnNotice
    if reviewer in reviewers:
        raise ReviewedAlready


def check_time(at: datetime, *, now: datetime, expires_at: datetime | None) -> None:
    """A notice is published now or later, and before it expires. Raises PublishInPast or NoticeExpires."""
    if at < now:
        raise PublishInPast(fields={"publish_at": [PublishInPast.message]})
    if expires_at is not None and expires_at <= at:
        raise NoticeExpires
